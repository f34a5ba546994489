package datetime

import (
	"time"

	"github.com/weirstream/weir/runtime/civil"
)

// Parse reads a text by the pattern; false where it does not fit. Fields that the
// pattern does not have are those of 1970-01-01 00:00:00.
func (p *Pattern) Parse(s []byte) (Parsed, bool) {
	st := parsing{reader: reader{s: s}, loose: p.loose, century: p.century, Parsed: Parsed{Year: 1970, Month: 1, Day: 1}, pm: -1}
	if !st.items(p.items) || !p.loose && !st.done() {
		return Parsed{}, false
	}
	return st.finish()
}

// parsing is the state of one Parse.
type parsing struct {
	reader
	Parsed
	loose     bool
	from      int // where the digits of the field begin
	pm        int // -1: no half of the day given
	halfHour  bool
	dayOfYear int
	century   civil.Date // where the hundred years of years of two digits begin
	ambiguous bool       // the year is that in which they begin
	// The date as a day of a week; 0 for what is not given. Sunday is 1.
	weekYear, week, weekday int
}

func (st *parsing) items(items []item) bool {
	for i := 0; i < len(items); i++ {
		it := &items[i]
		switch it.letter {
		case 0:
			if !st.literal(it.text) {
				return false
			}
		case ']':
		case '[':
			end := optionalEnd(items, i)
			saved := *st
			if !st.items(items[i+1 : end]) {
				*st = saved
			}
			i = end
		default:
			if !st.field(it) {
				return false
			}
		}
	}
	return true
}

// optionalEnd finds the ] of the [ at i.
func optionalEnd(items []item, i int) int {
	depth := 0
	for k := i; k < len(items); k++ {
		switch items[k].letter {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return k
			}
		}
	}
	return len(items)
}

func (st *parsing) literal(text string) bool {
	if len(st.s)-st.i < len(text) || string(st.s[st.i:st.i+len(text)]) != text {
		return false
	}
	st.i += len(text)
	return true
}

// digits reads a number as wide as the item and what follows it allow.
func (st *parsing) digits(it *item) (int, bool) {
	if st.loose {
		for st.i < len(st.s) && st.s[st.i] == ' ' {
			st.i++
		}
	}
	st.from = st.i
	least, most := 1, 9
	switch {
	case it.fixed:
		least, most = it.count, it.count
		if st.loose {
			least = 1
		}
	case it.after > 0 || it.count > 1:
		least = it.count
		run := 0
		for st.i+run < len(st.s) && st.s[st.i+run]-'0' <= 9 {
			run++
		}
		most = min(most, max(least, run-it.after))
	}
	if st.loose && !it.fixed {
		least = 1
	}
	return st.number(least, most)
}

func (st *parsing) field(it *item) (ok bool) {
	switch it.letter {
	case 'M', 'L':
		if it.count > 2 {
			st.Month, ok = st.name(monthNames[:], it.count)
			return ok
		}
	case 'E':
		var day int
		day, ok = st.name(dayNames[:], it.count)
		st.weekday = day%7 + 1
		return ok
	case 'a':
		return st.half()
	case 'G':
		return st.literal("AD")
	case 'S':
		if !st.loose {
			return st.fixedFraction(it.count)
		}
	case 'Z', 'X', 'x':
		return st.offset(&st.Parsed)
	case 'z', 'V', 'O':
		return st.zoneName()
	}
	n, ok := st.digits(it)
	if ok && st.loose && it.letter == 'y' && it.count <= 2 && st.i-st.from == 2 {
		n = st.nearYear(n)
	}
	return ok && st.set(it, n)
}

// nearYear gives the year that two digits stand for: one of the hundred from the century's begin on.
func (st *parsing) nearYear(n int) int {
	first := int(st.century.Year)
	st.ambiguous = n == first%100
	year := first - first%100 + n
	if n < first%100 {
		year += 100
	}
	return year
}

// set stores a number; outside of SimpleDateFormat it must be in its range.
func (st *parsing) set(it *item, n int) bool {
	low, high := 0, 59
	var to *int
	switch it.letter {
	case 'y', 'u':
		if it.letter == 'u' && st.loose { // the day of the week, Monday is 1
			st.weekday = n%7 + 1
			return true
		}
		st.Year = int64(n)
		if it.count == 2 && !st.loose {
			st.Year += 2000
		}
		return true
	case 'Y':
		st.weekYear = n
		return true
	case 'w':
		to, low, high = &st.week, 1, 53
	case 'e', 'c':
		to, low, high = &st.weekday, 1, 7
	case 'M', 'L':
		to, low, high = &st.Month, 1, 12
	case 'd':
		to, low, high = &st.Day, 1, 31
	case 'D':
		to, low, high = &st.dayOfYear, 1, 366
	case 'H':
		to, high = &st.Hour, 23
	case 'k':
		to, low, high = &st.Hour, 1, 24
		if n == 24 {
			n = 0
			low = 0
		}
	case 'h', 'K':
		st.halfHour = true
		if to, high = &st.Hour, 12; n == 12 && it.letter == 'h' {
			n = 0
		}
	case 'm':
		to = &st.Minute
	case 's':
		to = &st.Sec
	case 'S':
		st.Nanos = n * 1e6
		return true
	case 'n':
		to, high = &st.Nanos, 1e9-1
	default: // A, N, weeks of months and quarters do not tell a timestamp
		return true
	}
	if !st.loose && (n < low || n > high) {
		return false
	}
	*to = n
	return true
}

func (st *parsing) fixedFraction(count int) bool {
	at := st.i
	if _, ok := st.number(count, count); !ok {
		return false
	}
	r := reader{s: st.s[at:st.i]}
	st.Nanos, _ = r.fraction()
	return true
}

// name reads a month's or day's name and gives its number from 1. SimpleDateFormat takes
// either form in any case.
func (st *parsing) name(names []string, count int) (int, bool) {
	for k, n := range names {
		long, short := n, n[:3]
		if st.word(long) && (count >= 4 || st.loose) {
			st.i += len(long)
			return k + 1, true
		}
		if st.word(short) && (count <= 3 || st.loose) {
			st.i += len(short)
			return k + 1, true
		}
	}
	return 0, false
}

func (st *parsing) word(w string) bool {
	if len(st.s)-st.i < len(w) {
		return false
	}
	for k := range len(w) {
		c := st.s[st.i+k]
		if c != w[k] && !(st.loose && c|0x20 == w[k]|0x20) {
			return false
		}
	}
	return true
}

func (st *parsing) half() bool {
	switch {
	case st.word("AM"):
		st.pm = 0
	case st.word("PM"):
		st.pm = 1
	default:
		return false
	}
	st.i += 2
	return true
}

// zoneName reads an offset or a zone's name.
func (st *parsing) zoneName() bool {
	start := st.i
	for st.i < len(st.s) {
		c := st.s[st.i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '/' || c == '_' || c == '+' || c == '-' || c == ':' {
			st.i++
			continue
		}
		break
	}
	loc, err := LoadZone(string(st.s[start:st.i]))
	if st.i == start || err != nil {
		return false
	}
	t := time.Date(int(st.Year), time.Month(st.Month), st.Day, st.Hour, st.Minute, st.Sec, 0, loc)
	_, st.Offset = t.Zone()
	st.HasOffset = true
	return true
}

// finish puts the halves of the day and the days of the month right.
func (st *parsing) finish() (Parsed, bool) {
	p := st.Parsed
	if st.halfHour && st.pm == 1 {
		p.Hour += 12
	}
	if st.dayOfYear > 0 {
		c := civil.Of(civil.Days(p.Year, 1, 1) + int64(st.dayOfYear) - 1)
		p.Month, p.Day = c.Month, c.Day
	}
	if st.weekYear > 0 && st.week > 0 && (st.weekday > 0 || st.loose) {
		week := firstWeek(st.weekYear) + int64(7*(st.week-1))
		if !st.loose && week >= firstWeek(st.weekYear+1) {
			week -= 7 // a 53rd week that the year does not have is its last
		}
		c := civil.Of(week + int64(max(st.weekday, 1)-1))
		p.Year, p.Month, p.Day = c.Year, c.Month, c.Day
	}
	if st.loose { // fields past their ranges count on
		if c := st.century; st.ambiguous && civil.Days(p.Year, p.Month, p.Day) < civil.Days(c.Year, c.Month, c.Day) {
			p.Year += 100
		}
		return p, true
	}
	p.Day = min(p.Day, civil.DaysIn(p.Year, p.Month))
	return p, p.Hour < 24
}

// firstWeek gives the Sunday on which a year's first week begins, that of January 1.
func firstWeek(year int) int64 {
	day := civil.Days(int64(year), 1, 1)
	return day - int64(civil.Weekday(day)%7)
}
