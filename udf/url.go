package udf

import (
	"bytes"
	"net/url"
	"strings"
	"unicode/utf8"
)

// urlEncode does what Java's URLEncoder does.
func urlEncode(dst, s []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range s {
		switch {
		case c == ' ':
			dst = append(dst, '+')
		case c|0x20 >= 'a' && c|0x20 <= 'z', c-'0' <= 9, strings.IndexByte("-_.*", c) >= 0:
			dst = append(dst, c)
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}

func urlDecode(r row, dst []byte) ([]byte, bool) {
	s, err := url.QueryUnescape(r.str(0))
	return append(dst, s...), err == nil && utf8.ValidString(s)
}

// urlParts is a URL taken apart as java.net.URL does.
type urlParts struct {
	protocol, authority, userInfo, host, path, query, ref, file []byte
	hasQuery, hasRef, hasUser                                   bool
}

func splitURL(s []byte) (u urlParts, ok bool) {
	s = bytes.TrimFunc(s, func(c rune) bool { return c <= ' ' })
	i := bytes.IndexByte(s, ':')
	if i < 0 {
		return u, false
	}
	switch u.protocol = bytes.ToLower(s[:i]); string(u.protocol) {
	case "http", "https", "ftp", "file", "jar", "mailto":
	default:
		return u, false
	}
	s = s[i+1:]
	s, u.ref, u.hasRef = bytes.Cut(s, []byte("#"))
	if rest, found := bytes.CutPrefix(s, []byte("//")); found {
		end := bytes.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		u.authority, s = rest[:end], rest[end:]
		u.host = u.authority
		if at := bytes.LastIndexByte(u.host, '@'); at >= 0 {
			u.userInfo, u.host, u.hasUser = u.host[:at], u.host[at+1:], true
		}
		if c := bytes.LastIndexByte(u.host, ':'); c >= 0 && bytes.IndexByte(u.host[c:], ']') < 0 {
			u.host = u.host[:c]
		}
	}
	u.file = s
	u.path, u.query, u.hasQuery = bytes.Cut(s, []byte("?"))
	return u, true
}

// parseURL is PARSE_URL(url, part[, key]).
func parseURL(r row, dst []byte) ([]byte, bool) {
	u, ok := splitURL(r.bytes(0))
	if !ok {
		return dst, false
	}
	part := r.str(1)
	if r.has(2) {
		if part != "QUERY" || !u.hasQuery {
			return dst, false
		}
		return queryValue(dst, u.query, r.bytes(2))
	}
	switch part {
	case "HOST":
		return append(dst, u.host...), true
	case "PATH":
		return append(dst, u.path...), true
	case "QUERY":
		return append(dst, u.query...), u.hasQuery
	case "REF":
		return append(dst, u.ref...), u.hasRef
	case "PROTOCOL":
		return append(dst, u.protocol...), true
	case "FILE":
		return append(dst, u.file...), true
	case "AUTHORITY":
		return append(dst, u.authority...), u.authority != nil
	case "USERINFO":
		return append(dst, u.userInfo...), u.hasUser
	}
	return dst, false
}

func queryValue(dst, query, key []byte) ([]byte, bool) {
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte("&"))
		if k, v, ok := bytes.Cut(pair, []byte("=")); ok && bytes.Equal(k, key) {
			return append(dst, v...), true
		}
	}
	return dst, false
}
