package expr

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
	"github.com/weirstream/weir/udf/cast"
	"github.com/weirstream/weir/udf/datetime"
)

// The tables of this package's tests write values as text: lit reads a literal by a
// short prefix of its type.
//
//	1, 1.50, 1e3           numbers
//	'text'                 a string
//	date: time: ts: ltz:   DATE, TIME, TIMESTAMP with the digits written, TIMESTAMP_LTZ(3) in UTC
//	day: month:            intervals of DAY TO SECOND and YEAR TO MONTH
//	true, false, null      as they are
func lit(t testing.TB, s string) Expr {
	t.Helper()
	kind, text, _ := strings.Cut(s, ":")
	var v any
	var typ types.Type
	var err error
	switch kind {
	case "date":
		v, typ, err = ParseDate(text)
	case "time":
		v, typ, err = ParseTime(text)
	case "ts":
		v, typ, err = ParseTimestamp(text)
	case "ltz":
		if v, typ, err = ParseTimestamp(text); err == nil {
			v = datetime.Rescale(v.(int64), unit(typ), 1000)
			typ = types.TimestampLTZOf(3)
		}
	case "day":
		v, typ, err = ParseInterval(strings.TrimPrefix(text, "-"), "DAY", "SECOND", strings.HasPrefix(text, "-"))
	case "month":
		v, typ, err = ParseInterval(strings.TrimPrefix(text, "-"), "YEAR", "MONTH", strings.HasPrefix(text, "-"))
	default:
		switch {
		case s == "null":
			return null()
		case s == "true" || s == "false":
			return NewLiteral(s == "true", boolT, diag.Span{})
		case strings.HasPrefix(s, "'"):
			return str(s[1 : len(s)-1])
		case strings.HasPrefix(s, "-"):
			e, err := NewCall(udf.Builtins(), "NEG", []Expr{num(s[1:])}, diag.Span{})
			if err != nil {
				t.Fatal(err)
			}
			folded, err := Fold(e, nil)
			if err != nil {
				t.Fatal(err)
			}
			return folded
		}
		return num(s)
	}
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return NewLiteral(v, typ, diag.Span{})
}

func unit(t types.Type) int64 {
	switch {
	case t.Precision <= 3:
		return 1000
	case t.Precision <= 6:
		return 1e6
	}
	return 1e9
}

// shown evaluates e in UTC and prints it as CAST AS STRING does, with the type.
func shown(t testing.TB, e Expr, zone *time.Location) string {
	t.Helper()
	f := newFixture(t)
	f.env.Zone = zone
	f.batch.SetLen(1)
	got, err := f.eval(e)
	if err != nil {
		return "error: " + err.Error()
	}
	return cast.Text(got[0], e.Type(), zone)
}

// callCase is a call, its arguments as lit reads them, and its result's text and type
// (not looked at where empty).
type callCase struct {
	fn   string
	args []string
	want string
	typ  string
}

func args(s ...string) []string { return s }

func runCalls(t *testing.T, zone *time.Location, cases []callCase) {
	t.Helper()
	reg := udf.Builtins()
	for _, c := range cases {
		name := fmt.Sprintf("%s(%s)", c.fn, strings.Join(c.args, ", "))
		var in []Expr
		for _, a := range c.args {
			in = append(in, lit(t, a))
		}
		e, err := NewCall(reg, c.fn, in, diag.Span{Start: 1, End: 2})
		if err != nil {
			if !strings.Contains("error: "+err.Error(), c.want) || !strings.HasPrefix(c.want, "error") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if got := shown(t, e, zone); got != c.want && !(strings.HasPrefix(c.want, "error") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s = %s, want %s", name, got, c.want)
		}
		if got := e.Type().WithNull().String(); c.typ != "" && got != c.typ {
			t.Errorf("%s has type %s, want %s", name, got, c.typ)
		}
	}
}

func TestArithmetic(t *testing.T) {
	runCalls(t, nil, []callCase{
		{"+", args("1", "2"), "3", "INT"},
		{"+", args("2147483647", "1"), "-2147483648", "INT"},
		{"+", args("1", "3000000000"), "3000000001", "BIGINT"},
		{"+", args("1.50", "2"), "3.50", "DECIMAL(13, 2)"},
		{"*", args("1.50", "2.25"), "3.3750", "DECIMAL(7, 4)"},
		{"/", args("7", "2"), "3", "INT"},
		{"/", args("-7", "2"), "-3", "INT"},
		{"/", args("1.00", "3"), "0.3333333333333", "DECIMAL(14, 13)"},
		{"/", args("1e0", "0"), "Infinity", "DOUBLE"},
		{"/", args("1", "0"), "error: division by zero", ""},
		{"/", args("1.0", "0.0"), "error: division by zero", ""},
		{"%", args("7", "0"), "error: division by zero", ""},
		{"%", args("-7", "3"), "-1", "INT"},
		{"MOD", args("3000000000", "7"), "4", "INT"},
		{"%", args("7.5", "2"), "1.5", "DECIMAL(2, 1)"},
		{"NEG", args("1.50"), "-1.50", ""},
		{"+", args("99999999999999999999999999999999999999", "1"), "NULL", "DECIMAL(38, 0)"},
		{"*", args("99999999999999999999999999999999999999", "10"), "NULL", "DECIMAL(38, 0)"},
		{"+", args("'a'", "1"), "error: + does not take CHAR(1) and INT", ""},
		{"+", args("null", "1"), "NULL", "INT"},
		{"ABS", args("-3"), "3", "INT"},
		{"SIGN", args("-1.50"), "-1.00", "DECIMAL(3, 2)"},
		{"ROUND", args("2.5"), "3", "DECIMAL(2, 0)"},
		{"ROUND", args("-2.345", "2"), "-2.35", "DECIMAL(4, 2)"},
		{"ROUND", args("1234", "-2"), "1200", "INT"},
		{"ROUND", args("2.5e0", "0"), "3.0", "DOUBLE"},
		{"ROUND", args("1.005e0", "2"), "1.01", "DOUBLE"},
		{"TRUNCATE", args("42.345", "2"), "42.34", ""},
		{"FLOOR", args("-1.5"), "-2", "DECIMAL(2, 0)"},
		{"CEIL", args("-1.5"), "-1", ""},
		{"FLOOR", args("-1.5e0"), "-2.0", "DOUBLE"},
		{"POWER", args("2", "10"), "1024.0", "DOUBLE"},
		{"LOG", args("2", "8"), "3.0", ""},
		{"LOG2", args("8"), "3.0", ""},
		{"BIN", args("4"), "100", ""},
		{"HEX", args("255"), "FF", ""},
		{"HEX", args("'hi'"), "6869", ""},
		{"GREATEST", args("1", "3", "2"), "3", "INT"},
		{"LEAST", args("1", "null"), "NULL", "INT"},
	})
}

func TestComparison(t *testing.T) {
	runCalls(t, nil, []callCase{
		{"=", args("1", "1.0"), "TRUE", "BOOLEAN"},
		{"<", args("1.05", "1.1"), "TRUE", ""},
		{"=", args("1", "'1'"), "TRUE", ""},
		{">", args("'abd'", "'abc'"), "TRUE", ""},
		{"=", args("'a'", "'a '"), "FALSE", ""},
		{"<", args("date:2024-01-01", "'2024-01-02'"), "TRUE", ""},
		{"=", args("ts:2024-01-01 00:00:00", "date:2024-01-01"), "TRUE", ""},
		{"<", args("ts:2024-01-01 00:00:00.1", "ts:2024-01-01 00:00:00.123456"), "TRUE", ""},
		{"BETWEEN", args("2", "1", "3"), "TRUE", ""},
		{"BETWEEN", args("null", "1", "3"), "NULL", ""},
		{"IN", args("2", "1", "2"), "TRUE", ""},
		{"IN", args("3", "1", "null"), "NULL", ""},
		{"IN", args("'b'", "'a'", "'b'"), "TRUE", ""},
		{"IN", args("1.5", "1", "1.50"), "TRUE", ""},
		{"NULLIF", args("1", "1"), "NULL", "INT"},
		{"NULLIF", args("2", "1"), "2", ""},
		{"IFNULL", args("null", "1"), "1", "INT"},
		{"COALESCE", args("null", "1", "2.5"), "1.0", "DECIMAL(11, 1)"},
		{"IF", args("false", "1", "null"), "NULL", "INT"},
		{"=", args("true", "1"), "error: = does not take BOOLEAN and INT", ""},
	})
}

func TestTimeArithmetic(t *testing.T) {
	runCalls(t, nil, []callCase{
		{"+", args("ts:2024-01-31 10:00:00", "month:0-1"), "2024-02-29 10:00:00", "TIMESTAMP(0)"},
		{"-", args("ts:2024-03-31 10:00:00.500", "month:1-1"), "2023-02-28 10:00:00.500", "TIMESTAMP(3)"},
		{"+", args("ts:2024-01-31 23:59:59.999", "day:0 00:00:00.001"), "2024-02-01 00:00:00.000", ""},
		{"+", args("day:1 00:00:00", "date:2024-02-28"), "2024-02-29", "DATE"},
		{"-", args("date:2024-03-01", "day:1 00:00:00"), "2024-02-29", "DATE"},
		{"+", args("time:23:30:00", "day:0 01:00:00"), "00:30:00", ""},
		{"-", args("ts:2024-01-02 00:00:00", "ts:2024-01-01 12:00:00"), "+0 12:00:00.000", ""},
		{"*", args("day:0 00:10:00", "6"), "+0 01:00:00.000", ""},
		{"+", args("month:1-0", "month:0-6"), "+1-06", ""},
		{"TIMESTAMPADD", args("'MONTH'", "1", "date:2024-01-31"), "2024-02-29", "DATE"},
		{"TIMESTAMPADD", args("'HOUR'", "25", "ts:2024-01-31 10:00:00.000"), "2024-02-01 11:00:00.000", ""},
		{"TIMESTAMPADD", args("'HOUR'", "1", "date:2024-01-31"), "2024-01-31 01:00:00.000000", "TIMESTAMP(6)"},
		{"TIMESTAMPDIFF", args("'DAY'", "ts:2024-01-01 12:00:00", "ts:2024-01-03 11:00:00"), "1", "INT"},
		{"TIMESTAMPDIFF", args("'MONTH'", "date:2024-01-31", "date:2024-02-29"), "1", ""},
		{"TIMESTAMPDIFF", args("'MONTH'", "date:2024-02-29", "date:2024-01-31"), "-1", ""},
		{"TIMESTAMPDIFF", args("'YEAR'", "date:2020-02-29", "date:2024-02-28"), "3", ""},
		{"EXTRACT", args("'YEAR'", "date:2024-02-29"), "2024", "BIGINT"},
		{"EXTRACT", args("'DOW'", "date:2024-02-25"), "1", ""},
		{"EXTRACT", args("'HOUR'", "ts:1969-12-31 23:00:00"), "-1", ""},
		{"EXTRACT", args("'EPOCH'", "ts:2024-01-01 00:00:00"), "1704067200", ""},
		{"EXTRACT", args("'MINUTE'", "day:1 02:03:04"), "3", ""},
		{"WEEK", args("date:2024-12-30"), "1", ""},
		{"QUARTER", args("date:2024-12-30"), "4", ""},
		{"DAYOFYEAR", args("date:2024-12-31"), "366", ""},
		{"DAYOFWEEK", args("date:2024-02-24"), "7", ""},
		{"SECOND", args("ts:2024-01-01 00:00:59"), "59", ""},
		{"FLOOR", args("ts:2024-02-29 13:59:59.999", "'HOUR'"), "2024-02-29 13:00:00.000", "TIMESTAMP(3)"},
		{"FLOOR", args("ts:2024-02-29 13:59:59", "'WEEK'"), "2024-02-25 00:00:00", ""},
		{"FLOOR", args("date:2024-02-29", "'QUARTER'"), "2024-01-01", "DATE"},
		{"CEIL", args("ts:2024-02-29 13:00:01", "'HOUR'"), "2024-02-29 14:00:00", ""},
		{"CEIL", args("date:2024-02-02", "'MONTH'"), "2024-03-01", ""},
		{"OVERLAPS", args("time:02:55:00", "day:0 01:00:00", "time:03:30:00", "day:0 02:00:00"), "TRUE", "BOOLEAN"},
		{"OVERLAPS", args("time:09:00:00", "time:10:00:00", "time:10:15:00", "day:0 03:00:00"), "FALSE", ""},
		{"EXTRACT", args("'HOUR'", "date:2024-02-02"), "0", ""},
	})
}

func TestTimeText(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	runCalls(t, berlin, []callCase{
		{"DATE_FORMAT", args("ts:2024-02-09 03:04:05.678", "'yyyy-MM-dd'T'HH:mm:ss.SSS'"), "2024-02-09T03:04:05.678", ""},
		{"DATE_FORMAT", args("ts:2024-02-09 03:04:05.678", "'yy/M/d h:mm a EEE MMM'"), "24/2/9 3:04 AM Fri Feb", "STRING"},
		{"DATE_FORMAT", args("ltz:2024-07-01 12:00:00", "'HH:mm'"), "14:00", ""},
		{"DATE_FORMAT", args("'2024-07-01 12:00:00'", "'EEEE, dd MMMM'"), "Monday, 01 July", ""},
		{"TO_TIMESTAMP", args("'17/May/2015:10:05:03 +0000'", "'dd/MMM/yyyy:HH:mm:ss Z'"), "2015-05-17 10:05:03.000", "TIMESTAMP(3)"},
		{"TO_TIMESTAMP", args("'2024-01-02 03:04:05.678'"), "2024-01-02 03:04:05.678", ""},
		{"TO_TIMESTAMP", args("'2024-1-2'", "'dd.MM.yyyy'"), "2024-01-02 00:00:00.000", ""},
		{"TO_TIMESTAMP", args("'20240102030405'", "'yyyyMMddHHmmss'"), "2024-01-02 03:04:05.000", ""},
		{"TO_TIMESTAMP", args("'nonsense'"), "NULL", ""},
		{"TO_TIMESTAMP_LTZ", args("1704067200", "0"), "2024-01-01 01:00:00.000", "TIMESTAMP_LTZ(3)"},
		{"TO_TIMESTAMP_LTZ", args("1704067200123", "3"), "2024-01-01 01:00:00.123", ""},
		{"TO_TIMESTAMP_LTZ", args("'2024-01-01 00:00:00'"), "2024-01-01 01:00:00.000", ""},
		{"TO_TIMESTAMP_LTZ", args("'2024-01-01 00:00:00'", "'yyyy-MM-dd HH:mm:ss'", "'Asia/Tokyo'"), "2023-12-31 16:00:00.000", ""},
		{"TO_TIMESTAMP_LTZ", args("1", "6"), "error: TO_TIMESTAMP_LTZ: the precision must be 0", ""},
		{"TO_DATE", args("'2024-02-30'"), "NULL", "DATE"},
		{"TO_DATE", args("'09.02.2024'", "'dd.MM.yyyy'"), "2024-02-09", ""},
		{"FROM_UNIXTIME", args("0"), "1970-01-01 01:00:00", ""},
		{"FROM_UNIXTIME", args("1720000000", "'yyyy-MM-dd HH:mm Z'"), "2024-07-03 11:46 +0200", ""},
		{"UNIX_TIMESTAMP", args("'1970-01-01 01:00:00'"), "0", "BIGINT"},
		{"UNIX_TIMESTAMP", args("'1970-01-01 00:00:00 +0000'", "'yyyy-MM-dd HH:mm:ss Z'"), "0", ""},
		{"CONVERT_TZ", args("'1970-01-01 00:00:00'", "'UTC'", "'America/Los_Angeles'"), "1969-12-31 16:00:00", ""},
		{"FLOOR", args("ltz:2024-07-01 22:30:00", "'DAY'"), "2024-07-02 00:00:00.000", ""},
		{"HOUR", args("ltz:2024-07-01 22:30:00"), "0", ""},
		{"+", args("ltz:2024-03-30 12:00:00", "month:0-1"), "2024-04-30 14:00:00.000", ""},
	})
}

func TestStrings(t *testing.T) {
	runCalls(t, nil, []callCase{
		{"||", args("'a'", "'bc'"), "abc", "CHAR(3)"},
		{"CONCAT", args("'a'", "null", "'b'"), "NULL", "STRING"},
		{"CONCAT_WS", args("','", "'a'", "null", "'b'"), "a,b", ""},
		{"CHAR_LENGTH", args("'h漢é'"), "3", "INT"},
		{"UPPER", args("'straße'"), "STRASSE", ""},
		{"INITCAP", args("'hELLO wORLD-x'"), "Hello World-X", ""},
		{"SUBSTRING", args("'hello'", "2"), "ello", ""},
		{"SUBSTRING", args("'hello'", "2", "3"), "ell", ""},
		{"SUBSTRING", args("'hello'", "-3", "2"), "ll", ""},
		{"SUBSTRING", args("'hello'", "0", "2"), "he", ""},
		{"SUBSTRING", args("'hello'", "9"), "", ""},
		{"SUBSTRING", args("'hello'", "1", "-1"), "NULL", ""},
		{"SUBSTRING", args("'h漢é!'", "2", "2"), "漢é", ""},
		{"LEFT", args("'hello'", "2"), "he", ""},
		{"RIGHT", args("'héllo'", "4"), "éllo", ""},
		{"TRIM", args("'BOTH'", "' '", "'  x '"), "x", ""},
		{"TRIM", args("'LEADING'", "'xy'", "'xyxax'"), "ax", ""},
		{"RTRIM", args("'abcc'", "'c'"), "ab", ""},
		{"POSITION", args("'c'", "'abc'"), "3", "INT"},
		{"LOCATE", args("'b'", "'abcb'", "3"), "4", ""},
		{"INSTR", args("'héllo'", "'l'"), "3", ""},
		{"REPLACE", args("'aXbX'", "'X'", "'--'"), "a--b--", ""},
		{"OVERLAY", args("'abcdef'", "'ZZ'", "2", "3"), "aZZef", ""},
		{"TRANSLATE", args("'hello'", "'el'", "'ip'"), "hippo", ""},
		{"LPAD", args("'7'", "3", "'0'"), "007", ""},
		{"RPAD", args("'hello'", "2", "'x'"), "he", ""},
		{"LPAD", args("'a'", "-1", "'x'"), "NULL", ""},
		{"REPEAT", args("'ab'", "3"), "ababab", ""},
		{"REVERSE", args("'héy'"), "yéh", ""},
		{"SPLIT_INDEX", args("'a,b,,c'", "','", "2"), "", ""},
		{"SPLIT_INDEX", args("'a,b'", "','", "5"), "NULL", ""},
		{"SPLIT_INDEX", args("'a b'", "32", "1"), "b", ""},
		{"ASCII", args("'A'"), "65", ""},
		{"CHR", args("97"), "a", ""},
		{"TO_BASE64", args("'hi'"), "aGk=", ""},
		{"FROM_BASE64", args("'aGk='"), "hi", ""},
		{"MD5", args("''"), "d41d8cd98f00b204e9800998ecf8427e", ""},
		{"SHA2", args("'a'", "256"), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", ""},
		{"URL_ENCODE", args("'a b&ü'"), "a+b%26%C3%BC", ""},
		{"URL_DECODE", args("'a+b%26'"), "a b&", ""},
		{"PARSE_URL", args("'http://u:p@ex.org:80/a/b?x=1&y=2#r'", "'HOST'"), "ex.org", ""},
		{"PARSE_URL", args("'http://ex.org/a?x=1&y=2#r'", "'QUERY'", "'y'"), "2", ""},
		{"STR_TO_MAP", args("'a=1,b=2'"), "{a=1, b=2}", "MAP<STRING, STRING>"},
		{"IS_DECIMAL", args("'1.5e3'"), "TRUE", ""},
		{"STARTSWITH", args("'hello'", "'he'"), "TRUE", ""},
		{"ELT", args("2", "'a'", "'b'"), "b", ""},
		{"UPPER", args("5"), "error: UPPER: argument 1 must be a string", ""},
	})
}

func TestPatterns(t *testing.T) {
	runCalls(t, nil, []callCase{
		{"LIKE", args("'hello'", "'h%o'"), "TRUE", "BOOLEAN"},
		{"LIKE", args("'hello'", "'h_l%'"), "TRUE", ""},
		{"LIKE", args("'hello'", "'%l'"), "FALSE", ""},
		{"LIKE", args("'hello'", "'%'"), "TRUE", ""},
		{"LIKE", args("''", "''"), "TRUE", ""},
		{"LIKE", args("'a%b'", "'a!%b'", "'!'"), "TRUE", ""},
		{"LIKE", args("'axb'", "'a!%b'", "'!'"), "FALSE", ""},
		{"LIKE", args("'abcbc'", "'a%bc'"), "TRUE", ""},
		{"LIKE", args("'漢'", "'_'"), "TRUE", ""},
		{"LIKE", args("'xaybz'", "'%a_b_'"), "TRUE", ""},
		{"SIMILAR TO", args("'abc'", "'(a|x)b%'"), "TRUE", ""},
		{"SIMILAR TO", args("'a.c'", "'a.c'"), "TRUE", ""},
		{"SIMILAR TO", args("'abc'", "'a.c'"), "FALSE", ""},
		{"REGEXP", args("'foobar'", "'o+b'"), "TRUE", ""},
		{"REGEXP_EXTRACT", args("'foothebar'", "'foo(.*?)(bar)'", "2"), "bar", "STRING"},
		{"REGEXP_EXTRACT", args("'foothebar'", "'x'"), "NULL", ""},
		{"REGEXP_EXTRACT", args("'abab'", "'(a)(?=b)'", "1"), "a", ""},
		{"REGEXP_REPLACE", args("'foobar'", "'o+'", "'$0'"), "f$0bar", ""},
		{"REGEXP_COUNT", args("'banana'", "'an'"), "2", ""},
		{"REGEXP_INSTR", args("'héllo'", "'l+'"), "3", ""},
		{"REGEXP_SUBSTR", args("'a12b'", "'\\d+'"), "12", ""},
		{"REGEXP_EXTRACT_ALL", args("'a1b2'", "'[a-z](\\d)'"), "[1, 2]", ""},
		{"REGEXP", args("'a'", "'('"), "error: REGEXP: invalid regular expression", ""},
	})
}

func TestCollections(t *testing.T) {
	f := newFixture(t)
	f.batch.SetLen(1)
	arr := f.call("ARRAY", num("1"), null(), num("3"))
	m := f.call("MAP", str("a"), num("1"), str("b"), null())
	for _, c := range []struct {
		e    Expr
		want string
	}{
		{arr, "[1, NULL, 3]"},
		{f.call("ROW", num("5"), str("q")), "(5, q)"},
		{m, "{a=1, b=NULL}"},
		{f.call("ITEM", arr, num("3")), "3"},
		{f.call("ITEM", arr, num("4")), "NULL"},
		{f.call("ITEM", m, str("a")), "1"},
		{f.call("CARDINALITY", arr), "3"},
		{f.call("ARRAY_CONTAINS", arr, num("3")), "TRUE"},
		{f.call("ARRAY_CONTAINS", arr, null()), "TRUE"},
		{f.call("ARRAY_POSITION", arr, num("3")), "3"},
		{f.call("ARRAY_APPEND", arr, num("9")), "[1, NULL, 3, 9]"},
		{f.call("ARRAY_SORT", f.call("ARRAY", num("3"), null(), num("1"))), "[NULL, 1, 3]"},
		{f.call("ARRAY_SLICE", arr, num("-2"), num("-1")), "[NULL, 3]"},
		{f.call("ARRAY_MAX", arr), "3"},
		{f.call("ARRAY_UNION", arr, f.call("ARRAY", num("3"), num("4"))), "[1, NULL, 3, 4]"},
		{f.call("MAP_KEYS", m), "[a, b]"},
		{f.call("MAP_ENTRIES", m), "[(a, 1), (b, NULL)]"},
		{f.call("SPLIT", str("a;b"), str(";")), "[a, b]"},
		{f.call("TYPEOF", arr), "ARRAY<INT> NOT NULL"},
	} {
		if got := shown(t, c.e, nil); got != c.want {
			t.Errorf("%s = %s, want %s", c.e, got, c.want)
		}
	}
}

func TestMapUnionAndAddresses(t *testing.T) {
	f := newFixture(t)
	f.batch.SetLen(1)
	a, b := f.call("MAP", str("x"), num("1"), str("y"), num("2")), f.call("MAP", str("y"), num("3"))
	if got := shown(t, f.call("MAP_UNION", a, b), nil); got != "{x=1, y=3}" {
		t.Errorf("MAP_UNION gives %s", got)
	}
	runCalls(t, nil, []callCase{
		{"INET_ATON", args("'127.0.0.1'"), "2130706433", "BIGINT"},
		{"INET_ATON", args("'::1'"), "NULL", ""},
		{"INET_NTOA", args("2130706433"), "127.0.0.1", "STRING"},
		{"INET_NTOA", args("-1"), "NULL", ""},
	})
}
