package streams

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/tests/tlstest"
)

// A server with a certificate and a file of keys: HTTP/2 over TLS, signatures checked, metrics without one, and a clean
// end when it is told to stop.
func TestServeOverTLS(t *testing.T) {
	cert := tlstest.SelfSigned(t)
	credentials := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(credentials, []byte("[default]\naws_access_key_id = A\naws_secret_access_key = s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &serveFlags{listen: "127.0.0.1:0", durability: "interval", cert: cert.CertFile, key: cert.KeyFile, credentials: credentials, limits: true, syncInterval: time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	dir, addr, done := t.TempDir(), make(chan string, 1), make(chan error, 1)
	go func() {
		done <- f.serve(ctx, dir, func(a string) error { addr <- a; return nil }, func(...any) {})
	}()
	url := "https://" + <-addr
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: cert.Pool}, ForceAttemptHTTP2: true}}
	get := func(path string) string {
		t.Helper()
		resp, err := client.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 {
			t.Fatalf("%s: %s %d, %v", path, resp.Proto, resp.StatusCode, err)
		}
		return string(body)
	}
	if got := get("/health"); got != "ok\n" {
		t.Errorf("health: %q", got)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	resp, err := client.Do(req)
	if err != nil || resp.StatusCode != http.StatusBadRequest || resp.Header.Get("X-Amzn-Errortype") != "MissingAuthenticationTokenException" {
		t.Fatalf("without a signature: %+v, %v", resp, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if metrics := get("/metrics"); !strings.Contains(metrics, `weir_kinesis_errors_total{action="ListStreams",exception="MissingAuthenticationTokenException"} 1`) {
		t.Errorf("metrics:\n%s", metrics)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "A")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	mistakes(t, map[string][]string{"SSL_CERT_FILE names": {"list"}}, "--endpoint", url)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	ok(t, "", "create", "s", "--path", dir) // the folder is free again
}

// A server that cannot write says why, now and then, and `put` gives up.
func TestServerThatCannotWrite(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "A")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	f := &serveFlags{listen: "127.0.0.1:0", durability: "fsync"}
	ctx, stop := context.WithCancel(t.Context())
	dir, addr, done, lines := t.TempDir(), make(chan string, 1), make(chan error, 1), make(chan string, 100)
	go func() {
		done <- f.serve(ctx, dir, func(a string) error { addr <- a; return nil }, func(words ...any) { lines <- fmt.Sprintln(words...) })
	}()
	endpoint := "http://" + <-addr
	ok(t, "", "create", "s", "--endpoint", endpoint)
	// A folder stands where the shard's file is to be made.
	if err := os.MkdirAll(filepath.Join(dir, "streams", "s.stream", "000000", fmt.Sprintf("%020d.seg", 1)), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := weir(t, "one\ntwo\n", "put", "s", "--endpoint", endpoint)
	if err == nil || !strings.Contains(err.Error(), "2 records were refused: InternalFailure") || !strings.Contains(err.Error(), "0 records are stored") {
		t.Errorf("put: %v", err)
	}
	if line := <-lines; !strings.Contains(line, "weir streams serve: PutRecords: opening shardId-000000000000") {
		t.Errorf("the server said %q", line)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFaultsAreToldNowAndThen(t *testing.T) {
	var lines []string
	now := time.Now()
	f := &faults{warn: func(words ...any) { lines = append(lines, fmt.Sprintln(words...)) }, now: func() time.Time { return now }}
	for range 3 {
		f.report(errors.New("full"))
	}
	now = now.Add(faultEvery)
	f.report(errors.New("full"))
	if want := []string{"weir streams serve: full\n", "weir streams serve: full (after 2 more failed requests)\n"}; !slices.Equal(lines, want) {
		t.Errorf("got %q", lines)
	}
}
