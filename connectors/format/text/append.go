package text

import "github.com/weirstream/weir/runtime/civil"

// lastDay is 9999-12-31.
const lastDay = 2932896

// AppendDate writes days since the epoch as yyyy-MM-dd. Years past 9999 have a plus
// sign, as in Java.
func AppendDate(dst []byte, days int64) []byte {
	if days > lastDay {
		dst = append(dst, '+')
	}
	return civil.AppendDate(dst, days)
}

// AppendTime writes milliseconds of the day as HH:mm:ss and digits of a fraction: a
// number of them, or civil.Least.
func AppendTime(dst []byte, millis int32, digits int) []byte {
	return civil.AppendTime(dst, int64(millis)/1000, int64(millis)%1000*1e6, digits)
}

// AppendTimestamp writes units of 1/unit seconds since the epoch as a date, sep, and a
// time as AppendTime does.
func AppendTimestamp(dst []byte, t, unit int64, sep byte, digits int) []byte {
	if t/unit >= (lastDay+1)*civil.SecondsPerDay {
		dst = append(dst, '+')
	}
	return civil.AppendTimestamp(dst, t, unit, sep, digits)
}
