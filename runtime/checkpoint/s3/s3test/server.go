// Package s3test is a server in memory that speaks as much of S3 as checkpoints need, for tests: objects with conditional writes,
// lists in pages, uploads in parts. It checks the hashes of what it gets, and that requests are signed with some key; whether
// the signature is right is left to the tests against other servers.
//
// Enter at New, which gives the settings that lead to it too.
package s3test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Server is a store with any bucket. Keys stand with the bucket: "bucket/key".
type Server struct {
	URL string

	mu       sync.Mutex
	objects  map[string][]byte
	parts    map[string]map[int][]byte // of uploads that are under way
	count    map[string]int            // requests, by method
	fail     func(r *http.Request) int
	stall    func(r *http.Request) <-chan struct{}
	uploads  int
	careless bool
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{objects: map[string][]byte{}, parts: map[string]map[int][]byte{}, count: map[string]int{}}
	h := httptest.NewServer(s)
	s.URL = h.URL
	t.Cleanup(h.Close)
	return s
}

// Settings lead to the server.
func (s *Server) Settings() map[string]string {
	return map[string]string{"s3.endpoint": s.URL, "s3.access-key": "test", "s3.secret-key": "secret", "s3.region": "us-east-1"}
}

// Fail has requests answered with a status, or, if that is less than 100, with a broken connection, until the next
// call of Fail; f gives 0 for those that go well. -1 breaks it when the request has been carried out.
func (s *Server) Fail(f func(r *http.Request) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// Stall has requests wait for the end of the channel that f gives; nil: they need not.
func (s *Server) Stall(f func(r *http.Request) <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stall = f
}

// Careless has conditions of writes ignored.
func (s *Server) Careless() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.careless = true
}

// Keys lists what there is.
func (s *Server) Keys() (keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.objects {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Get gives an object; nil where there is none.
func (s *Server) Get(key string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[key]
}

// Set writes an object, or removes it, for nil.
func (s *Server) Set(key string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if body == nil {
		delete(s.objects, key)
		return
	}
	s.objects[key] = body
}

// Count tells how many requests of a method have come.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[method]
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	stall := s.stall
	s.mu.Unlock()
	if stall != nil {
		if end := stall(r); end != nil {
			<-end
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[r.Method]++
	status := 0
	if s.fail != nil {
		status = s.fail(r)
	}
	switch {
	case status >= 100:
		failed(w, status, "Injected")
		return
	case status > 0:
		panic(http.ErrAbortHandler)
	case status < 0:
		s.answer(discard{http.Header{}}, r, body)
		panic(http.ErrAbortHandler)
	}
	s.answer(w, r, body)
}

// discard is a response that does not arrive.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

func failed(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>in a test</Message></Error>", code)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	key := strings.TrimPrefix(r.URL.Path, "/")
	bucket, name, _ := strings.Cut(key, "/")
	query := r.URL.Query()
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "Credential=test/"):
		failed(w, http.StatusForbidden, "AccessDenied")
	case !intact(r, body):
		failed(w, http.StatusBadRequest, "BadDigest")
	case bucket == "missing":
		failed(w, http.StatusNotFound, "NoSuchBucket")
	case r.Method == http.MethodGet && name == "" && query.Get("list-type") == "2":
		s.list(w, bucket, query.Get("prefix"), query.Get("continuation-token"))
	case r.Method == http.MethodGet:
		s.get(w, key)
	case query.Has("uploads"):
		s.uploads++
		id := strconv.Itoa(s.uploads)
		s.parts[id] = map[int][]byte{}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case query.Has("uploadId"):
		s.upload(w, r, key, body)
	case r.Method == http.MethodPut:
		s.put(w, r, key, body)
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		failed(w, http.StatusNotImplemented, "NotImplemented")
	}
}

// intact compares a body with what its headers say of it.
func intact(r *http.Request, body []byte) bool {
	sum := sha256.Sum256(body)
	if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
		return false
	}
	crc := r.Header.Get("X-Amz-Checksum-Crc32c")
	got := binary.BigEndian.AppendUint32(nil, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
	return crc == "" || crc == base64.StdEncoding.EncodeToString(got)
}

func tag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

func (s *Server) get(w http.ResponseWriter, key string) {
	body, ok := s.objects[key]
	if !ok {
		failed(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", tag(body))
	_, _ = w.Write(body)
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	old, there := s.objects[key]
	match := r.Header.Get("If-Match")
	if !s.careless && (r.Header.Get("If-None-Match") == "*" && there || match != "" && (!there || tag(old) != match)) {
		failed(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	s.objects[key] = body
	w.Header().Set("ETag", tag(body))
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	id := r.URL.Query().Get("uploadId")
	parts, ok := s.parts[id]
	number, _ := strconv.Atoi(r.URL.Query().Get("partNumber"))
	switch {
	case !ok:
		failed(w, http.StatusNotFound, "NoSuchUpload")
	case r.Method == http.MethodDelete:
		delete(s.parts, id)
	case r.Method == http.MethodPut:
		parts[number] = body
		w.Header().Set("ETag", tag(body))
	default:
		var done struct {
			Part []struct {
				PartNumber int
				ETag       string
			}
		}
		var whole []byte
		err := xml.Unmarshal(body, &done)
		for _, p := range done.Part {
			if tag(parts[p.PartNumber]) != p.ETag {
				err = fmt.Errorf("part %d is another", p.PartNumber)
			}
			whole = append(whole, parts[p.PartNumber]...)
		}
		if err != nil { // S3 may say so with a status of 200
			failed(w, http.StatusOK, "InvalidPart")
			return
		}
		delete(s.parts, id)
		s.objects[key] = whole
		fmt.Fprint(w, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
	}
}

// pageLength is short, so that there are pages.
const pageLength = 3

func (s *Server) list(w http.ResponseWriter, bucket, prefix, after string) {
	var keys []string
	for k := range s.objects {
		if name, ok := strings.CutPrefix(k, bucket+"/"); ok && strings.HasPrefix(name, prefix) && name > after {
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	fmt.Fprint(w, "<ListBucketResult>")
	for i, k := range keys {
		if i == pageLength {
			fmt.Fprintf(w, "<NextContinuationToken>%s</NextContinuationToken>", keys[i-1])
			break
		}
		fmt.Fprintf(w, "<Contents><Key>%s</Key></Contents>", k)
	}
	fmt.Fprint(w, "</ListBucketResult>")
}

// Uploads tells how many uploads in parts have been begun and neither ended nor given up.
func (s *Server) Uploads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.parts)
}
