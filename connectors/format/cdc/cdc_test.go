package cdc

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func columns() []connectors.Column {
	return []connectors.Column{
		{Name: "id", Type: types.New(types.BigInt)},
		{Name: "name", Type: types.String()},
		{Name: "tags", Type: types.ArrayOf(types.New(types.Int))},
	}
}

// withMetadata adds all metadata columns of a format.
func withMetadata(f *format.Format) []connectors.Column {
	cols := columns()
	for _, m := range f.Metadata {
		cols = append(cols, connectors.Column{Name: m.Key, Type: m.Type, Metadata: m.Key})
	}
	return cols
}

func options(kv ...string) *connectors.Options {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return connectors.NewOptions(m, nil)
}

func newDecoder(t testing.TB, f *format.Format, o *connectors.Options, cols []connectors.Column, rejected func([]byte, *format.RecordError)) format.Decoder {
	t.Helper()
	d, err := f.Decoding(format.Config{Options: o, Columns: columns()})
	if err != nil {
		t.Fatal(err)
	}
	dec, err := d.NewDecoder(format.DecodeRequest{Columns: cols, Rejected: rejected})
	if err != nil {
		t.Fatal(err)
	}
	return dec
}

func newBatch(cols []connectors.Column) *vec.Batch {
	s := make(vec.Schema, len(cols))
	for i, c := range cols {
		s[i] = vec.Field{Name: c.Name, Type: c.Type}
	}
	return vec.NewBatch(s)
}

// show gives the rows of a batch as text.
func show(b *vec.Batch, cols int) []string {
	var out []string
	for i := range b.Len() {
		row := b.Kind(i).String()
		for _, v := range b.Cols[:cols] {
			row += fmt.Sprintf(" %v", v.Value(i))
		}
		out = append(out, row)
	}
	return out
}

// decode reads lines in calls of at most limit rows.
func decode(t testing.TB, dec format.Decoder, cols []connectors.Column, data []byte, limit int) ([]string, error) {
	t.Helper()
	var rows []string
	for len(data) > 0 {
		b := newBatch(cols)
		n, err := dec.DecodeLines(data, true, b, limit)
		rows = append(rows, show(b, len(cols))...)
		for c, v := range b.Cols {
			if v.Len() != b.Len() {
				t.Fatalf("column %s has %d values, the batch %d rows", cols[c].Name, v.Len(), b.Len())
			}
		}
		if err != nil {
			return rows, err
		}
		if n == 0 {
			t.Fatalf("nothing was taken of %q", data)
		}
		data = data[n:]
	}
	return rows, nil
}

// seeds are records of each format.
var seeds = map[string][]string{
	"debezium-json": {
		`{"before":null,"after":{"id":1,"name":"a","tags":[1,2]},"source":{"ts_ms":3,"db":"d"},"op":"c","ts_ms":12}`,
		`{"before":{"id":1,"name":"a","tags":[1]},"after":{"name":"b","id":1},"op":"u"}`,
		`{"op":"d","before":{"id":1,"name":"\u0041","tags":[]},"after":null}`, `{"op":"u","before":null,"after":{}}`, `{"after":{},"op":"r"}`,
	},
	"canal-json": {
		`{"data":[{"id":"1","name":"a"},{"id":2}],"old":null,"type":"INSERT","ts":1,"es":2,"pkNames":["id"],"sqlType":{"id":4},"database":"d","table":"t"}`,
		`{"data":[{"id":"1","tags":[1]},{"id":2,"name":"b"}],"old":[{"id":3},{"name":null,"tags":[2,3]}],"type":"UPDATE"}`,
		`{"data":[{"id":"1"}],"type":"DELETE"}`, `{"type":"CREATE","data":null}`, `{"data":[],"old":[],"type":"UPDATE"}`, `{"data":[{},{}],"old":[{}],"type":"UPDATE"}`,
	},
	"maxwell-json": {
		`{"database":"d","table":"t","type":"insert","ts":1596684904,"primary_key_columns":["id"],"data":{"id":1,"name":"a","tags":[7]}}`,
		`{"type":"update","data":{"id":1,"name":"b","tags":[7]},"old":{"name":"a","tags":null}}`, `{"type":"delete","data":{"id":1}}`, `{"type":"update","data":{"id":1}}`,
	},
	"ogg-json": {
		`{"before":null,"after":{"id":1,"name":"a","tags":[1]},"op_type":"I","op_ts":"2020-05-13 15:40:06.000001","current_ts":"2020-05-13T15:40:07.000000","table":"T","primary_keys":["id"]}`,
		`{"before":{"id":1},"after":{"id":2},"op_type":"U"}`, `{"before":{"id":2},"op_type":"D"}`, `{"op_type":"T"}`,
	},
	"changelog-json": {
		`{"op":"+I","row":{"id":1,"name":"a","tags":[1,null]}}`, `{"row":{"id":1},"op":"-U"}`, `{"op":"+U","row":{"id":2}}`, `{"op":"-D","row":{}}`, `{"op":"-D","row":null}`,
	},
}

// TestLimits reads records that give several rows in calls that ask for few.
func TestLimits(t *testing.T) {
	for _, f := range Formats() {
		data := []byte(strings.Join(seeds[f.Name], "\n") + "\n")
		cols := withMetadata(f)
		rejected := 0
		o := options("ignore-parse-errors", "true")
		want, err := decode(t, newDecoder(t, f, o, cols, func([]byte, *format.RecordError) { rejected++ }), cols, data, 1000)
		if err != nil || len(want) < 3 || rejected == 0 {
			t.Errorf("%s: %d rows, %d rejected, error %v", f.Name, len(want), rejected, err)
		}
		for _, limit := range []int{1, 2, 3} {
			got, err := decode(t, newDecoder(t, f, o, cols, nil), cols, data, limit)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s in steps of %d: error %v\n%s\nwant\n%s", f.Name, limit, err, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// TestEmptyMessage: a queue's tombstone has no row.
func TestEmptyMessage(t *testing.T) {
	for _, f := range Formats() {
		b := newBatch(columns())
		if err := newDecoder(t, f, options(), columns(), nil).DecodeMessage(nil, b); err != nil || b.Len() != 0 {
			t.Errorf("%s: %d rows, error %v", f.Name, b.Len(), err)
		}
	}
}

// TestPlace: the error of a record says where in the bytes the fault is.
func TestPlace(t *testing.T) {
	for _, c := range []struct {
		f            *format.Format
		record, want string
		at           int
	}{
		{Debezium(), `{"before":null,"after":{"id":"x"},"op":"c"}`, "field 'after.id': '\"x\"' is not of type BIGINT", 29},
		{Debezium(), `{"before":null,"after":{"id":1},"op":"x"}`, "'op' is 'x', which means no change", 37},
		{Debezium(), `{"before":null,"after":{"id":1}}`, "the record has no 'op'", 0},
		{Debezium(), `{"before":null,"after":null,"op":"c"}`, "field 'after': the record has no row here", 0},
		{Canal(), `{"data":[{"id":1},{"id":[]}],"type":"INSERT"}`, "field 'data.id': '[]' is not of type BIGINT", 24},
		{Canal(), `{"data":[{"id":1},3],"type":"INSERT"}`, "field 'data': the record has no row here", 18},
		{Canal(), `{"data":[{"id":1}],"old":[],"type":"UPDATE"}`, "it has fewer rows than 'data'", 25},
		{Maxwell(), `{"type":"update","data":{"id":1}}`, "field 'old': the record has no row here", 0},
		{Changelog(), `{"row":{"id":1},"op":"+I","row":2}`, "field 'row': the record has no row here", 32},
		{Changelog(), `{"op":"+I","row":[1]}`, "field 'row': the record has no row here", 17},
		{Changelog(), `{"op":"+I","row":{"id":1}`, "the record is not valid JSON", 25},
	} {
		data := "\n" + c.record + "\n"
		_, err := decode(t, newDecoder(t, c.f, options(), columns(), nil), columns(), []byte(data), 10)
		var e *format.RecordError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || e.Start != 1 || e.Offset != c.at+1 {
			t.Errorf("%s: error %+v, want %s at %d", c.record, err, c.want, c.at+1)
		}
	}
}

// TestPrunedColumns: no column of the rows is read, only their number and kinds.
func TestPrunedColumns(t *testing.T) {
	for _, f := range Formats() {
		dec := newDecoder(t, f, options("ignore-parse-errors", "true"), nil, nil)
		b := vec.NewBatch(nil)
		if _, err := dec.DecodeLines([]byte(strings.Join(seeds[f.Name], "\n")), true, b, 100); err != nil || b.Len() < 3 || b.Kinds == nil {
			t.Errorf("%s: %d rows, error %v", f.Name, b.Len(), err)
		}
	}
}

func fuzz(f *testing.F, one *format.Format, kv ...string) {
	for _, s := range seeds[one.Name] {
		f.Add([]byte(s))
	}
	f.Add([]byte(strings.Join(seeds[one.Name], "\n")))
	cols := withMetadata(one)
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := decode(t, newDecoder(t, one, options(kv...), cols, nil), cols, data, 1000)
		few, errFew := decode(t, newDecoder(t, one, options(kv...), cols, nil), cols, data, 1)
		if (err == nil) != (errFew == nil) || !slices.Equal(all, few) {
			t.Fatalf("together: %v, %v\none by one: %v, %v", all, err, few, errFew)
		}
		lenient := options(append(kv, "ignore-parse-errors", "true")...)
		if _, err := decode(t, newDecoder(t, one, lenient, cols, nil), cols, data, 7); err != nil {
			t.Fatalf("errors are ignored, and still there is one: %v", err)
		}
		if err == nil && len(all) > 0 {
			checkSyntax(t, data)
			roundTrip(t, one, data, kv...)
		}
	})
}

// checkSyntax: what was read without an error is JSON, but for control characters in strings, which Jackson allows too.
func checkSyntax(t *testing.T, data []byte) {
	for _, line := range bytes.Split(data, []byte("\n")) {
		line = bytes.TrimPrefix(bytes.TrimRight(line, " \t\r"), []byte("\ufeff"))
		if len(line) > 0 && !bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' }) && !stdjson.Valid(line) {
			t.Fatalf("%q was read and is no JSON", line)
		}
	}
}

// roundTrip writes what was read and reads it again: the rows are the same, an update being a delete and an insert
// where the format knows no other.
func roundTrip(t *testing.T, f *format.Format, data []byte, kv ...string) {
	read := func(data []byte) *vec.Batch {
		b := newBatch(columns())
		if _, err := newDecoder(t, f, options(), columns(), nil).DecodeLines(data, true, b, 1000); err != nil {
			t.Fatalf("reading %q: %v", data, err)
		}
		return b
	}
	if len(kv) > 0 {
		return // what is read in another form than it is written in
	}
	b := read(data)
	e, err := f.Encoding(format.Config{Options: options(), Columns: columns()})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := e.NewEncoder()
	if err != nil {
		t.Fatal(err)
	}
	out, err := enc.AppendLines(nil, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	simple := func(rows []string) []string {
		if f.Name != "changelog-json" {
			for i, r := range rows {
				rows[i] = strings.NewReplacer("-U", "-D", "+U", "+I").Replace(r[:2]) + r[2:]
			}
		}
		return rows
	}
	got, want := simple(show(read(out), 3)), simple(show(b, 3))
	if !slices.Equal(got, want) {
		t.Fatalf("written %s\nread    %v\nwant    %v", out, got, want)
	}
}

func FuzzDebezium(f *testing.F)  { fuzz(f, Debezium()) }
func FuzzCanal(f *testing.F)     { fuzz(f, Canal()) }
func FuzzMaxwell(f *testing.F)   { fuzz(f, Maxwell()) }
func FuzzOgg(f *testing.F)       { fuzz(f, Ogg()) }
func FuzzChangelog(f *testing.F) { fuzz(f, Changelog()) }

func FuzzDebeziumSchema(f *testing.F) {
	for _, s := range seeds["debezium-json"] {
		f.Add([]byte(`{"schema":{"type":"struct"},"payload":` + s + `}`))
	}
	f.Add([]byte(`{"payload":null}`))
	fuzz(f, Debezium(), "schema-include", "true")
}

// BenchmarkDecode reads creates, and the same rows as plain JSON would be two thirds of the bytes.
func BenchmarkDecode(b *testing.B) {
	for _, f := range append(Formats(), json.Format()) {
		line := map[string]string{
			"debezium-json":  `{"before":null,"after":{"id":123456,"name":"a name of some length","tags":null},"source":{"version":"1.9","connector":"mysql","name":"dbserver","ts_ms":1589362330000,"db":"shop","table":"products"},"op":"c","ts_ms":1589362330904}`,
			"canal-json":     `{"data":[{"id":"123456","name":"a name of some length","tags":null}],"database":"shop","es":1589373515000,"isDdl":false,"old":null,"table":"products","ts":1589373515477,"type":"INSERT"}`,
			"maxwell-json":   `{"database":"shop","table":"products","type":"insert","ts":1596684904,"xid":7201,"commit":true,"data":{"id":123456,"name":"a name of some length","tags":null}}`,
			"ogg-json":       `{"before":null,"after":{"id":123456,"name":"a name of some length","tags":null},"op_type":"I","op_ts":"2020-05-13 15:40:06.000001"}`,
			"changelog-json": `{"op":"+I","row":{"id":123456,"name":"a name of some length","tags":null}}`,
			"json":           `{"id":123456,"name":"a name of some length","tags":null}`,
		}[f.Name]
		b.Run(f.Name, func(b *testing.B) {
			const rows = 1000
			data := []byte(strings.Repeat(line+"\n", rows))
			dec := newDecoder(b, f, options(), columns(), nil)
			batch := newBatch(columns())
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				batch.Reset()
				if _, err := dec.DecodeLines(data, true, batch, rows); err != nil || batch.Len() != rows {
					b.Fatal(batch.Len(), err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
