package json

import (
	"bytes"
	"errors"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors/format"
)

// maxDepth is how deep arrays and objects may be nested, as in Jackson.
const maxDepth = 1000

var (
	errUTF8    = errSyntax{"a string is not valid UTF-8"}
	errTooDeep = errors.New("arrays and objects are nested more than 1000 deep")
)

// str reads the string that begins at p: its contents, unescaped, and the place behind
// it. The contents are borrowed until the next string is read.
func (d *Decoder) str(p int) ([]byte, int, error) {
	from := p + 1
	n := bytes.IndexByte(d.data[from:], '"')
	if n < 0 {
		return nil, p, d.fault(p, "a string does not end")
	}
	s := d.data[from : from+n]
	if b := bytes.IndexByte(s, '\\'); b >= 0 {
		return d.escaped(from, from+b)
	}
	if !utf8.Valid(s) {
		return nil, p, &format.RecordError{Offset: p, Err: errUTF8}
	}
	return s, from + n + 1, nil
}

// escaped reads on a string whose contents begin at from and whose first backslash is at
// i, into d.quoted.
func (d *Decoder) escaped(from, i int) ([]byte, int, error) {
	buf := append(d.quoted[:0], d.data[from:i]...)
	var err error
	for {
		if i >= len(d.data) {
			return nil, i, d.fault(from-1, "a string does not end")
		}
		switch c := d.data[i]; c {
		case '"':
			d.quoted = buf
			if !utf8.Valid(buf) {
				return nil, i, &format.RecordError{Offset: from - 1, Err: errUTF8}
			}
			return buf, i + 1, nil
		case '\\':
			if buf, i, err = d.escape(buf, i); err != nil {
				return nil, i, err
			}
		default:
			buf = append(buf, c)
			i++
		}
	}
}

// escape appends what the escape at i stands for. A half of a surrogate pair alone
// becomes U+FFFD.
func (d *Decoder) escape(buf []byte, i int) ([]byte, int, error) {
	if i+1 >= len(d.data) {
		return nil, i, d.fault(i, "a string does not end")
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := d.data[i+1]
	if k := bytes.IndexByte([]byte(from), c); k >= 0 {
		return append(buf, to[k]), i + 2, nil
	}
	r, ok := d.hex4(i)
	if !ok {
		return nil, i, d.fault(i, "this is no escape")
	}
	i += 6
	if utf16.IsSurrogate(r) {
		if low, ok := d.hex4(i); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return utf8.AppendRune(buf, pair), i + 6, nil
			}
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(buf, r), i, nil
}

// hex4 reads the escape \uXXXX at i.
func (d *Decoder) hex4(i int) (rune, bool) {
	if i+6 > len(d.data) || d.data[i] != '\\' || d.data[i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range d.data[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// number checks the number at p and gives the place behind it; plain says that it has
// neither a fraction nor an exponent.
func (d *Decoder) number(p int) (next int, plain bool, err error) {
	data, i := d.data, p
	if data[i] == '-' {
		i++
	}
	from := i
	i = d.digits(i)
	if i == from || data[from] == '0' && i > from+1 {
		return p, false, d.fault(p, "this is no number")
	}
	plain = true
	if i < len(data) && data[i] == '.' {
		plain, from = false, i+1
		if i = d.digits(from); i == from {
			return p, false, d.fault(p, "this is no number")
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		plain = false
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		from = i
		if i = d.digits(from); i == from {
			return p, false, d.fault(p, "this is no number")
		}
	}
	return i, plain, nil
}

func (d *Decoder) digits(i int) int {
	for i < len(d.data) && d.data[i]-'0' <= 9 {
		i++
	}
	return i
}

// literal checks the word at p.
func (d *Decoder) literal(p int, word string) (int, error) {
	if p+len(word) > len(d.data) || string(d.data[p:p+len(word)]) != word {
		return p, d.fault(p, "a value is expected")
	}
	return p + len(word), nil
}

// skip checks the value at p and gives the place behind it.
func (d *Decoder) skip(p int) (int, error) {
	if p >= len(d.data) {
		return p, d.fault(p, "a value is expected")
	}
	switch c := d.data[p]; c {
	case '"':
		return d.skipString(p)
	case '{', '[':
		return d.skipNested(p)
	case 't':
		return d.literal(p, "true")
	case 'f':
		return d.literal(p, "false")
	case 'n':
		return d.literal(p, "null")
	default:
		if c != '-' && c-'0' > 9 {
			return p, d.fault(p, "a value is expected")
		}
		next, _, err := d.number(p)
		return next, err
	}
}

func (d *Decoder) skipString(p int) (int, error) {
	i := p + 1
	for {
		n := bytes.IndexByte(d.data[i:], '"')
		if n < 0 {
			return p, d.fault(p, "a string does not end")
		}
		b := bytes.IndexByte(d.data[i:i+n], '\\')
		if b < 0 {
			return i + n + 1, nil
		}
		_, next, err := d.escape(d.quoted[:0], i+b)
		if err != nil {
			return p, err
		}
		i = next
	}
}

// skipNested checks the array or object at p without recursion: open holds what is open
// at each depth.
func (d *Decoder) skipNested(p int) (int, error) {
	open := d.nesting[:0]
	defer func() { d.nesting = open }()
	var err error
	for {
		// A value begins at p.
		if c := d.at(p); c == '{' || c == '[' {
			if d.depth+len(open) >= maxDepth {
				return p, &format.RecordError{Offset: p, Err: errTooDeep}
			}
			open = append(open, c)
			p = d.space(p + 1)
			if d.at(p) != c+2 { // ']' and '}' lie two behind their partners
				if p, err = d.member(p, c); err != nil {
					return p, err
				}
				continue
			}
		} else {
			p, err = d.skip(p)
			if err != nil {
				return p, err
			}
			p = d.space(p)
		}
		// A value has ended, or an empty array or object is about to.
		for d.at(p) == open[len(open)-1]+2 {
			open = open[:len(open)-1]
			p++
			if len(open) == 0 {
				return p, nil
			}
			p = d.space(p)
		}
		c := open[len(open)-1]
		if d.at(p) != ',' {
			return p, d.fault(p, "',' or '"+string(rune(c+2))+"' is expected")
		}
		if p, err = d.member(d.space(p+1), c); err != nil {
			return p, err
		}
	}
}

// member goes to the value that begins an array's element or, behind the name, an
// object's field.
func (d *Decoder) member(p int, open byte) (int, error) {
	if open == '[' {
		return p, nil
	}
	if d.at(p) != '"' {
		return p, d.fault(p, "a field's name in double quotes is expected")
	}
	p, err := d.skipString(p)
	if err != nil {
		return p, err
	}
	p = d.space(p)
	if d.at(p) != ':' {
		return p, d.fault(p, "':' is expected behind a field's name")
	}
	return d.space(p + 1), nil
}

// at gives the byte at p, 0 behind the end.
func (d *Decoder) at(p int) byte {
	if p < len(d.data) {
		return d.data[p]
	}
	return 0
}
