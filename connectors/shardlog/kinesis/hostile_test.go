package kinesis_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/internal/handclock"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
	"github.com/weirstream/weir/tests/tlstest"
)

// signedBy is a request with the keys and the time of the caller's choice.
func (r *raw) signedBy(id, key, action, body string, at time.Time) *http.Request {
	r.t.Helper()
	req := r.request(action, []byte(body))
	req.Header.Del("Authorization")
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(r.t.Context(), aws.Credentials{AccessKeyID: id, SecretAccessKey: key}, req, hex.EncodeToString(sum[:]), "kinesis", region, at); err != nil {
		r.t.Fatal(err)
	}
	return req
}

// Who does not have the key, or only a request that somebody else has signed, changes and learns nothing.
func TestForgedAndReplayedRequests(t *testing.T) {
	clock := handclock.New(time.Now())
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{Now: clock.Now}))
	create := `{"StreamName":"s","ShardCount":1}`
	recorded := r.signedBy(accessKey, secret, "CreateStream", create, clock.Now())
	for name, c := range map[string]struct {
		req         *http.Request
		kind, words string
	}{
		"wrong secret":    {r.signedBy(accessKey, "guess", "CreateStream", create, clock.Now()), "InvalidSignatureException", "does not match the signature you provided"},
		"unknown key":     {r.signedBy("AKIDUNKNOWN", secret, "CreateStream", create, clock.Now()), "UnrecognizedClientException", "security token"},
		"old":             {r.signedBy(accessKey, secret, "CreateStream", create, clock.Now().Add(-6*time.Minute)), "InvalidSignatureException", "Signature expired"},
		"from the future": {r.signedBy(accessKey, secret, "CreateStream", create, clock.Now().Add(6*time.Minute)), "InvalidSignatureException", "not yet current"},
		"other body":      {withBody(r.signedBy(accessKey, secret, "CreateStream", create, clock.Now()), `{"StreamName":"t","ShardCount":1}`), "InvalidSignatureException", "does not match"},
		"other action":    {withHeader(r.signedBy(accessKey, secret, "CreateStream", create, clock.Now()), "X-Amz-Target", "Kinesis_20131202.DeleteStream"), "InvalidSignatureException", "does not match"},
		"cut off":         {withHeader(r.signedBy(accessKey, secret, "CreateStream", create, clock.Now()), "Authorization", recorded.Header.Get("Authorization")[:150]), "IncompleteSignatureException", "requires 'Signature' parameter"},
	} {
		resp, body := r.do(c.req)
		if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("X-Amzn-Errortype") != c.kind || !strings.Contains(string(body), c.words) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
	clock.Turn(5*time.Minute + time.Second)
	if resp, body := r.do(recorded); resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "Signature expired") {
		t.Errorf("a replay after the skew: %d %s", resp.StatusCode, body)
	}
	r.now = clock.Now()
	if out := string(r.ok("ListStreams", "{}")); !strings.Contains(out, `"StreamNames":[]`) {
		t.Errorf("a forged request had an effect: %s", out)
	}
}

func withBody(r *http.Request, body string) *http.Request {
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(body)), int64(len(body)), nil
	return r
}

func withHeader(r *http.Request, name, value string) *http.Request {
	r.Header.Set(name, value)
	return r
}

// A presigned URL works for as long as it says, with the body that it was made for.
func TestPresignedRequests(t *testing.T) {
	clock := handclock.New(time.Now())
	addr := serve(t, shardlog.Options{}, kinesis.Config{Now: clock.Now})
	r := newRaw(t, addr)
	presign := func(body string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/?X-Amz-Expires=60", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", r.kind)
		req.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
		sum := sha256.Sum256([]byte(body))
		uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret}, req, hex.EncodeToString(sum[:]), "kinesis", region, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return uri
	}
	send := func(uri, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, uri, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", r.kind)
		req.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
		resp, out := r.do(req)
		return resp.StatusCode, string(out)
	}
	uri := presign("{}")
	if status, out := send(uri, "{}"); status != 200 {
		t.Errorf("%d %s", status, out)
	}
	if status, out := send(uri, `{"Limit":1}`); status != 400 || !strings.Contains(out, "InvalidSignatureException") {
		t.Errorf("another body: %d %s", status, out)
	}
	if status, out := send(strings.Replace(uri, "X-Amz-Expires=60", "X-Amz-Expires=6000", 1), "{}"); status != 400 || !strings.Contains(out, "InvalidSignatureException") {
		t.Errorf("a longer life: %d %s", status, out)
	}
	clock.Turn(61 * time.Second)
	if status, out := send(uri, "{}"); status != 400 || !strings.Contains(out, "Signature expired") {
		t.Errorf("after its life: %d %s", status, out)
	}
}

// hangUp connects, sends what start says and then a byte of more now and then, and returns once the server has hung up.
func hangUp(t *testing.T, name string, ln *kinesis.PipeListener, start, more []byte) {
	t.Helper()
	conn, err := ln.Dial(t.Context(), "", "")
	if err != nil {
		t.Error(err)
		return
	}
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; err == nil; i++ {
			_, err = conn.Write(start)
			if len(more) == 0 {
				return
			}
			time.Sleep(20 * time.Millisecond)
			start = more[i%len(more) : i%len(more)+1]
		}
	})
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	writer.Wait() // the server reads no more
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// Clients that keep a connection busy with next to nothing lose it, over every protocol that the port speaks,
// while others are served.
func TestSlowLoris(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := tlstest.SelfSigned(t)
		config := kinesis.Config{ReadTimeout: 3 * time.Second}
		plain, secure := servePiped(t, config), servePiped(t, config, cert.Server)
		const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
		began := time.Now()
		var slow sync.WaitGroup
		for i := range 20 {
			for name, c := range map[string]struct{ start, more string }{
				"header":        {"POST / HTTP/1.1\r\nHost: x\r\n", "a: b\r\n"},
				"body":          {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", " "},
				"chunks":        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"},
				"first line":    {"P", "OST"},
				"HTTP/2's line": {preface[:10], preface[10:11]},
			} {
				slow.Go(func() { hangUp(t, name, plain, []byte(c.start), []byte(c.more)) })
			}
			if i < 2 { // net/http writes a line of each
				slow.Go(func() { hangUp(t, "handshake", secure, []byte{22, 3, 1, 2, 0}, []byte{1}) })
			}
		}
		r := newRawPiped(t, plain)
		for range 20 {
			r.ok("ListStreams", "{}")
			time.Sleep(10 * time.Millisecond)
		}
		slow.Wait()
		if took := time.Since(began); took < config.ReadTimeout || took > 2*config.ReadTimeout {
			t.Errorf("slow clients were hung up on after %v", took)
		}
		r.ok("ListStreams", "{}")
		client := &http.Client{Transport: &http.Transport{DialContext: secure.Dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		resp, err := client.Get("https://pipe/health")
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		client.CloseIdleConnections() // before the server: who closes TLS says so, and a pipe takes no words that nobody reads
		synctest.Wait()
	})
}

// slowBody is a request's body that never ends.
type slowBody struct{}

func (slowBody) Read(b []byte) (int, error) {
	time.Sleep(20 * time.Millisecond)
	b[0] = ' '
	return 1, nil
}

// Over HTTP/2 one stream that dribbles ends, and the others of its connection do not.
func TestSlowStreamOfHTTP2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := kinesis.Config{ReadTimeout: 3 * time.Second}
		ln := servePiped(t, config)
		r := newRawPiped(t, ln)
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		r.client.Transport = &http.Transport{DialContext: ln.Dial, Protocols: protocols}
		req := r.request("ListStreams", []byte("{}"))
		req.Body, req.ContentLength = io.NopCloser(slowBody{}), -1
		began := time.Now()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			resp, err := r.client.Do(req)
			if err != nil {
				return // the stream was reset before its answer was read
			}
			defer resp.Body.Close()
			if _, err = io.Copy(io.Discard, resp.Body); err == nil && resp.StatusCode == http.StatusOK {
				t.Error("a request without an end was answered")
			}
		}()
		for done := false; !done; {
			r.ok("ListStreams", "{}")
			select {
			case <-ended:
				done = true
			case <-time.After(10 * time.Millisecond):
			}
		}
		if took := time.Since(began); took < config.ReadTimeout || took > 2*config.ReadTimeout {
			t.Errorf("it ended after %v", took)
		}
		r.ok("ListStreams", "{}")
		r.client.CloseIdleConnections()
	})
}

// Nonsense in all sizes, over HTTP/1.1 and HTTP/2, leaves a server that answers.
func TestNonsense(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	for _, kind := range []string{"application/x-amz-json-1.1", "application/x-amz-cbor-1.1"} {
		r.kind = kind
		for name, body := range map[string][]byte{
			"deep JSON": bytes.Repeat([]byte(`[`), 1<<20), "deep maps": bytes.Repeat([]byte(`{"a":`), 1<<18), "deep CBOR": bytes.Repeat([]byte{0x9f}, 1<<20),
			"huge array": {0x9b, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff}, "zeros": make([]byte, 1<<20), "tags": bytes.Repeat([]byte{0xc1}, 1<<20),
		} {
			if resp, out := r.do(r.request("PutRecords", body)); resp.StatusCode != http.StatusBadRequest || resp.Header.Get("X-Amzn-Errortype") != "SerializationException" {
				t.Errorf("%s as %s: %d %.100q", name, kind, resp.StatusCode, out)
			}
		}
	}
	r.kind = "application/x-amz-json-1.1"
	r.ok("ListStreams", "{}")
}

// Of a large body no more than 64 KiB are read unless the request says to be signed by a key that the server knows.
func TestLargeBodyOfAStranger(t *testing.T) {
	r := newRawPiped(t, servePiped(t, kinesis.Config{})) // a pipe takes nothing that the server does not read
	body := strings.Repeat(" ", 8<<20) + "{}"
	unsigned := r.request("ListStreams", []byte(body))
	unsigned.Header.Del("Authorization")
	for name, c := range map[string]struct {
		req  *http.Request
		kind string
	}{
		"unsigned":    {unsigned, "MissingAuthenticationTokenException"},
		"unknown key": {r.signedBy("AKIDUNKNOWN", secret, "ListStreams", body, r.now), "UnrecognizedClientException"},
		"old":         {r.signedBy(accessKey, secret, "ListStreams", body, r.now.Add(-time.Hour)), "InvalidSignatureException"},
	} {
		sent := &counted{in: c.req.Body}
		c.req.Body, c.req.GetBody = sent, nil
		resp, err := r.client.Do(c.req)
		if n := sent.n.Load(); n > 256<<10 {
			t.Errorf("%s: %d bytes were taken", name, n)
		}
		if err != nil {
			t.Logf("%s: %v", name, err) // the connection was gone before the answer was read
			continue
		}
		if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("X-Amzn-Errortype") != c.kind || !resp.Close {
			t.Errorf("%s: %d %v", name, resp.StatusCode, resp.Header)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	r.ok("ListStreams", body) // a signed one is read whole
}

// counted counts what is read of a body.
type counted struct {
	in io.ReadCloser
	n  atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.in.Read(b[:min(len(b), 64<<10)])
	c.n.Add(int64(n))
	return n, err
}

func (c *counted) Close() error { return c.in.Close() }
