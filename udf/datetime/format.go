package datetime

import "strconv"

// AppendDate writes yyyy-MM-dd.
func AppendDate(dst []byte, days int64) []byte {
	c := CivilOf(days)
	dst = appendYear(dst, c.Year)
	dst = append(dst, '-')
	dst = append2(dst, c.Month)
	dst = append(dst, '-')
	return append2(dst, c.Day)
}

// AppendTime writes HH:mm:ss with the fraction's digits that precision asks for.
func AppendTime(dst []byte, ms int64, precision int) []byte {
	ms = floorMod(ms, MillisPerDay)
	dst = appendClock(dst, ms/1000)
	if precision > 0 {
		dst = append(dst, '.')
		dst = appendFraction(dst, ms%1000*1e6, precision, 9)
	}
	return dst
}

// AppendTimestamp writes yyyy-MM-dd HH:mm:ss and the fraction with precision digits.
func AppendTimestamp(dst []byte, ticks int64, precision int, unit int64) []byte {
	secs := floorDiv(ticks, unit)
	days := floorDiv(secs, SecondsPerDay)
	dst = AppendDate(dst, days)
	dst = append(dst, ' ')
	dst = appendClock(dst, secs-days*SecondsPerDay)
	if precision > 0 {
		dst = append(dst, '.')
		dst = appendFraction(dst, (ticks-secs*unit)*(1e9/unit), precision, 9)
	}
	return dst
}

// AppendIntervalMonths writes +years-months.
func AppendIntervalMonths(dst []byte, months int64) []byte {
	dst, m := appendSign(dst, months)
	dst = strconv.AppendUint(dst, m/12, 10)
	dst = append(dst, '-')
	return append2(dst, int(m%12))
}

// AppendIntervalMillis writes +days HH:mm:ss.SSS.
func AppendIntervalMillis(dst []byte, ms int64) []byte {
	dst, u := appendSign(dst, ms)
	dst = strconv.AppendUint(dst, u/MillisPerDay, 10)
	dst = append(dst, ' ')
	rest := int64(u % MillisPerDay)
	dst = appendClock(dst, rest/1000)
	dst = append(dst, '.')
	return appendFraction(dst, rest%1000*1e6, 3, 9)
}

func appendSign(dst []byte, x int64) ([]byte, uint64) {
	if x < 0 {
		return append(dst, '-'), -uint64(x)
	}
	return append(dst, '+'), uint64(x)
}

func appendClock(dst []byte, secs int64) []byte {
	dst = append2(dst, int(secs/3600))
	dst = append(dst, ':')
	dst = append2(dst, int(secs/60%60))
	dst = append(dst, ':')
	return append2(dst, int(secs%60))
}

// appendFraction writes the first digits of a number of that many places.
func appendFraction(dst []byte, x int64, digits, places int) []byte {
	var buf [9]byte
	for i := places - 1; i >= 0; i-- {
		buf[i] = byte('0' + x%10)
		x /= 10
	}
	return append(dst, buf[:min(digits, places)]...)
}

func append2(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10%10), byte('0'+n%10))
}

func appendYear(dst []byte, y int64) []byte {
	if y >= 0 && y <= 9999 {
		return append(dst, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10))
	}
	if y < 0 {
		dst = append(dst, '-')
		y = -y
	}
	return appendPadded(dst, y, 4)
}

func appendPadded(dst []byte, n int64, width int) []byte {
	for w, x := 1, n; w < width; w++ {
		if x /= 10; x == 0 {
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, n, 10)
}
