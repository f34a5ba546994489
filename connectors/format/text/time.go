package text

import (
	"encoding/binary"
	"math"

	"github.com/weirstream/weir/runtime/civil"
)

// Standard is how timestamps are written.
type Standard uint8

// The standards of 'timestamp-format.standard'.
const (
	SQL Standard = iota // 2024-05-06 07:08:09.123, TIMESTAMP_LTZ with a Z behind
	ISO                 // 2024-05-06T07:08:09.123, TIMESTAMP_LTZ with a Z behind
)

const (
	zeros     = 0x3030303030303030
	highBits  = 0x8080808080808080
	aboveNine = 0x7676767676767676 // carries into the high bit of bytes over 9
)

// clock is a time of day being read: whole seconds, and the fraction in nanoseconds.
type clock struct {
	seconds int64
	nanos   int64
}

// Dates remembers the last date that was read, since neighbouring rows mostly have the
// same. The zero value is ready.
type Dates struct {
	yearMonth uint64 // the bytes yyyy-MM-
	day       uint16 // the bytes dd
	days      int64
}

// ParseDate reads yyyy-MM-dd into days since the epoch. A day that its month does not
// have is an error.
func ParseDate(s []byte) (int32, error) {
	if len(s) != 10 {
		return 0, ErrSyntax
	}
	y, m, d, ok := ymd(s)
	if !ok {
		return 0, ErrSyntax
	}
	if m < 1 || m > 12 || d < 1 || d > civil.DaysIn(int64(y), m) {
		return 0, ErrRange
	}
	return int32(civil.Days(int64(y), m, d)), nil
}

// ymd splits the ten bytes yyyy-MM-dd.
func ymd(s []byte) (y, m, d int, ok bool) {
	_ = s[9]
	if s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if s[i]-'0' > 9 {
			return 0, 0, 0, false
		}
	}
	y = int(s[0]-'0')*1000 + int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	return y, two(s[5], s[6]), two(s[8], s[9]), true
}

func two(a, b byte) int { return int(a-'0')*10 + int(b-'0') }

// read gives the days of a timestamp's date: a day from 1 to 31 that its month does not have is
// the month's last one, as in Java's smart resolving.
func (c *Dates) read(s []byte) (int64, bool) {
	yearMonth, day := binary.LittleEndian.Uint64(s), binary.LittleEndian.Uint16(s[8:])
	if yearMonth == c.yearMonth && day == c.day && day != 0 {
		return c.days, true
	}
	y, m, d, ok := ymd(s)
	if !ok || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	c.yearMonth, c.day, c.days = yearMonth, day, civil.Days(int64(y), m, min(d, civil.DaysIn(int64(y), m)))
	return c.days, true
}

// ParseTimestamp reads a whole TIMESTAMP, or TIMESTAMP_LTZ where zoned is set, into
// units of 1/unit seconds (vec.UnitOf); digits past the unit are cut off.
func ParseTimestamp(s []byte, std Standard, zoned bool, unit int64, cache *Dates) (int64, error) {
	t, n, ok := ScanTimestamp(s, std, zoned, unit, cache)
	if !ok || n != len(s) {
		return 0, ErrSyntax
	}
	return t, nil
}

// ScanTimestamp reads a timestamp at the beginning of s and gives how many bytes it
// took. cache may not be nil.
func ScanTimestamp(s []byte, std Standard, zoned bool, unit int64, cache *Dates) (int64, int, bool) {
	const separators = " T"
	if len(s) < 16 || s[10] != separators[std] {
		return 0, 0, false
	}
	days, ok := cache.read(s)
	if !ok {
		return 0, 0, false
	}
	c, n, ok := scanTime(s[11:], std == ISO)
	if !ok {
		return 0, 0, false
	}
	n += 11
	if zoned {
		if n >= len(s) || s[n] != 'Z' {
			return 0, 0, false
		}
		n++
	}
	seconds := days*civil.SecondsPerDay + c.seconds
	if unit == 1e9 && (seconds < -reach || seconds >= reach) {
		return 0, 0, false
	}
	return seconds*unit + scaleDown(c.nanos, unit), n, true
}

// reach is how many seconds 64 bits of nanoseconds hold, either side of 1970.
const reach = math.MaxInt64 / 1_000_000_000

// scaleDown turns nanoseconds into units of 1/unit seconds. Constant divisors, because
// this is on the hot path.
func scaleDown(nanos, unit int64) int64 {
	switch unit {
	case 1e3:
		return nanos / 1e6
	case 1e6:
		return nanos / 1e3
	}
	return nanos
}

// scanTime reads HH:mm:ss[.fraction] and, where shortOK, HH:mm.
func scanTime(s []byte, shortOK bool) (c clock, n int, ok bool) {
	if len(s) < 8 {
		return scanShortTime(s, shortOK)
	}
	x := binary.LittleEndian.Uint64(s) ^ (zeros ^ '0'<<16 ^ ':'<<16 ^ '0'<<40 ^ ':'<<40)
	if ((x+aboveNine)|x)&highBits != 0 || x&(0xff<<16|0xff<<40) != 0 {
		return scanShortTime(s, shortOK)
	}
	pairs := x*10 + x>>8 // each two digits' number, in the byte of the first
	h, m, sec := int64(pairs&0xff), int64(pairs>>24&0xff), int64(pairs>>48&0xff)
	if h > 23 || m > 59 || sec > 59 {
		return clock{}, 0, false
	}
	c.seconds, n = h*3600+m*60+sec, 8
	if len(s) > 8 && s[8] == '.' {
		c.nanos, n, ok = scanFraction(s)
		return c, n, ok
	}
	return c, n, true
}

// scanFraction reads the one to nine digits behind the point at s[8].
func scanFraction(s []byte) (nanos int64, n int, ok bool) {
	if len(s) >= 13 && s[9]-'0' <= 9 && s[10]-'0' <= 9 && s[11]-'0' <= 9 && s[12]-'0' > 9 {
		return (int64(s[9]-'0')*100 + int64(s[10]-'0')*10 + int64(s[11]-'0')) * 1e6, 12, true
	}
	n, scale := 9, int64(1e9)
	for n < len(s) && s[n]-'0' <= 9 && scale > 1 {
		scale /= 10
		nanos += int64(s[n]-'0') * scale
		n++
	}
	return nanos, n, n > 9
}

func scanShortTime(s []byte, ok bool) (clock, int, bool) {
	if !ok || len(s) < 5 || s[2] != ':' || len(s) > 5 && s[5] == ':' {
		return clock{}, 0, false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if s[i]-'0' > 9 {
			return clock{}, 0, false
		}
	}
	h, m := two(s[0], s[1]), two(s[3], s[4])
	return clock{seconds: int64(h)*3600 + int64(m)*60}, 5, h < 24 && m < 60
}

// ParseTime reads HH:mm:ss[.fraction], and where iso is set also HH:mm, into
// milliseconds of the day.
func ParseTime(s []byte, iso bool) (int32, error) {
	c, n, ok := scanTime(s, iso)
	if !ok || n != len(s) {
		return 0, ErrSyntax
	}
	return int32(c.seconds*1000 + c.nanos/1e6), nil
}

// ParseLooseDate reads yyyy-[M]M-[d]d, as Java's Date.valueOf does, but with the days
// that the month has.
func ParseLooseDate(s []byte) (int32, error) {
	if len(s) < 8 || len(s) > 10 || s[4] != '-' {
		return 0, ErrSyntax
	}
	rest := s[5:]
	dash := 1
	if rest[1] != '-' {
		dash = 2
	}
	if rest[dash] != '-' {
		return 0, ErrSyntax
	}
	y, err := ParseInt(s[:4], 32)
	m, err2 := ParseInt(rest[:dash], 32)
	d, err3 := ParseInt(rest[dash+1:], 32)
	if err != nil || err2 != nil || err3 != nil || s[0]-'0' > 9 {
		return 0, ErrSyntax
	}
	if m < 1 || m > 12 || d < 1 || int(d) > civil.DaysIn(y, int(m)) {
		return 0, ErrRange
	}
	return int32(civil.Days(y, int(m), int(d))), nil
}
