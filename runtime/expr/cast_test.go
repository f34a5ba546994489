package expr

import (
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func TestCasts(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	dec := types.DecimalOf
	ts, ltz := types.TimestampOf, types.TimestampLTZOf
	char := func(n int) types.Type { return types.Type{Kind: types.Char, Length: n} }
	varchar := func(n int) types.Type { return types.Type{Kind: types.VarChar, Length: n} }
	for _, c := range []struct {
		in   string
		to   types.Type
		want string
	}{
		// to numbers
		{"'12'", intT, "12"},
		{"' -12 '", intT, "-12"},
		{"'3.9'", intT, "3"},
		{"'1e3'", intT, "error: cannot cast '1e3' to INT"},
		{"''", intT, "error: cannot cast '' to INT"},
		{"'2147483648'", intT, "error"},
		{"'-9223372036854775808'", bigT, "-9223372036854775808"},
		{"'128'", types.New(types.TinyInt), "error"},
		{"3000000000", intT, "-1294967296"},
		{"3.99", intT, "3"},
		{"-3.99e0", intT, "-3"},
		{"1e300", bigT, "9223372036854775807"},
		{"true", intT, "1"},
		{"0", boolT, "FALSE"},
		{"'yes'", boolT, "TRUE"},
		{"'maybe'", boolT, "error"},
		{"'1e3'", doubleT, "1000.0"},
		{"'NaN'", doubleT, "NaN"},
		{"'inf'", doubleT, "error"},
		{"0.1", types.New(types.Float), "0.1"},
		{"'12.345'", dec(5, 2), "12.35"},
		{"'-12.345'", dec(5, 2), "-12.35"},
		{"12.345", dec(4, 1), "12.3"},
		{"1234", dec(3, 0), "NULL"},
		{"12345678901234567890123.4", dec(22, 1), "NULL"},
		{"123456789012345678901.2", dec(22, 1), "123456789012345678901.2"},
		{"2.5e0", dec(3, 0), "3"},
		{"'x'", dec(3, 0), "error"},
		// to text
		{"true", strT, "TRUE"},
		{"1e7", strT, "1.0E7"},
		{"123456.75e0", strT, "123456.75"},
		{"1e-4", strT, "1.0E-4"},
		{"0.001e0", strT, "0.001"},
		{"1.50", strT, "1.50"},
		{"date:2024-02-29", strT, "2024-02-29"},
		{"ts:2024-02-29 01:02:03.040", strT, "2024-02-29 01:02:03.040"},
		{"ltz:2024-07-01 00:00:00", strT, "2024-07-01 02:00:00.000"},
		{"day:1 02:03:04.005", strT, "+1 02:03:04.005"},
		{"month:-1-2", strT, "-1-02"},
		{"'abc'", char(5), "abc  "},
		{"'h漢éx'", varchar(3), "h漢é"},
		{"12345", varchar(3), "123"},
		// among times
		{"'2024-02-30'", ts(3), "2024-02-29 00:00:00.000"},
		{"'2024-02-30'", types.New(types.Date), "error"},
		{"'2024-02-29 12:30'", ts(3), "error"},
		{"'2024-2-9 1:2:3.4567'", ts(3), "2024-02-09 01:02:03.456"},
		{"'2024-02-29 23:00:00'", types.New(types.Date), "2024-02-29"},
		{"'12:30:45'", types.Type{Kind: types.Time}, "12:30:45"},
		{"'24:00:00'", types.Type{Kind: types.Time}, "error"},
		{"ts:1969-12-31 12:00:00", types.New(types.Date), "1970-01-01"},
		{"ts:1969-12-31 23:59:59.500", ts(0), "1970-01-01 00:00:00"},
		{"ts:2024-01-01 01:02:03.999999", ts(3), "2024-01-01 01:02:03.999"},
		{"ts:2024-01-01 00:00:00.000", ltz(3), "2024-01-01 00:00:00.000"},
		{"ts:2024-03-31 02:30:00.000", ltz(3), "2024-03-31 03:30:00.000"}, // in the gap
		{"ltz:2024-10-27 00:30:00", ts(3), "2024-10-27 02:30:00.000"},
		{"ltz:2024-10-27 01:30:00", ts(3), "2024-10-27 02:30:00.000"}, // the hour comes twice
		{"ltz:2024-01-01 23:30:00", types.New(types.Date), "2024-01-02"},
		{"ltz:2024-01-01 23:30:00", types.Type{Kind: types.Time}, "00:30:00"},
		{"date:2024-01-01", ltz(3), "2024-01-01 00:00:00.000"},
		{"'2024-07-01 12:00:00'", ltz(3), "2024-07-01 12:00:00.000"},
		{"null", intT, "NULL"},
	} {
		e, err := NewCast(lit(t, c.in), c.to, false, diag.Span{Start: 3, End: 4})
		if err != nil {
			t.Errorf("CAST(%s AS %s): %v", c.in, c.to, err)
			continue
		}
		got := shown(t, e, berlin)
		if got != c.want && !(strings.HasPrefix(c.want, "error") && strings.HasPrefix(got, c.want)) {
			t.Errorf("CAST(%s AS %s) = %s, want %s", c.in, c.to, got, c.want)
		}
		try, err := NewCast(lit(t, c.in), c.to, true, diag.Span{})
		if err != nil {
			t.Fatal(err)
		}
		want := c.want
		if strings.HasPrefix(want, "error") {
			want = "NULL"
		}
		if got := shown(t, try, berlin); got != want {
			t.Errorf("TRY_CAST(%s AS %s) = %s, want %s", c.in, c.to, got, want)
		}
	}
}

func TestForbiddenCasts(t *testing.T) {
	for _, c := range []struct {
		in   string
		to   types.Type
		want string
	}{
		{"1", types.TimestampOf(3), "TO_TIMESTAMP_LTZ(x, 3)"},
		{"date:2024-01-01", intT, "cannot be cast"},
		{"true", types.New(types.Date), "cannot be cast"},
	} {
		_, err := NewCast(lit(t, c.in), c.to, false, diag.Span{Start: 3, End: 4})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("CAST(%s AS %s): %v", c.in, c.to, err)
		}
	}
}

func TestNestedCasts(t *testing.T) {
	f := newFixture(t)
	arr := f.col(types.ArrayOf(strT), []any{"1", "2"}, nil, []any{}, []any{"3", nil})
	f.want(f.cast(arr, types.ArrayOf(intT), false), []any{int64(1), int64(2)}, nil, []any{}, []any{int64(3), nil})
	bad := f.col(types.ArrayOf(strT), []any{"1", "x"}, nil, []any{}, []any{"3"})
	f.want(f.cast(bad, types.ArrayOf(intT), true), []any{int64(1), nil}, nil, []any{}, []any{int64(3)})
	if _, err := f.eval(f.cast(bad, types.ArrayOf(intT), false)); err == nil {
		t.Error("'x' was cast to INT")
	}
	row := types.RowOf(types.Field{Name: "a", Type: intT}, types.Field{Name: "b", Type: strT})
	to := types.RowOf(types.Field{Name: "a", Type: strT}, types.Field{Name: "b", Type: strT})
	r := f.col(row, []any{int64(1), "x"}, nil, []any{nil, "y"}, []any{int64(2), nil})
	f.want(f.cast(r, to, false), []any{"1", "x"}, nil, []any{nil, "y"}, []any{"2", nil})
	f.want(f.cast(r, strT, false), "(1, x)", nil, "(NULL, y)", "(2, NULL)")
}
