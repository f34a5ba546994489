// Package sigv4 verifies requests signed with AWS Signature Version 4, in the
// Authorization header or in the query (presigned). A Verifier knows the keys; Verify returns
// whose request it is, or an *Error with AWS's exception name and words.
//
// The scheme is described in AWS's "Signature Version 4 signing process".
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	unsigned   = "UNSIGNED-PAYLOAD"
	// maxPresigned is the longest life that a presigned request may ask for.
	maxPresigned = 7 * 24 * time.Hour
)

// Error is a refusal; Type is the exception's name on the wire.
type Error struct{ Type, Message string }

func (e *Error) Error() string { return e.Type + ": " + e.Message }

func refuse(kind, format string, args ...any) *Error {
	return &Error{Type: kind, Message: fmt.Sprintf(format, args...)}
}

// Identity is what a request's credential scope tells.
type Identity struct {
	AccessKey string
	Region    string
}

// Verifier checks signatures for one service.
type Verifier struct {
	Service string
	// Secrets maps access key ids to secrets. nil trusts every complete signature.
	Secrets map[string]string
	// Skew is how far a request's clock may be off; 5 minutes when 0.
	Skew time.Duration
	Now  func() time.Time

	mu   sync.Mutex
	keys map[keyName]*signingKey
}

// keyName is what a signing key is for.
type keyName struct{ accessKey, day, region string }

// signature is what a request says about itself.
type signature struct {
	credential string
	signed     string   // the list of signed headers as it was sent
	headers    []string // the same, one by one
	hex        string
	date       string
	expires    time.Duration // of a presigned request
	presigned  bool
	accessKey  string
	day        string
	region     string
	service    string
}

// Claim checks what a request says about itself, before its body is there: that it carries a whole signature, by a
// known key, for this service and of this time. Verify, which it does not replace, tells whether that is true.
func (v *Verifier) Claim(r *http.Request) error {
	_, err := v.claim(r)
	return err
}

func (v *Verifier) claim(r *http.Request) (*signature, error) {
	s, err := parse(r)
	if err != nil || v.Secrets == nil {
		return s, err
	}
	if _, ok := v.Secrets[s.accessKey]; !ok {
		return nil, refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	return s, v.checkScope(s)
}

// Verify checks a request whose body has been read.
func (v *Verifier) Verify(r *http.Request, body []byte) (Identity, error) {
	s, err := v.claim(r)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{AccessKey: s.accessKey, Region: s.region}
	secret, ok := v.Secrets[s.accessKey]
	if !ok {
		return id, nil // no secrets: any signature is trusted
	}
	if !v.key(s, secret).made(r, body, s) {
		return Identity{}, refuse("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return id, nil
}

// checkScope compares the credential's scope and the request's time with ours.
func (v *Verifier) checkScope(s *signature) error {
	if s.service != v.Service {
		return refuse("InvalidSignatureException", "Credential should be scoped to correct service: '%s'.", v.Service)
	}
	at, err := time.Parse(timeFormat, s.date)
	if err != nil {
		return refuse("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", s.date)
	}
	if !strings.HasPrefix(s.date, s.day) {
		return refuse("InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", s.day, s.date[:8], s.date)
	}
	skew := v.Skew
	if skew == 0 {
		skew = 5 * time.Minute
	}
	now := v.Now().UTC()
	early, late := now.Add(-skew), now.Add(skew)
	if s.presigned {
		early = now.Add(-s.expires)
	}
	if at.Before(early) {
		return refuse("InvalidSignatureException", "Signature expired: %s is now earlier than %s (%s - %d min.)", s.date, early.Format(timeFormat), now.Format(timeFormat), int(now.Sub(early).Minutes()))
	}
	if at.After(late) {
		return refuse("InvalidSignatureException", "Signature not yet current: %s is still later than %s (%s + %d min.)", s.date, late.Format(timeFormat), now.Format(timeFormat), int(skew.Minutes()))
	}
	return nil
}

// parse finds the signature in the header or in the query.
func parse(r *http.Request) (*signature, error) {
	header := r.Header.Get("Authorization")
	var query url.Values
	if r.URL.RawQuery != "" {
		var err error
		if query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
			return nil, refuse("IncompleteSignatureException", "The query string cannot be read: %v", err)
		}
	}
	presigned := query.Has("X-Amz-Algorithm")
	switch {
	case header != "" && presigned:
		return nil, refuse("InvalidSignatureException", "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case presigned:
		return parseQuery(query)
	case header != "":
		return parseHeader(r, header)
	}
	return nil, refuse("MissingAuthenticationTokenException", "Missing Authentication Token")
}

func parseHeader(r *http.Request, header string) (*signature, error) {
	kind, rest, _ := strings.Cut(header, " ")
	params := [...]struct{ name, value string }{{name: "Credential"}, {name: "Signature"}, {name: "SignedHeaders"}}
	for part := range strings.FieldsFuncSeq(rest, func(c rune) bool { return c == ',' || c == ' ' }) {
		k, v, _ := strings.Cut(part, "=")
		for i := range params {
			if params[i].name == k {
				params[i].value = v
			}
		}
	}
	var missing strings.Builder
	for _, p := range params {
		if p.value == "" {
			fmt.Fprintf(&missing, "Authorization header requires '%s' parameter. ", p.name)
		}
	}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		if date = httpDate(r.Header.Get("Date")); date == "" {
			missing.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
		}
	}
	if missing.Len() > 0 {
		return nil, refuse("IncompleteSignatureException", "%sAuthorization=%s", missing.String(), header)
	}
	if kind != algorithm {
		return nil, refuse("IncompleteSignatureException", "Unsupported AWS 'algorithm': '%s'.", kind)
	}
	s := &signature{credential: params[0].value, hex: params[1].value, date: date}
	return s, s.finish(params[2].value)
}

// httpDate turns a Date header into the form that is signed.
func httpDate(s string) string {
	t, err := http.ParseTime(s)
	if err != nil {
		return ""
	}
	return t.UTC().Format(timeFormat)
}

func parseQuery(q url.Values) (*signature, error) {
	var missing strings.Builder
	for _, k := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if q.Get(k) == "" {
			fmt.Fprintf(&missing, "AWS query-string parameters must include '%s'. ", k)
		}
	}
	if missing.Len() > 0 {
		return nil, refuse("IncompleteSignatureException", "%sRe-examine the query-string parameters.", missing.String())
	}
	if q.Get("X-Amz-Algorithm") != algorithm {
		return nil, refuse("IncompleteSignatureException", "Unsupported AWS 'algorithm': '%s'.", q.Get("X-Amz-Algorithm"))
	}
	s := &signature{credential: q.Get("X-Amz-Credential"), hex: q.Get("X-Amz-Signature"), date: q.Get("X-Amz-Date"), presigned: true, expires: 15 * time.Minute}
	if e := q.Get("X-Amz-Expires"); e != "" {
		secs, err := strconv.Atoi(e)
		if err != nil || secs < 1 || time.Duration(secs)*time.Second > maxPresigned {
			return nil, refuse("IncompleteSignatureException", "X-Amz-Expires must be a number of seconds from 1 to 604800. Got '%s'.", e)
		}
		s.expires = time.Duration(secs) * time.Second
	}
	return s, s.finish(q.Get("X-Amz-SignedHeaders"))
}

// finish splits the credential's scope and the list of signed headers.
func (s *signature) finish(headers string) error {
	scope := strings.Split(s.credential, "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || len(scope[1]) != 8 {
		return refuse("IncompleteSignatureException", "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", s.credential)
	}
	s.accessKey, s.day, s.region, s.service = scope[0], scope[1], scope[2], scope[3]
	s.signed, s.headers = headers, strings.Split(headers, ";")
	if !slices.Contains(s.headers, "host") && !slices.Contains(s.headers, ":authority") {
		return refuse("InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return nil
}

// key derives the day's signing key, once.
func (v *Verifier) key(s *signature, secret string) *signingKey {
	name := keyName{s.accessKey, s.day, s.region}
	v.mu.Lock()
	defer v.mu.Unlock()
	if k, ok := v.keys[name]; ok {
		return k
	}
	k := []byte("AWS4" + secret)
	for _, part := range [...]string{s.day, s.region, s.service, "aws4_request"} {
		k = mac(k, []byte(part))
	}
	if v.keys == nil || len(v.keys) > 1000 {
		v.keys = map[keyName]*signingKey{}
	}
	v.keys[name] = newSigningKey(k)
	return v.keys[name]
}

func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// signingKey makes signatures with one key.
type signingKey struct {
	signers sync.Pool // *signer
}

// signer is a key's hash and memory for one signature at a time.
type signer struct {
	mac       hash.Hash
	text      []byte
	want, got []byte
}

func newSigningKey(key []byte) *signingKey {
	return &signingKey{signers: sync.Pool{New: func() any { return &signer{mac: hmac.New(sha256.New, key)} }}}
}

// made reports whether a request's signature was made with the key. It takes the same time wherever they differ.
func (k *signingKey) made(r *http.Request, body []byte, s *signature) bool {
	w, _ := k.signers.Get().(*signer)
	defer k.signers.Put(w)
	w.text = appendCanonical(w.text[:0], r, body, s)
	sum := sha256.Sum256(w.text)
	w.text = append(w.text[:0], algorithm+"\n"...)
	for _, part := range [...]string{s.date, "\n", s.day, "/", s.region, "/", s.service, "/aws4_request\n"} {
		w.text = append(w.text, part...)
	}
	w.text = hex.AppendEncode(w.text, sum[:])
	w.mac.Reset()
	w.mac.Write(w.text)
	w.want = w.mac.Sum(w.want[:0])
	w.text = append(w.text[:0], s.hex...)
	var err error
	w.got, err = hex.AppendDecode(w.got[:0], w.text)
	return err == nil && hmac.Equal(w.got, w.want)
}
