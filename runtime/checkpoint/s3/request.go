package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/weirstream/weir/runtime/checkpoint"
)

// request is one that can be sent several times.
type request struct {
	doing  string // for errors
	method string
	key    string // of an object; "" for the bucket
	place  string // for errors, where there is no key
	query  url.Values
	header http.Header
	body   io.ReaderAt
	size   int64
}

// answer is a small response, read whole.
type answer struct {
	header http.Header
	body   []byte
}

// attempts is how often a request is sent before its error is reported.
const attempts = 6

// most is how much of a small response is read.
const most = 8 << 20

// done sends a request and reads the response to its end. The store may say in a response that looks well that it is not.
func (b *Bucket) done(ctx context.Context, r request) (a answer, err error) {
	for try := 1; ; try++ {
		var res *http.Response
		if res, err = b.do(ctx, r); err != nil {
			return answer{}, err
		}
		a.header = res.Header
		a.body, err = io.ReadAll(io.LimitReader(res.Body, most))
		if err = errors.Join(err, res.Body.Close()); err == nil {
			if said := parseError(a.body); said.Code != "" {
				err = &storeError{said: said, status: res.StatusCode}
			}
		}
		if err == nil {
			return a, nil
		}
		if !again(err) || try >= attempts || b.wait(ctx, try) != nil {
			return answer{}, b.failed(r, err)
		}
	}
}

// do sends a request until it is answered, or has failed for good.
func (b *Bucket) do(ctx context.Context, r request) (*http.Response, error) {
	for try := 1; ; try++ {
		res, err := b.send(ctx, r)
		if err == nil {
			return res, nil
		}
		if ctx.Err() != nil || try >= attempts || !b.moved(err) && !again(err) || b.wait(ctx, try) != nil {
			return nil, b.failed(r, err)
		}
	}
}

// wait is longer each time, and not the same for all who wait.
func (b *Bucket) wait(ctx context.Context, try int) error {
	timer := time.NewTimer(time.Duration(float64(b.pause<<(try-1)) * (0.5 + rand.Float64())))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send sends a request once. A response that is no success is an error.
func (b *Bucket) send(ctx context.Context, r request) (*http.Response, error) {
	u, before := b.host()
	u.Path = before + "/"
	if r.key != "" {
		u.Path += b.prefix + r.key
	}
	u.RawPath = httpbinding.EscapePath(u.Path, false)
	u.RawQuery = r.query.Encode()
	var body io.Reader
	hash := sha256.New()
	if r.body != nil {
		if _, err := io.Copy(hash, io.NewSectionReader(r.body, 0, r.size)); err != nil {
			return nil, &localError{err}
		}
		body = io.NewSectionReader(r.body, 0, r.size)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, &localError{err}
	}
	req.ContentLength = r.size
	if r.body != nil {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r.body, 0, r.size)), nil }
		if r.size == 0 {
			req.Body = http.NoBody
		}
	}
	for k, v := range r.header {
		req.Header[k] = v
	}
	if err := b.sign(ctx, req, hex.EncodeToString(hash.Sum(nil))); err != nil {
		return nil, err
	}
	res, err := b.http.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	text, _ := io.ReadAll(io.LimitReader(res.Body, most)) // the status says enough
	_ = res.Body.Close()
	return nil, &storeError{said: parseError(text), status: res.StatusCode, region: res.Header.Get("X-Amz-Bucket-Region")}
}

func (b *Bucket) sign(ctx context.Context, req *http.Request, hash string) error {
	req.Header.Set("X-Amz-Content-Sha256", hash)
	if b.keys == nil {
		return &localError{errors.New("there are no credentials: set 's3.access-key' and 's3.secret-key', or what AWS's tools read")}
	}
	keys, err := b.keys.Retrieve(ctx)
	if err != nil {
		return &localError{fmt.Errorf("there are no credentials: set 's3.access-key' and 's3.secret-key', or what AWS's tools read: %w", err)}
	}
	if err := b.signer.SignHTTP(ctx, keys, req, hash, "s3", *b.region.Load(), time.Now()); err != nil {
		return &localError{err}
	}
	return nil
}

// moved takes over the region that a bucket is said to be in, and reports whether that is news.
func (b *Bucket) moved(err error) bool {
	var e *storeError
	if !errors.As(err, &e) || e.region == "" || e.region == *b.region.Load() {
		return false
	}
	b.region.Store(aws.String(e.region))
	return true
}

// localError is one that no further attempt mends.
type localError struct{ error }

func (e *localError) Unwrap() error { return e.error }

// storeError is what the store says.
type storeError struct {
	said   said
	status int
	region string
}

type said struct {
	XMLName       xml.Name `xml:"Error"`
	Code, Message string
}

func (e *storeError) Error() string {
	if e.said.Code == "" {
		return fmt.Sprintf("HTTP %d %s", e.status, http.StatusText(e.status))
	}
	return strings.TrimRight(e.said.Code+": "+e.said.Message, ".: ")
}

// parseError reads the error in a response's body; its Code is "" where there is none.
func parseError(body []byte) (s said) {
	if xml.Unmarshal(body, &s) != nil {
		return said{}
	}
	return s
}

// again reports whether another attempt may do better.
func again(err error) bool {
	var here *localError
	var e *storeError
	switch {
	case errors.As(err, &here), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &e):
		switch e.said.Code {
		case "ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "SlowDown", "InternalError":
			return true
		}
		return e.status >= 500 && e.status != http.StatusNotImplemented || e.status == http.StatusTooManyRequests
	}
	return true // the network
}

// failed says what could not be done with which object.
func (b *Bucket) failed(r request, err error) error {
	place := b.Place(r.key + r.place)
	var e *storeError
	if errors.As(err, &e) {
		switch {
		case e.said.Code == "NoSuchBucket":
			return fmt.Errorf("%s '%s': there is no bucket '%s'", r.doing, place, b.bucket)
		case e.status == http.StatusPreconditionFailed, e.said.Code == "ConditionalRequestConflict":
			return fmt.Errorf("%s '%s': %w", r.doing, place, checkpoint.ErrChanged)
		case e.status == http.StatusNotFound:
			return fmt.Errorf("%s '%s': %w", r.doing, place, os.ErrNotExist)
		}
	}
	return fmt.Errorf("%s '%s': %w", r.doing, place, err)
}
