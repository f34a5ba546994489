package text

import (
	"strconv"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
)

// AppendDecimal writes d as Java's BigDecimal.toString does: with an exponent where more
// than six zeros would stand behind the point (2.7E-8, 0E-9).
func AppendDecimal(dst []byte, d vec.Dec128, scale int) []byte {
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
