package csv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func col(name string, t types.Type) connectors.Column { return connectors.Column{Name: name, Type: t} }

// threeColumns are those of most tests.
func threeColumns() []connectors.Column {
	return []connectors.Column{col("a", types.New(types.Int)), col("b", types.String()), col("c", types.New(types.Double))}
}

func newBatch(cols []connectors.Column) *vec.Batch {
	s := make(vec.Schema, len(cols))
	for i, c := range cols {
		s[i] = vec.Field{Name: c.Name, Type: c.Type}
	}
	return vec.NewBatch(s)
}

func decoder(t testing.TB, options map[string]string, all, want []connectors.Column, rejected func([]byte, *format.RecordError)) format.Decoder {
	t.Helper()
	dec, err := decoding(format.Config{Options: connectors.NewOptions(options, nil), Columns: all})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dec.NewDecoder(format.DecodeRequest{Columns: want, Rejected: rejected})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// decodeAll reads data, limit rows at a time, giving the decoder chunk bytes more each time
// that it asks for more.
func decodeAll(d format.Decoder, cols []connectors.Column, data string, limit, chunk int) ([]string, error) {
	var rows []string
	b := newBatch(cols)
	pos, end := 0, min(chunk, len(data))
	for pos < len(data) {
		b.Reset()
		n, err := d.DecodeLines([]byte(data[pos:end]), end == len(data), b, limit)
		for i := range b.Len() {
			var row []string
			for c := range cols {
				row = append(row, fmt.Sprint(b.Cols[c].Value(i)))
			}
			rows = append(rows, strings.Join(row, "|"))
		}
		if err != nil {
			return rows, err
		}
		pos += n
		if n == 0 {
			if end == len(data) {
				return rows, fmt.Errorf("%d bytes left", len(data)-pos)
			}
			end = min(end+chunk, len(data))
		}
	}
	return rows, nil
}

func TestDecodeRecords(t *testing.T) {
	long := strings.Repeat("long ", 9)
	for name, c := range map[string]struct {
		options map[string]string
		data    string
		want    []string
	}{
		"byte order mark":  {nil, mark + "1,x,2\n" + mark + "\"2\",y,3\n", []string{"1|x|2", "2|y|3"}},
		"plain":            {nil, "1,x,2.5\n-2,,1e3", []string{"1|x|2.5", "-2||1000"}},
		"carriage returns": {nil, "1,x,2\r\n2,y,3\r\n", []string{"1|x|2", "2|y|3"}},
		"long":             {nil, "1," + long + ",2\n2,\"" + long + "\",3\n", []string{"1|" + long + "|2", "2|" + long + "|3"}},
		"quotes":           {nil, "\"1\",\"a,\"\"b\"\"\nc\" ,\"2\"\n3,a\"b,4\n", []string{"1|a,\"b\"\nc|2", "3|a\"b|4"}},
		"quoted ends":      {nil, "1,\"x\n\",2\r\n3,\"\",4\r\n", []string{"1|x\n|2", "3||4"}},
		"escape":           {map[string]string{"escape-character": "\\"}, `1,a\,b\"\\\n,2` + "\n" + `2,"a\"b",3`, []string{"1|a,b\"\\\n|2", `2|a"b|3`}},
		"no quotes":        {map[string]string{"disable-quote-character": "true"}, "1,\"x,2\n", []string{`1|"x|2`}},
		"other characters": {map[string]string{"field-delimiter": "\\t", "quote-character": "'"}, "1\t'x\t''y'\t2\n", []string{"1|x\t'y|2"}},
		"wide delimiter":   {map[string]string{"field-delimiter": "¦"}, "1¦x¦2\n1¦\"y¦\"¦2", []string{"1|x|2", "1|y¦|2"}},
		"null literal":     {map[string]string{"null-literal": "null"}, "null,null,null\n1,\"null\",2", []string{"<nil>|<nil>|<nil>", "1|<nil>|2"}},
		"null is empty":    {map[string]string{"null-literal": ""}, ",,\n", []string{"<nil>|<nil>|<nil>"}},
		"empty as null":    {map[string]string{"empty-string-as-null": "true"}, ",,\n", []string{"<nil>|<nil>|<nil>"}},
		"comments":         {map[string]string{"allow-comments": "true"}, "#1,2\n1,#x,2\n#\n", []string{"1|#x|2"}},
		"blanks, comments": {map[string]string{"allow-comments": "true"}, "\n  \n  #1,2\n  1, x,2\r\n \r\n   \"2\",y,3\n ", []string{"1| x|2", "2|y|3"}},
		"trim":             {map[string]string{"trim-spaces": "true"}, " 1 , x y ,2\n1, \" q \" ,2\n", []string{"1|x y|2", "1| q |2"}},
		"spaces":           {nil, " 1 , x ,2\n", []string{"1| x |2"}},
		"trailing comma":   {nil, "1,x,2,\n", []string{"1|x|2"}},
		"more fields":      {map[string]string{"ignore-trailing-unmappable": "true"}, "1,x,2,3,4\n", []string{"1|x|2"}},
		"ignored errors":   {map[string]string{"ignore-parse-errors": "true"}, "x,y,z\n1,\"a\"b,3\n4,q\n1,2,3,4\n7,z,8\n", []string{"<nil>|y|<nil>", "4|q|<nil>", "7|z|8"}},
		"missing columns":  {map[string]string{"ignore-parse-errors": "true", "fail-on-missing-columns": "true"}, "4,q\n7,z,8\n", []string{"7|z|8"}},
	} {
		for _, chunk := range []int{1, 2, 7, 1000} {
			cols := threeColumns()
			got, err := decodeAll(decoder(t, c.options, cols, cols, nil), cols, c.data, 2, chunk)
			if err != nil {
				t.Errorf("%s, chunks of %d: %v", name, chunk, err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s, chunks of %d: %s", name, chunk, d)
			}
		}
	}
}

func TestDecodeTypes(t *testing.T) {
	row := types.RowOf(types.Field{Name: "x", Type: types.String()}, types.Field{Name: "y", Type: types.New(types.Int)})
	for _, c := range []struct {
		typ  types.Type
		text string
		want any
	}{
		{types.New(types.Boolean), "TRUE", true},
		{types.New(types.TinyInt), " 124", int64(124)},
		{types.New(types.BigInt), "12345678910", int64(12345678910)},
		{types.New(types.Float), "0.33333334", float64(float32(0.33333334))},
		{types.DecimalOf(38, 25), "1234.0000000000000000000000001", nil},
		{types.DecimalOf(10, 2), "12.345", vec.Dec128FromInt64(1235)},
		{types.New(types.Date), "2018-10-12", int64(17816)},
		{types.New(types.Date), "2018-1-2", int64(17533)},
		{types.Type{Kind: types.Time, Precision: 1}, "12:12:12.2235", int64(43932200)},
		{types.New(types.Time), "12:12:12.45", int64(43932000)},
		{types.New(types.Time), "12:12", int64(43920000)},
		{types.TimestampOf(3), " 2018-10-12 12:12:12.123 ", int64(1539346332123)},
		{types.TimestampLTZOf(3), "1970-01-01 00:02:03.456Z", int64(123456)},
		{types.Bytes(), "awML", []byte{107, 3, 11}},
		{types.ArrayOf(types.New(types.TinyInt)), "12;4;null", []any{int64(12), int64(4), nil}},
		{types.ArrayOf(types.String()), "a;;a string that is too long to be inline", []any{"a", "", "a string that is too long to be inline"}},
		{types.ArrayOf(types.String()), "", []any{}},
		{row, "Hello;42", []any{"Hello", int64(42)}},
		{types.String(), "grün", "grün"},
	} {
		cols := []connectors.Column{col("f", c.typ)}
		d := decoder(t, map[string]string{"null-literal": "null"}, cols, cols, nil)
		b := newBatch(cols)
		for i, data := range []string{c.text + "\n", `"` + c.text + `"`} {
			if err := d.DecodeMessage([]byte(data), b); err != nil {
				t.Errorf("%s from %s: %v", c.typ, data, err)
				break
			}
			if d := cmp.Diff(c.want, b.Cols[0].Value(i)); d != "" && c.want != nil {
				t.Errorf("%s from %s: %s", c.typ, data, d)
			}
		}
	}
}

func TestProjection(t *testing.T) {
	all := threeColumns()
	want := []connectors.Column{all[2], all[0]}
	got, err := decodeAll(decoder(t, nil, all, want, nil), want, "1,\"not\nread\",2.5\n2,x,3\n", 10, 100)
	if d := cmp.Diff([]string{"2.5|1", "3|2"}, got); d != "" || err != nil {
		t.Error(err, d)
	}
	got, err = decodeAll(decoder(t, nil, all, nil, nil), nil, "1,x,2\n2,y,3\n", 10, 100)
	if len(got) != 2 || err != nil {
		t.Errorf("rows without columns: %q, %v", got, err)
	}
}

func TestDecodeFaults(t *testing.T) {
	good := "1,x,2\n"
	for data, want := range map[string]string{
		"x,y,2\n":             "field 'a': 'x' is not of type INT",
		",y,2\n":              "field 'a': '' is not of type INT",
		"3000000000,y,2\n":    "field 'a': '3000000000' is out of the range of INT",
		"1,y\n":               "the record has 2 fields, the table 3 columns",
		"\n":                  "the record has 1 fields, the table 3 columns",
		"1,y,2,3\n":           "the record has 4 fields, the table 3 columns",
		"1,\"y,2\n1,x,2\n":    "a quoted field does not end",
		"1,\"y\"z,2\n":        "behind a quoted field",
		"1,\xff,2\n":          "field 'b': the text is not valid UTF-8",
		"\"1\",\"y\"\"\",z\n": "field 'c': 'z' is not of type DOUBLE",
	} {
		cols := threeColumns()
		rows, err := decodeAll(decoder(t, nil, cols, cols, nil), cols, good+data, 10, 1000)
		var e *format.RecordError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || len(rows) != 1 || e.Start != len(good) || e.Offset < e.Start {
			t.Errorf("%q: %d rows, error %v (%+v), want %s", data, len(rows), err, e, want)
		}
	}
	cols := []connectors.Column{col("a", types.String().WithoutNull())}
	if _, err := decodeAll(decoder(t, map[string]string{"null-literal": "n"}, cols, cols, nil), cols, "n\n", 1, 10); !errors.Is(err, errNotNull) {
		t.Errorf("NULL in NOT NULL: %v", err)
	}
}

func TestOptionFaults(t *testing.T) {
	for _, c := range []struct {
		key, value, want string
	}{
		{"field-delimiter", "||", "'||' is not a single character"},
		{"quote-character", "", "not a single character"},
		{"quote-character", "§", "no ASCII character"},
		{"field-delimiter", "\\n", "cannot be the end of a line"},
		{"trim-spaces", "1", "not a Boolean"},
	} {
		_, err := decoding(format.Config{Options: connectors.NewOptions(map[string]string{c.key: c.value}, nil)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %q: %v", c.key, c.value, err)
		}
	}
	both := connectors.NewOptions(map[string]string{"quote-character": "'", "disable-quote-character": "true"}, nil)
	if _, err := decoding(format.Config{Options: both}); err == nil {
		t.Error("a quote character was taken where quoting is off")
	}
	for _, typ := range []types.Type{types.MapOf(types.String(), types.String()), types.ArrayOf(types.ArrayOf(types.String())), {Kind: types.Time, Precision: 6}} {
		if err := checkColumns([]connectors.Column{col("x", typ)}); err == nil {
			t.Errorf("a column of type %s was accepted", typ)
		}
	}
}

func TestEncode(t *testing.T) {
	row := types.RowOf(types.Field{Name: "x", Type: types.String()}, types.Field{Name: "y", Type: types.New(types.Int)})
	for _, c := range []struct {
		typ     types.Type
		value   any
		options map[string]string
		want    string
	}{
		{types.New(types.Int), int64(-12), nil, "-12"},
		{types.New(types.Int), nil, nil, ""},
		{types.String(), nil, map[string]string{"null-literal": "null"}, "null"},
		{types.String(), "Hello", nil, "Hello"},
		{types.String(), "", nil, ""},
		{types.String(), "This is a test.", nil, `"This is a test."`},
		{types.String(), "a\"b", nil, `"a""b"`},
		{types.String(), "no-space-but-longer-than-24", nil, `"no-space-but-longer-than-24"`},
		{types.String(), "a;b'c", map[string]string{"quote-character": "'", "field-delimiter": ";", "escape-character": "*"}, "'a;b''c'"},
		{types.String(), "a b", map[string]string{"disable-quote-character": "true"}, "a b"},
		{types.String(), "a,b\n", map[string]string{"disable-quote-character": "true", "escape-character": "\\"}, `a\,b\n`},
		{types.New(types.Double), 1e10, nil, "1.0E10"},
		{types.New(types.Boolean), false, nil, "false"},
		{types.DecimalOf(10, 2), vec.Dec128FromInt64(1250), nil, "12.50"},
		{types.DecimalOf(10, 9), vec.Dec128FromInt64(27), nil, "2.7E-8"},
		{types.DecimalOf(10, 9), vec.Dec128FromInt64(27), map[string]string{"write-bigdecimal-in-scientific-notation": "false"}, "0.000000027"},
		{types.New(types.Date), int64(17816), nil, "2018-10-12"},
		{types.TimestampOf(3), int64(1539346332000), nil, `"2018-10-12 12:12:12"`},
		{types.TimestampLTZOf(3), int64(123456), nil, `"1970-01-01 00:02:03.456Z"`},
		{types.Bytes(), []byte{107, 3, 11}, nil, "awML"},
		{types.ArrayOf(types.New(types.Int)), []any{int64(1), nil, int64(3)}, map[string]string{"null-literal": "null"}, "1;null;3"},
		{row, []any{"hello world", int64(1)}, nil, `"hello world;1"`},
	} {
		cols := []connectors.Column{col("f", c.typ), col("g", types.New(types.Int))}
		enc, err := encoding(format.Config{Options: connectors.NewOptions(c.options, nil), Columns: cols})
		if err != nil {
			t.Fatal(err)
		}
		e, err := enc.NewEncoder()
		if err != nil {
			t.Fatal(err)
		}
		b := newBatch(cols)
		if err := errors.Join(b.Cols[0].AppendValue(c.value), b.Cols[1].AppendValue(int64(1))); err != nil {
			t.Fatal(err)
		}
		b.SetLen(1)
		delimiter := ","
		if x := c.options["field-delimiter"]; x != "" {
			delimiter = x
		}
		got, err := e.AppendLines(nil, b, nil)
		if want := c.want + delimiter + "1\n"; err != nil || string(got) != want {
			t.Errorf("%s of %v: %q, %v, want %q", c.typ, c.value, got, err, want)
			continue
		}
		// What was written must read back, where empty texts are told from NULL.
		if c.value == nil && c.options == nil {
			continue
		}
		back := newBatch(cols)
		if err := decoder(t, c.options, cols, cols, nil).DecodeMessage(got, back); err != nil {
			t.Errorf("reading %q back: %v", got, err)
		} else if d := cmp.Diff(c.value, back.Cols[0].Value(0)); d != "" {
			t.Errorf("reading %q back: %s", got, d)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"1,x,2\n", "\"1\",\"a\"\"b\n\",2\r\n", "1,\\,,2", "#\n\n,,,\n"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, escape bool) {
		options := map[string]string{"ignore-parse-errors": "true"}
		if escape {
			options["escape-character"] = "\\"
		}
		cols := threeColumns()
		whole, err := decodeAll(decoder(t, options, cols, cols, nil), cols, string(data), 1000, len(data)+1)
		if err != nil {
			t.Fatal(err)
		}
		pieces, err := decodeAll(decoder(t, options, cols, cols, nil), cols, string(data), 1, 3)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(whole, pieces); d != "" {
			t.Fatalf("in pieces: %s", d)
		}
		if escape || bytes.IndexByte(data, 1) >= 0 {
			return
		}
		// An escape character that does not occur changes nothing, but takes the other scanner.
		options["escape-character"] = "\x01"
		careful, err := decodeAll(decoder(t, options, cols, cols, nil), cols, string(data), 1000, len(data)+1)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(careful, whole); d != "" {
			t.Fatalf("by the careful scanner: %s", d)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	const rows = 1 << 14
	data := []byte(strings.Repeat("1234567,some text of a row that is not short,2.25,2024-05-06 07:08:09.123,\"quoted, text\",98765\n", rows))
	cols := []connectors.Column{
		col("a", types.New(types.BigInt)), col("b", types.String()), col("c", types.New(types.Double)),
		col("d", types.TimestampOf(3)), col("e", types.String()), col("f", types.New(types.Int)),
	}
	for name, want := range map[string][]connectors.Column{"all": cols, "two": {cols[0], cols[5]}} {
		b.Run(name, func(b *testing.B) {
			d := decoder(b, nil, cols, want, nil)
			batch := newBatch(want)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := data; len(rest) > 0; {
					batch.Reset()
					n, err := d.DecodeLines(rest, true, batch, vec.DefaultBatchSize)
					if err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
