package json

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/weirstream/weir/runtime/vec"
)

const (
	ones    = 0x0101010101010101
	quotes  = ones * '"'
	slashes = ones * '\\'
)

// special marks, with the high bit of their bytes, quotes, backslashes and the bits of
// high; above the lowest mark there may be false ones.
func special(w, high uint64) uint64 {
	q, b := w^quotes, w^slashes
	return ((q-ones)&^q|(b-ones)&^b)&highBits | w&high
}

// stringEnd finds the quote that ends the string whose contents begin at p, or gives -1
// where the string has escapes or bytes with the bits high. Most strings are short: their
// bytes are looked at by eights, which costs less than to begin with vector instructions.
func (d *Decoder) stringEnd(data []byte, p int, high uint64) int {
	if p+16 > len(data) {
		return stringEndNear(data, p, high)
	}
	m := special(word(data, p), high)
	if m == 0 {
		p += 8
		m = special(word(data, p), high)
	}
	if m != 0 {
		if p += bits.TrailingZeros64(m) >> 3; data[p] != '"' {
			return -1
		}
		return p
	}
	p += 8
	n := bytes.IndexByte(data[p:], '"')
	if n < 0 || p+n > d.clear.to && !d.clearTo(p, p+n) || high != 0 && !isASCII(data, p, p+n) {
		return -1
	}
	return p + n
}

// stringEndNear is stringEnd where the record's end is near.
func stringEndNear(data []byte, p int, high uint64) int {
	for ; p < len(data); p++ {
		switch c := data[p]; {
		case c == '"':
			return p
		case c == '\\' || uint64(c)&high != 0:
			return -1
		}
	}
	return -1
}

// clearTo reports whether the chunk has no backslash from one place to another, and looks
// further ahead than asked, to be called seldom.
func (d *Decoder) clearTo(from, to int) bool {
	const ahead = 4 << 10
	limit := min(max(to, from+ahead), len(d.chunk))
	n := bytes.IndexByte(d.chunk[from:limit], '\\')
	if n < 0 {
		n = limit - from
	}
	d.clear = span{from, from + n}
	return to <= from+n
}

// isASCII reports whether data[from:to] is ASCII. Eight bytes before from can be read.
func isASCII(data []byte, from, to int) bool {
	var seen uint64
	for ; from+16 <= to; from += 16 {
		seen |= word(data, from) | word(data, from+8)
	}
	if from+8 <= to {
		seen |= word(data, from)
	}
	return (seen|word(data, to-8))&highBits == 0
}

// plainString reads a string of ASCII without escapes: its view points into the chunk.
func (d *Decoder) plainString(c *column, data []byte, p, row int) int {
	if p >= len(data) || data[p] != '"' {
		return 0
	}
	p++
	end := d.stringEnd(data, p, highBits)
	if end < 0 {
		return 0
	}
	if n := end - p; n > vec.InlineLen {
		c.views[row] = vec.MakeView(data[p:end], c.buf, uint32(p))
	} else {
		c.views[row] = inlineView(data, p, n)
	}
	return end + 1
}

// inlineView makes the view of n <= 12 bytes at p.
func inlineView(data []byte, p, n int) (s vec.StringView) {
	if p+vec.InlineLen > len(data) {
		return vec.MakeInline(data[p : p+n])
	}
	// Twelve bytes, and then zeros over those that are too many.
	low, high := word(data, p), binary.LittleEndian.Uint32(data[p+8:])
	if n < 8 {
		low, high = low&(1<<(8*n)-1), 0
	} else {
		high &= 1<<(8*(n-8)) - 1
	}
	s.Len = uint32(n)
	binary.LittleEndian.PutUint64(s.Data[:], low)
	binary.LittleEndian.PutUint32(s.Data[8:], high)
	return s
}

// skipPlain skips a string without escapes, or an integer, and checks its form.
func (d *Decoder) skipPlain(data []byte, p int) int {
	if p >= len(data) {
		return 0
	}
	if data[p] == '"' {
		return d.stringEnd(data, p+1, 0) + 1
	}
	_, next := scanInt(data, p)
	return next
}
