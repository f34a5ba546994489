package wire

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ParseJSON decodes one JSON text. Texts without escapes point into b.
func ParseJSON(b []byte) (Value, error) {
	if !utf8.Valid(b) {
		return Value{}, fmt.Errorf("%w: not UTF-8", ErrSyntax)
	}
	p := jsonParser{in: b}
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	p.space()
	if p.at < len(b) {
		return Value{}, p.bad("something follows the value")
	}
	return v, nil
}

type jsonParser struct {
	in    []byte
	at    int
	arena arena
}

func (p *jsonParser) bad(what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrSyntax, what, p.at)
}

func (p *jsonParser) space() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// next skips white space and returns the byte that follows, 0 at the end.
func (p *jsonParser) next() byte {
	p.space()
	if p.at == len(p.in) {
		return 0
	}
	return p.in[p.at]
}

func (p *jsonParser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, p.bad("nested too deeply")
	}
	switch c := p.next(); c {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		text, err := p.text()
		return Value{Kind: String, Text: text}, err
	case 't':
		return p.word("true", Value{Kind: Bool, Num: 1})
	case 'f':
		return p.word("false", Value{Kind: Bool})
	case 'n':
		return p.word("null", Value{})
	default:
		return p.number()
	}
}

func (p *jsonParser) word(w string, v Value) (Value, error) {
	if len(p.in)-p.at < len(w) || string(p.in[p.at:p.at+len(w)]) != w {
		return Value{}, p.bad("unknown word")
	}
	p.at += len(w)
	return v, nil
}

func (p *jsonParser) object(depth int) (Value, error) {
	p.at++
	mark := len(p.arena.stack)
	if p.next() == '}' {
		p.at++
		return Value{Kind: Map}, nil
	}
	for {
		if p.next() != '"' {
			return Value{}, p.bad("no key")
		}
		key, err := p.text()
		if err != nil {
			return Value{}, err
		}
		if p.next() != ':' {
			return Value{}, p.bad("no colon")
		}
		p.at++
		v, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.Key = key
		if !p.arena.push(v) {
			return Value{}, p.bad("too many values")
		}
		switch p.next() {
		case ',':
			p.at++
		case '}':
			p.at++
			return Value{Kind: Map, Items: p.arena.keep(mark)}, nil
		default:
			return Value{}, p.bad("object is not closed")
		}
	}
}

func (p *jsonParser) array(depth int) (Value, error) {
	p.at++
	mark := len(p.arena.stack)
	if p.next() == ']' {
		p.at++
		return Value{Kind: List}, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		if !p.arena.push(v) {
			return Value{}, p.bad("too many values")
		}
		switch p.next() {
		case ',':
			p.at++
		case ']':
			p.at++
			return Value{Kind: List, Items: p.arena.keep(mark)}, nil
		default:
			return Value{}, p.bad("array is not closed")
		}
	}
}

// text reads a string from its opening quote on.
func (p *jsonParser) text() ([]byte, error) {
	p.at++
	start := p.at
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c == '"':
			p.at++
			return p.in[start : p.at-1 : p.at-1], nil
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			return nil, p.bad("control character in a string")
		}
		p.at++
	}
	return nil, p.bad("string is not closed")
}

// escaped goes on with a string that has an escape, into memory of its own.
func (p *jsonParser) escaped(start int) ([]byte, error) {
	out := append(make([]byte, 0, p.at-start+32), p.in[start:p.at]...)
	for p.at < len(p.in) {
		c := p.in[p.at]
		p.at++
		switch {
		case c == '"':
			return out, nil
		case c == '\\':
			var err error
			if out, err = p.escape(out); err != nil {
				return nil, err
			}
		case c < 0x20:
			return nil, p.bad("control character in a string")
		default:
			out = append(out, c)
		}
	}
	return nil, p.bad("string is not closed")
}

func (p *jsonParser) escape(out []byte) ([]byte, error) {
	if p.at == len(p.in) {
		return nil, p.bad("string is not closed")
	}
	c := p.in[p.at]
	p.at++
	switch c {
	case '"', '\\', '/':
		return append(out, c), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		r, err := p.hex()
		if err != nil {
			return nil, err
		}
		if utf16.IsSurrogate(r) {
			r = p.pair(r)
		}
		return utf8.AppendRune(out, r), nil
	}
	return nil, p.bad("unknown escape")
}

// pair reads the second half of a surrogate pair; a lone half becomes U+FFFD.
func (p *jsonParser) pair(first rune) rune {
	if p.at+1 >= len(p.in) || p.in[p.at] != '\\' || p.in[p.at+1] != 'u' {
		return utf8.RuneError
	}
	back := p.at
	p.at += 2
	second, err := p.hex()
	if r := utf16.DecodeRune(first, second); err == nil && r != utf8.RuneError {
		return r
	}
	p.at = back
	return utf8.RuneError
}

func (p *jsonParser) hex() (rune, error) {
	if len(p.in)-p.at < 4 {
		return 0, p.bad("escape is cut off")
	}
	n, err := strconv.ParseUint(string(p.in[p.at:p.at+4]), 16, 16)
	if err != nil {
		return 0, p.bad("escape is not hexadecimal")
	}
	p.at += 4
	return rune(n), nil
}

func (p *jsonParser) number() (Value, error) {
	start := p.at
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			p.at++
			continue
		}
		break
	}
	text := p.in[start:p.at]
	if !validNumber(text) {
		p.at = start
		return Value{}, p.bad("no value")
	}
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil && n == 0 {
		return Value{}, p.bad("number cannot be read")
	}
	return Value{Kind: Number, Num: n, Text: text}, nil
}

// validNumber applies JSON's grammar, which is narrower than strconv's.
func validNumber(b []byte) bool {
	i := 0
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	start := i
	if !digits() || (b[start] == '0' && i > start+1) {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}
