package text

import (
	"math"
	"strconv"
	"unsafe"
)

// ParseInt reads [+-]digits as Java's Long.parseLong does, into bits (8, 16, 32 or 64).
func ParseInt(s []byte, bits int) (int64, error) {
	digits, neg := s, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg, digits = s[0] == '-', s[1:]
	}
	if len(digits) == 0 {
		return 0, ErrSyntax
	}
	limit := uint64(1)<<(bits-1) - 1
	if neg {
		limit++
	}
	var x uint64
	if len(digits) < 19 { // cannot overflow on the way
		for _, c := range digits {
			if c -= '0'; c > 9 {
				return 0, ErrSyntax
			}
			x = x*10 + uint64(c)
		}
		return signed(x, limit, neg)
	}
	tooBig := false
	for _, c := range digits {
		c -= '0'
		if c > 9 {
			return 0, ErrSyntax
		}
		if x > (math.MaxUint64-9)/10 {
			tooBig = true
			continue
		}
		x = x*10 + uint64(c)
	}
	if tooBig {
		return 0, ErrRange
	}
	return signed(x, limit, neg)
}

func signed(x, limit uint64, neg bool) (int64, error) {
	if x > limit {
		return 0, ErrRange
	}
	if neg {
		return -int64(x), nil
	}
	return int64(x), nil
}

// ParseFloat reads a floating-point number as Java's Double.parseDouble (bits 64) and
// Float.parseFloat (bits 32) do, but for hexadecimal numbers and the suffixes d and f.
// What is too large is infinite.
func ParseFloat(s []byte, bits int) (float64, error) {
	if f, ok := parsePlain(s); ok && bits == 64 {
		return f, nil
	}
	body := s
	if len(body) > 0 && (body[0] == '-' || body[0] == '+') {
		body = body[1:]
	}
	switch string(body) {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		if s[0] == '-' {
			return math.Inf(-1), nil
		}
		return math.Inf(1), nil
	}
	for _, c := range body { // what strconv takes beyond this: inf, nan, 0x1p-2, 1_000
		if (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '-' && c != '+' {
			return 0, ErrSyntax
		}
	}
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(s), len(s)), bits)
	if err != nil && !math.IsInf(f, 0) {
		return 0, ErrSyntax
	}
	return f, nil
}

// parsePlain reads [-]digits[.digits] of up to 15 digits: a double holds them, and the power
// of ten that they are divided by, exactly, so that one rounding remains.
func parsePlain(s []byte) (float64, bool) {
	neg := len(s) > 0 && s[0] == '-'
	if neg {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > 16 {
		return 0, false
	}
	x, point := int64(0), len(s)-1
	for i, c := range s {
		if c == '.' && point == len(s)-1 && i > 0 && i < len(s)-1 {
			point = i
			continue
		}
		if c -= '0'; c > 9 {
			return 0, false
		}
		x = x*10 + int64(c)
	}
	if point == len(s)-1 && len(s) == 16 {
		return 0, false
	}
	f := float64(x) / pow10[len(s)-1-point]
	if neg {
		f = -f
	}
	return f, true
}

var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}
