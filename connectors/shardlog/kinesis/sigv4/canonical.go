package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// appendCanonical appends the request in the one form that both sides sign.
func appendCanonical(b []byte, r *http.Request, body []byte, s *signature) []byte {
	b = append(append(b, r.Method...), '\n')
	b = append(append(b, canonicalPath(r)...), '\n')
	b = append(append(b, canonicalQuery(r.URL.RawQuery)...), '\n')
	for _, name := range s.headers {
		b = append(append(b, name...), ':')
		b = append(appendHeader(b, r, name), '\n')
	}
	b = append(append(append(b, '\n'), s.signed...), '\n')
	return appendPayloadHash(b, r, body, s)
}

// appendPayloadHash appends the body's own hash: a client may leave it out only in a request whose
// signature covers that it did.
func appendPayloadHash(b []byte, r *http.Request, body []byte, s *signature) []byte {
	if slices.Contains(s.headers, "x-amz-content-sha256") && r.Header.Get("X-Amz-Content-Sha256") == unsigned {
		return append(b, unsigned...)
	}
	sum := sha256.Sum256(body)
	return hex.AppendEncode(b, sum[:])
}

// canonicalPath encodes the path as sent once more, as all services but S3 do.
func canonicalPath(r *http.Request) string {
	path := r.URL.EscapedPath()
	if path == "" || path == "/" {
		return "/"
	}
	return escape(path, true)
}

// canonicalQuery sorts the parameters, leaving the signature out.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	var pairs []string
	for part := range strings.SplitSeq(raw, "&") {
		k, v, _ := strings.Cut(part, "=")
		if k == "" || k == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, escape(unescape(k), false)+"="+escape(unescape(v), false))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// unescape decodes %XX and +; what is malformed stays, and then no signature matches.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			b.WriteByte('%')
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// escape encodes all but RFC 3986's unreserved characters, and slashes when they are kept.
func escape(s string, keepSlash bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~', keepSlash && c == '/':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

// appendHeader appends a header's values, with single spaces inside.
func appendHeader(b []byte, r *http.Request, name string) []byte {
	switch name {
	case "host", ":authority":
		return append(b, r.Host...)
	case "content-length":
		// net/http takes it out of the headers.
		return strconv.AppendInt(b, r.ContentLength, 10)
	}
	for i, v := range r.Header.Values(name) {
		if i > 0 {
			b = append(b, ',')
		}
		start := len(b)
		for word := range strings.FieldsSeq(v) {
			if len(b) > start {
				b = append(b, ' ')
			}
			b = append(b, word...)
		}
	}
	return b
}
