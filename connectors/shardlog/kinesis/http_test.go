package kinesis_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/fxamacker/cbor/v2"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
	"github.com/weirstream/weir/tests/tlstest"
)

// raw sends requests that no SDK would.
type raw struct {
	t      testing.TB
	addr   string
	client *http.Client
	now    time.Time
	kind   string // content type
}

func newRaw(t testing.TB, addr string) *raw {
	return &raw{t: t, addr: addr, client: &http.Client{Transport: &http.Transport{}}, now: time.Now(), kind: "application/x-amz-json-1.1"}
}

// newRawPiped is newRaw for a server of servePiped.
func newRawPiped(t testing.TB, ln *kinesis.PipeListener) *raw {
	r := newRaw(t, "pipe")
	r.client.Transport = &http.Transport{DialContext: ln.Dial}
	return r
}

func (r *raw) request(action string, body []byte) *http.Request {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, "http://"+r.addr+"/", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", r.kind)
	req.Header.Set("X-Amz-Target", "Kinesis_20131202."+action)
	sum := sha256.Sum256(body)
	creds := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret}
	if err := v4.NewSigner().SignHTTP(r.t.Context(), creds, req, hex.EncodeToString(sum[:]), "kinesis", region, r.now); err != nil {
		r.t.Fatal(err)
	}
	return req
}

func (r *raw) do(req *http.Request) (*http.Response, []byte) {
	r.t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		r.t.Fatal(err)
	}
	return resp, body
}

func (r *raw) ok(action, body string) []byte {
	r.t.Helper()
	resp, out := r.do(r.request(action, []byte(body)))
	if resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %d %s", action, resp.StatusCode, out)
	}
	return out
}

func (r *raw) refused(c refusal) {
	r.t.Helper()
	resp, out := r.do(r.request(c.action, []byte(c.body)))
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		r.t.Errorf("%s %.80s: %d %s", c.action, c.body, resp.StatusCode, out)
		return
	}
	key := "message"
	if c.code == "SerializationException" {
		key = "Message"
	}
	if resp.StatusCode != http.StatusBadRequest || got["__type"] != c.code || !strings.Contains(got[key], c.words) || resp.Header.Get("X-Amzn-Errortype") != c.code {
		r.t.Errorf("%s %.80s: %d %s\nwant %s with %q", c.action, c.body, resp.StatusCode, out, c.code, c.words)
	}
}

func TestBeforeDispatch(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	for name, c := range map[string]struct {
		status int
		body   string
		change func(*http.Request)
	}{
		"PUT":              {403, "<AccessDeniedException>", func(q *http.Request) { q.Method = http.MethodPut }},
		"unknown type":     {404, "<UnknownOperationException/>", func(q *http.Request) { q.Header.Set("Content-Type", "text/plain") }},
		"no type, target":  {403, "<AccessDeniedException>", func(q *http.Request) { q.Header.Del("Content-Type"); q.Header.Del("X-Amz-Target") }},
		"unknown target":   {400, "UnknownOperationException", func(q *http.Request) { q.Header.Set("X-Amz-Target", "Kinesis_20131202.Dance") }},
		"other service":    {400, "UnknownOperationException", func(q *http.Request) { q.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables") }},
		"no signature":     {400, "MissingAuthenticationTokenException", func(q *http.Request) { q.Header.Del("Authorization") }},
		"bad signature":    {400, "InvalidSignatureException", func(q *http.Request) { q.Header.Set("X-Amz-Target", "Kinesis_20131202.DescribeLimits") }},
		"malformed":        {400, "SerializationException", func(q *http.Request) { q.Body = io.NopCloser(strings.NewReader("{x")) }},
		"not an object":    {400, "SerializationException", func(q *http.Request) { q.Body = io.NopCloser(strings.NewReader("[]")) }},
		"no body":          {400, "SerializationException", func(q *http.Request) { q.Body = http.NoBody; q.ContentLength = 0 }},
		"signature twice":  {400, "InvalidSignatureException", func(q *http.Request) { q.URL.RawQuery = "X-Amz-Algorithm=x" }},
		"plain JSON":       {400, "UnknownOperationException", func(q *http.Request) { q.Header.Set("Content-Type", "application/json") }},
		"charset is fine":  {200, "StreamNames", func(*http.Request) {}},
		"any path is fine": {400, "InvalidSignatureException", func(q *http.Request) { q.URL.Path = "/x/y" }},
	} {
		req := r.request("ListStreams", []byte("{}"))
		c.change(req)
		resp, body := r.do(req)
		if resp.StatusCode != c.status || !strings.Contains(string(body), c.body) {
			t.Errorf("%s: %d %s, want %d with %s", name, resp.StatusCode, body, c.status, c.body)
		}
		if len(resp.Header.Get("X-Amzn-Requestid")) != 36 || resp.Header.Get("X-Amz-Id-2") == "" {
			t.Errorf("%s: headers %v", name, resp.Header)
		}
	}
	resp, body := r.do(r.request("CreateStream", []byte(`{"StreamName":"s","ShardCount":1}`)))
	if len(body) != 0 || resp.ContentLength != 0 {
		t.Errorf("an action without output: %q", body)
	}
	req := r.request("ListStreams", []byte("{}"))
	req.Method = http.MethodOptions
	req.Header.Set("Origin", "http://x")
	req.Header.Set("Access-Control-Request-Headers", "a,b")
	if resp, _ := r.do(req); resp.StatusCode != 200 || resp.Header.Get("Access-Control-Allow-Headers") != "a,b" || resp.Header.Get("Access-Control-Max-Age") != "172800" {
		t.Errorf("preflight: %v", resp.Header)
	}
}

func TestCBOR(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	r.kind = "application/x-amz-cbor-1.1"
	call := func(action string, in map[string]any) (int, map[string]any) {
		body, err := cbor.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		resp, out := r.do(r.request(action, body))
		if got := resp.Header.Get("Content-Type"); got != r.kind {
			t.Fatalf("%s answers %s", action, got)
		}
		var m map[string]any
		if len(out) > 0 {
			if err := cbor.Unmarshal(out, &m); err != nil {
				t.Fatalf("%s: %v in %x", action, err, out)
			}
		}
		return resp.StatusCode, m
	}
	if status, m := call("CreateStream", map[string]any{"StreamName": "s", "ShardCount": 1}); status != 200 {
		t.Fatal(m)
	}
	before := time.Now().Add(-time.Second)
	for range 2 {
		if status, m := call("PutRecord", map[string]any{"StreamName": "s", "Data": []byte{0, 255}, "PartitionKey": "k"}); status != 200 || m["ShardId"] != shardZero {
			t.Fatal(m)
		}
	}
	at := cbor.Tag{Number: 1, Content: before.UnixMilli()}
	status, m := call("GetShardIterator", map[string]any{"StreamName": "s", "ShardId": "0", "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": at})
	if status != 200 {
		t.Fatal(m)
	}
	_, out := r.do(r.request("GetRecords", must[[]byte](t)(cbor.Marshal(map[string]any{"ShardIterator": m["ShardIterator"]}))))
	var records struct {
		Records []struct {
			Data    []byte
			Arrived cbor.RawTag `cbor:"ApproximateArrivalTimestamp"`
		}
	}
	if err := cbor.Unmarshal(out, &records); err != nil {
		t.Fatal(err)
	}
	var ms int64
	if len(records.Records) != 2 || !bytes.Equal(records.Records[0].Data, []byte{0, 255}) || records.Records[0].Arrived.Number != 1 {
		t.Fatalf("%+v", records)
	}
	if err := cbor.Unmarshal(records.Records[0].Arrived.Content, &ms); err != nil || ms < before.UnixMilli() {
		t.Fatalf("arrived at %d, %v", ms, err)
	}
	if status, m := call("DescribeStream", map[string]any{"StreamName": "none"}); status != 400 || m["__type"] != "ResourceNotFoundException" {
		t.Fatal(m)
	}
	if status, m := call("DescribeStream", map[string]any{"StreamName": 1}); status != 400 || m["__type"] != "SerializationException" {
		t.Fatal(m)
	}
}

// The JavaScript SDK speaks HTTP/2 to an http:// endpoint without asking.
func TestHTTP2WithoutTLS(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	r.client.Transport = &http.Transport{Protocols: protocols}
	resp, body := r.do(r.request("ListStreams", []byte("{}")))
	if resp.ProtoMajor != 2 || resp.StatusCode != 200 {
		t.Fatalf("%s %d %s", resp.Proto, resp.StatusCode, body)
	}
}

func TestTLS(t *testing.T) {
	cert := tlstest.SelfSigned(t)
	addr := serve(t, shardlog.Options{}, kinesis.Config{}, cert.Server)
	for _, http2 := range []bool{false, true} {
		hc := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: cert.Pool}, ForceAttemptHTTP2: http2}}
		c := client(addr, func(o *sdk.Options) { o.BaseEndpoint, o.HTTPClient = aws.String("https://"+addr), hc })
		must[*sdk.ListStreamsOutput](t)(c.ListStreams(t.Context(), &sdk.ListStreamsInput{}))
	}
}

// Hostile clients are refused, and the server goes on.
func TestHostileClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := servePiped(t, kinesis.Config{MaxBody: 1 << 20, ReadTimeout: time.Second})
		r := newRawPiped(t, ln)
		if resp, _ := r.do(r.request("ListStreams", make([]byte, 1<<20+1))); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a large body: %d", resp.StatusCode)
		}
		chunked := r.request("ListStreams", nil)
		chunked.Body, chunked.ContentLength = io.NopCloser(io.LimitReader(zeros{}, 2<<20)), -1
		if resp, _ := r.do(chunked); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a large body of unknown length: %d", resp.StatusCode)
		}
		for name, text := range map[string]string{
			"slow headers": "POST / HTTP/1.1\r\nHost: x\r\n",
			"slow body":    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
			"huge header":  "POST / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 100<<10) + "\r\n\r\n",
			"no HTTP":      "\x00\x01\x02\x03\r\n\r\n",
		} {
			began := time.Now()
			hangUp(t, name, ln, []byte(text), nil)
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("%s: the server hung up after %v", name, took)
			}
		}
		r.ok("ListStreams", "{}")
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestHealthAndMetrics(t *testing.T) {
	addr := serve(t, shardlog.Options{}, kinesis.Config{})
	r := newRaw(t, addr)
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":1}`)
	r.ok("PutRecord", `{"StreamName":"s","Data":"YQ==","PartitionKey":"k"}`)
	r.refused(refusal{"DescribeStream", `{"StreamName":"x"}`, "ResourceNotFoundException", ""})
	get := func(path string) string {
		resp, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp.StatusCode, err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if got := get("/health"); got != "ok\n" {
		t.Errorf("health: %q", got)
	}
	metrics := get("/metrics")
	for _, want := range []string{
		`weir_kinesis_request_seconds_count{action="PutRecord"} 1`, `weir_kinesis_request_seconds_bucket{action="PutRecord",le="+Inf"} 1`,
		"# TYPE weir_kinesis_request_seconds histogram",
		`weir_kinesis_errors_total{action="DescribeStream",exception="ResourceNotFoundException"} 1`,
		"weir_shardlog_records_total 1", "weir_shardlog_streams 1", "# TYPE weir_shardlog_commits_total counter",
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
}

// A server that stops lets the put under way finish and ends subscriptions.
func TestGracefulShutdown(t *testing.T) {
	l, err := shardlog.Open(t.TempDir(), shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := kinesis.New(l, kinesis.Config{Credentials: map[string]string{accessKey: secret}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln, 10*time.Second) }()
	c := client(ln.Addr().String())
	newStream(t, c, "s", 1)
	consumer := must[*sdk.RegisterStreamConsumerOutput](t)(c.RegisterStreamConsumer(t.Context(), &sdk.RegisterStreamConsumerInput{StreamARN: aws.String(arnPrefix + "s"), ConsumerName: aws.String("c")})).Consumer.ConsumerARN
	out := must[*sdk.SubscribeToShardOutput](t)(c.SubscribeToShard(t.Context(), &sdk.SubscribeToShardInput{ConsumerARN: consumer, ShardId: aws.String(shardZero), StartingPosition: latest()}))
	stop()
	for range out.GetStream().Events() {
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
