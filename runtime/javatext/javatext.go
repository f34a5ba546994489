// Package javatext writes numbers as Java does, which is how Flink's formats, its print
// connector and CAST AS STRING write them. It allocates nothing.
//
// Enter at AppendDouble for DOUBLE and FLOAT, at AppendDecimal for BigDecimal.toString;
// DECIMAL without exponents is runtime/decimal's.
package javatext

import (
	"math"
	"strconv"

	"github.com/weirstream/weir/runtime/decimal"
)

// AppendDouble writes f as Java's Double.toString (bits 64) and Float.toString (bits
// 32) do: 1.0, 1.0E7, 1.0E-5, NaN, Infinity.
func AppendDouble(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-3 || a >= 1e7) {
		return appendScientific(dst, f, bits)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// appendScientific turns strconv's 1e+07 and 1.5e-05 into 1.0E7 and 1.5E-5.
func appendScientific(dst []byte, f float64, bits int) []byte {
	var buf [32]byte
	s := strconv.AppendFloat(buf[:0], f, 'e', -1, bits)
	e := len(s) - 1
	for s[e] != 'e' {
		e--
	}
	mantissa, exp := s[:e], s[e+1:]
	dst = append(dst, mantissa...)
	if len(mantissa) <= 2 { // a digit, perhaps with a sign
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	if exp[0] == '-' {
		dst = append(dst, '-')
	}
	exp = exp[1:]
	for len(exp) > 1 && exp[0] == '0' {
		exp = exp[1:]
	}
	return append(dst, exp...)
}

// AppendDecimal writes d as Java's BigDecimal.toString does: with an exponent where more
// than six zeros would stand behind the point (2.7E-8, 0E-9).
func AppendDecimal(dst []byte, d decimal.Dec, scale int) []byte {
	if scale <= 6 {
		return decimal.Append(dst, d, scale)
	}
	var buf [64]byte
	digits := decimal.Append(buf[:0], d, 0)
	neg := digits[0] == '-'
	if neg {
		digits = digits[1:]
	}
	exp := len(digits) - 1 - scale
	if exp >= -6 {
		return decimal.Append(dst, d, scale)
	}
	if neg {
		dst = append(dst, '-')
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:]...)
	}
	dst = append(dst, 'E')
	return strconv.AppendInt(dst, int64(exp), 10)
}
