package text

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/javatext"
)

// TestDatesAgreeWithTime compares dates and timestamps with package time's, over 4,000
// years.
func TestDatesAgreeWithTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var dates Dates
	for range 20000 {
		at := time.Unix(rng.Int64N(4000*365*86400)-1500*365*86400, rng.Int64N(1e9)).UTC()
		if y := at.Year(); y < 1 || y > 9999 {
			continue
		}
		for _, unit := range []int64{1e3, 1e6, 1e9} {
			if unit == 1e9 && (at.Year() < 1700 || at.Year() > 2250) {
				continue
			}
			want := at.Unix()*unit + int64(at.Nanosecond())/(1e9/unit)
			layout := map[int64]string{1e3: "2006-01-02 15:04:05.999", 1e6: "2006-01-02 15:04:05.999999", 1e9: "2006-01-02 15:04:05.999999999"}[unit]
			s := at.Truncate(time.Duration(1e9 / unit)).Format(layout)
			if got := string(AppendTimestamp(nil, want, unit, ' ', civil.Least)); got != s {
				t.Fatalf("AppendTimestamp(%d, %d) = %s, want %s", want, unit, got, s)
			}
			got, err := ParseTimestamp([]byte(s), SQL, false, unit, &dates)
			if err != nil || got != want {
				t.Fatalf("ParseTimestamp(%s, %d) = %d, %v, want %d", s, unit, got, err, want)
			}
		}
		days, err := ParseDate([]byte(at.Format("2006-01-02")))
		if want := int32(math.Floor(float64(at.Unix()) / 86400)); err != nil || days != want {
			t.Fatalf("ParseDate(%s) = %d, %v, want %d", at.Format("2006-01-02"), days, err, want)
		}
	}
}

func TestTimestampForms(t *testing.T) {
	for _, c := range []struct {
		s     string
		std   Standard
		zoned bool
		want  int64 // milliseconds, -1 for an error
	}{
		{"1970-01-01 00:00:01", SQL, false, 1000},
		{"1970-01-01 00:00:01.5", SQL, false, 1500},
		{"1970-01-01 00:00:01.500", SQL, false, 1500},
		{"1970-01-01 00:00:01.123456789", SQL, false, 1123},
		{"1970-01-01 00:00:01.1234567890", SQL, false, -1},
		{"1970-01-01 00:00:01.", SQL, false, -1},
		{"1970-01-01 00:00", SQL, false, -1},
		{"1970-01-01 24:00:00", SQL, false, -1},
		{"1970-01-01 00:60:00", SQL, false, -1},
		{"1970-01-01 0a:00:00", SQL, false, -1},
		{"1970-01-01 00:00:01Z", SQL, false, -1},
		{"1970-01-01 00:00:01Z", SQL, true, 1000},
		{"1970-01-01 00:00:01", SQL, true, -1},
		{"1970-01-01T00:00:01", SQL, false, -1},
		{"1970-01-01T00:00:01", ISO, false, 1000},
		{"1970-01-01T00:01", ISO, false, 60000},
		{"1970-01-01T00:01Z", ISO, true, 60000},
		{"1970-13-01 00:00:00", SQL, false, -1},
		{"1970-02-31 00:00:00", SQL, false, (31 + 27) * 86400 * 1000},
		{"1970-02-32 00:00:00", SQL, false, -1},
		{strings.Repeat("\x00", 10) + " 00:00:00", SQL, false, -1},
		{"", SQL, false, -1},
	} {
		var dates Dates
		got, err := ParseTimestamp([]byte(c.s), c.std, c.zoned, 1000, &dates)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Errorf("%q (%d, %v): %d, %v, want %d", c.s, c.std, c.zoned, got, err, c.want)
		}
	}
}

// TestTimestampReach: years that nanoseconds do not reach are refused, not taken for others.
func TestTimestampReach(t *testing.T) {
	for s, ok := range map[string]bool{
		"1600-01-01 00:00:00": false, "1677-09-21 00:12:43": false, "1677-09-21 00:12:44": true,
		"2262-04-11 23:47:15.999999999": true, "2262-04-11 23:47:16": false, "9999-12-31 00:00:00": false,
	} {
		var dates Dates
		got, err := ParseTimestamp([]byte(s), SQL, false, 1e9, &dates)
		if (err == nil) != ok {
			t.Errorf("%s: %d, %v", s, got, err)
		}
		if _, err := ParseTimestamp([]byte(s), SQL, false, 1e6, &dates); err != nil {
			t.Errorf("%s in microseconds: %v", s, err)
		}
	}
}

func TestAppendDates(t *testing.T) {
	for days, want := range map[int64]string{0: "1970-01-01", -719528: "0000-01-01", -719162: "0001-01-01", 2932896: "9999-12-31", 2932897: "+10000-01-01", -719529: "-0001-12-31"} {
		if got := string(AppendDate(nil, days)); got != want {
			t.Errorf("AppendDate(%d) = %s, want %s", days, got, want)
		}
	}
}

func TestLooseDates(t *testing.T) {
	for s, ok := range map[string]bool{"2024-1-2": true, "2024-01-2": true, "2024-1-02": true, "2024-01-02": true, "2024-1-": false, "2024--1-2": false, "2024-01-32": false, "-024-1-2": false, "2024-123-1": false, "20240102": false} {
		if _, err := ParseLooseDate([]byte(s)); (err == nil) != ok {
			t.Errorf("ParseLooseDate(%s): %v", s, err)
		}
	}
}

func TestDoubles(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -1.5: "-1.5", 100: "100.0", 1e7: "1.0E7", 9999999: "9999999.0", 12345678: "1.2345678E7", 0.001: "0.001", 0.00099: "9.9E-4",
		1e21: "1.0E21", 1e-300: "1.0E-300", math.MaxFloat64: "1.7976931348623157E308", math.Inf(1): "Infinity", -1e10: "-1.0E10",
	} {
		got := string(javatext.AppendDouble(nil, f, 64))
		back, err := ParseFloat([]byte(got), 64)
		if got != want || err != nil || back != f {
			t.Errorf("AppendDouble(%g) = %s, want %s; read back %g, %v", f, got, want, back, err)
		}
	}
	for _, s := range []string{"", "x", "1_0", "0x1p2", "inf", "nan", "1e", "--1", "1d"} {
		if f, err := ParseFloat([]byte(s), 64); err == nil {
			t.Errorf("ParseFloat(%q) = %g", s, f)
		}
	}
	if f, err := ParseFloat([]byte("-1e999"), 64); err != nil || !math.IsInf(f, -1) {
		t.Errorf("ParseFloat(-1e999) = %g, %v", f, err)
	}
}

func TestInts(t *testing.T) {
	for _, c := range []struct {
		s    string
		bits int
		want int64
		err  error
	}{
		{"127", 8, 127, nil},
		{"128", 8, 0, ErrRange},
		{"-128", 8, -128, nil},
		{"+5", 32, 5, nil},
		{"-9223372036854775808", 64, math.MinInt64, nil},
		{"9223372036854775808", 64, 0, ErrRange},
		{"99999999999999999999999", 64, 0, ErrRange},
		{"18446744073709551617", 64, 0, ErrRange},
		{"", 64, 0, ErrSyntax},
		{"-", 64, 0, ErrSyntax},
		{"1.0", 64, 0, ErrSyntax},
		{"999999999999999999999x", 64, 0, ErrSyntax},
	} {
		got, err := ParseInt([]byte(c.s), c.bits)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("ParseInt(%s, %d) = %d, %v", c.s, c.bits, got, err)
		}
	}
}
