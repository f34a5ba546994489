// Package javatext writes numbers as Java does, which is how Flink's formats, its print
// connector and CAST AS STRING write them. It allocates nothing.
//
// Enter at AppendDouble for DOUBLE and FLOAT, at AppendDecimal and AppendBigDecimal for BigDecimal.toString;
// DECIMAL without exponents is runtime/decimal's.
package javatext

import (
	"bytes"
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
	if e <= 2 { // a digit, perhaps with a sign: Java writes two, those nearest to f (4.9E-324)
		s = strconv.AppendFloat(buf[:0], f, 'e', 1, bits)
		e += 2
	}
	mantissa, exp := s[:e], s[e+1:]
	dst = append(dst, mantissa...)
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

// AppendBigDecimal writes a finite f as Java's BigDecimal.valueOf(f).toString() does: the digits of Double.toString, with an
// exponent only where it is below -6 or above the last digit (10000000000.5, 0.000010, 1.0E+10).
func AppendBigDecimal(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, "0.0"...)
	}
	var buf [40]byte
	s := AppendDouble(buf[:0], f, 64)
	mantissa, exp, scientific := bytes.Cut(s, []byte{'E'})
	if !scientific {
		return append(dst, s...)
	}
	if mantissa[0] == '-' {
		dst = append(dst, '-')
		mantissa = mantissa[1:]
	}
	e, _ := strconv.Atoi(string(exp)) // AppendDouble wrote it
	digits := append([]byte{mantissa[0]}, mantissa[2:]...)
	switch scale := len(digits) - 1 - e; {
	case scale < 0 || e < -6:
		dst = append(append(dst, mantissa...), 'E')
		if e > 0 {
			dst = append(dst, '+')
		}
		return strconv.AppendInt(dst, int64(e), 10)
	case scale == 0:
		return append(dst, digits...)
	case e >= 0:
		dst = append(append(dst, digits[:e+1]...), '.')
		return append(dst, digits[e+1:]...)
	default:
		dst = append(dst, "0.00000"[:1-e]...)
		return append(dst, digits...)
	}
}
