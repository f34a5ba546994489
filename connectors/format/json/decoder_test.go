package json

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// decodeAll reads all of data, limit rows at a time, and boxes the rows.
func decodeAll(d format.Decoder, cols []connectors.Column, data string, limit int) ([][]any, error) {
	var rows [][]any
	b := newBatch(cols)
	for pos := 0; ; {
		b.Reset()
		n, err := d.DecodeLines([]byte(data[pos:]), true, b, limit)
		for i := range b.Len() {
			row := make([]any, len(cols))
			for c := range cols {
				row[c] = b.Cols[c].Value(i)
			}
			rows = append(rows, row)
		}
		if err != nil || n == 0 {
			return rows, err
		}
		pos += n
	}
}

func col(name string, t types.Type) connectors.Column { return connectors.Column{Name: name, Type: t} }

func TestDecodeValues(t *testing.T) {
	row := types.RowOf(types.Field{Name: "a", Type: types.New(types.Int)}, types.Field{Name: "b", Type: types.ArrayOf(types.String())})
	long := strings.Repeat("long ", 10)
	for _, c := range []struct {
		typ  types.Type
		json string
		want any
	}{
		{types.New(types.Int), `12`, int64(12)},
		{types.New(types.Int), `-2147483648`, int64(-2147483648)},
		{types.New(types.Int), `"12"`, int64(12)},
		{types.New(types.Int), `" +12 "`, int64(12)},
		{types.New(types.Int), `1.9`, int64(1)},
		{types.New(types.Int), `1e3`, int64(1000)},
		{types.New(types.Int), `null`, nil},
		{types.New(types.TinyInt), `-128`, int64(-128)},
		{types.New(types.SmallInt), `32767`, int64(32767)},
		{types.New(types.BigInt), `9223372036854775807`, int64(9223372036854775807)},
		{types.New(types.BigInt), `1234567890123456`, int64(1234567890123456)},
		{types.New(types.BigInt), `-12345678`, int64(-12345678)},
		{types.New(types.BigInt), `0`, int64(0)},
		{types.New(types.BigInt), `-0`, int64(0)},
		{types.New(types.Double), `1.25`, 1.25},
		{types.New(types.Double), `-0.1`, -0.1},
		{types.New(types.Double), `123456789012345.6`, 123456789012345.6},
		{types.New(types.Double), `1e-7`, 1e-7},
		{types.New(types.Double), `"2.5"`, 2.5},
		{types.New(types.Double), `3`, 3.0},
		{types.New(types.Float), `0.1`, float64(float32(0.1))},
		{types.New(types.Boolean), `true`, true},
		{types.New(types.Boolean), `"FALSE"`, false},
		{types.String(), `"x"`, "x"},
		{types.String(), `"exactly 12ch"`, "exactly 12ch"},
		{types.String(), `"` + long + `"`, long},
		{types.String(), `"a\"b\\\n\u00e9\ud83d\ude00"`, "a\"b\\\né😀"},
		{types.String(), `"` + long + `\t"`, long + "\t"},
		{types.String(), `"\ud800x"`, "\ufffdx"},
		{types.String(), `"grün"`, "grün"},
		{types.String(), "\"tab\there\"", "tab\there"},
		{types.String(), `12.50`, "12.50"},
		{types.String(), `true`, "true"},
		{types.String(), `{"a": [1, "x y"] }`, `{"a":[1,"x y"]}`},
		{types.DecimalOf(10, 2), `12.345`, vec.Dec128FromInt64(1235)},
		{types.DecimalOf(10, 2), `"12.5"`, vec.Dec128FromInt64(1250)},
		{types.DecimalOf(10, 0), `1e3`, vec.Dec128FromInt64(1000)},
		{types.Bytes(), `"AAEC"`, []byte{0, 1, 2}},
		{types.New(types.Date), `"1970-01-02"`, int64(1)},
		{types.New(types.Date), `"1969-12-31"`, int64(-1)},
		{types.New(types.Time), `"01:02:03.45"`, int64(3723450)},
		{types.TimestampOf(3), `"1970-01-01 00:00:01.5"`, int64(1500)},
		{types.TimestampOf(3), `"1970-01-01 00:00:01"`, int64(1000)},
		{types.TimestampOf(6), `"1970-01-01 00:00:01.1234567"`, int64(1123456)},
		{types.TimestampOf(9), `"1970-01-01 00:00:01.123456789"`, int64(1123456789)},
		{types.TimestampOf(3), `"1969-12-31 23:59:59.999"`, int64(-1)},
		{types.TimestampOf(3), `"2024-02-30 00:00:00"`, int64(1709164800000)},
		{types.TimestampLTZOf(3), `"1970-01-01 00:00:01.001Z"`, int64(1001)},
		{types.TimestampOf(3), `"\u0031970-01-01 00:00:01"`, int64(1000)},
		{types.ArrayOf(types.New(types.Int)), `[1, null ,3]`, []any{int64(1), nil, int64(3)}},
		{types.ArrayOf(types.New(types.Int)), `[ ]`, []any{}},
		{row, `{"b":["x"],"z":{"q":[[]]},"a":7}`, []any{int64(7), []any{"x"}}},
		{row, `{"a":1,"a":2,"b":["x"],"b":["y","z"]}`, []any{int64(2), []any{"y", "z"}}},
		{row, `{}`, []any{nil, nil}},
		{types.MapOf(types.String(), types.New(types.Int)), `{"k":1,"j":null,"k":2}`, []vec.Entry{{Key: "k", Value: int64(2)}, {Key: "j", Value: nil}}},
		{types.MultisetOf(types.String()), `{"k":3}`, []vec.Entry{{Key: "k", Value: int64(3)}}},
	} {
		cols := []connectors.Column{col("v", c.typ), col("w", types.New(types.Int))}
		doc := `{"v":` + c.json + `,"w":1}`
		for _, data := range []string{doc, doc + "\n" + doc, " " + doc + " \r\n\n" + strings.ReplaceAll(doc, `"w":1`, ` "x" : {"y":[1]} , "w" : 1 `) + "\r\n"} {
			d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
			rows, err := decodeAll(d, cols, data, 1)
			if err != nil {
				t.Errorf("%s from %s: %v", c.typ, data, err)
				continue
			}
			for _, r := range rows {
				if diff := cmp.Diff([]any{c.want, int64(1)}, r); diff != "" {
					t.Errorf("%s from %s: %s", c.typ, data, diff)
				}
			}
		}
	}
}

func TestDecodeFaults(t *testing.T) {
	for _, c := range []struct {
		typ        types.Type
		json, want string
	}{
		{types.New(types.Int), `{"v":2147483648}`, "field 'v': '2147483648' is out of the range of INT"},
		{types.New(types.BigInt), `{"v":9223372036854775808}`, "out of the range of BIGINT"},
		{types.New(types.TinyInt), `{"v":1.5}`, "field 'v': '1.5' is not of type TINYINT"},
		{types.New(types.Int), `{"v":"x"}`, `field 'v': '"x"' is not of type INT`},
		{types.New(types.Int), `{"v":01}`, "not valid JSON"},
		{types.New(types.Int), `{"v":1,}`, "not valid JSON: a field's name in double quotes is expected, found '}'"},
		{types.New(types.Int), `{"v":1`, "not valid JSON: the document ends too early"},
		{types.New(types.Int), `{"v":1}{"v":2}`, "nothing may follow the document"},
		{types.New(types.Int), `{"v":1{"v":2}`, "',' or '}' is expected"},
		{types.New(types.Int), `[1]`, "a JSON object is expected, found '[1]'"},
		{types.New(types.Int), `{"w":nul}`, "a value is expected"},
		{types.New(types.Int), `{"w":"\x"}`, "this is no escape"},
		{types.New(types.Int), `{"w":"x}`, "a string does not end"},
		{types.New(types.Int), `{"w":[1,2}`, "',' or ']' is expected"},
		{types.New(types.Int), `{"w":[` + strings.Repeat("[", 2000), "nested more than 1000"},
		{types.New(types.Int).WithoutNull(), `{"v":null}`, "field 'v': NULL in a column that is NOT NULL"},
		{types.New(types.Int).WithoutNull(), `{}`, "field 'v': the record has no such field"},
		{types.New(types.Boolean), `{"v":1}`, "'1' is not of type BOOLEAN"},
		{types.String(), "{\"v\":\"\xff\"}", "not valid UTF-8"},
		{types.DecimalOf(3, 1), `{"v":123.4}`, "out of the range of DECIMAL(3, 1)"},
		{types.New(types.Date), `{"v":"2024-02-30"}`, "out of the range of DATE"},
		{types.TimestampOf(3), `{"v":"2024-01-01T00:00:00"}`, "is not of type TIMESTAMP(3)"},
		{types.TimestampOf(3), `{"v":1446249499322}`, "is not of type TIMESTAMP(3)"},
		{types.TimestampLTZOf(3), `{"v":"2024-01-01 00:00:00"}`, "is not of type TIMESTAMP_LTZ(3)"},
		{types.Bytes(), `{"v":"?"}`, "is not of type BYTES"},
		{types.ArrayOf(types.New(types.Int)), `{"v":[1,"x"]}`, `field 'v[1]': '"x"' is not of type INT`},
		{types.RowOf(types.Field{Name: "a", Type: types.ArrayOf(types.RowOf(types.Field{Name: "b", Type: types.New(types.Int)}))}), `{"v":{"a":[{},{"b":{}}]}}`, "field 'v.a[1].b': '{}' is not of type INT"},
	} {
		cols := []connectors.Column{col("v", c.typ)}
		good := `{"v":null}`
		if !c.typ.Nullable() {
			good = `{"v":1}`
		}
		d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
		rows, err := decodeAll(d, cols, good+"\n"+c.json+"\n"+good+"\n", 100)
		var e *format.RecordError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s from %s: error %v, want %s", c.typ, c.json, err, c.want)
			continue
		}
		if len(rows) != 1 || e.Start != len(good)+1 || e.Offset < e.Start || e.Offset > e.Start+len(c.json) {
			t.Errorf("%s: %d rows before the fault, record at %d, fault at %d", c.json, len(rows), e.Start, e.Offset)
		}
	}
}

func TestIgnoreParseErrors(t *testing.T) {
	cols := []connectors.Column{col("a", types.New(types.Int)), col("b", types.ArrayOf(types.New(types.Int))), col("c", types.New(types.Int).WithoutNull())}
	var told []string
	d := newDecoder(Settings{ignoreErrors: true}, format.DecodeRequest{Columns: cols, Rejected: func(rec []byte, e *format.RecordError) {
		kept := "skipped: "
		if e.Kept {
			kept = "kept: "
		}
		told = append(told, kept+e.Error())
	}})
	rows, err := decodeAll(d, cols, `{"a":1,"b":[1],"c":1}
{"a":"x","b":[1,"y"],"c":2}
{"a":1,"b":[7],"c":null}
nonsense
{"a":2,"b":{},"c":3}
{"c":4,"b":[1,2
{"c":5}
`, 100)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]any{
		{int64(1), []any{int64(1)}, int64(1)},
		{nil, []any{int64(1), nil}, int64(2)},
		{int64(2), nil, int64(3)},
		{nil, nil, int64(5)},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if len(told) != 6 || !strings.HasPrefix(told[0], "kept: field 'a'") || !strings.HasPrefix(told[2], "skipped: field 'c'") {
		t.Errorf("told: %q", told)
	}
}

func TestStandards(t *testing.T) {
	cols := []connectors.Column{col("t", types.TimestampOf(3)), col("z", types.TimestampLTZOf(3))}
	d := newDecoder(Settings{standard: text.ISO}, format.DecodeRequest{Columns: cols})
	rows, err := decodeAll(d, cols, `{"t":"1970-01-01T00:00:01.5","z":"1970-01-01T00:01Z"}`, 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]any{{int64(1500), int64(60000)}}, rows); diff != "" {
		t.Error(diff)
	}
}

func TestFailOnMissingField(t *testing.T) {
	cols := []connectors.Column{col("a", types.New(types.Int)), col("b", types.New(types.Int))}
	d := newDecoder(Settings{failOnMissing: true}, format.DecodeRequest{Columns: cols})
	if _, err := decodeAll(d, cols, `{"a":1}`, 10); err == nil || !strings.Contains(err.Error(), "field 'b'") {
		t.Errorf("error %v", err)
	}
}

// TestOrderOfFields reads rows whose fields change places, go missing and come twice, so
// that every prediction is wrong now and then.
func TestOrderOfFields(t *testing.T) {
	cols := []connectors.Column{col("a", types.New(types.BigInt)), col("b", types.String()), col("c", types.ArrayOf(types.New(types.Int)))}
	d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
	rows, err := decodeAll(d, cols, `{"a":1,"b":"x","c":[1]}
{"b":"x","a":1,"c":[1]}
{"c":[1],"b":"x","a":1}
{"a":null,"c":[1],"b":"x","a":1}
{"z":{"a":5},"c":[9,9],"a":3,"b":null,"c":[1],"a":1,"b":"x"}
{"a":1, "b":"x", "c":[1] }
{ "a" : 1 , "b" : "x" , "c" : [ 1 ] }
`+mark+`{"\u0061":1,"b":"x","c":[1]}
{"a":1,"b":"x","c":[1]}
`, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if diff := cmp.Diff([]any{int64(1), "x", []any{int64(1)}}, r); diff != "" {
			t.Errorf("row %d: %s", i, diff)
		}
	}
	if len(rows) != 9 {
		t.Errorf("%d rows", len(rows))
	}
}
