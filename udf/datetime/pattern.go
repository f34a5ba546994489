package datetime

import (
	"fmt"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/civil"
)

// Pattern is a compiled Java date pattern. There are two dialects: DateTimeFormatter's
// (DATE_FORMAT, TO_TIMESTAMP) and SimpleDateFormat's (FROM_UNIXTIME, UNIX_TIMESTAMP, TO_DATE,
// CONVERT_TZ), which is lenient: fields may pass their ranges and what follows the
// pattern is ignored.
type Pattern struct {
	items []item
	loose bool
	// century is where the hundred years of years of two digits begin, in SimpleDateFormat's dialect.
	century civil.Date
}

// item is a literal text, a field, or the begin or end of an optional part.
type item struct {
	letter byte // 0 for a literal, '[' and ']' for optional parts
	count  int
	text   string
	after  int // digits of the fixed-width fields that follow without a gap
	fixed  bool
}

// CompilePattern compiles a DateTimeFormatter pattern.
func CompilePattern(pattern string) (*Pattern, error) { return compilePattern(pattern, false) }

// CompileSimplePattern compiles a SimpleDateFormat pattern. Years that are written with two digits lie between 80 years
// before now and 20 years after it.
func CompileSimplePattern(pattern string, now time.Time) (*Pattern, error) {
	p, err := compilePattern(pattern, true)
	if err == nil {
		p.century = civil.Date{Year: int64(now.Year()) - 80, Month: int(now.Month()), Day: now.Day()}
	}
	return p, err
}

// letters are the fields that either dialect has.
const (
	letters       = "GyuYMLdDQqwWeEcFgahHkKmsSAnNzZxXVO"
	simpleLetters = "GyuYMLdDwWEFaHkKhmsSzZX"
)

func compilePattern(pattern string, loose bool) (*Pattern, error) {
	p := &Pattern{loose: loose}
	known, depth := letters, 0
	if loose {
		known = simpleLetters
	}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, n := quoted(pattern[i:])
			if n == 0 {
				return nil, fmt.Errorf("date pattern '%s': a quote is not closed", pattern)
			}
			p.items = append(p.items, item{text: text})
			i += n
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			if strings.IndexByte(known, c) < 0 {
				return nil, fmt.Errorf("date pattern '%s': unknown letter %c", pattern, c)
			}
			p.items = append(p.items, item{letter: c, count: n})
			i += n
		case !loose && (c == '[' || c == ']'):
			depth += map[byte]int{'[': 1, ']': -1}[c]
			if depth < 0 {
				return nil, fmt.Errorf("date pattern '%s': ] without [", pattern)
			}
			p.items = append(p.items, item{letter: c})
			i++
		default:
			p.items = append(p.items, item{text: pattern[i : i+1]})
			i++
		}
	}
	for range depth {
		p.items = append(p.items, item{letter: ']'})
	}
	p.findAdjacent()
	return p, nil
}

// quoted reads '…' with ” for a quote, and gives the bytes read.
func quoted(s string) (text string, n int) {
	if strings.HasPrefix(s, "''") {
		return "'", 2
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1
	}
	return "", 0
}

// numeric reports fields that are read as digits.
func (it *item) numeric() bool {
	switch it.letter {
	case 'M', 'L':
		return it.count <= 2
	case 'y', 'u', 'Y', 'd', 'D', 'w', 'W', 'F', 'g', 'h', 'H', 'k', 'K', 'm', 's', 'S', 'A', 'n', 'N', 'Q', 'q', 'e', 'c':
		return true
	}
	return false
}

// findAdjacent notes, for each number, the digits that fields right behind it need.
func (p *Pattern) findAdjacent() {
	for i := len(p.items) - 1; i >= 0; i-- {
		it := &p.items[i]
		if !it.numeric() {
			continue
		}
		// SimpleDateFormat reads all digits that there are, but where another number follows.
		it.fixed = it.count > 1 && it.letter != 'y' && it.letter != 'u' && it.letter != 'Y' && !p.loose || it.letter == 'y' && it.count == 2 && !p.loose
		if i+1 < len(p.items) && p.items[i+1].numeric() {
			next := p.items[i+1]
			it.after = next.count + next.after
			if p.loose {
				it.fixed = true
			}
		}
	}
}

// Step gives the length, in ticks of unit, of the stretches of time that the pattern
// writes alike: a day for yyyy-MM-dd.
func (p *Pattern) Step(unit int64) int64 {
	step := int64(civil.SecondsPerDay)
	for _, it := range p.items {
		switch it.letter {
		case 'H', 'h', 'k', 'K', 'a':
			step = min(step, 3600)
		case 'm':
			step = min(step, 60)
		case 's':
			step = 1
		case 'S', 'n', 'N', 'A':
			return 1
		}
	}
	return step * unit
}

// HasZone reports whether the pattern has a field of the time zone.
func (p *Pattern) HasZone() bool {
	for _, it := range p.items {
		if it.letter != 0 && strings.IndexByte("zZxXVO", it.letter) >= 0 {
			return true
		}
	}
	return false
}

var (
	monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames   = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
)
