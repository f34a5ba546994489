package kinesis

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

// recordedCall is one request and its answer. An action without output has no answer.
type recordedCall struct {
	action          string
	sent, got       string // meanings
	request, answer string // bytes in hex
}

// stoppedClock is the time of the recording.
type stoppedClock struct{}

func (stoppedClock) Now() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 250e6, time.UTC) }

func (stoppedClock) AfterFunc(time.Duration, func()) func() bool { return func() bool { return true } }

// recordedServer is the server that the recorded calls were made to.
func recordedServer(t testing.TB) *Server {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "id"), []byte("the key of the recorded requests"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := shardlog.Open(dir, shardlog.Options{Clock: stoppedClock{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := New(l, Config{Now: stoppedClock{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// post gives a body to an action, under a signature that is not verified.
func post(s *Server, kind, action string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Amz-Target", targetPrefix+action)
	r.Header.Set("X-Amz-Date", "20261123T100000Z")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20261123/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=00")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// sealed is a token of the log: 152 bytes in base64, a fixed start and a random rest.
var sealed = regexp.MustCompile(`AAAAAAAAAA[A-Za-z0-9+/]{193}=`)

// tokenless writes all tokens of a message as the same text of their length.
func tokenless(b []byte) []byte {
	return sealed.ReplaceAllFunc(b, func(t []byte) []byte { return []byte("TOKEN" + strings.Repeat(".", len(t)-5)) })
}

// meaning writes a value in CBOR's diagnostic notation.
func meaning(v *wire.Value) string {
	var parts []string
	for i := range v.Items {
		key := ""
		if v.Kind == wire.Map {
			key = string(v.Items[i].Key) + ": "
		}
		parts = append(parts, key+meaning(&v.Items[i]))
	}
	switch v.Kind {
	case wire.Map:
		return "{" + strings.Join(parts, ", ") + "}"
	case wire.List:
		return "[" + strings.Join(parts, ", ") + "]"
	case wire.Bytes:
		return fmt.Sprintf("h'%x'", v.Text)
	case wire.String:
		return fmt.Sprintf("%q", strings.TrimRight(string(sealed.ReplaceAll(v.Text, []byte("TOKEN"))), "."))
	case wire.Time:
		return fmt.Sprintf("1(%d)", v.Int())
	case wire.Number:
		return fmt.Sprint(v.Int())
	case wire.Bool:
		return fmt.Sprint(v.True())
	}
	return "null"
}

func TestRecordedCalls(t *testing.T) {
	s := recordedServer(t)
	for i, c := range recordedCalls {
		request, err := hex.DecodeString(c.request)
		if err != nil {
			t.Fatal(err)
		}
		in, err := wire.ParseCBOR(request)
		if err != nil || meaning(&in) != c.sent {
			t.Errorf("%d %s: read as %s, %v\nwant %s", i, c.action, meaning(&in), err, c.sent)
		}
		want, err := hex.DecodeString(c.answer)
		if err != nil {
			t.Fatal(err)
		}
		w := post(s, cborType, c.action, request)
		got := w.Body.Bytes()
		if string(tokenless(got)) != string(tokenless(want)) {
			t.Errorf("%d %s answers\n     %x\nwant %x", i, c.action, got, want)
		}
		if kind := w.Header().Get("Content-Type"); kind != cborType {
			t.Errorf("%d %s answers in %s", i, c.action, kind)
		}
		if len(want) == 0 {
			continue
		}
		out, err := wire.ParseCBOR(want)
		if err != nil || meaning(&out) != c.got {
			t.Errorf("%d %s: the answer means %s, %v\nwant %s", i, c.action, meaning(&out), err, c.got)
		}
	}
}
