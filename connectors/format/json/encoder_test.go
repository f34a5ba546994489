package json

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func TestWriterSpelling(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone data:", err)
	}
	cli := Style{TypeDigits: true, Zone: berlin, PlainDecimals: true, NullKeys: NullKeyLiteral, NullKey: "null"}
	row := types.RowOf(types.Field{Name: "a", Type: types.New(types.Int)}, types.Field{Name: "b\"", Type: types.String()})
	for _, c := range []struct {
		typ        types.Type
		value      any
		flink, cli string // cli "": the same
	}{
		{types.New(types.Int), int64(-5), "-5", ""},
		{types.New(types.Int), nil, "null", ""},
		{types.New(types.Boolean), true, "true", ""},
		{types.New(types.Double), 1e7, "1.0E7", ""},
		{types.New(types.Double), 0.001, "0.001", ""},
		{types.New(types.Double), 12345.678, "12345.678", ""},
		{types.New(types.Double), 1.5e-10, "1.5E-10", ""},
		{types.New(types.Double), math.NaN(), `"NaN"`, ""},
		{types.New(types.Double), math.Inf(-1), `"-Infinity"`, ""},
		{types.New(types.Float), float64(float32(0.1)), "0.1", ""},
		{types.DecimalOf(10, 2), vec.Dec128FromInt64(-1250), "-12.50", ""},
		{types.DecimalOf(10, 9), vec.Dec128FromInt64(27), "2.7E-8", "0.000000027"},
		{types.DecimalOf(10, 9), vec.Dec128FromInt64(0), "0E-9", "0.000000000"},
		{types.DecimalOf(10, 7), vec.Dec128FromInt64(-27), "-0.0000027", ""},
		{types.String(), "a\"b\\c\n\x01é\xffz", `"a\"b\\c\n\u0001é` + "\ufffd" + `z"`, ""},
		{types.Bytes(), []byte{0, 1, 2}, `"AAEC"`, ""},
		{types.New(types.Date), int64(-1), `"1969-12-31"`, ""},
		{types.Type{Kind: types.Time, Precision: 3}, int64(3723450), `"01:02:03.45"`, `"01:02:03.450"`},
		{types.TimestampOf(3), int64(1500), `"1970-01-01 00:00:01.5"`, `"1970-01-01 00:00:01.500"`},
		{types.TimestampOf(6), int64(-1), `"1969-12-31 23:59:59.999999"`, ""},
		{types.TimestampOf(0), int64(1000), `"1970-01-01 00:00:01"`, ""},
		{types.TimestampLTZOf(3), int64(1000), `"1970-01-01 00:00:01Z"`, `"1970-01-01 01:00:01.000"`},
		{types.ArrayOf(types.New(types.Int)), []any{int64(1), nil}, "[1,null]", ""},
		{row, []any{int64(1), nil}, `{"a":1,"b\"":null}`, ""},
		{types.MapOf(types.String(), types.New(types.Int)), []vec.Entry{{Key: "k", Value: int64(1)}}, `{"k":1}`, ""},
		{types.MapOf(types.New(types.Int), types.New(types.Int)), []vec.Entry{{Key: int64(7), Value: int64(1)}, {Key: int64(8), Value: nil}}, `{"7":1,"8":null}`, ""},
		{types.MultisetOf(types.String()), []vec.Entry{{Key: "k", Value: int64(2)}}, `{"k":2}`, ""},
	} {
		v, err := vec.Of(c.typ, c.value)
		if err != nil {
			t.Fatal(err)
		}
		if c.cli == "" {
			c.cli = c.flink
		}
		for name, s := range map[string]Style{"flink": {}, "cli": cli} {
			want := map[string]string{"flink": c.flink, "cli": c.cli}[name]
			got, err := NewWriter(s).Append(nil, v, 0)
			if err != nil || string(got) != want {
				t.Errorf("%s of %s (%s): %s, error %v, want %s", c.typ, c.value, name, got, err, want)
			}
		}
	}
}

func TestEncoderOptions(t *testing.T) {
	cols := []connectors.Column{col("m", types.MapOf(types.String(), types.New(types.Int))), col("n", types.New(types.Int)), col("t", types.TimestampOf(3))}
	b := newBatch(cols)
	for i, values := range [][]any{{[]vec.Entry{{Key: nil, Value: int64(1)}}, nil, int64(5)}, {nil, int64(1), nil}} {
		for c, x := range values {
			if err := b.Cols[c].AppendValue(x); err != nil {
				t.Fatal(err)
			}
		}
		b.SetLen(i + 1)
	}
	for _, c := range []struct {
		options map[string]string
		want    string
	}{
		{map[string]string{"map-null-key.mode": "DROP"}, `{"m":{},"n":null,"t":"1970-01-01 00:00:00.005"}` + "\n" + `{"m":null,"n":1,"t":null}` + "\n"},
		{map[string]string{"map-null-key.mode": "LITERAL", "map-null-key.literal": "nil", "timestamp-format.standard": "ISO-8601", "encode.ignore-null-fields": "true"}, `{"m":{"nil":1},"t":"1970-01-01T00:00:00.005"}` + "\n" + `{"n":1}` + "\n"},
	} {
		enc, err := encoding(format.Config{Options: connectors.NewOptions(c.options, nil), Columns: cols})
		if err != nil {
			t.Fatal(err)
		}
		e, err := enc.NewEncoder()
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.AppendLines(nil, b, nil)
		if d := cmp.Diff(c.want, string(got)); d != "" || err != nil {
			t.Errorf("%v: error %v, %s", c.options, err, d)
		}
	}
	_, err := NewEncoder(Style{}, []string{"m", "n", "t"}).AppendLines(nil, b, nil)
	var e *format.RecordError
	if !errors.As(err, &e) || !errors.Is(err, ErrNullKey) || e.Field != "m" {
		t.Errorf("error %v", err)
	}
}

func TestOptionFaults(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"timestamp-format.standard", "x", "there is no standard 'x'"},
		{"map-null-key.mode", "x", "there is no mode 'x'"},
		{"ignore-parse-errors", "maybe", "'maybe' is not a Boolean"},
	} {
		o := connectors.NewOptions(map[string]string{c.key: c.value}, nil)
		_, err := ReadSettings("json", o)
		if err == nil {
			_, err = ReadStyle("json", o)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: error %v", c.key, c.value, err)
		}
	}
	if err := checkType("json", "m", types.MapOf(types.New(types.Int), types.String())); err == nil {
		t.Error("a MAP with INT keys was accepted")
	}
}

func BenchmarkEncodeBids(b *testing.B) {
	cols := bidColumns()
	d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
	batch := newBatch(cols)
	data := bidLines(vec.DefaultBatchSize)
	if _, err := d.DecodeLines(data, true, batch, vec.DefaultBatchSize); err != nil {
		b.Fatal(err)
	}
	e := NewEncoder(Style{Standard: text.SQL}, []string{"auction", "bidder", "price", "channel", "url", "dateTime", "extra"})
	var out []byte
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		var err error
		if out, err = e.AppendLines(out[:0], batch, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch.Len())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
