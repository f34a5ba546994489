package datetime

import "github.com/weirstream/weir/runtime/civil"

// Extract gives a field of a local timestamp. Before 1970 it cuts towards the epoch, as
// Flink does: the hour of 1969-12-31 23:00 is -1.
func Extract(u Unit, ticks, unit int64) (int64, bool) {
	if u != Microsecond && u != Nanosecond {
		ticks, unit = wholeMillis(ticks, unit)
	}
	switch u {
	case Epoch:
		return ticks / unit, true
	case Hour:
		return ticks / unit % civil.SecondsPerDay / 3600, true
	case Minute:
		return ticks / unit % 3600 / 60, true
	case Second:
		return ticks / unit % 60, true
	case Millisecond:
		return ticks % (unit * 60) * 1000 / unit % 1000, true
	case Microsecond:
		return ticks % unit * 1e6 / unit, true
	case Nanosecond:
		return ticks % unit * (1e9 / unit), true
	}
	return ExtractDate(u, ticks/(unit*civil.SecondsPerDay))
}

// ExtractDate gives a field of a date; false for units finer than a day.
func ExtractDate(u Unit, days int64) (int64, bool) {
	c := civil.Of(days)
	switch u {
	case Year:
		return c.Year, true
	case Quarter:
		return int64(c.Month+2) / 3, true
	case Month:
		return int64(c.Month), true
	case Week:
		_, w := civil.ISOWeek(days)
		return int64(w), true
	case ISOYear:
		y, _ := civil.ISOWeek(days)
		return y, true
	case Day:
		return int64(c.Day), true
	case DOY:
		return int64(c.DayOfYear()), true
	case DOW:
		return int64(civil.Weekday(days)%7) + 1, true // Sunday is 1
	case ISODOW:
		return int64(civil.Weekday(days)), true
	case Decade:
		return c.Year / 10, true
	case Century:
		return yearsUp(c.Year, 100), true
	case Millennium:
		return yearsUp(c.Year, 1000), true
	case Epoch:
		return days * civil.SecondsPerDay, true
	}
	return 0, false
}

func yearsUp(year, n int64) int64 {
	if year > 0 {
		return (year + n - 1) / n
	}
	return (year - n + 1) / n
}

// Floor cuts a local timestamp down to a unit; weeks begin on Sunday.
func Floor(u Unit, ticks, unit int64) int64 {
	if step := u.Millis() * unit / MillisPerSecond; step > 0 && u != Week {
		return civil.FloorDiv(ticks, step) * step
	}
	if u == Millisecond {
		return ticks
	}
	millis, _ := wholeMillis(ticks, unit)
	return FloorDate(u, millis/MillisPerDay) * unit * civil.SecondsPerDay // before 1970, the day is cut towards the epoch, as Flink does
}

// Ceil moves a local timestamp up to a unit. Past the day it looks at the date alone, as
// Flink does: noon of the first is the first.
func Ceil(u Unit, ticks, unit int64) int64 {
	if step := u.Millis() * unit / MillisPerSecond; step > 0 && u != Week {
		return -civil.FloorDiv(-ticks, step) * step
	}
	if u == Millisecond {
		return ticks
	}
	millis, _ := wholeMillis(ticks, unit)
	return CeilDate(u, millis/MillisPerDay) * unit * civil.SecondsPerDay
}

// wholeMillis leaves out digits past the millisecond, which Flink keeps aside: what is cut towards the epoch
// is the milliseconds.
func wholeMillis(ticks, unit int64) (millis, perSecond int64) {
	return Rescale(ticks, unit, MillisPerSecond), MillisPerSecond
}

// FloorDate cuts a date down to a unit of at least a day.
func FloorDate(u Unit, days int64) int64 {
	c := civil.Of(days)
	switch u {
	case Week:
		return days - int64(civil.Weekday(days)%7)
	case Month:
		return civil.Days(c.Year, c.Month, 1)
	case Quarter:
		return civil.Days(c.Year, (c.Month+2)/3*3-2, 1)
	case Year:
		return civil.Days(c.Year, 1, 1)
	case Decade:
		return civil.Days(c.Year/10*10, 1, 1)
	case Century:
		return civil.Days((c.Year+99)/100*100-99, 1, 1)
	case Millennium:
		return civil.Days((c.Year+999)/1000*1000-999, 1, 1)
	}
	return days
}

// CeilDate moves a date up to a unit of at least a day. Like Flink it takes every date
// but the first of January to the quarter after its own.
func CeilDate(u Unit, days int64) int64 {
	c := civil.Of(days)
	switch u {
	case Week:
		if d := int64(civil.Weekday(days) % 7); d > 0 {
			return days + 7 - d
		}
	case Month:
		if c.Day > 1 {
			c.Month++
		}
		return civil.Days(c.Year, c.Month, 1)
	case Quarter:
		q := (c.Month + 2) / 3
		if c.Month > 1 || c.Day > 1 {
			q++
		}
		return civil.Days(c.Year, q*3-2, 1)
	case Year:
		if c.Month > 1 || c.Day > 1 {
			c.Year++
		}
		return civil.Days(c.Year, 1, 1)
	case Decade:
		return civil.Days(c.Year/10*10+10, 1, 1)
	case Century:
		return civil.Days((c.Year+99)/100*100+1, 1, 1)
	case Millennium:
		return civil.Days((c.Year+999)/1000*1000+1, 1, 1)
	}
	return days
}
