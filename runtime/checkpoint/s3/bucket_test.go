package s3

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
	"github.com/weirstream/weir/runtime/plan"
)

func TestMain(m *testing.M) {
	code := m.Run()
	s3test.Stop()
	os.Exit(code)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, url, place, key, secret string) *Bucket {
	t.Helper()
	b, err := Open(t.Context(), place, plan.ObjectStore{Endpoint: url, AccessKey: key, SecretKey: secret})
	must(t, err)
	b.pause = time.Millisecond
	return b
}

// stores are the servers at hand; programs keep what earlier runs have written.
func stores(t *testing.T, f func(t *testing.T, b *Bucket)) {
	const place = "s3://" + s3test.Bucket + "/dir with ä+ blanks/x"
	t.Run("memory", func(t *testing.T) { f(t, open(t, s3test.New(t).URL, place, "test", "secret")) })
	for _, p := range s3test.Programs {
		t.Run(p.Name, func(t *testing.T) { f(t, open(t, p.Start(t), place+rand.Text(), s3test.AccessKey, s3test.SecretKey)) })
	}
}

func read(t *testing.T, b *Bucket, key string) (text, tag string) {
	t.Helper()
	body, tag, err := b.Get(t.Context(), key)
	must(t, err)
	all, err := io.ReadAll(body)
	must(t, errors.Join(err, body.Close()))
	return string(all), tag
}

func put(t *testing.T, b *Bucket, key, text, sum string) error {
	t.Helper()
	return b.Put(t.Context(), key, strings.NewReader(text), int64(len(text)), sum)
}

func TestObjects(t *testing.T) {
	stores(t, func(t *testing.T, b *Bucket) {
		if _, _, err := b.Get(t.Context(), "a/b"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), b.Place("a/b")) {
			t.Errorf("one that is not there: %v", err)
		}
		must(t, b.Delete(t.Context(), "a/b"))
		must(t, put(t, b, "a/b", "123456789", "e3069283"))
		if text, _ := read(t, b, "a/b"); text != "123456789" {
			t.Errorf("%q", text)
		}
		must(t, put(t, b, "a/b", "", ""))
		if text, _ := read(t, b, "a/b"); text != "" {
			t.Errorf("%q", text)
		}
		for _, key := range []string{"a/c", "a/d", "a/e", "a/f=1+2", "b/g"} {
			must(t, put(t, b, key, key, ""))
		}
		must(t, b.Delete(t.Context(), "a/c"))
		got, err := b.List(t.Context(), "a/")
		must(t, err)
		if diff := cmp.Diff([]string{"a/b", "a/d", "a/e", "a/f=1+2"}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestSwap(t *testing.T) {
	stores(t, func(t *testing.T, b *Bucket) {
		one, err := b.Swap(t.Context(), "HEAD", []byte("one"), "")
		must(t, err)
		if _, err := b.Swap(t.Context(), "HEAD", []byte("other"), ""); !errors.Is(err, checkpoint.ErrChanged) {
			t.Errorf("made twice: %v", err)
		}
		if _, tag := read(t, b, "HEAD"); tag != one {
			t.Errorf("written with %s, read with %s", one, tag)
		}
		two, err := b.Swap(t.Context(), "HEAD", []byte("two"), one)
		must(t, err)
		if _, err := b.Swap(t.Context(), "HEAD", []byte("three"), one); !errors.Is(err, checkpoint.ErrChanged) || !strings.Contains(err.Error(), b.Place("HEAD")) {
			t.Errorf("changed twice: %v", err)
		}
		if text, tag := read(t, b, "HEAD"); text != "two" || tag != two {
			t.Errorf("%q", text)
		}
	})
}

func TestParts(t *testing.T) {
	stores(t, func(t *testing.T, b *Bucket) {
		b.part = 5 << 20 // S3 takes no smaller ones
		want := bytes.Repeat([]byte("0123456789abcdef"), 700_000)
		must(t, b.Put(t.Context(), "large", bytes.NewReader(want), int64(len(want)), ""))
		if got, _ := read(t, b, "large"); got != string(want) {
			t.Errorf("%d bytes, which are not those written", len(got))
		}
	})
}

func TestPartsAreGivenUp(t *testing.T) {
	s := s3test.New(t)
	b := open(t, s.URL, "s3://b/p", "test", "secret")
	b.part = 10
	s.Fail(func(r *http.Request) int {
		if r.URL.Query().Get("partNumber") == "2" {
			return http.StatusForbidden
		}
		return 0
	})
	if err := put(t, b, "large", strings.Repeat("x", 25), ""); err == nil || !strings.Contains(err.Error(), "s3://b/p/large") {
		t.Errorf("%v", err)
	}
	if s.Uploads() != 0 || len(s.Keys()) != 0 {
		t.Errorf("%d uploads are left, and %v", s.Uploads(), s.Keys())
	}
}

// TestTrouble: what may pass is tried again, what will not is said at once, with the bucket and the key.
func TestTrouble(t *testing.T) {
	s := s3test.New(t)
	b := open(t, s.URL, "s3://b/p", "test", "secret")
	for _, c := range []struct {
		status, times, requests int
		want                    string // "": it goes well
	}{
		{http.StatusServiceUnavailable, 3, 4, ""},
		{http.StatusTooManyRequests, 2, 3, ""},
		{1, 2, 3, ""},
		{-1, 2, 3, ""},
		{http.StatusInternalServerError, 99, attempts, "writing 's3://b/p/k': Injected: in a test"},
		{http.StatusForbidden, 99, 1, "writing 's3://b/p/k': Injected: in a test"},
		{http.StatusNotImplemented, 99, 1, "writing 's3://b/p/k': Injected: in a test"},
	} {
		before, left := s.Count(http.MethodPut), c.times
		s.Fail(func(*http.Request) int {
			if left--; left >= 0 {
				return c.status
			}
			return 0
		})
		err := put(t, b, "k", "x", "")
		if text := ""; err != nil {
			if text = err.Error(); text != c.want {
				t.Errorf("%d: %v", c.status, err)
			}
		} else if c.want != "" {
			t.Errorf("%d: no error", c.status)
		}
		if n := s.Count(http.MethodPut) - before; n != c.requests {
			t.Errorf("%d: %d requests", c.status, n)
		}
	}
	s.Fail(nil)
	if err := put(t, b, "k", "x", "00000000"); err == nil || !strings.Contains(err.Error(), "BadDigest") {
		t.Errorf("a file that is not what it was: %v", err)
	}
	if err := put(t, open(t, s.URL, "s3://missing/p", "test", "secret"), "k", "x", ""); err == nil || !strings.Contains(err.Error(), "there is no bucket 'missing'") {
		t.Errorf("%v", err)
	}
	if err := put(t, open(t, s.URL, "s3://b/p", "wrong", "secret"), "k", "x", ""); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("%v", err)
	}
}

// TestWrongKeys are refused by a server that looks at them.
func TestWrongKeys(t *testing.T) {
	url := s3test.Versity().Start(t)
	err := put(t, open(t, url, "s3://"+s3test.Bucket+"/p", s3test.AccessKey, "wrong"), "k", "x", "")
	if err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		t.Errorf("%v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		place, region, endpoint string
		path                    bool
		want                    string
	}{
		{"s3://b/p", "eu-central-1", "", false, "https://b.s3.eu-central-1.amazonaws.com/p/k"},
		{"s3a://b/p/", "cn-north-1", "", false, "https://b.s3.cn-north-1.amazonaws.com.cn/p/k"},
		{"s3://b.c/p", "eu-central-1", "", false, "https://s3.eu-central-1.amazonaws.com/b.c/p/k"},
		{"s3://b", "eu-central-1", "", true, "https://s3.eu-central-1.amazonaws.com/b/k"},
		{"s3://b/p", "x", "minio.example:9000", false, "https://b.minio.example:9000/p/k"},
		{"s3://b/p", "x", "http://minio.example:9000/", true, "http://minio.example:9000/b/p/k"},
		{"s3://b/p", "x", "http://localhost:9000", false, "http://localhost:9000/b/p/k"},
		{"s3://b/p", "x", "http://[::1]:9000/s3", false, "http://[::1]:9000/s3/b/p/k"},
	} {
		b, err := Open(t.Context(), c.place, plan.ObjectStore{Endpoint: c.endpoint, Region: c.region, AccessKey: "a", SecretKey: "b", PathStyle: c.path})
		must(t, err)
		u, before := b.host()
		u.Path = before + "/" + b.prefix + "k"
		if u.String() != c.want {
			t.Errorf("%s, not %s", u.String(), c.want)
		}
	}
	for _, c := range []struct {
		place string
		o     plan.ObjectStore
		want  string
	}{
		{"s3://", plan.ObjectStore{}, "s3://bucket/prefix"},
		{"s3:///p", plan.ObjectStore{}, "s3://bucket/prefix"},
		{"s3://b", plan.ObjectStore{Endpoint: "ftp://x"}, "'s3.endpoint': 'ftp://x' is not an address"},
		{"s3://b", plan.ObjectStore{AccessKey: "x"}, "'s3.secret-key'"},
	} {
		if _, err := Open(t.Context(), c.place, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.place, err)
		}
	}
}

// TestRegionIsFound where a bucket says that it is elsewhere.
func TestRegionIsFound(t *testing.T) {
	moved := http.NewServeMux()
	moved.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-north-1/s3/") {
			w.Header().Set("X-Amz-Bucket-Region", "eu-north-1")
			w.WriteHeader(http.StatusMovedPermanently)
		}
	})
	b := open(t, serve(t, moved), "s3://b/p", "test", "secret")
	must(t, put(t, b, "k", "x", ""))
}

func serve(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// TestCredentialsOfTheEnvironment come from the chain of AWS's tools.
func TestCredentialsOfTheEnvironment(t *testing.T) {
	s := s3test.New(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_ENDPOINT_URL_S3", s.URL)
	b, err := Open(t.Context(), "s3://b/p", plan.ObjectStore{})
	must(t, err)
	must(t, put(t, b, "k", "x", ""))
	if got := string(s.Get("b/p/k")); got != "x" {
		t.Errorf("%q", got)
	}
}
