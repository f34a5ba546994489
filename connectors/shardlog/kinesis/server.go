package kinesis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/sigv4"
)

// Config says how a Server behaves. The zero value trusts every signature: set Credentials
// wherever others than the user can reach the port.
type Config struct {
	// Credentials maps access key ids to secrets. nil accepts any complete signature.
	Credentials map[string]string
	// EmulateLimits applies AWS's throughput and rate limits.
	EmulateLimits bool
	// MaxBody bounds a request; 16 MiB when 0.
	MaxBody int64
	// ReadTimeout is how long a client may take to send a request; 30 s when 0.
	ReadTimeout time.Duration
	// SubscriptionLife is how long a SubscribeToShard stream lasts; 5 minutes when 0.
	SubscriptionLife time.Duration
	// Now is the clock for signatures and iterators; time.Now when nil.
	Now func() time.Time
	// OnError is told why the server itself failed a request, as with a full disk: the client is only told InternalFailure. It may
	// be called at the same time by many requests; nil drops the news.
	OnError func(error)
}

func (c Config) withDefaults() Config {
	if c.MaxBody == 0 {
		c.MaxBody = 16 << 20
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = 30 * time.Second
	}
	if c.SubscriptionLife == 0 {
		c.SubscriptionLife = 5 * time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Server answers Kinesis requests from a log.
type Server struct {
	log      *shardlog.Log
	config   Config
	verifier sigv4.Verifier
	actions  map[string]action
	tokens   tokens
	limits   limits
	metrics  metrics
	fanout   fanout
	account  accountSettings

	scratch  sync.Pool // *scratch
	stopping context.Context
	stop     context.CancelFunc
}

// New makes a server around a log, which stays the caller's to close after the server has stopped.
func New(l *shardlog.Log, config Config) (*Server, error) {
	id, err := l.ID()
	if err != nil {
		return nil, fmt.Errorf("starting the Kinesis server: %w", err)
	}
	config = config.withDefaults()
	s := &Server{
		log: l, config: config, actions: actions(),
		verifier: sigv4.Verifier{Service: "kinesis", Secrets: config.Credentials, Now: config.Now},
		fanout:   fanout{idle: 5 * time.Second, streams: map[string]*subscription{}},
	}
	if s.tokens, err = newTokens(id); err != nil {
		return nil, fmt.Errorf("starting the Kinesis server: %w", err)
	}
	s.metrics.init(s.actions)
	s.limits.init(config)
	s.scratch.New = func() any { return &scratch{} }
	s.stopping, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// maxHeader bounds the headers of a request; a signature takes a few hundred bytes.
const maxHeader = 32 << 10

// Serve answers on a listener until ctx ends, then lets requests under way finish for
// up to grace. certs switch TLS on when they are not empty. It speaks HTTP/1.1 and HTTP/2, the latter
// without TLS by prior knowledge and by upgrade.
func (s *Server) Serve(ctx context.Context, ln net.Listener, grace time.Duration, certs ...tls.Certificate) error {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	headerWait := min(10*time.Second, s.config.ReadTimeout)
	up := newUpgrades(s, ln.Addr(), headerWait)
	server := &http.Server{
		Handler:           up,
		Protocols:         protocols,
		ReadHeaderTimeout: headerWait,
		ReadTimeout:       s.config.ReadTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 1000},
	}
	if len(certs) > 0 { // before either Serve, which both complete it
		server.TLSConfig = &tls.Config{Certificates: certs, MinVersion: tls.VersionTLS12}
	}
	done := make(chan error, 2)
	go func() { done <- server.Serve(up) }()
	go func() {
		if len(certs) == 0 {
			done <- server.Serve(ln)
			return
		}
		done <- server.ServeTLS(ln, "", "")
	}()
	select {
	case err := <-done:
		err = errors.Join(err, server.Close())
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return fmt.Errorf("serving %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	s.stop() // subscriptions end now; they would keep Shutdown waiting
	waited, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(waited)
	if err != nil {
		err = errors.Join(fmt.Errorf("waiting for requests under way: %w", err), server.Close())
	}
	for range 2 {
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
	}
	return err
}
