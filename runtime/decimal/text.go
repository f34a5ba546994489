package decimal

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
)

// ErrSyntax says that a text is no decimal number.
var ErrSyntax = errors.New("not a decimal number")

// Parse reads [+-]digits[.digits][e[+-]digits] and rounds it HALF_UP to scale; false
// where it passes precision digits.
func Parse(s []byte, precision, scale int) (Dec, bool, error) {
	n, err := scan(s)
	if err != nil {
		return Dec{}, false, err
	}
	d, ok := n.round(precision, scale)
	return d, ok, nil
}

// number is a scanned text: its digits with the point taken out, and where the point
// stood (exp is the power of ten of the last digit).
type number struct {
	neg    bool
	digits u128 // of the first 38 significant digits
	count  int  // how many those are
	exp    int
	next   byte // the first digit that did not fit
}

func scan(s []byte) (n number, err error) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		n.neg = s[i] == '-'
		i++
	}
	start, point := i, -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n.push(c-'0', point >= 0)
		case c == '.' && point < 0:
			point = i
		default:
			goto exponent
		}
	}
exponent:
	if i == start || i == start+1 && point == start {
		return n, ErrSyntax
	}
	if i == len(s) {
		return n, nil
	}
	if s[i] != 'e' && s[i] != 'E' {
		return n, ErrSyntax
	}
	if len(s)-i > 8 {
		return n, ErrSyntax
	}
	e, err := strconv.Atoi(string(s[i+1:]))
	if err != nil {
		return n, ErrSyntax
	}
	n.exp += e
	return n, nil
}

func (n *number) push(digit byte, fraction bool) {
	switch {
	case n.count == MaxPrecision:
		if n.next == 0 {
			n.next = digit + 1 // marked seen: 1 to 10
		}
		if !fraction {
			n.exp++
		}
		return
	case n.count > 0 || digit > 0:
		hi, lo := bits.Mul64(n.digits.lo, 10)
		hi += n.digits.hi * 10
		lo, c := bits.Add64(lo, uint64(digit), 0)
		n.digits = u128{hi + c, lo}
		n.count++
	}
	if fraction {
		n.exp--
	}
}

func (n *number) round(precision, scale int) (Dec, bool) {
	if n.count == 0 {
		return Dec{}, true
	}
	from := -n.exp // the scale of the digits
	switch {
	case from == scale:
		u := n.digits
		if n.next > 5 {
			u = u256{u.lo, u.hi}.add(u256{1}).low()
		}
		return u.signed(n.neg), u.less(pow10[precision])
	case from < scale:
		if n.count+scale-from > precision {
			return Dec{}, false
		}
		return mul128(n.digits, pow10[scale-from]).fit(n.neg, precision)
	case from-scale > n.count:
		return Dec{}, true // less than half of the last place
	}
	return u256{n.digits.lo, n.digits.hi}.shiftDown(from-scale).fit(n.neg, precision)
}

func (a u256) low() u128 { return u128{a[1], a[0]} }

// Append writes the value with all digits of its scale: 1.50 for 150 at scale 2.
func Append(dst []byte, d Dec, scale int) []byte {
	u, neg := split(d)
	if neg {
		dst = append(dst, '-')
	}
	var buf [40]byte
	i := len(buf)
	for u.hi != 0 {
		hi, r := bits.Div64(0, u.hi, 1e18)
		lo, rest := bits.Div64(r, u.lo, 1e18)
		u = u128{hi, lo}
		for range 18 {
			i--
			buf[i] = byte('0' + rest%10)
			rest /= 10
		}
	}
	for x := u.lo; x > 0; x /= 10 {
		i--
		buf[i] = byte('0' + x%10)
	}
	for len(buf)-i <= scale {
		i--
		buf[i] = '0'
	}
	dst = append(dst, buf[i:len(buf)-scale]...)
	if scale > 0 {
		dst = append(dst, '.')
		dst = append(dst, buf[len(buf)-scale:]...)
	}
	return dst
}

// String gives the text that Append writes.
func String(d Dec, scale int) string { return string(Append(nil, d, scale)) }

// Float64 gives the nearest double.
func Float64(d Dec, scale int) float64 {
	u, neg := split(d)
	var f float64
	switch {
	case u.hi == 0 && u.lo < 1<<53 && scale <= 22: // both exact, so one rounding
		f = float64(u.lo) / math.Pow10(scale)
	default:
		var buf [48]byte
		f, _ = strconv.ParseFloat(string(Append(buf[:0], u.signed(false), scale)), 64)
	}
	if neg {
		return -f
	}
	return f
}

// FromFloat64 takes the shortest decimal text of f and rounds it HALF_UP, as
// BigDecimal.valueOf does in Flink; false for NaN, infinities and past precision.
func FromFloat64(f float64, precision, scale int) (Dec, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Dec{}, false
	}
	var buf [32]byte
	d, ok, err := Parse(strconv.AppendFloat(buf[:0], f, 'e', -1, 64), precision, scale)
	return d, ok && err == nil
}
