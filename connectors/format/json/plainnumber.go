package json

import "math/bits"

// ends reports whether a number may end before c.
func ends(c byte) bool { return c == ',' || c == '}' || c == ']' || isSpace(c) }

// Bytes of words: the digit 0, the high bit, and what added to a byte over 9 sets its high
// bit.
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
