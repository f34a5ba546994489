package streams

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a self-signed certificate and its key to files.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	err = errors.Join(os.WriteFile(certFile, certPEM, 0o600), os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return certFile, keyFile, pool
}

// A server with a certificate and a file of keys: HTTP/2 over TLS, signatures checked, metrics without one, and a clean
// end when it is told to stop.
func TestServeOverTLS(t *testing.T) {
	certFile, keyFile, pool := certificate(t)
	credentials := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(credentials, []byte("[default]\naws_access_key_id = A\naws_secret_access_key = s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &serveFlags{listen: "127.0.0.1:0", durability: "interval", cert: certFile, key: keyFile, credentials: credentials, limits: true, syncInterval: time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	dir, addr, done := t.TempDir(), make(chan string, 1), make(chan error, 1)
	go func() {
		done <- f.serve(ctx, dir, func(a string) error { addr <- a; return nil }, func(...any) {})
	}()
	url := "https://" + <-addr
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
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
