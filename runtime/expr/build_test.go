package expr

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

func TestNumberLiterals(t *testing.T) {
	for text, want := range map[string]string{
		"0": "INT NOT NULL", "2147483647": "INT NOT NULL", "2147483648": "BIGINT NOT NULL", "9223372036854775808": "DECIMAL(19, 0) NOT NULL",
		"1.50": "DECIMAL(3, 2) NOT NULL", "0.05": "DECIMAL(3, 2) NOT NULL", ".5": "DECIMAL(1, 1) NOT NULL", "1e3": "DOUBLE NOT NULL", "5.": "INT NOT NULL",
	} {
		_, typ, err := ParseNumber(text)
		if err != nil || typ.String() != want {
			t.Errorf("%s is %s, want %s (%v)", text, typ, want, err)
		}
	}
	for _, bad := range []string{"", "x", "1e999", strings.Repeat("9", 39), "1.2.3", "0.1e"} {
		if _, typ, err := ParseNumber(bad); err == nil {
			t.Errorf("%q is %s", bad, typ)
		}
	}
}

func TestTimeLiterals(t *testing.T) {
	type parse func(string) (any, types.Type, error)
	for _, c := range []struct {
		parse parse
		text  string
		want  string
	}{
		{ParseDate, "2024-02-29", "DATE NOT NULL"},
		{ParseDate, "2023-02-29", ""},
		{ParseDate, "2024-02", ""},
		{ParseTime, "12:30:00", "TIME(0) NOT NULL"},
		{ParseTime, "12:30", ""},
		{ParseTimestamp, "2024-02-29 12:30:00.12", "TIMESTAMP(2) NOT NULL"},
		{ParseTimestamp, "2024-02-29 12:30:00", "TIMESTAMP(0) NOT NULL"},
		{ParseTimestamp, "2024-02-29", "TIMESTAMP(0) NOT NULL"},
		{ParseTimestamp, "2024-02-29 12:30:00.1234567899", "TIMESTAMP(9) NOT NULL"},
		{ParseTimestamp, "2024-02-29 12:30:00.123456789x", ""},
		{ParseTimestamp, " 2024-02-29", ""},
		{ParseTimestamp, "2024-02-29 25:00:00", ""},
	} {
		_, typ, err := c.parse(c.text)
		if (err == nil) != (c.want != "") || err == nil && typ.String() != c.want {
			t.Errorf("'%s' is %s, want %s (%v)", c.text, typ, c.want, err)
		}
		var de *diag.Error
		if err != nil && (!errors.As(err, &de) || de.Hint == "") {
			t.Errorf("'%s': no hint in %v", c.text, err)
		}
	}
	if _, _, err := ParseInterval("1", "FORTNIGHT", "", false); err == nil {
		t.Error("INTERVAL '1' FORTNIGHT is one")
	}
}

func TestImplicitCasts(t *testing.T) {
	at := diag.Span{Start: 4, End: 9}
	col := func(typ types.Type) Expr { return &Column{Name: "c", T: typ, At: at} }
	for _, c := range []struct {
		from, to types.Type
		ok       bool
	}{
		{intT, bigT, true},
		{bigT, intT, false},
		{intT, types.DecimalOf(10, 2), true},
		{types.New(types.Float), doubleT, true},
		{strT, intT, false},
		{types.Type{Kind: types.Char, Length: 3}, strT, true},
		{types.TimestampOf(3), types.TimestampLTZOf(3), true},
		{types.TimestampOf(6), types.TimestampOf(3), true},
		{types.ArrayOf(intT), types.ArrayOf(bigT), true},
		{types.ArrayOf(strT), types.ArrayOf(bigT), false},
	} {
		e, err := ImplicitCast(col(c.from), c.to)
		if (err == nil) != c.ok {
			t.Errorf("%s into %s: %v", c.from, c.to, err)
		}
		if err == nil && !sameLayout(e.Type(), c.to) {
			t.Errorf("%s into %s gives %s", c.from, c.to, e.Type())
		}
		var de *diag.Error
		if err != nil && (!errors.As(err, &de) || de.Span != at) {
			t.Errorf("no place in %v", err)
		}
	}
	if e, err := ImplicitCast(null(), types.ArrayOf(intT)); err != nil || e.Type().Kind != types.Array {
		t.Errorf("NULL into ARRAY<INT>: %v", err)
	}
}

func TestCallErrors(t *testing.T) {
	reg := udf.Builtins()
	for _, c := range []struct {
		fn, want string
		args     []Expr
	}{
		{"UPPER", "1 argument expected, but 0 given", nil},
		{"SUBSTRING", "2 to 3 arguments expected", []Expr{str("x")}},
		{"EXTRACT", "unknown unit of time NIGHT", []Expr{str("NIGHT"), null()}},
		{"COALESCE", "no common type", []Expr{num("1"), lit(t, "date:2024-01-01")}},
		{"ARRAY", "at least 1 argument", nil},
		{"CURRENT_WATERMARK", "a timestamp", []Expr{str("x")}},
		{"JSON_VALUE", "invalid JSON path", []Expr{str("{}"), str("$[")}},
	} {
		_, err := NewCall(reg, c.fn, c.args, diag.Span{Start: 4, End: 9})
		var de *diag.Error
		if !errors.As(err, &de) || !strings.Contains(err.Error(), c.want) || de.Span.IsZero() || de.Hint == "" && !errors.Is(err, diag.ErrUnsupported) {
			t.Errorf("%s: %v", c.fn, err)
		}
	}
}

func FuzzLiterals(f *testing.F) {
	f.Add("1.50", "DAY", "SECOND")
	f.Add("1 02:03:04.005", "YEAR", "MONTH")
	f.Add("2024-02-29 12:00:00", "QUARTER", "")
	f.Fuzz(func(t *testing.T, text, from, to string) {
		if v, typ, err := ParseNumber(text); err == nil {
			if s := NewLiteral(v, typ, diag.Span{}).String(); s == "" {
				t.Fatalf("%q prints as nothing", text)
			}
		}
		for _, parse := range []func(string) (any, types.Type, error){ParseDate, ParseTime, ParseTimestamp} {
			v, typ, err := parse(text)
			if err == nil && NewLiteral(v, typ, diag.Span{}).String() == "" {
				t.Fatalf("%q prints as nothing", text)
			}
		}
		_, _, _ = ParseInterval(text, from, to, true)
	})
}
