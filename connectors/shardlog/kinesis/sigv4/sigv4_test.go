package sigv4

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var (
	creds = aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}
	now   = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
)

func verifier() *Verifier {
	return &Verifier{Service: "kinesis", Secrets: map[string]string{"AKID": "SECRET"}, Now: func() time.Time { return now }}
}

func sum(body string) string {
	h := sha256.Sum256([]byte(body))
	return hex.EncodeToString(h[:])
}

// signed makes a request as the Go SDK signs it.
func signed(t testing.TB, target, body string, at time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	r.Header.Set("X-Odd", "  two   spaces ")
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, r, sum(body), "kinesis", "eu-west-1", at); err != nil {
		t.Fatal(err)
	}
	return r
}

func presigned(t *testing.T, body string, at time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost:4566/?X-Amz-Expires=600", strings.NewReader(body))
	uri, headers, err := v4.NewSigner().PresignHTTP(context.Background(), creds, r, sum(body), "kinesis", "eu-west-1", at)
	if err != nil {
		t.Fatal(err)
	}
	r = httptest.NewRequest(http.MethodPost, uri, strings.NewReader(body))
	for k, v := range headers {
		r.Header[k] = v
	}
	return r
}

func TestSignedBySDK(t *testing.T) {
	for _, target := range []string{"http://localhost:4566/", "http://localhost/a/b%20c?x=1&a=b%2Fc&a=%20"} {
		id, err := verifier().Verify(signed(t, target, "{}", now), []byte("{}"))
		if err != nil || id != (Identity{"AKID", "eu-west-1"}) {
			t.Errorf("%s: %+v, %v", target, id, err)
		}
	}
	if _, err := verifier().Verify(presigned(t, "{}", now.Add(-9*time.Minute)), []byte("{}")); err != nil {
		t.Errorf("presigned: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	change := func(f func(r *http.Request)) func() *http.Request {
		return func() *http.Request {
			r := signed(t, "http://localhost/", "{}", now)
			f(r)
			return r
		}
	}
	auth := func(from, to string) func() *http.Request {
		return change(func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
		})
	}
	for name, c := range map[string]struct {
		kind, words string
		request     func() *http.Request
	}{
		"none":              {"MissingAuthenticationTokenException", "Missing Authentication Token", change(func(r *http.Request) { r.Header.Del("Authorization") })},
		"both":              {"InvalidSignatureException", "Found both", change(func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm=a" })},
		"no credential":     {"IncompleteSignatureException", "requires 'Credential' parameter. Authorization=", auth("Credential=", "Cred=")},
		"no date":           {"IncompleteSignatureException", "'X-Amz-Date' or a 'Date' header", change(func(r *http.Request) { r.Header.Del("X-Amz-Date") })},
		"algorithm":         {"IncompleteSignatureException", "algorithm", auth("AWS4-HMAC-SHA256", "AWS3")},
		"short scope":       {"IncompleteSignatureException", "5 slash-delimited", auth("/kinesis/", "/")},
		"service":           {"InvalidSignatureException", "scoped to correct service: 'kinesis'", auth("/kinesis/", "/s3/")},
		"day":               {"InvalidSignatureException", "does not match YYYYMMDD", auth("/20261123/", "/20261122/")},
		"region":            {"InvalidSignatureException", "does not match the signature", auth("/eu-west-1/", "/us-east-1/")},
		"key":               {"UnrecognizedClientException", "security token", auth("AKID", "OTHER")},
		"host not signed":   {"InvalidSignatureException", "'Host'", auth("host;", "")},
		"signature not hex": {"InvalidSignatureException", "does not match the signature", auth("Signature=", "Signature=zz")},
		"header changed":    {"InvalidSignatureException", "does not match the signature", change(func(r *http.Request) { r.Header.Set("X-Amz-Target", "Kinesis_20131202.DeleteStream") })},
		"query added":       {"InvalidSignatureException", "does not match the signature", change(func(r *http.Request) { r.URL.RawQuery = "a=b" })},
		"replayed":          {"InvalidSignatureException", "Signature expired: 20261123T095459Z is now earlier than 20261123T095500Z (20261123T100000Z - 5 min.)", func() *http.Request { return signed(t, "http://localhost/", "{}", now.Add(-5*time.Minute-time.Second)) }},
		"from the future":   {"InvalidSignatureException", "not yet current", func() *http.Request { return signed(t, "http://localhost/", "{}", now.Add(6*time.Minute)) }},
		"presigned, late":   {"InvalidSignatureException", "expired", func() *http.Request { return presigned(t, "{}", now.Add(-11*time.Minute)) }},
		"presigned, bare":   {"IncompleteSignatureException", "must include 'X-Amz-Credential'", func() *http.Request { return httptest.NewRequest(http.MethodPost, "/?X-Amz-Algorithm=a", nil) }},
		"body":              {"InvalidSignatureException", "does not match the signature", func() *http.Request { return signed(t, "http://localhost/", "other", now) }},
	} {
		_, err := verifier().Verify(c.request(), []byte("{}"))
		var got *Error
		if !errors.As(err, &got) || got.Type != c.kind || !strings.Contains(got.Message, c.words) {
			t.Errorf("%s: got %v, want %s with %q", name, err, c.kind, c.words)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKID/20261123/r/kinesis/aws4_request, SignedHeaders=host, Signature=00", "20261123T100000Z", "a=b")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID/20261123/r/kinesis/aws4_request&X-Amz-Signature=0&X-Amz-SignedHeaders=host&X-Amz-Date=20261123T100000Z")
	f.Fuzz(func(t *testing.T, header, date, query string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Authorization", header)
		r.Header.Set("X-Amz-Date", date)
		r.URL.RawQuery = query
		if _, err := verifier().Verify(r, nil); err == nil {
			t.Fatal("forged")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	body := strings.Repeat("x", 1000)
	r := signed(b, "http://localhost/", body, now)
	v := verifier()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r, bytes.Repeat([]byte("x"), 1000)); err != nil {
			b.Fatal(err)
		}
	}
}
