package datetime

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/civil"
)

func TestZoneAgainstTime(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"} {
		loc, err := LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		z := NewZone(loc)
		for secs := int64(1_690_000_000); secs < 1_740_000_000; secs += 1801 {
			local := z.ToLocal(secs, 1)
			want := time.Unix(secs, 0).In(loc)
			if _, off := want.Zone(); local != secs+int64(off) {
				t.Fatalf("%s at %d: local %d", name, secs, local)
			}
			// A time that comes twice is the first; others come back.
			if back := z.ToInstant(local, 1); back != secs && (back > secs || z.ToLocal(back, 1) != local) {
				t.Fatalf("%s at %v: back at %d, not %d", name, want, back, secs)
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		loose         bool
		want          string // "" where it does not fit
	}{
		{"yyyy-MM-dd HH:mm:ss", "2024-02-09 03:04:05", false, "2024-02-09 03:04:05.000"},
		{"yyyy-MM-dd HH:mm:ss", "2024-2-9 3:4:5", false, ""},
		{"yyyy-M-d H:m:s", "2024-2-9 3:4:5", false, "2024-02-09 03:04:05.000"},
		{"yyyyMMddHHmmssSSS", "20240209030405678", false, "2024-02-09 03:04:05.678"},
		{"dd/MMM/yyyy:HH:mm:ss Z", "17/May/2015:10:05:03 +0000", false, "2015-05-17 10:05:03.000"},
		{"EEE, dd MMM yyyy HH:mm:ss zzz", "Fri, 09 Feb 2024 03:04:05 GMT", false, "2024-02-09 03:04:05.000"},
		{"yyyy-MM-dd'T'HH:mm:ss[.SSS]X", "2024-02-09T03:04:05Z", false, "2024-02-09 03:04:05.000"},
		{"yyyy-MM-dd'T'HH:mm:ss[.SSS]X", "2024-02-09T03:04:05.5Z", false, ""},
		{"MM/dd/yy hh:mm a", "02/09/24 12:04 AM", false, "2024-02-09 00:04:00.000"},
		{"MM/dd/yy hh:mm a", "02/09/24 12:04 PM", false, "2024-02-09 12:04:00.000"},
		{"yyyy-DDD", "2024-060", false, "2024-02-29 00:00:00.000"},
		{"yyyy-MM-dd", "2024-02-31", false, "2024-02-29 00:00:00.000"},
		{"yyyy-MM-dd", "2024-13-01", false, ""},
		{"yyyy-MM-dd", "2024-13-01", true, "2025-01-01 00:00:00.000"},
		{"yyyy-MM-dd", "2024-1-2 tail", true, "2024-01-02 00:00:00.000"},
		{"yyyy-MM-dd", "2024-1-2 tail", false, ""},
		{"''yy''", "'24'", false, "2024-01-01 00:00:00.000"},
		{"yy", "60", false, "2060-01-01 00:00:00.000"},
		{"yy", "60", true, "1960-01-01 00:00:00.000"},
		{"yy", "45", true, "2045-01-01 00:00:00.000"},
		{"yy", "47", true, "1947-01-01 00:00:00.000"},
		{"dd/MM/yy", "28/06/46", true, "2046-06-28 00:00:00.000"},
		{"dd/MM/yy", "30/06/46", true, "1946-06-30 00:00:00.000"},
		{"dd/MM/y", "30/06/99", true, "1999-06-30 00:00:00.000"},
		{"yy", "1960", true, "1960-01-01 00:00:00.000"},
		{"yyMMdd", "991231", true, "1999-12-31 00:00:00.000"},
		{"YYYY-'W'ww-e", "2020-W01-1", false, "2019-12-29 00:00:00.000"},
		{"YYYY-'W'ww", "2020-W02", true, "2020-01-05 00:00:00.000"},
	} {
		compile := CompilePattern
		if c.loose {
			compile = simplePattern
		}
		p, err := compile(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		got := ""
		if in, ok := p.Parse([]byte(c.text)); ok {
			got = string(civil.AppendTimestamp(nil, in.Ticks(1000), 1000, ' ', 3))
		}
		if got != c.want {
			t.Errorf("%s of %q = %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
	for _, bad := range []string{"yyyy'", "bb", "]"} {
		if _, err := CompilePattern(bad); err == nil {
			t.Errorf("%s compiled", bad)
		}
	}
}

func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		text     string
		from, to Unit
		want     int64
		fails    bool
	}{
		{"10", Minute, NoUnit, 600_000, false},
		{"-1.5", Second, NoUnit, -1500, false},
		{"1 02:03:04.005", Day, Second, 93_784_005, false},
		{"2-6", Year, Month, 30, false},
		{"1 10", Day, Hour, 122_400_000, false},
		{"3", Quarter, NoUnit, 9, false},
		{"2", Week, NoUnit, 14 * MillisPerDay, false},
		{"1 25:00", Day, Minute, 0, true},
		{"x", Day, NoUnit, 0, true},
		{"1", Day, Second, 0, true},
		{"1-2", Year, Second, 0, true},
	} {
		got, _, err := ParseInterval(c.text, c.from, c.to)
		if (err != nil) != c.fails || err == nil && got != c.want {
			t.Errorf("INTERVAL '%s' %s TO %s = %d (%v)", c.text, c.from, c.to, got, err)
		}
	}
}

// simplePattern compiles in the middle of 2026.
func simplePattern(pattern string) (*Pattern, error) {
	return CompileSimplePattern(pattern, time.Date(2026, 6, 29, 12, 0, 0, 0, time.UTC))
}

func FuzzTimestamp(f *testing.F) {
	f.Add("2024-02-29 12:30:45.123456789", "yyyy-MM-dd HH:mm:ss.SSS")
	f.Add("17/May/2015:10:05:03 +0000", "dd/MMM/yyyy:HH:mm:ss Z")
	f.Add("1 02:03:04.005", "[yy]'x'GGG")
	f.Fuzz(func(t *testing.T, text, pattern string) {
		if p, ok := ParseTimestamp([]byte(text)); ok && p.Year < 10_000 && p.Year > 999 {
			ticks := p.Ticks(1e6)
			again, ok := ParseTimestamp(civil.AppendTimestamp(nil, ticks, 1e6, ' ', 6))
			if !ok || again.Ticks(1e6) != ticks {
				t.Fatalf("%q reads as %+v, and back as %+v", text, p, again)
			}
		}
		ParseDate([]byte(text))
		ParseTime([]byte(text))
		for _, u := range []Unit{Day, Second, Year, Month} {
			_, _, _ = ParseInterval(text, u, Second)
		}
		for _, compile := range []func(string) (*Pattern, error){CompilePattern, simplePattern} {
			if p, err := compile(pattern); err == nil {
				if in, ok := p.Parse([]byte(text)); ok {
					p.Format(nil, in.Ticks(1000), 1000, 0, "UTC")
				}
			}
		}
	})
}
