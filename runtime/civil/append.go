package civil

import "strconv"

// Least stands for as many digits of a fraction as the value needs.
const Least = -1

// AppendDate writes yyyy-MM-dd, with a minus sign before years before 0 and more digits for
// those past 9999.
func AppendDate(dst []byte, days int64) []byte {
	d := Of(days)
	dst = AppendTwo(append(appendYear(dst, d.Year), '-'), d.Month)
	return AppendTwo(append(dst, '-'), d.Day)
}

// AppendTime writes seconds and nanoseconds of a day as HH:mm:ss and so many digits of the
// fraction, 0 to 9 or Least.
func AppendTime(dst []byte, seconds, nanos int64, digits int) []byte {
	dst = AppendTwo(dst, int(seconds/3600))
	dst = AppendTwo(append(dst, ':'), int(seconds/60%60))
	dst = AppendTwo(append(dst, ':'), int(seconds%60))
	if digits == 0 || digits == Least && nanos == 0 {
		return dst
	}
	return AppendFraction(append(dst, '.'), nanos, digits)
}

// AppendTimestamp writes ticks of 1/unit seconds since 1970 as a date, sep, and a time as
// AppendTime does.
func AppendTimestamp(dst []byte, ticks, unit int64, sep byte, digits int) []byte {
	seconds := FloorDiv(ticks, unit)
	days := FloorDiv(seconds, SecondsPerDay)
	dst = append(AppendDate(dst, days), sep)
	return AppendTime(dst, seconds-days*SecondsPerDay, (ticks-seconds*unit)*(1e9/unit), digits)
}

// AppendFraction writes the first digits of nanos, of nine, or with Least all but the zeros at
// the end.
func AppendFraction(dst []byte, nanos int64, digits int) []byte {
	var buf [9]byte
	for i := 8; i >= 0; i-- {
		buf[i] = byte('0' + nanos%10)
		nanos /= 10
	}
	n := min(digits, 9)
	if digits == Least {
		for n = 9; n > 0 && buf[n-1] == '0'; n-- {
			continue
		}
	}
	return append(dst, buf[:n]...)
}

// AppendTwo writes the last two digits of n.
func AppendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10%10), byte('0'+n%10))
}

func appendYear(dst []byte, y int64) []byte {
	if y >= 0 && y <= 9999 {
		return append(dst, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10))
	}
	if y < 0 {
		dst, y = append(dst, '-'), -y
	}
	return AppendPadded(dst, y, 4)
}

// AppendPadded writes n with zeros in front, so that it has width digits at least.
func AppendPadded(dst []byte, n int64, width int) []byte {
	for w, x := 1, n; w < width; w++ {
		if x /= 10; x == 0 {
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, n, 10)
}
