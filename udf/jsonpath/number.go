package jsonpath

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
)

// appendNumber writes a number as Java does after reading it: integers as they are, others
// as BigDecimal.toString, which keeps the digits and changes the form of exponents.
func appendNumber(dst, raw []byte) []byte {
	e := bytes.IndexAny(raw, "eE")
	if e < 0 {
		return append(dst, raw...)
	}
	exp, err := strconv.Atoi(string(raw[e+1:]))
	if err != nil || exp > 1e6 || exp < -1e6 {
		return append(dst, raw...)
	}
	mantissa := string(raw[:e])
	neg := strings.HasPrefix(mantissa, "-")
	whole, frac, _ := strings.Cut(strings.TrimPrefix(mantissa, "-"), ".")
	unscaled, ok := new(big.Int).SetString(whole+frac, 10)
	if !ok {
		return append(dst, raw...)
	}
	if neg {
		dst = append(dst, '-')
	}
	return appendScaled(dst, unscaled.String(), len(frac)-exp)
}

// appendScaled writes digits·10^-scale: plainly for a scale of 0 and more unless it is
// tiny, else in scientific notation.
func appendScaled(dst []byte, digits string, scale int) []byte {
	adjusted := len(digits) - 1 - scale
	if scale >= 0 && adjusted >= -6 {
		if scale == 0 {
			return append(dst, digits...)
		}
		for len(digits) <= scale {
			digits = "0" + digits
		}
		dst = append(dst, digits[:len(digits)-scale]...)
		dst = append(dst, '.')
		return append(dst, digits[len(digits)-scale:]...)
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:]...)
	}
	dst = append(dst, 'E')
	if adjusted >= 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(adjusted), 10)
}
