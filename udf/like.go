package udf

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
)

// likePattern is a compiled LIKE pattern: literal pieces between the %s. In a piece, any
// stands for the _s.
type likePattern struct {
	pieces     []likePiece
	open, tail bool // % at the begin, at the end
}

type likePiece struct {
	text []byte
	any  []bool // nil: no _ in the piece; else by byte of text, where _ is one byte
	min  int    // the fewest bytes that it matches
}

var errEscape = errors.New("in a LIKE pattern, the escape character stands before %, _ or itself")

// compileLike takes escape -1 for none.
func compileLike(pattern []byte, escape rune) (*likePattern, error) {
	p := &likePattern{}
	var cur likePiece
	wild := false
	flush := func() {
		if len(cur.text) > 0 {
			if !wild {
				cur.any = nil
			}
			cur.min = len(cur.text)
			p.pieces = append(p.pieces, cur)
		}
		cur, wild = likePiece{}, false
	}
	p.open = len(pattern) > 0 && pattern[0] == '%' && escape != '%'
	for i := 0; i < len(pattern); {
		c, w := utf8.DecodeRune(pattern[i:])
		lit := pattern[i : i+w]
		i += w
		p.tail = false
		switch {
		case c == escape:
			next, nw := utf8.DecodeRune(pattern[i:])
			if nw == 0 || next != '%' && next != '_' && next != escape {
				return nil, errEscape
			}
			lit = pattern[i : i+nw]
			i += nw
		case c == '%':
			flush()
			p.tail = true
			continue
		case c == '_':
			cur.text, cur.any, wild = append(cur.text, '_'), append(cur.any, true), true
			continue
		}
		for _, b := range lit {
			cur.text, cur.any = append(cur.text, b), append(cur.any, false)
		}
	}
	flush()
	return p, nil
}

// match reports whether the whole of s matches.
func (p *likePattern) match(s []byte) bool {
	k := len(p.pieces)
	switch {
	case k == 0:
		return p.open || p.tail || len(s) == 0
	case k == 1 && p.pieces[0].any == nil:
		text := p.pieces[0].text
		switch {
		case p.open && p.tail:
			return bytes.Contains(s, text)
		case p.open:
			return bytes.HasSuffix(s, text)
		case p.tail:
			return bytes.HasPrefix(s, text)
		}
		return bytes.Equal(s, text)
	}
	return p.matchPieces(s)
}

// matchPieces anchors the first and the last piece where no % is before or behind them;
// of those between, the leftmost place is always a right one.
func (p *likePattern) matchPieces(s []byte) bool {
	pieces := p.pieces
	if !p.open {
		n := pieces[0].at(s)
		if n < 0 || len(pieces) == 1 && !p.tail && n != len(s) {
			return false
		}
		s, pieces = s[n:], pieces[1:]
		if len(pieces) == 0 {
			return true
		}
	}
	last := len(pieces) - 1
	for k := range pieces {
		if k == last && !p.tail {
			return pieces[k].suffix(s)
		}
		end := pieces[k].find(s)
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	return true
}

// at gives how many bytes the piece matches at the begin of s, or -1.
func (p *likePiece) at(s []byte) int {
	if p.any == nil {
		if !bytes.HasPrefix(s, p.text) {
			return -1
		}
		return len(p.text)
	}
	i := 0
	for k, c := range p.text {
		if i >= len(s) {
			return -1
		}
		if p.any[k] {
			c, w := utf8.DecodeRune(s[i:])
			if endsLine(c) {
				return -1
			}
			i += w
			continue
		}
		if s[i] != c {
			return -1
		}
		i++
	}
	return i
}

// endsLine are the characters that _ does not stand for, as in Flink, where it is the dot of Java's regular
// expressions.
func endsLine(c rune) bool {
	return c == '\n' || c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029'
}

// find gives the offset behind the leftmost match, or -1.
func (p *likePiece) find(s []byte) int {
	if p.any == nil {
		i := bytes.Index(s, p.text)
		if i < 0 {
			return -1
		}
		return i + len(p.text)
	}
	for i := 0; i+p.min <= len(s); i++ {
		if i < len(s) && !utf8.RuneStart(s[i]) {
			continue
		}
		if n := p.at(s[i:]); n >= 0 {
			return i + n
		}
	}
	return -1
}

// suffix reports whether the piece matches the end of s.
func (p *likePiece) suffix(s []byte) bool {
	if p.any == nil {
		return bytes.HasSuffix(s, p.text)
	}
	for i := len(s) - p.min; i >= 0; i-- {
		if i < len(s) && !utf8.RuneStart(s[i]) {
			continue
		}
		if p.at(s[i:]) == len(s)-i {
			return true
		}
	}
	return false
}

// bindLike compiles a literal pattern once; others when they change from row to row.
func bindLike(c Call) (Kernel, error) {
	escape := rune(-1)
	if len(c.Args) == 3 {
		e, ok := c.Args[2].constString()
		if r, w := utf8.DecodeRuneInString(e); ok && w > 0 && w == len(e) {
			escape = r
		} else if !ok || w > 0 { // an empty one is none
			return nil, errors.New("ESCAPE must be a literal of one character")
		}
	}
	if s, ok := c.Args[1].constString(); ok {
		p, err := compileLike([]byte(s), escape)
		if err != nil {
			return nil, err
		}
		return likeConst(p), nil
	}
	var last []byte
	var p *likePattern
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			if s := args[1].Bytes(int(i)); p == nil || !bytes.Equal(s, last) {
				last = append(last[:0], s...)
				var err error
				if p, err = compileLike(bytes.Clone(s), escape); err != nil {
					return &RowError{Row: int(i), Err: err}
				}
			}
			out.SetBool(int(i), p.match(args[0].Bytes(int(i))))
		}
		return nil
	}, nil
}

//go:noinline
func likeConst(p *likePattern) Kernel {
	if len(p.pieces) == 1 && p.pieces[0].any == nil && p.open && p.tail {
		return containsConst(p.pieces[0].text)
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		views, bufs := args[0].Views()
		for _, i := range sel {
			out.SetBool(int(i), p.match(vec.ViewBytes(&views[i], bufs)))
		}
		return nil
	}
}

// containsConst is LIKE '%text%'.
//
//go:noinline
func containsConst(text []byte) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		views, bufs := args[0].Views()
		for _, i := range sel {
			v := &views[i]
			out.SetBool(int(i), int(v.Len) >= len(text) && bytes.Contains(vec.ViewBytes(v, bufs), text))
		}
		return nil
	}
}
