package json

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// kind is what the fast path does at a value.
type kind uint8

const (
	kindSkip kind = iota
	kindEnd       // no value: the document ends
	kindOther
	kindInt64
	kindInt32
	kindString
	kindTimestamp
	kindBool
	kindFloat64
)

func fastKind(t types.Type) kind {
	switch t.Kind {
	case types.BigInt, types.IntervalMilli:
		return kindInt64
	case types.Int:
		return kindInt32
	case types.Char, types.VarChar:
		return kindString
	case types.Timestamp, types.TimestampLTZ:
		return kindTimestamp
	case types.Boolean:
		return kindBool
	case types.Double:
		return kindFloat64
	}
	return kindOther
}

// row reads the document at p into row. Each value is tried in its plain form first; the
// plain readers give 0 where it has another one (no value begins at 0), and the general
// reader takes it from the same place.
func (d *Decoder) row(p, row int) error {
	d.serial++
	d.present = 0
	data := d.data
	prev := &d.memory.first
	for first := true; ; first = false {
		t := *prev
		switch {
		case p+16 <= len(data) && t.matches(data, p), t.matchesSlowly(data, p):
			p += t.n
		default:
			var err error
			if t, p, err = d.between(p, first); err != nil {
				return err
			}
			if t != &d.memory.free {
				*prev = t
			}
		}
		prev = &t.next
		if t.kind == kindEnd {
			break
		}
		next := 0
		if c := t.col; c == nil {
			next = d.skipPlain(data, p)
		} else {
			if c.stamp != d.serial {
				c.stamp = d.serial
				d.present++
			} else {
				c.again(row)
			}
			next = d.plain(t.kind, c, data, p, row)
		}
		if next == 0 {
			var err error
			if next, err = d.general(t.col, p, row); err != nil {
				return err
			}
		}
		p = next
	}
	if p = d.space(p); p < len(data) {
		return d.fault(p, "nothing may follow the document")
	}
	if d.present < len(d.cols) {
		return d.missing(row)
	}
	return nil
}

// plain reads the value of a column in its plain form.
func (d *Decoder) plain(k kind, c *column, data []byte, p, row int) int {
	switch k {
	case kindInt64:
		x, next := scanInt(data, p)
		if next > 0 {
			c.i64[row] = x
		}
		return next
	case kindInt32:
		x, next := scanInt(data, p)
		if next == 0 || int64(int32(x)) != x {
			return 0
		}
		c.i32[row] = int32(x)
		return next
	case kindString:
		return d.plainString(c, data, p, row)
	case kindTimestamp:
		return d.plainTimestamp(c, data, p, row)
	case kindBool:
		return plainBool(c, data, p, row)
	case kindFloat64:
		return plainFloat(c, data, p, row)
	}
	return 0
}

// again makes a column that a duplicate key comes back to ready to be written again: the
// last value counts.
func (c *column) again(row int) {
	if !c.flat {
		c.vec.Truncate(row)
	} else if c.vec.Valid() != nil {
		vec.SetBit(c.vec.EnsureValid(), row)
	}
}

// missing makes the columns that the record had no field for NULL.
func (d *Decoder) missing(row int) error {
	for i := range d.cols {
		c := &d.cols[i]
		if c.stamp == d.serial {
			continue
		}
		if d.failOnMissing || !c.node.typ.Nullable() {
			return &format.RecordError{
				Start: d.start, Offset: d.start, Field: c.node.name, Err: errMissing,
				Hint: missingHint(d.failOnMissing),
			}
		}
		if c.flat {
			c.vec.PutNull(row)
		} else {
			c.vec.AppendNull()
		}
	}
	return nil
}

// ends reports whether a number may end before c.
func ends(c byte) bool { return c == ',' || c == '}' || c == ']' || isSpace(c) }

const (
	zeros     = 0x3030303030303030
	highBits  = 0x8080808080808080
	aboveNine = 0x7676767676767676
)

// scanInt reads a JSON integer of up to 16 digits and gives the place behind it, or 0
// where the number has another form. Digits are found and converted eight at a time,
// since their count differs from row to row, and a loop over them would be mispredicted.
func scanInt(data []byte, p int) (int64, int) {
	if p+24 > len(data) {
		return scanIntAtEnd(data, p)
	}
	neg := data[p] == '-'
	if neg {
		p++
	}
	w := word(data, p) ^ zeros
	not := ((w + aboveNine) | w) & highBits
	if not == 0 {
		return scanLongInt(data, p, neg, w)
	}
	n := bits.TrailingZeros64(not) >> 3
	if n == 0 || data[p] == '0' && n > 1 || !ends(data[p+n]) {
		return 0, 0
	}
	x := eightDigits(w << (64 - 8*n))
	if neg {
		x = -x
	}
	return x, p + n
}

// scanLongInt goes on where the first eight bytes were digits.
func scanLongInt(data []byte, p int, neg bool, w uint64) (int64, int) {
	v := word(data, p+8) ^ zeros
	not := ((v + aboveNine) | v) & highBits
	n := bits.TrailingZeros64(not|1<<63) >> 3 // seven at most
	if data[p] == '0' || !ends(data[p+8+n]) {
		return 0, 0
	}
	x := eightDigits(w) * pow10[n]
	if n > 0 {
		x += eightDigits(v << (64 - 8*n))
	}
	if neg {
		x = -x
	}
	return x, p + 8 + n
}

var pow10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// eightDigits converts eight bytes 0 to 9, the first in the lowest byte. After Daniel
// Lemire, "Quickly parsing eight digits" (2018).
func eightDigits(w uint64) int64 {
	w = w*10 + w>>8
	const mask = 0x000000FF000000FF
	w = ((w&mask)*0x000F424000000064 + (w>>16&mask)*0x0000271000000001) >> 32
	return int64(w)
}

// scanIntAtEnd is scanInt where the record's end is near.
func scanIntAtEnd(data []byte, p int) (int64, int) {
	from := p
	if p < len(data) && data[p] == '-' {
		p++
	}
	digits := p
	var x int64
	for p < len(data) && data[p]-'0' <= 9 && p-digits < 17 {
		x = x*10 + int64(data[p]-'0')
		p++
	}
	n := p - digits
	if n == 0 || n > 16 || data[digits] == '0' && n > 1 || p >= len(data) || !ends(data[p]) {
		return 0, 0
	}
	if digits > from {
		x = -x
	}
	return x, p
}

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

// plainTimestamp reads a timestamp whose text has no escapes.
func (d *Decoder) plainTimestamp(c *column, data []byte, p, row int) int {
	if p+18 > len(data) || data[p] != '"' {
		return 0
	}
	n := c.node
	t, took, ok := text.ScanTimestamp(data[p+1:], d.standard, n.zoned, n.unit, &n.dates)
	p += 1 + took
	if !ok || p >= len(data) || data[p] != '"' {
		return 0
	}
	c.i64[row] = t
	return p + 1
}

func plainBool(c *column, data []byte, p, row int) int {
	switch {
	case p+4 <= len(data) && string(data[p:p+4]) == "true":
		c.vec.SetBool(row, true)
		return p + 4
	case p+5 <= len(data) && string(data[p:p+5]) == "false":
		c.vec.SetBool(row, false)
		return p + 5
	}
	return 0
}

// plainFloat reads digits.digits of up to 15 digits in all, which a double holds exactly
// before and after the division.
func plainFloat(c *column, data []byte, p, row int) int {
	from := p
	if p < len(data) && data[p] == '-' {
		p++
	}
	digits := p
	var x int64
	for p < len(data) && data[p]-'0' <= 9 && p-digits < 16 {
		x = x*10 + int64(data[p]-'0')
		p++
	}
	whole := p - digits
	if whole == 0 || data[digits] == '0' && whole > 1 {
		return 0
	}
	f := float64(x)
	if p < len(data) && data[p] == '.' {
		point := p
		for p++; p < len(data) && data[p]-'0' <= 9 && p-digits < 17; p++ {
			x = x*10 + int64(data[p]-'0')
		}
		if p == point+1 {
			return 0
		}
		f = float64(x) / float64pow10[min(p-point-1, 15)]
	}
	if p-digits > 16 || p >= len(data) || !ends(data[p]) {
		return 0
	}
	if digits > from {
		f = -f
	}
	c.f64[row] = f
	return p
}

var float64pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

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
