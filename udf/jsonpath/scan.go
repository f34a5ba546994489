// Package jsonpath reads JSON texts for SQL's JSON functions: it checks a text, finds
// values in it by JSON paths, and writes values.
//
// There are two ways in. Path.Lookup finds the value of a plain path ($.a.b[0]) in one
// pass over the text, without building anything; Document.Parse builds a tree for the
// paths that give several values (wildcards, slices, filters) and for writing.
// Texts are read as Jackson does, which Flink uses: the last of two equal keys counts,
// what follows the value is not looked at.
package jsonpath

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is what a JSON value is.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// ErrSyntax says that a text is no JSON.
var ErrSyntax = errors.New("not valid JSON")

// maxDepth is how deep arrays and objects may be nested.
const maxDepth = 1000

func skipBlanks(s []byte, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// kindAt tells the kind of the value that begins with c.
func kindAt(c byte) Kind {
	switch c {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	return Number
}

// skipValue checks the value at i, where no blank is, and gives the offset behind it, or
// -1 where it is not valid.
func skipValue(s []byte, i, depth int) int {
	if i >= len(s) || depth > maxDepth {
		return -1
	}
	switch s[i] {
	case '{':
		return skipObject(s, i, depth)
	case '[':
		return skipArray(s, i, depth)
	case '"':
		end, _ := skipString(s, i)
		return end
	case 't':
		return skipWord(s, i, "true")
	case 'f':
		return skipWord(s, i, "false")
	case 'n':
		return skipWord(s, i, "null")
	}
	return skipNumber(s, i)
}

func skipWord(s []byte, i int, w string) int {
	if len(s)-i < len(w) || string(s[i:i+len(w)]) != w {
		return -1
	}
	return i + len(w)
}

func skipObject(s []byte, i, depth int) int {
	if i = skipBlanks(s, i+1); i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		_, _, value := member(s, i)
		if value < 0 {
			return -1
		}
		if i = skipValue(s, value, depth+1); i < 0 {
			return -1
		}
		var more bool
		if i, more = separator(s, i, '}'); !more {
			return i
		}
	}
}

func skipArray(s []byte, i, depth int) int {
	if i = skipBlanks(s, i+1); i < len(s) && s[i] == ']' {
		return i + 1
	}
	for {
		if i = skipValue(s, i, depth+1); i < 0 {
			return -1
		}
		var more bool
		if i, more = separator(s, i, ']'); !more {
			return i
		}
	}
}

// member reads "key" : at i and gives the key with its quotes, whether it has escapes,
// and where the value begins, -1 for none.
func member(s []byte, i int) (key []byte, escaped bool, value int) {
	if i >= len(s) || s[i] != '"' {
		return nil, false, -1
	}
	end, escaped := skipString(s, i)
	if end < 0 {
		return nil, false, -1
	}
	c := skipBlanks(s, end)
	if c >= len(s) || s[c] != ':' {
		return nil, false, -1
	}
	return s[i:end], escaped, skipBlanks(s, c+1)
}

// separator reads a comma, and gives the begin of what follows, or the closing bracket,
// and gives the offset behind it (-1 where there is neither).
func separator(s []byte, i int, closing byte) (next int, more bool) {
	i = skipBlanks(s, i)
	if i >= len(s) {
		return -1, false
	}
	switch s[i] {
	case ',':
		return skipBlanks(s, i+1), true
	case closing:
		return i + 1, false
	}
	return -1, false
}

// skipString checks a string and tells whether it has escapes.
func skipString(s []byte, i int) (end int, escaped bool) {
	for i++; ; i++ {
		if i = plainEnd(s, i); i >= len(s) {
			return -1, false
		}
		switch s[i] {
		case '"':
			return i + 1, escaped
		case '\\':
			escaped = true
			if i = skipEscape(s, i+1); i < 0 {
				return -1, false
			}
		default: // a control character
			return -1, false
		}
	}
}

// plainEnd gives the place of the first quote, backslash or control character, looking
// at eight bytes a step.
func plainEnd(s []byte, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		hit := ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
		if hit != 0 { // the lowest one is right; carries make false ones above it only
			return i + bits.TrailingZeros64(hit)>>3
		}
	}
	for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
		i++
	}
	return i
}

// skipEscape checks what follows a backslash and gives the place of its last byte.
func skipEscape(s []byte, i int) int {
	if i >= len(s) {
		return -1
	}
	switch s[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i
	case 'u':
		if _, ok := hex4(s, i+1); ok {
			return i + 4
		}
	}
	return -1
}

func hex4(s []byte, i int) (r rune, ok bool) {
	if len(s)-i < 4 {
		return 0, false
	}
	for _, c := range s[i : i+4] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

func skipNumber(s []byte, i int) int {
	if i < len(s) && s[i] == '-' {
		i++
	}
	start := i
	if i = skipDigits(s, i); i == start || s[start] == '0' && i > start+1 {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		from := i + 1
		if i = skipDigits(s, from); i == from {
			return -1
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		from := i
		if i = skipDigits(s, from); i == from {
			return -1
		}
	}
	return i
}

func skipDigits(s []byte, i int) int {
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return i
}

// unescape appends the contents of a checked string, given with its quotes.
func unescape(dst, s []byte) []byte {
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(s, i+1)
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+2 < len(s) && s[i+1] == '\\' && s[i+2] == 'u' {
					low, _ = hex4(s, i+3)
				}
				if d := utf16.DecodeRune(r, low); d != utf8.RuneError {
					r = d
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
