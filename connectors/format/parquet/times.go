package parquet

import (
	"encoding/binary"
	"time"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/weirstream/weir/runtime/civil"
)

// timeUnit is how many units make a second.
type timeUnit int64

const (
	millis timeUnit = 1e3
	micros timeUnit = 1e6
	nanos  timeUnit = 1e9
)

var unitNames = map[string]timeUnit{"millis": millis, "micros": micros, "nanos": nanos}

// logical gives Parquet's name of the unit.
func (u timeUnit) logical() schema.TimeUnitType {
	switch u {
	case millis:
		return schema.TimeUnitMillis
	case micros:
		return schema.TimeUnitMicros
	}
	return schema.TimeUnitNanos
}

func unitOf(t schema.TimeUnitType) timeUnit {
	switch t {
	case schema.TimeUnitMillis:
		return millis
	case schema.TimeUnitMicros:
		return micros
	}
	return nanos
}

// rescale changes the unit of a time, cutting down towards the past.
func rescale(t int64, from, to timeUnit) int64 {
	if from <= to {
		return t * int64(to/from)
	}
	return civil.FloorDiv(t, int64(from/to))
}

// wallTime gives what the clocks of a zone show at an instant, as if it were UTC.
func wallTime(t int64, unit timeUnit, zone *time.Location) int64 {
	_, offset := time.Unix(civil.FloorDiv(t, int64(unit)), 0).In(zone).Zone()
	return t + int64(offset)*int64(unit)
}

// instant is the reverse of wallTime. An hour that comes twice is the first one; one that is left out
// is taken with the offset before it.
func instant(wall int64, unit timeUnit, zone *time.Location) int64 {
	seconds := civil.FloorDiv(wall, int64(unit))
	u := time.Unix(seconds, 0).UTC()
	local := time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), 0, zone)
	return local.Unix()*int64(unit) + wall - seconds*int64(unit)
}

const (
	julianEpoch = 2440588 // Julian day number of 1970-01-01
	daySeconds  = 86400
)

// fromInt96 reads a day of the Julian calendar and nanoseconds of the day.
func fromInt96(x parquet.Int96, unit timeUnit) int64 {
	ofDay := int64(binary.LittleEndian.Uint64(x[:8]))
	day := int64(binary.LittleEndian.Uint32(x[8:])) - julianEpoch
	return day*daySeconds*int64(unit) + rescale(ofDay, nanos, unit)
}

func toInt96(t int64, unit timeUnit) (x parquet.Int96) {
	day := civil.FloorDiv(t, daySeconds*int64(unit))
	ofDay := t - day*daySeconds*int64(unit)
	binary.LittleEndian.PutUint64(x[:8], uint64(rescale(ofDay, unit, nanos)))
	binary.LittleEndian.PutUint32(x[8:], uint32(day+julianEpoch))
	return x
}
