package datetime

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/civil"
)

// Zone converts between instants and local time in one time zone. It remembers the
// stretch between two changes of the clock that it looked at last, so that a column of
// near times costs a comparison each. Not for use by two goroutines at once.
type Zone struct {
	loc      *time.Location
	from, to int64 // the instants, in seconds, for which offset holds: from <= t < to
	offset   int64
}

// NewZone makes a converter; nil is UTC.
func NewZone(loc *time.Location) *Zone {
	z := &Zone{loc: loc}
	if loc == nil {
		z.loc = time.UTC
	}
	return z
}

// OffsetAt gives the seconds that local time is ahead of UTC at an instant.
func (z *Zone) OffsetAt(secs int64) int64 {
	if secs >= z.from && secs < z.to {
		return z.offset
	}
	t := time.Unix(secs, 0).In(z.loc)
	_, off := t.Zone()
	start, end := t.ZoneBounds()
	z.from, z.to, z.offset = math.MinInt64, math.MaxInt64, int64(off)
	if !start.IsZero() {
		z.from = start.Unix()
	}
	if !end.IsZero() {
		z.to = end.Unix()
	}
	return z.offset
}

// ToLocal gives the local time of an instant.
func (z *Zone) ToLocal(ticks, unit int64) int64 {
	return ticks + z.OffsetAt(civil.FloorDiv(ticks, unit))*unit
}

// ToInstant gives the instant of a local time, as Java does: a time that the clock
// skips moves on by the gap; of a time that comes twice, the first.
func (z *Zone) ToInstant(local, unit int64) int64 {
	secs := civil.FloorDiv(local, unit)
	// The offsets on both sides of any change near: no zone is a day off.
	before := z.OffsetAt(secs - civil.SecondsPerDay)
	if t := secs - before; z.OffsetAt(t) == before {
		return local - before*unit
	}
	after := z.OffsetAt(secs + civil.SecondsPerDay)
	if z.OffsetAt(secs-after) == after {
		return local - after*unit
	}
	return local - before*unit // in the gap
}

// ToLaterInstant is ToInstant, but of a time that comes twice gives the second, as Java's SimpleDateFormat does.
func (z *Zone) ToLaterInstant(local, unit int64) int64 {
	after := z.OffsetAt(civil.FloorDiv(local, unit) + civil.SecondsPerDay)
	if t := local - after*unit; z.OffsetAt(civil.FloorDiv(t, unit)) == after {
		return t
	}
	return z.ToInstant(local, unit)
}

// LoadZone finds a zone by the names that Java takes: an IANA name, UTC, GMT, Z,
// GMT+8, UTC+08:00, +08:00, and the three letters of java.time.ZoneId.SHORT_IDS.
func LoadZone(name string) (*time.Location, error) {
	if long, ok := shortZones[name]; ok {
		name = long
	}
	rest := name
	for _, prefix := range []string{"GMT", "UTC", "UT"} {
		if r, ok := strings.CutPrefix(name, prefix); ok {
			rest = r
			break
		}
	}
	if rest == "" || name == "Z" {
		return time.UTC, nil
	}
	if rest[0] == '+' || rest[0] == '-' {
		if off, ok := parseOffsetName(rest); ok {
			return time.FixedZone(name, off), nil
		}
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("unknown time zone '%s'", name)
	}
	return loc, nil
}

// shortZones are Java's names of three letters that the IANA database does not have.
var shortZones = map[string]string{
	"ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires", "ART": "Africa/Cairo", "AST": "America/Anchorage",
	"BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns", "CST": "America/Chicago",
	"CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris", "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata",
	"JST": "Asia/Tokyo", "MIT": "Pacific/Apia", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix",
	"PRT": "America/Puerto_Rico", "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
}

func parseOffsetName(s string) (int, bool) {
	if len(s) == 2 {
		s = s[:1] + "0" + s[1:]
	}
	var p Parsed
	r := reader{s: []byte(s)}
	ok := r.offset(&p) && r.done()
	return p.Offset, ok
}
