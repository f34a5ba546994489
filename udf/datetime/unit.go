package datetime

import (
	"errors"
	"strconv"
	"strings"
)

// Unit is a unit of time as EXTRACT, FLOOR, TIMESTAMPADD and intervals name it.
type Unit uint8

// The units.
const (
	NoUnit Unit = iota
	Nanosecond
	Microsecond
	Millisecond
	Second
	Minute
	Hour
	Day
	Week
	Month
	Quarter
	Year
	Decade
	Century
	Millennium
	DOW
	ISODOW
	DOY
	ISOYear
	Epoch
)

var unitNames = map[string]Unit{
	"NANOSECOND": Nanosecond, "MICROSECOND": Microsecond, "MILLISECOND": Millisecond, "SECOND": Second,
	"MINUTE": Minute, "HOUR": Hour, "DAY": Day, "WEEK": Week, "MONTH": Month, "QUARTER": Quarter, "YEAR": Year,
	"DECADE": Decade, "CENTURY": Century, "MILLENNIUM": Millennium, "DOW": DOW, "ISODOW": ISODOW, "DOY": DOY,
	"ISOYEAR": ISOYear, "EPOCH": Epoch,
}

var unitAliases = map[string]Unit{
	"SQL_TSI_SECOND": Second, "SQL_TSI_MINUTE": Minute, "SQL_TSI_HOUR": Hour, "SQL_TSI_DAY": Day,
	"SQL_TSI_WEEK": Week, "SQL_TSI_MONTH": Month, "SQL_TSI_QUARTER": Quarter, "SQL_TSI_YEAR": Year,
	"FRAC_SECOND": Microsecond, "SQL_TSI_FRAC_SECOND": Nanosecond, "SQL_TSI_MICROSECOND": Microsecond,
}

// ParseUnit finds a unit by name, singular or plural, in any case.
func ParseUnit(name string) (Unit, bool) {
	name = strings.ToUpper(name)
	if u, ok := unitNames[name]; ok {
		return u, true
	}
	if u, ok := unitNames[strings.TrimSuffix(name, "S")]; ok {
		return u, true
	}
	if name == "CENTURIES" {
		return Century, true
	}
	u, ok := unitAliases[name]
	return u, ok
}

// String gives the unit's name.
func (u Unit) String() string {
	for name, v := range unitNames {
		if v == u {
			return name
		}
	}
	return "?"
}

// Millis gives the length of units up to WEEK that have a fixed one of at least a
// millisecond; 0 for the others.
func (u Unit) Millis() int64 {
	switch u {
	case Millisecond:
		return 1
	case Second:
		return MillisPerSecond
	case Minute:
		return MillisPerMinute
	case Hour:
		return MillisPerHour
	case Day:
		return MillisPerDay
	case Week:
		return 7 * MillisPerDay
	}
	return 0
}

// Months gives the length of units made of months; 0 for the others.
func (u Unit) Months() int64 {
	switch u {
	case Month:
		return 1
	case Quarter:
		return 3
	case Year:
		return 12
	case Decade:
		return 120
	case Century:
		return 1200
	case Millennium:
		return 12000
	}
	return 0
}

// ErrInterval says that a text does not fit its interval's units.
var ErrInterval = errors.New("not an interval of these units")

// intervalFields are the units that an interval literal names, coarse to fine, with
// what stands between one and the next and the largest value of a field behind the first.
var intervalFields = []struct {
	unit Unit
	sep  byte
	most int64
}{
	{Year, '-', 0},
	{Month, 0, 11},
	{Day, ' ', 0},
	{Hour, ':', 23},
	{Minute, ':', 59},
	{Second, 0, 59},
}

// ParseInterval reads the text of INTERVAL '…' from [TO to]: months for YEAR and
// MONTH (isMonths), milliseconds for the others. WEEK and QUARTER stand alone.
func ParseInterval(text string, from, to Unit) (v int64, isMonths bool, err error) {
	s := strings.TrimSpace(text)
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	if to == NoUnit || to == from {
		v, isMonths, err = singleInterval(s, from)
	} else {
		v, isMonths, err = rangeInterval(s, from, to)
	}
	if neg {
		v = -v
	}
	return v, isMonths, err
}

func singleInterval(s string, u Unit) (int64, bool, error) {
	if u == Second {
		ms, err := intervalSeconds(s)
		return ms, false, err
	}
	n, err := intervalNumber(s)
	if err != nil {
		return 0, false, err
	}
	if m := u.Months(); m > 0 {
		return n * m, true, nil
	}
	if ms := u.Millis(); ms > 0 {
		return n * ms, false, nil
	}
	return 0, false, ErrInterval
}

func rangeInterval(s string, from, to Unit) (v int64, isMonths bool, err error) {
	inside := false
	for _, f := range intervalFields {
		if f.unit == from {
			inside = true
		} else if !inside {
			continue
		}
		field, rest := s, ""
		if f.unit != to {
			if f.sep == 0 {
				return 0, false, ErrInterval
			}
			i := strings.IndexByte(s, f.sep)
			if i < 0 {
				return 0, false, ErrInterval
			}
			field, rest = s[:i], strings.TrimLeft(s[i+1:], " ")
		}
		var n int64
		scale := f.unit.Months()
		isMonths = scale > 0
		if f.unit == Second {
			n, err = intervalSeconds(field)
			scale = 1
			if f.unit != from && n >= MillisPerMinute {
				return 0, false, ErrInterval
			}
		} else {
			n, err = intervalNumber(field)
			if !isMonths {
				scale = f.unit.Millis()
			}
			if f.unit != from && n > f.most {
				return 0, false, ErrInterval
			}
		}
		if err != nil {
			return 0, false, err
		}
		v += n * scale
		if f.unit == to {
			return v, isMonths, nil
		}
		s = rest
	}
	return 0, false, ErrInterval
}

func intervalNumber(s string) (int64, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, ErrInterval
	}
	return int64(n), nil
}

// intervalSeconds reads s[.fraction] to milliseconds, cutting what is finer.
func intervalSeconds(s string) (int64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	n, err := intervalNumber(whole)
	if err != nil {
		return 0, err
	}
	ms, weight := int64(0), int64(100)
	for i := range len(frac) {
		d := frac[i] - '0'
		if d > 9 {
			return 0, ErrInterval
		}
		ms += int64(d) * weight
		weight /= 10
	}
	return n*MillisPerSecond + ms, nil
}
