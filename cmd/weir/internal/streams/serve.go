package streams

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

// grace is how long requests under way may take when the server stops.
const grace = 10 * time.Second

// serveFlags are the flags of `streams serve`.
type serveFlags struct {
	listen, cert, key, credentials, durability string
	noAuth, limits                             bool
	stateDelay, syncInterval                   time.Duration
}

func serveCommand(t *target) *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve a folder of streams over the Kinesis protocol", Args: cobra.NoArgs,
		Long: "Serves the folder --path over the Kinesis protocol, until interrupted. Requests must be\n" +
			"signed with a key from --credentials (AWS's file format) or from AWS_ACCESS_KEY_ID and\n" +
			"AWS_SECRET_ACCESS_KEY. /health and /metrics answer GET requests.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			listening := func(addr string) error {
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "listening on %s\n", addr)
				return err
			}
			if t.endpoint != "" {
				return errors.New("--endpoint: serve makes an endpoint; --listen says which")
			}
			calmCollector()
			return f.serve(cmd.Context(), t.path, listening, cmd.PrintErrln)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:4566", "address to listen on")
	flags.StringVar(&f.cert, "tls-cert", "", "certificate file, for https")
	flags.StringVar(&f.key, "tls-key", "", "key file of the certificate")
	flags.StringVar(&f.credentials, "credentials", "", "file of access keys, as in ~/.aws/credentials")
	flags.BoolVar(&f.noAuth, "no-auth", false, "accept any signature; on a loopback address only")
	flags.BoolVar(&f.limits, "emulate-limits", false, "throttle as AWS does")
	flags.DurationVar(&f.stateDelay, "state-delay", 500*time.Millisecond, "how long streams are CREATING, UPDATING and DELETING")
	flags.StringVar(&f.durability, "durability", "fsync", "when a put is acknowledged: fsync, interval or none")
	flags.DurationVar(&f.syncInterval, "sync-interval", 100*time.Millisecond, "pause between syncs with --durability interval")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	return cmd
}

// gcPercent lets the garbage collector run less often. The server's live heap is a few megabytes, so
// that every hundred puts would start a collection: a quarter to a third of the time of a put.
const gcPercent = 400

// calmCollector sets gcPercent unless the user has set GOGC.
func calmCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

func (f *serveFlags) serve(ctx context.Context, path string, listening func(addr string) error, warn func(...any)) error {
	durability, err := shardlog.ParseDurability(f.durability)
	if err != nil {
		return err
	}
	if f.stateDelay < 0 {
		return fmt.Errorf("--state-delay %v: want 0 or more", f.stateDelay)
	}
	if durability == shardlog.Interval && f.syncInterval <= 0 {
		return fmt.Errorf("--sync-interval %v: want more than 0", f.syncInterval)
	}
	keys, err := f.keys()
	if err != nil {
		return err
	}
	var certs []tls.Certificate
	if f.cert != "" {
		cert, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return fmt.Errorf("loading the certificate: %w", err)
		}
		certs = append(certs, cert)
	}
	l, err := shardlog.Open(path, shardlog.Options{
		Durability: durability, SyncInterval: f.syncInterval, StateDelay: f.stateDelay,
		OnError: func(err error) { warn("weir streams serve:", err) },
	})
	if err != nil {
		return err
	}
	failed := &faults{warn: warn, now: time.Now}
	server, err := kinesis.New(l, kinesis.Config{Credentials: keys, EmulateLimits: f.limits, OnError: failed.report})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	ln, err := net.Listen("tcp", f.listen)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := listening(ln.Addr().String()); err != nil {
		return errors.Join(err, ln.Close(), l.Close())
	}
	return errors.Join(server.Serve(ctx, ln, grace, certs...), l.Close())
}

// faultEvery is the pause between two lines about requests that failed: a full disk fails every put.
const faultEvery = 10 * time.Second

// faults prints why requests failed.
type faults struct {
	warn    func(...any)
	now     func() time.Time
	mu      sync.Mutex
	next    time.Time
	skipped int // since the last line
}

func (f *faults) report(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if now.Before(f.next) {
		f.skipped++
		return
	}
	if f.skipped > 0 {
		err = fmt.Errorf("%w (after %d more failed requests)", err, f.skipped)
	}
	f.next, f.skipped = now.Add(faultEvery), 0
	f.warn("weir streams serve:", err)
}

// keys are the access keys that may sign; nil accepts any.
func (f *serveFlags) keys() (map[string]string, error) {
	if f.noAuth {
		host, _, err := net.SplitHostPort(f.listen)
		if err != nil {
			return nil, fmt.Errorf("--listen %q: %w", f.listen, err)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, fmt.Errorf("--no-auth: %q is not a loopback address; others could use the server without a key", f.listen)
		}
		return nil, nil
	}
	if f.credentials != "" {
		return readCredentials(f.credentials)
	}
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if id == "" || secret == "" {
		return nil, errors.New("no access keys: give --credentials FILE, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or, on a loopback address, --no-auth")
	}
	return map[string]string{id: secret}, nil
}
