package decimal

import (
	"math/big"
	"math/bits"
)

// Div divides values of scales as and bs, rounding HALF_UP to scale; false where the
// quotient passes precision digits. b must not be zero.
func Div(a Dec, as int, b Dec, bs, precision, scale int) (Dec, bool) {
	ua, na := split(a)
	ub, nb := split(b)
	shift := scale + bs - as // a·10^shift / b has the scale asked for
	if shift >= 0 && shift <= MaxPrecision && ub.hi == 0 {
		num := mul128(ua, pow10[shift])
		q, r := num.divSmall(ub.lo)
		if r >= ub.lo-r {
			q = q.add(u256{1})
		}
		return q.fit(na != nb, precision)
	}
	return divBig(ua, ub, shift, na != nb, precision)
}

// divBig is Div past the reach of 256 by 64 bits.
func divBig(a, b u128, shift int, neg bool, precision int) (Dec, bool) {
	num, den := a.big(), b.big()
	scaleBy := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		num.Mul(num, scaleBy)
	} else {
		den.Mul(den, scaleBy)
	}
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Lsh(r, 1).Cmp(den) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if q.BitLen() > 127 {
		return Dec{}, false
	}
	u := fromBig(q)
	return u.signed(neg), u.less(pow10[precision])
}

func (u u128) big() *big.Int {
	x := new(big.Int).SetUint64(u.hi)
	return x.Lsh(x, 64).Or(x, new(big.Int).SetUint64(u.lo))
}

// fromBig takes a non-negative number of at most 127 bits.
func fromBig(x *big.Int) u128 {
	lo := new(big.Int).And(x, new(big.Int).SetUint64(^uint64(0)))
	return u128{new(big.Int).Rsh(x, 64).Uint64(), lo.Uint64()}
}

// Mod gives the remainder with the dividend's sign, as Java's BigDecimal.remainder does, at
// the larger of the two scales. b must not be zero.
func Mod(a Dec, as int, b Dec, bs, precision, scale int) (Dec, bool) {
	ua, neg := split(a)
	ub, _ := split(b)
	s := max(as, bs)
	if as == bs && ua.hi == 0 && ub.hi == 0 {
		return Rescale(u128{0, ua.lo % ub.lo}.signed(neg), s, scale, precision)
	}
	x := new(big.Int).Mul(ua.big(), pow10[s-as].big())
	y := new(big.Int).Mul(ub.big(), pow10[s-bs].big())
	x.Rem(x, y)
	if x.BitLen() > 127 {
		return Dec{}, false
	}
	return Rescale(fromBig(x).signed(neg), s, scale, precision)
}

// Truncate drops the digits past the point: the integer part as a value of scale 0.
func Truncate(d Dec, scale int) Dec {
	u, neg := split(d)
	return u.cut(scale).signed(neg)
}

// Floor gives the largest integer that is not above d, at scale 0.
func Floor(d Dec, scale int) Dec {
	t := Truncate(d, scale)
	if d.Hi < 0 && CmpScaled(t, 0, d, scale) != 0 {
		t, _ = Add(t, FromInt64(-1))
	}
	return t
}

// Ceil gives the smallest integer that is not below d, at scale 0.
func Ceil(d Dec, scale int) Dec { return Neg(Floor(Neg(d), scale)) }

// cut divides by 10^n, dropping the remainder.
func (u u128) cut(n int) u128 {
	for n > 0 {
		k := min(n, 19)
		t := pow10[k].lo
		hi, r := bits.Div64(0, u.hi, t)
		lo, _ := bits.Div64(r, u.lo, t)
		u = u128{hi, lo}
		n -= k
	}
	return u
}

// Int64 gives the integer part, wrapped to 64 bits as a Java narrowing conversion does.
func Int64(d Dec, scale int) int64 { return int64(Truncate(d, scale).Lo) }
