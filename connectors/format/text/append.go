package text

import "strconv"

// Least, as the digits of a fraction, writes as many as the value needs.
const Least = -1

// AppendDate writes days since the epoch as yyyy-MM-dd. Years past 9999 have a plus
// sign, as in Java.
func AppendDate(dst []byte, days int64) []byte {
	y, m, d := civilFromDays(days)
	switch {
	case y < 0:
		dst, y = append(dst, '-'), -y
	case y > 9999:
		dst = append(dst, '+')
	}
	if y < 1000 {
		for pad := 1000; pad > max(y, 1); pad /= 10 {
			dst = append(dst, '0')
		}
	}
	dst = strconv.AppendInt(dst, int64(y), 10)
	dst = appendTwo(append(dst, '-'), m)
	return appendTwo(append(dst, '-'), d)
}

func appendTwo(dst []byte, x int) []byte {
	return append(dst, byte('0'+x/10), byte('0'+x%10))
}

// AppendTime writes milliseconds of the day as HH:mm:ss and digits of a fraction: a
// number of them, or Least.
func AppendTime(dst []byte, millis int32, digits int) []byte {
	return appendClock(dst, int64(millis)/1000, int64(millis)%1000*1e6, digits)
}

// AppendTimestamp writes units of 1/unit seconds since the epoch as a date, sep, and a
// time as AppendTime does.
func AppendTimestamp(dst []byte, t, unit int64, sep byte, digits int) []byte {
	seconds := floorDiv(t, unit)
	nanos := (t - seconds*unit) * (1e9 / unit)
	days := floorDiv(seconds, secondsPerDay)
	dst = append(AppendDate(dst, days), sep)
	return appendClock(dst, seconds-days*secondsPerDay, nanos, digits)
}

func appendClock(dst []byte, seconds, nanos int64, digits int) []byte {
	dst = appendTwo(dst, int(seconds/3600))
	dst = appendTwo(append(dst, ':'), int(seconds/60%60))
	dst = appendTwo(append(dst, ':'), int(seconds%60))
	return appendFraction(dst, nanos, digits)
}

func appendFraction(dst []byte, nanos int64, digits int) []byte {
	if digits == 0 || digits == Least && nanos == 0 {
		return dst
	}
	var buf [10]byte
	buf[0] = '.'
	for i := 9; i > 0; i-- {
		buf[i] = byte('0' + nanos%10)
		nanos /= 10
	}
	n := digits + 1
	if digits == Least {
		for n = 10; buf[n-1] == '0'; n-- {
			continue
		}
	}
	return append(dst, buf[:n]...)
}
