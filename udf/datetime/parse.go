package datetime

import (
	"bytes"

	"github.com/weirstream/weir/runtime/civil"
)

// Parsed is a timestamp taken apart. Fields that the text does not give have the
// defaults that Flink uses: 1970-01-01 00:00:00.
type Parsed struct {
	Year                int64
	Month, Day          int
	Hour, Minute, Sec   int
	Nanos               int
	Offset              int // seconds east of UTC, where the text names a zone
	HasOffset, HasZoneZ bool
}

// Ticks gives the timestamp in units a second, cutting finer digits.
func (p *Parsed) Ticks(unit int64) int64 {
	secs := civil.Days(p.Year, p.Month, p.Day)*civil.SecondsPerDay + int64(p.Hour*3600+p.Minute*60+p.Sec)
	return secs*unit + int64(p.Nanos)/(1e9/unit)
}

// CutNanos sets the digits of the fraction past precision to zero.
func (p *Parsed) CutNanos(precision int) {
	step := int(1e9)
	for range precision {
		step /= 10
	}
	p.Nanos -= p.Nanos % step
}

// CutTicks gives the timestamp in the unit of its precision with the digits past
// precision set to zero.
func CutTicks(ticks int64, precision int, unit int64) int64 {
	step := unit
	for range precision {
		step /= 10
	}
	switch {
	case step <= 1:
		return ticks
	case precision >= 3:
		return civil.FloorDiv(ticks, step) * step
	}
	if milli := unit / MillisPerSecond; milli > 1 {
		ticks = civil.FloorDiv(ticks, milli) * milli
	}
	return ticks / step * step // milliseconds are cut towards the epoch, as Flink does
}

// ParseTimestamp reads yyyy-MM-dd[ HH:mm:ss[.fraction]], without blanks around it; months to seconds may lack
// their leading zero, a day up to 31 past the month's end becomes its last.
func ParseTimestamp(s []byte) (p Parsed, ok bool) {
	r := reader{s: s}
	if !r.date(&p) {
		return p, false
	}
	if r.done() {
		return p, true
	}
	if !r.take(' ') || !r.clock(&p) || !r.done() {
		return p, false
	}
	return p, true
}

// reader walks over a text.
type reader struct {
	s []byte
	i int
}

func (r *reader) done() bool { return r.i == len(r.s) }

func (r *reader) take(c byte) bool {
	if r.i < len(r.s) && r.s[r.i] == c {
		r.i++
		return true
	}
	return false
}

// number reads from least to most digits.
func (r *reader) number(least, most int) (n int, ok bool) {
	k := 0
	for k < most && r.i < len(r.s) && r.s[r.i]-'0' <= 9 {
		n = n*10 + int(r.s[r.i]-'0')
		r.i++
		k++
	}
	return n, k >= least
}

func (r *reader) date(p *Parsed) bool {
	neg := r.take('-')
	y, ok := r.number(4, 9)
	if !ok || !r.take('-') {
		return false
	}
	p.Year = int64(y)
	if neg {
		p.Year = -p.Year
	}
	if p.Month, ok = r.number(1, 2); !ok || p.Month < 1 || p.Month > 12 || !r.take('-') {
		return false
	}
	if p.Day, ok = r.number(1, 2); !ok || p.Day < 1 || p.Day > 31 {
		return false
	}
	p.Day = min(p.Day, civil.DaysIn(p.Year, p.Month))
	return true
}

func (r *reader) clock(p *Parsed) (ok bool) {
	if p.Hour, ok = r.number(1, 2); !ok || p.Hour > 23 || !r.take(':') {
		return false
	}
	if p.Minute, ok = r.number(1, 2); !ok || p.Minute > 59 || !r.take(':') {
		return false
	}
	if p.Sec, ok = r.number(1, 2); !ok || p.Sec > 59 {
		return false
	}
	if r.take('.') {
		p.Nanos, ok = r.fraction()
	}
	return ok
}

// fraction reads up to nine digits as nanoseconds.
func (r *reader) fraction() (nanos int, ok bool) {
	k := 0
	for ; k < 9 && r.i < len(r.s) && r.s[r.i]-'0' <= 9; k++ {
		nanos = nanos*10 + int(r.s[r.i]-'0')
		r.i++
	}
	for ; k < 9; k++ {
		nanos *= 10
	}
	return nanos, true
}

// offset reads Z, +hh, +hhmm or +hh:mm[:ss].
func (r *reader) offset(p *Parsed) bool {
	if r.take('Z') || r.take('z') {
		p.HasOffset, p.HasZoneZ = true, true
		return true
	}
	sign := 1
	if !r.take('+') {
		if !r.take('-') {
			return false
		}
		sign = -1
	}
	h, ok := r.number(2, 2)
	if !ok || h > 18 {
		return false
	}
	r.take(':')
	m, _ := r.number(0, 2)
	secs := 0
	if r.take(':') {
		secs, _ = r.number(0, 2)
	}
	if m > 59 || secs > 59 {
		return false
	}
	p.Offset, p.HasOffset = sign*(h*3600+m*60+secs), true
	return true
}

// ParseDate reads yyyy[-M[-d]], and cuts a time of day behind a blank; the date must
// exist.
func ParseDate(s []byte) (days int32, ok bool) {
	if i := bytes.IndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	part := [3]int{0, 1, 1}
	for k := range part {
		head, rest, more := bytes.Cut(s, []byte{'-'})
		if more && k == 2 {
			return 0, false
		}
		r := reader{s: bytes.TrimSpace(head)}
		if part[k], ok = r.number(1, 9); !ok || !r.done() {
			return 0, false
		}
		if s = rest; !more {
			break
		}
	}
	y, m, d := int64(part[0]), part[1], part[2]
	if y > 9999 || m < 1 || m > 12 || d < 1 || d > civil.DaysIn(y, m) {
		return 0, false
	}
	return int32(civil.Days(y, m, d)), true
}

// ParseTime reads the text of TIME '…', H[:m[:s[.fraction]]], to milliseconds of the day.
func ParseTime(s []byte) (ms int32, ok bool) {
	r := reader{s: bytes.TrimSpace(s)}
	var part [3]int
	for k, most := range [3]int{23, 59, 59} {
		if k > 0 && !r.take(':') {
			break
		}
		if part[k], ok = r.number(1, 2); !ok || part[k] > most {
			return 0, false
		}
		if k == 2 && r.take('.') {
			nanos, _ := r.fraction()
			ms = int32(nanos / 1e6)
		}
	}
	if !r.done() {
		return 0, false
	}
	return ms + int32((part[0]*3600+part[1]*60+part[2])*1000), true
}

// CastTime reads a text to milliseconds of the day as CAST does: H[:m[:s[.fraction]]], then perhaps an offset, which behind
// seconds may have minutes, H:m:s+H:m. The hours and minutes of the offset are added or, behind a minus, taken away. There may be blanks
// around each number; what is no digit in the fraction counts as 0. A time outside of the day is refused.
func CastTime(s []byte) (ms int32, ok bool) {
	clock, offset, sign := s, []byte(nil), 0
	for k, c := range []byte("-+") {
		if i := bytes.IndexByte(s, c); i >= 0 {
			clock, offset, sign = s[:i], s[i+1:], 2*k-1
			break
		}
	}
	var part, shift [3]int
	n, ok := colonNumbers(clock, &part, &ms)
	if !ok || part[0] > 23 || part[1] > 59 || part[2] > 59 {
		return 0, false
	}
	if sign != 0 {
		if k, ok := colonNumbers(offset, &shift, nil); !ok || k > 2 || k == 2 && n < 3 {
			return 0, false
		}
	}
	total := int64(part[0]+sign*shift[0])*3600 + int64(part[1]+sign*shift[1])*60 + int64(part[2])
	if total < 0 || total >= civil.SecondsPerDay {
		return 0, false
	}
	return int32(total*MillisPerSecond) + ms, true
}

// colonNumbers reads one to three numbers between colons and gives how many. The third may have a fraction, unless ms is nil.
func colonNumbers(s []byte, part *[3]int, ms *int32) (n int, ok bool) {
	for more := true; more; n++ {
		var head []byte
		head, s, more = bytes.Cut(s, []byte{':'})
		if more && n == 2 {
			return 0, false
		}
		if n == 2 && ms != nil {
			var fraction []byte
			if head, fraction, ok = bytes.Cut(head, []byte{'.'}); ok {
				*ms = millis(bytes.TrimSpace(fraction))
			}
		}
		r := reader{s: bytes.TrimSpace(head)}
		for len(r.s) > 1 && r.s[0] == '0' {
			r.s = r.s[1:]
		}
		if part[n], ok = r.number(1, 9); !ok || !r.done() {
			return 0, false
		}
	}
	return n, true
}

// millis reads the first three digits behind the point.
func millis(s []byte) (ms int32) {
	for k, weight := range []int32{100, 10, 1} {
		if k < len(s) && s[k]-'0' <= 9 {
			ms += weight * int32(s[k]-'0')
		}
	}
	return ms
}
