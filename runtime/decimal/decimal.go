// Package decimal is the arithmetic of DECIMAL(p, s): 128-bit unscaled integers
// (vec.Dec128) whose scale the caller knows from the type. Rounding is HALF_UP, as in
// Flink; a result that does not fit its precision is reported by a false second
// result, which SQL turns into NULL.
//
// Enter at Rescale, Add, Mul, Div for arithmetic, at Parse and Append for text. All
// functions are pure and, but for divisions past 256 bits, free of allocation.
package decimal

import (
	"math/bits"

	"github.com/weirstream/weir/runtime/vec"
)

// Dec is an unscaled value.
type Dec = vec.Dec128

// MaxPrecision is the most digits that a DECIMAL has.
const MaxPrecision = 38

// u128 is a magnitude.
type u128 struct{ hi, lo uint64 }

// pow10 holds 10^0 to 10^38.
var pow10 = func() (t [MaxPrecision + 1]u128) {
	t[0] = u128{0, 1}
	for i := 1; i < len(t); i++ {
		hi, lo := bits.Mul64(t[i-1].lo, 10)
		t[i] = u128{hi + t[i-1].hi*10, lo}
	}
	return t
}()

// FromInt64 widens an integer, at scale 0.
func FromInt64(x int64) Dec { return vec.Dec128FromInt64(x) }

// Pow10 gives 10^n, 0 <= n <= MaxPrecision.
func Pow10(n int) Dec { return pow10[n].signed(false) }

// Sign gives -1, 0 or 1.
func Sign(d Dec) int {
	switch {
	case d.Hi < 0:
		return -1
	case d.Hi == 0 && d.Lo == 0:
		return 0
	}
	return 1
}

// Neg negates; -2^127, which is no DECIMAL, stays as it is.
func Neg(d Dec) Dec {
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(d.Hi), borrow)
	return Dec{Lo: lo, Hi: int64(hi)}
}

// Abs drops the sign.
func Abs(d Dec) Dec {
	if d.Hi < 0 {
		return Neg(d)
	}
	return d
}

// split gives the magnitude and whether the value is negative.
func split(d Dec) (u128, bool) {
	if d.Hi < 0 {
		n := Neg(d)
		return u128{uint64(n.Hi), n.Lo}, true
	}
	return u128{uint64(d.Hi), d.Lo}, false
}

func (u u128) signed(neg bool) Dec {
	d := Dec{Lo: u.lo, Hi: int64(u.hi)}
	if neg {
		return Neg(d)
	}
	return d
}

func (u u128) less(v u128) bool { return u.hi < v.hi || u.hi == v.hi && u.lo < v.lo }

// Fits reports whether the value has at most precision digits.
func Fits(d Dec, precision int) bool {
	u, _ := split(d)
	return u.less(pow10[precision])
}

// Cmp compares two values of the same scale.
func Cmp(a, b Dec) int {
	switch {
	case a.Hi != b.Hi:
		if a.Hi < b.Hi {
			return -1
		}
		return 1
	case a.Lo != b.Lo:
		if a.Lo < b.Lo {
			return -1
		}
		return 1
	}
	return 0
}

// CmpScaled compares two values of different scales exactly.
func CmpScaled(a Dec, as int, b Dec, bs int) int {
	if as == bs {
		return Cmp(a, b)
	}
	if as < bs {
		if x, ok := scaledSmall(a, bs-as); ok {
			return Cmp(x, b)
		}
	} else if y, ok := scaledSmall(b, as-bs); ok {
		return Cmp(a, y)
	}
	if sa, sb := Sign(a), Sign(b); sa != sb {
		if sa < sb {
			return -1
		}
		return 1
	}
	ua, neg := split(a)
	ub, _ := split(b)
	var x, y u256
	if as < bs {
		x, y = mul128(ua, pow10[bs-as]), u256{ub.lo, ub.hi}
	} else {
		x, y = u256{ua.lo, ua.hi}, mul128(ub, pow10[as-bs])
	}
	c := x.cmp(y)
	if neg {
		return -c
	}
	return c
}

// scaledSmall gives d times 10^n where d fits 64 bits and the factor does: the common case, and one multiplication.
func scaledSmall(d Dec, n int) (Dec, bool) {
	if n > 18 || d.Hi != int64(d.Lo)>>63 {
		return d, false
	}
	factor := pow10[n].lo
	hi, lo := bits.Mul64(d.Lo, factor) // of a negative d, d + 2^64
	return Dec{Lo: lo, Hi: int64(hi - uint64(d.Hi)&factor)}, true
}

// Rescale changes the scale, rounding HALF_UP; false where the result passes
// precision digits.
func Rescale(d Dec, from, to, precision int) (Dec, bool) {
	switch {
	case from == to:
		return d, Fits(d, precision)
	case from < to:
		u, neg := split(d)
		p := mul128(u, pow10[to-from])
		return p.fit(neg, precision)
	}
	u, neg := split(d)
	if u.hi == 0 && from-to < 19 { // the common case: one machine division
		t := pow10[from-to].lo
		q, r := u.lo/t, u.lo%t
		if r >= t-r {
			q++
		}
		u = u128{0, q}
		return u.signed(neg), u.less(pow10[precision])
	}
	return u256{u.lo, u.hi}.shiftDown(from-to).fit(neg, precision)
}

// Add adds two values of the same scale; false on passing 38 digits.
func Add(a, b Dec) (Dec, bool) {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(uint64(a.Hi), uint64(b.Hi), carry)
	d := Dec{Lo: lo, Hi: int64(hi)}
	if a.Hi>>63 == b.Hi>>63 && d.Hi>>63 != a.Hi>>63 {
		return d, false
	}
	return d, Fits(d, MaxPrecision)
}

// Sub subtracts two values of the same scale; false on passing 38 digits.
func Sub(a, b Dec) (Dec, bool) { return Add(a, Neg(b)) }

// AddScaled adds values of scales as and bs into scale and precision of the result.
func AddScaled(a Dec, as int, b Dec, bs, precision, scale int) (Dec, bool) {
	s := max(as, bs)
	if as == bs {
		if d, ok := Add(a, b); ok {
			return Rescale(d, s, scale, precision)
		}
	}
	ua, na := split(a)
	ub, nb := split(b)
	x, y := mul128(ua, pow10[s-as]), mul128(ub, pow10[s-bs])
	var sum u256
	neg := na
	switch {
	case na == nb:
		sum = x.add(y)
	case x.cmp(y) >= 0:
		sum = x.sub(y)
	default:
		sum, neg = y.sub(x), nb
	}
	return sum.rescale(s, scale).fit(neg, precision)
}

// Int64Digits is the least precision that holds every BIGINT.
const Int64Digits = 19

// IsInt64 reports whether the unscaled number is that of a BIGINT.
func IsInt64(d Dec) bool { return d.Hi == int64(d.Lo)>>63 }

// MulInt64 multiplies exactly: hi and lo are the words of the unscaled product.
func MulInt64(a, b int64) (hi int64, lo uint64) {
	h, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(h) - a>>63&b - b>>63&a, lo
}

// Mul multiplies values of scales as and bs into scale and precision of the result.
func Mul(a Dec, as int, b Dec, bs, precision, scale int) (Dec, bool) {
	ua, na := split(a)
	ub, nb := split(b)
	if as+bs == scale && ua.hi == 0 && ub.hi == 0 {
		hi, lo := bits.Mul64(ua.lo, ub.lo)
		u := u128{hi, lo}
		if u.less(pow10[precision]) {
			return u.signed(na != nb), true
		}
		return Dec{}, false
	}
	return mul128(ua, ub).rescale(as+bs, scale).fit(na != nb, precision)
}
