package token

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirstream/weir/sql/diag"
)

// prefixed takes a string with a prefix (U&'…', E'…', X'…'), or nothing.
func (l *lexer) prefixed(start int) bool {
	n, kind := 1, l.src[start]&^0x20
	switch {
	case kind == 'U' && l.at(1) == '&' && (l.at(2) == '\'' || l.at(2) == '"'):
		n = 2
	case (kind == 'E' || kind == 'X' || kind == 'N') && l.at(1) == '\'':
	default:
		return false
	}
	l.pos += n
	if l.at(0) == '"' {
		l.doubleQuoted(start)
		return true
	}
	l.str(start, string(kind))
	return true
}

// str takes a single-quoted string; the prefix says how its inside is read.
func (l *lexer) str(start int, prefix string) {
	body, ok := l.between('\'', prefix == "E")
	if !ok {
		l.illegal(start, "this string is not closed", "end it with ', and write '' for a quote inside")
		return
	}
	switch prefix {
	case "X":
		l.binary(start, body)
	case "U":
		l.unicode(start, body)
	case "E":
		l.cString(start, body)
	case "N":
		l.illegal(start, "strings take no N prefix", "every string holds Unicode text: leave the N out")
	default:
		l.emit(String, start, strings.ReplaceAll(body, "''", "'"))
	}
}

// between takes a quoted run, the present byte being the quote, and gives what is inside,
// doubled quotes still doubled. A backslash protects the next byte if escapes is set. An
// unclosed run ends with its line, so that the error shows where it began.
func (l *lexer) between(quote byte, escapes bool) (body string, ok bool) {
	start := l.pos + 1
	for i := start; i < len(l.src); i++ {
		switch {
		case escapes && l.src[i] == '\\':
			i++
		case l.src[i] != quote:
		case i+1 < len(l.src) && l.src[i+1] == quote:
			i++
		default:
			l.pos = i + 1
			return l.src[start:i], true
		}
	}
	l.pos = len(l.src)
	return "", false
}

func (l *lexer) quoted(start int) {
	body, ok := l.between('`', false)
	switch {
	case !ok:
		l.illegal(start, "this quoted name is not closed", "end it with `, and write `` for a backtick inside")
	case body == "":
		l.illegal(start, "a quoted name is empty", "")
	default:
		l.emit(Quoted, start, strings.ReplaceAll(body, "``", "`"))
	}
}

// doubleQuoted refuses "x", which other dialects give two different meanings.
func (l *lexer) doubleQuoted(start int) {
	body, ok := l.between('"', false)
	if !ok {
		l.illegal(start, "this double quote is not closed", "quote names with backticks and text with single quotes")
		return
	}
	l.illegal(start, "double quotes do not quote in Flink SQL",
		"write `"+body+"` for a name, '"+body+"' for text")
}

func (l *lexer) binary(start int, body string) {
	b, err := hex.DecodeString(body)
	if err != nil {
		l.illegal(start, "a binary value takes an even number of hexadecimal digits", "")
		return
	}
	l.emit(Binary, start, string(b))
}

// unicode resolves \XXXX (or the character that a following UESCAPE names) and doubled
// escapes.
func (l *lexer) unicode(start int, body string) {
	escape := '\\'
	if c, ok := l.uescape(); ok {
		r, n := utf8.DecodeRuneInString(c)
		if n == 0 || n != len(c) || strings.ContainsRune("0123456789abcdefABCDEF+'\"` ", r) {
			l.illegal(start, "UESCAPE takes one character, which is no hexadecimal digit, sign, quote or blank", "")
			return
		}
		escape = r
	}
	body = strings.ReplaceAll(body, "''", "'")
	var b strings.Builder
	for len(body) > 0 {
		r, n := utf8.DecodeRuneInString(body)
		if r != escape {
			b.WriteString(body[:n])
			body = body[n:]
			continue
		}
		body = body[n:]
		if next, n := utf8.DecodeRuneInString(body); n > 0 && next == escape {
			b.WriteString(body[:n])
			body = body[n:]
			continue
		}
		code, ok := hexRune(body, 4)
		if !ok {
			l.illegal(start, "a Unicode escape takes four hexadecimal digits", "write U&'\\263A', and the escape character twice to mean itself")
			return
		}
		b.WriteRune(code)
		body = body[4:]
	}
	l.emit(String, start, b.String())
}

// uescape takes UESCAPE 'c' if it follows.
func (l *lexer) uescape() (string, bool) {
	back := l.pos
	if _, ok := l.skipBlank(); ok && len(l.src)-l.pos > 7 && strings.EqualFold(l.src[l.pos:l.pos+7], "UESCAPE") {
		l.pos += 7
		if _, ok := l.skipBlank(); ok && l.at(0) == '\'' {
			if c, ok := l.between('\'', false); ok {
				return c, true
			}
		}
	}
	l.pos = back
	return "", false
}

func hexRune(s string, digits int) (rune, bool) {
	if len(s) < digits {
		return 0, false
	}
	v, err := strconv.ParseUint(s[:digits], 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) {
		return 0, false
	}
	return rune(v), true
}

var cEscapes = map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// cString resolves the escapes of E'…': \n and its like, \ooo, \xhh, \uXXXX, \UXXXXXXXX;
// before any other character a backslash falls away.
func (l *lexer) cString(start int, body string) {
	var b strings.Builder
	for i := 0; i < len(body); {
		c := body[i]
		i++
		if c == '\'' { // the first of two
			i++
		}
		if c != '\\' || i >= len(body) {
			b.WriteByte(c)
			continue
		}
		r, n, ok := cEscape(body[i:])
		if !ok {
			at := diag.Span{Start: start, End: l.pos}
			l.toks = append(l.toks, Token{Kind: Illegal, At: at, Text: l.src[start:l.pos], Err: diag.Errorf(at,
				"the escape \\%c in this string is not complete", body[i]).
				WithHint("write \\xhh, \\uXXXX or \\UXXXXXXXX with hexadecimal digits")})
			return
		}
		b.WriteString(r)
		i += n
	}
	l.emit(String, start, b.String())
}

// cEscape resolves one escape, s beginning behind its backslash, and says how long it is.
func cEscape(s string) (text string, n int, ok bool) {
	switch c := s[0]; {
	case cEscapes[c] != 0:
		return string(cEscapes[c]), 1, true
	case c >= '0' && c <= '7':
		n = 1
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			n++
		}
		v, err := strconv.ParseUint(s[:n], 8, 16)
		return string(rune(v)), n, err == nil
	case c == 'x' || c == 'u' || c == 'U':
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
		r, ok := hexRune(s[1:], digits)
		return string(r), 1 + digits, ok
	}
	_, n = utf8.DecodeRuneInString(s)
	return s[:n], n, true
}
