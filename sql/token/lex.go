package token

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/weirstream/weir/sql/diag"
)

// Lex splits the text into tokens. The last one is EOF, placed behind the text.
// Comments and white space are dropped.
func Lex(text *diag.Text) []Token {
	l := lexer{src: text.Body, toks: make([]Token, 0, len(text.Body)/3+8)}
	for l.next() {
	}
	return l.toks
}

type lexer struct {
	src    string
	pos    int
	toks   []Token
	inHint bool // between /*+ and */
}

// next appends one token and reports whether there are more.
func (l *lexer) next() bool {
	if open, ok := l.skipBlank(); !ok {
		l.illegal(open, "this comment is not closed", "end it with */")
		return true
	}
	if l.pos >= len(l.src) {
		l.toks = append(l.toks, Token{Kind: EOF, At: diag.Span{Start: l.pos, End: l.pos}})
		return false
	}
	start, c := l.pos, l.src[l.pos]
	switch {
	case c == '\'':
		l.str(start, "")
	case c == '`':
		l.quoted(start)
	case c == '"':
		l.doubleQuoted(start)
	case isDigit(c), c == '.' && isDigit(l.at(1)):
		l.number(start)
	case l.prefixed(start):
	default:
		if n := l.identifierLen(); n > 0 {
			l.word(start, n)
		} else {
			l.symbol(start)
		}
	}
	return true
}

// at is the byte i places ahead, 0 behind the end.
func (l *lexer) at(i int) byte {
	if l.pos+i < len(l.src) {
		return l.src[l.pos+i]
	}
	return 0
}

// skipBlank moves over white space and comments. For a comment that is never closed it
// gives the comment's start and false.
func (l *lexer) skipBlank() (open int, ok bool) {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '-' && l.at(1) == '-':
			if i := strings.IndexAny(l.src[l.pos:], "\r\n"); i >= 0 {
				l.pos += i
			} else {
				l.pos = len(l.src)
			}
		case c == '/' && l.at(1) == '*' && l.at(2) != '+':
			i := strings.Index(l.src[l.pos+2:], "*/")
			if i < 0 {
				open, l.pos = l.pos, len(l.src)
				return open, false
			}
			l.pos += i + 4
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(l.src[l.pos:])
			if !unicode.IsSpace(r) && r != '\uFEFF' {
				return 0, true
			}
			l.pos += n
		default:
			return 0, true
		}
	}
	return 0, true
}

func (l *lexer) emit(kind Kind, start int, text string) {
	l.toks = append(l.toks, Token{Kind: kind, At: diag.Span{Start: start, End: l.pos}, Text: text})
}

// illegal appends an Illegal token from start to the present place.
func (l *lexer) illegal(start int, msg, hint string) {
	at := diag.Span{Start: start, End: l.pos}
	err := &diag.Error{Span: at, Msg: msg, Hint: hint}
	l.toks = append(l.toks, Token{Kind: Illegal, At: at, Text: l.src[start:l.pos], Err: err})
}

func (l *lexer) word(start, n int) {
	l.pos += n
	text := l.src[start:l.pos]
	l.emit(Word, start, text)
	l.toks[len(l.toks)-1].Keyword = keyword(text)
}

// identifierLen is the length of the unquoted identifier at the present place: letters of
// any script, $, _ and, not in front, digits.
func (l *lexer) identifierLen() int {
	n := 0
	for l.pos+n < len(l.src) {
		c := l.src[l.pos+n]
		switch {
		case isLetter(c), n > 0 && isDigit(c):
			n++
		case c < utf8.RuneSelf:
			return n
		default:
			r, size := utf8.DecodeRuneInString(l.src[l.pos+n:])
			if r == utf8.RuneError || !unicode.IsLetter(r) && (n == 0 || !unicode.IsMark(r) && !unicode.IsDigit(r)) {
				return n
			}
			n += size
		}
	}
	return n
}

// number takes 12, 1.5, 1., .5 and any of them with an exponent: 1.e3 is a number, 1.e is not.
func (l *lexer) number(start int) {
	l.digits()
	if l.at(0) == '.' && l.at(1) != '.' && (!isLetter(l.at(1)) || l.exponent(1) > 0) {
		l.pos++
		l.digits()
	}
	if n := l.exponent(0); n > 0 {
		l.pos += n
		l.digits()
	}
	if n := l.identifierLen(); n > 0 {
		letters := l.src[l.pos : l.pos+n]
		l.pos += n
		l.badNumber(start, letters)
		return
	}
	l.emit(Number, start, l.src[start:l.pos])
}

// exponent gives how long the E and sign of an exponent are that stands n characters ahead; 0 where there is none.
func (l *lexer) exponent(n int) int {
	if c := l.at(n); c != 'e' && c != 'E' {
		return 0
	}
	sign := 0
	if s := l.at(n + 1); s == '+' || s == '-' {
		sign = 1
	}
	if !isDigit(l.at(n + 1 + sign)) {
		return 0
	}
	return 1 + sign
}

func (l *lexer) badNumber(start int, letters string) {
	hint := "put a space between the number and what follows, or quote a name that starts with a digit with backticks"
	switch {
	case strings.EqualFold(letters[:1], "x") && l.src[start:l.pos-len(letters)] == "0":
		hint = "binary values are written X'0aff'"
	case strings.EqualFold(letters, "L"), strings.EqualFold(letters, "D"), strings.EqualFold(letters, "F"):
		hint = "numbers take no suffix: write CAST(1 AS BIGINT) to choose a type"
	}
	l.illegal(start, "a number is directly followed by letters", hint)
}

func (l *lexer) digits() {
	for isDigit(l.at(0)) {
		l.pos++
	}
}

// singles are the symbols of one character that start no longer one.
const singles = "(),;.[]{}+*/%?"

// symbols are the others; the first match is taken.
var symbols = []string{"||", "=>", "<>", "!=", "<=", ">=", "-", "=", "<", ">", "|", ":"}

// foreign are operators of other dialects, with what to write instead.
var foreign = []struct{ text, hint string }{
	{"==", "equality is a single ="},
	{"::", "write CAST(x AS type)"},
	{"->>", "write JSON_VALUE(x, '$.path')"},
	{"->", "write JSON_QUERY(x, '$.path'), or row.field"},
	{":=", "arguments are named with =>"},
	{"&&", "write AND"},
	{"<=>", "write IS NOT DISTINCT FROM"},
	{"<<", "there are no bit operators in the dialect"},
	{"&", "there are no bit operators in the dialect"},
	{"^", "write POWER(x, y); there are no bit operators in the dialect"},
	{"~", "use LIKE, SIMILAR TO or REGEXP(x, pattern)"},
	{"!", "write NOT"},
	{"#", "comments start with --"},
	{"@", "there are no variables in the dialect"},
	{"\\", "a backslash has no meaning outside of strings"},
}

func (l *lexer) symbol(start int) {
	rest := l.src[start:]
	switch {
	case l.inHint && strings.HasPrefix(rest, "*/"):
		l.inHint = false
		l.pos += 2
		l.emit(Symbol, start, "*/")
		return
	case strings.HasPrefix(rest, "/*+"):
		l.inHint = true
		l.pos += 3
		l.emit(Hint, start, "/*+")
		return
	}
	if strings.IndexByte(singles, rest[0]) >= 0 {
		l.pos++
		l.emit(Symbol, start, rest[:1])
		return
	}
	if hint, n := foreignOperator(rest); n > 0 {
		l.pos += n
		l.illegal(start, "there is no operator "+rest[:n]+" in Flink SQL", hint)
		return
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			l.pos += len(s)
			l.emit(Symbol, start, s)
			return
		}
	}
	_, n := utf8.DecodeRuneInString(rest)
	l.pos += n
	l.illegal(start, "this character has no meaning here", "quote names with backticks and text with single quotes")
}

// foreignOperator matches the operators of other dialects. >> is none of them: it closes
// two brackets of a nested type.
func foreignOperator(rest string) (hint string, n int) {
	for _, f := range foreign {
		if strings.HasPrefix(rest, f.text) && !(f.text == "!" && strings.HasPrefix(rest, "!=")) {
			return f.hint, len(f.text)
		}
	}
	return "", 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
