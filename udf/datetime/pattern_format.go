package datetime

import (
	"strconv"

	"github.com/weirstream/weir/runtime/civil"
)

// Format writes a local timestamp; offset (seconds) and zone are for the zone's fields.
func (p *Pattern) Format(dst []byte, ticks, unit, offset int64, zone string) []byte {
	secs := civil.FloorDiv(ticks, unit)
	days := civil.FloorDiv(secs, civil.SecondsPerDay)
	f := fields{
		Date: civil.Of(days), days: days, secs: secs - days*civil.SecondsPerDay,
		nanos: (ticks - secs*unit) * (1e9 / unit), offset: offset, zone: zone, loose: p.loose,
	}
	for i := range p.items {
		it := &p.items[i]
		switch it.letter {
		case 0:
			dst = append(dst, it.text...)
		case '[', ']':
		default:
			dst = f.append(dst, it)
		}
	}
	return dst
}

// fields is a timestamp taken apart for Format.
type fields struct {
	civil.Date
	days, secs, nanos, offset int64
	zone                      string
	loose                     bool
}

func (f *fields) append(dst []byte, it *item) []byte {
	hour := f.secs / 3600
	switch it.letter {
	case 'y', 'u':
		if it.letter == 'u' && f.loose {
			return civil.AppendPadded(dst, int64(civil.Weekday(f.days)), it.count)
		}
		return appendYear(dst, f.Year, it.count)
	case 'Y':
		year := f.Year
		if f.Month == 12 && f.localWeek('w') == 1 {
			year++
		}
		return appendYear(dst, year, it.count)
	case 'M', 'L':
		return appendName(dst, monthNames[f.Month-1], int64(f.Month), it.count)
	case 'd':
		return civil.AppendPadded(dst, int64(f.Day), it.count)
	case 'D':
		return civil.AppendPadded(dst, int64(f.DayOfYear()), it.count)
	case 'Q', 'q':
		q := int64(f.Month+2) / 3
		switch it.count {
		case 3:
			return append(dst, 'Q', byte('0'+q))
		case 4:
			return append(dst, [...]string{"1st", "2nd", "3rd", "4th"}[q-1]+" quarter"...)
		}
		return civil.AppendPadded(dst, q, it.count)
	case 'w', 'W':
		return civil.AppendPadded(dst, f.localWeek(it.letter), it.count)
	case 'E':
		return appendName(dst, dayNames[civil.Weekday(f.days)-1], 0, max(it.count, 3))
	case 'e', 'c':
		return appendName(dst, dayNames[civil.Weekday(f.days)-1], int64(civil.Weekday(f.days)%7)+1, it.count)
	case 'F': // which of the weekday's days in the month; Java 17's DateTimeFormatter has another number
		if f.loose {
			return civil.AppendPadded(dst, int64(f.Day-1)/7+1, it.count)
		}
		return civil.AppendPadded(dst, int64(f.Day-1)%7+1, it.count)
	case 'g':
		return civil.AppendPadded(dst, f.days+40587, it.count) // days since 1858-11-17
	case 'G':
		switch {
		case it.count == 4 && !f.loose:
			return append(dst, "Anno Domini"...)
		case it.count == 5 && !f.loose:
			return append(dst, 'A')
		}
		return append(dst, "AD"...)
	case 'a':
		if hour < 12 {
			return append(dst, "AM"...)
		}
		return append(dst, "PM"...)
	case 'H':
		return civil.AppendPadded(dst, hour, it.count)
	case 'k':
		return civil.AppendPadded(dst, (hour+23)%24+1, it.count)
	case 'K':
		return civil.AppendPadded(dst, hour%12, it.count)
	case 'h':
		return civil.AppendPadded(dst, (hour+11)%12+1, it.count)
	case 'm':
		return civil.AppendPadded(dst, f.secs/60%60, it.count)
	case 's':
		return civil.AppendPadded(dst, f.secs%60, it.count)
	case 'S':
		if f.loose {
			return civil.AppendPadded(dst, f.nanos/1e6, it.count)
		}
		return civil.AppendFraction(dst, f.nanos, it.count)
	case 'n':
		return civil.AppendPadded(dst, f.nanos, it.count)
	case 'N':
		return civil.AppendPadded(dst, f.secs*1e9+f.nanos, it.count)
	case 'A':
		return civil.AppendPadded(dst, f.secs*1000+f.nanos/1e6, it.count)
	}
	return f.appendZone(dst, it)
}

func appendYear(dst []byte, year int64, count int) []byte {
	if count == 2 {
		return civil.AppendTwo(dst, int(civil.FloorMod(year, 100)))
	}
	return civil.AppendPadded(dst, year, count)
}

// localWeek is the week of the year (w) or month (W) where weeks begin on Sunday and the
// first is the one that holds the first day, as in Java's English locale.
func (f *fields) localWeek(letter byte) int64 {
	day := int64(f.DayOfYear())
	if letter == 'W' {
		day = int64(f.Day)
	}
	first := int64(civil.Weekday(f.days-day+1) % 7)
	week := (day-1+first)/7 + 1
	if letter == 'w' && f.Month == 12 { // the last days may be in the next year's first week
		if left := int64(31 - f.Day); left < 6 && int64(civil.Weekday(f.days)%7)+left < 6 {
			return 1
		}
	}
	return week
}

func appendName(dst []byte, name string, n int64, count int) []byte {
	switch count {
	case 1, 2:
		return civil.AppendPadded(dst, n, count)
	case 3:
		return append(dst, name[:3]...)
	case 5:
		return append(dst, name[:1]...)
	}
	return append(dst, name...)
}

func (f *fields) appendZone(dst []byte, it *item) []byte {
	off := f.offset
	switch {
	case it.letter == 'z' || it.letter == 'V':
		return append(dst, f.zone...)
	case it.letter == 'X' && off == 0:
		return append(dst, 'Z')
	case it.letter == 'O':
		dst = append(dst, "GMT"...)
		if off == 0 {
			return dst
		}
	}
	if off < 0 {
		dst = append(dst, '-')
		off = -off
	} else {
		dst = append(dst, '+')
	}
	if it.letter == 'O' && it.count == 1 {
		return strconv.AppendInt(dst, off/3600, 10)
	}
	dst = civil.AppendTwo(dst, int(off/3600))
	if it.letter != 'Z' && it.count == 1 && off%3600 == 0 {
		return dst
	}
	if it.letter == 'O' || it.letter != 'Z' && it.count == 3 || it.letter == 'Z' && it.count == 5 {
		dst = append(dst, ':')
	}
	return civil.AppendTwo(dst, int(off/60%60))
}
