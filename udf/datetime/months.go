// Package datetime is what SQL computes with times, on the integers that vectors hold:
// days since 1970 for DATE, milliseconds of the day for TIME, ticks since 1970 (see
// vec.UnitOf) for timestamps, months or milliseconds for intervals. The calendar is
// runtime/civil's.
//
// Enter at Parse… and AppendInterval… for SQL text, at Pattern for Java's date patterns, at
// Floor, AddMonths and Diff for arithmetic, at Zone for the session's time zone.
package datetime

import (
	"math"

	"github.com/weirstream/weir/runtime/civil"
)

// Spans of time.
const (
	MillisPerSecond = 1000
	NanosPerSecond  = 1_000_000_000
	MillisPerMinute = 60 * MillisPerSecond
	MillisPerHour   = 60 * MillisPerMinute
	MillisPerDay    = 24 * MillisPerHour
)

// AddMonthsToDays moves a date by months; a day that the target month has not becomes
// its last.
func AddMonthsToDays(days, months int64) int64 {
	c := civil.Of(days)
	m := c.Year*12 + int64(c.Month) - 1 + months
	y, mo := civil.FloorDiv(m, 12), int(civil.FloorMod(m, 12))+1
	return civil.Days(y, mo, min(c.Day, civil.DaysIn(y, mo)))
}

// AddMonths moves a timestamp by months, keeping the time of day.
func AddMonths(ticks, months, unit int64) int64 {
	day := civil.FloorDiv(ticks, unit*civil.SecondsPerDay)
	return AddMonthsToDays(day, months)*unit*civil.SecondsPerDay + ticks - day*unit*civil.SecondsPerDay
}

// MonthsBetween counts the months from b to a as Flink does: to the earlier day are added as many months as
// do not pass the later one, and where a falls on the day that they lead to, the time of day counts if it is
// the earlier one.
func MonthsBetween(a, b, unit int64) int64 {
	perDay := unit * civil.SecondsPerDay
	dayA, dayB := civil.FloorDiv(a, perDay), civil.FloorDiv(b, perDay)
	m := monthsBetweenDays(dayA, dayB)
	if AddMonthsToDays(dayB, m) == dayA && civil.FloorMod(a, perDay) < civil.FloorMod(b, perDay) {
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

// Rescale changes a timestamp's unit, cutting digits towards minus infinity.
func Rescale(ticks, from, to int64) int64 {
	switch {
	case from == to:
		return ticks
	case from < to:
		return ticks * (to / from)
	}
	return civil.FloorDiv(ticks, from/to)
}

// Fits reports whether a count of units, of which there are from in a second, can be counted in units of which there are to. Of
// nanoseconds 64 bits hold 1677-09-21 to 2262-04-11.
func Fits(ticks, from, to int64) bool {
	if from >= to {
		return true
	}
	most := math.MaxInt64 / (to / from)
	return -most < ticks && ticks < most
}
