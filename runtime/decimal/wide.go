package decimal

import "math/bits"

// u256 is a magnitude of four words, least significant first: what a product of two
// 38-digit numbers needs.
type u256 [4]uint64

func mul128(a, b u128) (p u256) {
	if a.hi == 0 && b.hi == 0 {
		p[1], p[0] = bits.Mul64(a.lo, b.lo)
		return p
	}
	h00, l00 := bits.Mul64(a.lo, b.lo)
	h01, l01 := bits.Mul64(a.lo, b.hi)
	h10, l10 := bits.Mul64(a.hi, b.lo)
	h11, l11 := bits.Mul64(a.hi, b.hi)
	var c1, c2 uint64
	p[0] = l00
	p[1], c1 = bits.Add64(h00, l01, 0)
	p[1], c2 = bits.Add64(p[1], l10, 0)
	p[2], c1 = bits.Add64(h01, l11, c1)
	p[3] = h11 + c1
	p[2], c2 = bits.Add64(p[2], h10, c2)
	p[3] += c2
	return p
}

func (a u256) add(b u256) (s u256) {
	var c uint64
	for i := range s {
		s[i], c = bits.Add64(a[i], b[i], c)
	}
	return s
}

func (a u256) sub(b u256) (d u256) {
	var c uint64
	for i := range d {
		d[i], c = bits.Sub64(a[i], b[i], c)
	}
	return d
}

func (a u256) cmp(b u256) int {
	for i := 3; i >= 0; i-- {
		if a[i] != b[i] {
			if a[i] < b[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// divSmall divides by one word.
func (a u256) divSmall(d uint64) (q u256, r uint64) {
	for i := 3; i >= 0; i-- {
		q[i], r = bits.Div64(r, a[i], d)
	}
	return q, r
}

// shiftDown divides by 10^n, rounding HALF_UP; n <= 76.
func (a u256) shiftDown(n int) u256 {
	if n == 0 {
		return a
	}
	// The last digit dropped decides: cut the others, then round at it.
	for n > 1 {
		k := min(n-1, 19)
		a, _ = a.divSmall(pow10[k].lo)
		n -= k
	}
	q, r := a.divSmall(10)
	if r >= 5 {
		q = q.add(u256{1})
	}
	return q
}

// rescale changes the scale; a product that would pass 256 bits is cut to a value that
// fits no precision.
func (a u256) rescale(from, to int) u256 {
	if from >= to {
		return a.shiftDown(from - to)
	}
	if a[2] != 0 || a[3] != 0 {
		return u256{3: 1 << 63}
	}
	n := to - from
	if n > MaxPrecision {
		return u256{3: 1 << 63}
	}
	return mul128(u128{a[1], a[0]}, pow10[n])
}

// fit narrows to a value of at most precision digits.
func (a u256) fit(neg bool, precision int) (Dec, bool) {
	u := u128{a[1], a[0]}
	if a[2] != 0 || a[3] != 0 || !u.less(pow10[precision]) {
		return Dec{}, false
	}
	return u.signed(neg), true
}
