// Package civil is the calendar under SQL's dates and times, and their text. It works on the
// integers that vectors hold: days since 1970 for DATE, milliseconds of the day for TIME,
// ticks since 1970 (see vec.UnitOf) for timestamps. The calendar is the proleptic Gregorian
// one.
//
// Enter at Days and Of to get from a date to its day and back, at Append… for text. What SQL
// computes with dates is in udf/datetime; the texts that formats read are in
// connectors/format/text.
package civil

// SecondsPerDay is the length of a day; leap seconds do not count.
const SecondsPerDay = 86400

// Date is a day of the calendar: Month from 1 to 12, Day from 1.
type Date struct {
	Year       int64
	Month, Day int
}

// Days gives the days since 1970-01-01. Months and days past their ends count on into the
// next. After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
func Days(year int64, month, day int) int64 {
	y, m := year, int64(month)
	if m < 1 || m > 12 {
		y, m = y+FloorDiv(m-1, 12), FloorMod(m-1, 12)+1
	}
	if m <= 2 {
		y--
	}
	era := FloorDiv(y, 400)
	yoe := y - era*400
	mp := (m + 9) % 12 // March is 0
	doy := (153*mp+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// Of gives the date of a day, the way back from Days.
func Of(days int64) Date {
	z := days + 719468
	era := FloorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := Date{Year: yoe + era*400, Day: int(doy - (153*mp+2)/5 + 1)}
	if mp < 10 {
		d.Month = int(mp) + 3
	} else {
		d.Month = int(mp) - 9
		d.Year++
	}
	return d
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

// FloorDiv divides and rounds towards minus infinity: it finds the day, the second or the
// month that a moment before 1970 lies in.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// FloorMod is what FloorDiv leaves: from 0 to b.
func FloorMod(a, b int64) int64 { return a - FloorDiv(a, b)*b }

// DayOfYear counts from 1.
func (d Date) DayOfYear() int { return int(Days(d.Year, d.Month, d.Day)-Days(d.Year, 1, 1)) + 1 }

// Weekday gives 1 for Monday to 7 for Sunday, as ISO does.
func Weekday(days int64) int { return int(FloorMod(days+3, 7)) + 1 }

// ISOWeek gives the week of the year, and the year that it belongs to.
func ISOWeek(days int64) (year int64, week int) {
	thursday := days - int64(Weekday(days)) + 4
	d := Of(thursday)
	return d.Year, (d.DayOfYear()-1)/7 + 1
}
