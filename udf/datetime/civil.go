// Package datetime is calendar arithmetic for SQL's temporal types, on the integers
// that vectors hold: days since 1970 for DATE, milliseconds of the day for TIME,
// ticks since 1970 (see vec.UnitOf) for timestamps, months or milliseconds for
// intervals. The calendar is the proleptic Gregorian one.
//
// Enter at Parse… and Append… for SQL text, at Pattern for Java's date patterns, at
// Floor, AddMonths and Diff for arithmetic, at Zone for the session's time zone.
package datetime

// Spans of time.
const (
	MillisPerSecond = 1000
	MillisPerMinute = 60 * MillisPerSecond
	MillisPerHour   = 60 * MillisPerMinute
	MillisPerDay    = 24 * MillisPerHour
	SecondsPerDay   = 86400
)

// Civil is a calendar date.
type Civil struct {
	Year       int64
	Month, Day int
}

// Days gives the days since 1970-01-01. Months and days past their ends count on into
// the next.
func Days(year int64, month, day int) int64 {
	y := year + floorDiv(int64(month)-1, 12)
	m := floorMod(int64(month)-1, 12) + 1
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := (m + 9) % 12 // March is 0
	doy := (153*mp+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// CivilOf gives the calendar date of a day.
func CivilOf(days int64) Civil {
	z := days + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	c := Civil{Year: yoe + era*400, Day: int(doy - (153*mp+2)/5 + 1)}
	if mp < 10 {
		c.Month = int(mp) + 3
	} else {
		c.Month = int(mp) - 9
		c.Year++
	}
	return c
}

// IsLeap reports whether a year has a 29th of February.
func IsLeap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysIn gives the days of a month.
func DaysIn(year int64, month int) int {
	if month == 2 && IsLeap(year) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// DayOfYear counts from 1.
func (c Civil) DayOfYear() int { return int(Days(c.Year, c.Month, c.Day)-Days(c.Year, 1, 1)) + 1 }

// Weekday gives 1 for Monday to 7 for Sunday, as ISO does.
func Weekday(days int64) int { return int(floorMod(days+3, 7)) + 1 }

// ISOWeek gives the week of the year, and the year that it belongs to.
func ISOWeek(days int64) (year int64, week int) {
	thursday := days - int64(Weekday(days)) + 4
	c := CivilOf(thursday)
	return c.Year, (c.DayOfYear()-1)/7 + 1
}

// AddMonthsToDays moves a date by months; a day that the target month has not becomes
// its last.
func AddMonthsToDays(days, months int64) int64 {
	c := CivilOf(days)
	m := c.Year*12 + int64(c.Month) - 1 + months
	y, mo := floorDiv(m, 12), int(floorMod(m, 12))+1
	return Days(y, mo, min(c.Day, DaysIn(y, mo)))
}

// AddMonths moves a timestamp by months, keeping the time of day.
func AddMonths(ticks, months, unit int64) int64 {
	day := floorDiv(ticks, unit*SecondsPerDay)
	return AddMonthsToDays(day, months)*unit*SecondsPerDay + ticks - day*unit*SecondsPerDay
}

// MonthsBetween counts the months from b to a as Flink does: to the earlier day are added as many months as
// do not pass the later one, and where a falls on the day that they lead to, the time of day counts if it is
// the earlier one.
func MonthsBetween(a, b, unit int64) int64 {
	perDay := unit * SecondsPerDay
	dayA, dayB := floorDiv(a, perDay), floorDiv(b, perDay)
	m := monthsBetweenDays(dayA, dayB)
	if AddMonthsToDays(dayB, m) == dayA && floorMod(a, perDay) < floorMod(b, perDay) {
		m--
	}
	return m
}

func monthsBetweenDays(a, b int64) int64 {
	if a < b {
		return -monthsBetweenDays(b, a)
	}
	m := (a - b) / 31 // no more than there are
	for AddMonthsToDays(b, m) < a && AddMonthsToDays(b, m+1) <= a {
		m++
	}
	return m
}

// floorDiv rounds towards minus infinity.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// Rescale changes a timestamp's unit, cutting digits towards minus infinity.
func Rescale(ticks, from, to int64) int64 {
	switch {
	case from == to:
		return ticks
	case from < to:
		return ticks * (to / from)
	}
	return floorDiv(ticks, from/to)
}
