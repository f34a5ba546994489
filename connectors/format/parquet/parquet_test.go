package parquet

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

var (
	integer, bigint = types.New(types.Int), types.New(types.BigInt)
	long            = strings.Repeat("long string ", 9)
	inner           = types.RowOf(types.Field{Name: "x", Type: types.String()}, types.Field{Name: "y", Type: types.ArrayOf(integer)})
)

// everyType holds a column of each type with values; NULL is added where the type admits it.
var everyType = []struct {
	name   string
	typ    types.Type
	values []any
}{
	{"bool", types.New(types.Boolean), []any{true, false}},
	{"tinyint", types.New(types.TinyInt), []any{int64(-128), int64(127)}},
	{"smallint", types.New(types.SmallInt), []any{int64(-32768), int64(7)}},
	{"int", integer, []any{int64(math.MinInt32), int64(7)}},
	{"int_nn", integer.WithoutNull(), []any{int64(math.MaxInt32), int64(7)}},
	{"bigint", bigint, []any{int64(math.MinInt64), int64(7)}},
	{"float", types.New(types.Float), []any{1.5, math.Inf(-1)}},
	{"double", types.New(types.Double), []any{1e300, -0.25}},
	{"dec9", types.DecimalOf(9, 2), []any{vec.Dec128FromInt64(-999999999), vec.Dec128FromInt64(1)}},
	{"dec18", types.DecimalOf(18, 0), []any{vec.Dec128FromInt64(-999999999999999999)}},
	{"dec38", types.DecimalOf(38, 38), []any{vec.Dec128{Lo: 1, Hi: 2}, vec.Dec128FromInt64(-7)}},
	{"string", types.String(), []any{"", "short", long, "äöü"}},
	{"string_nn", types.String().WithoutNull(), []any{"", "short", long}},
	{"char", types.Type{Kind: types.Char, Length: 3}, []any{"abc"}},
	{"bytes", types.Bytes(), []any{[]byte{0, 255}, []byte(long)}},
	{"date", types.New(types.Date), []any{int64(-1), int64(19000)}},
	{"time", types.Type{Kind: types.Time}, []any{int64(0), int64(86399999)}},
	{"ts3", types.TimestampOf(3), []any{int64(-1), int64(1700000000123)}},
	{"ts6", types.TimestampOf(6), []any{int64(-1), int64(1700000000123456)}},
	{"ts9", types.TimestampOf(9), []any{int64(-1000), int64(1700000000123456000)}},
	{"ltz3", types.TimestampLTZOf(3), []any{int64(-1), int64(1700000000123)}},
	{"array", types.ArrayOf(types.String()), []any{[]any{"x", nil, long}, []any{}, []any{nil}}},
	{"array_nn", types.ArrayOf(integer.WithoutNull()).WithoutNull(), []any{[]any{int64(1), int64(2)}, []any{}}},
	{"array2", types.ArrayOf(types.ArrayOf(integer)), []any{[]any{[]any{int64(1)}, nil, []any{}, []any{int64(2), nil}}, []any{}}},
	{"map", types.MapOf(types.String(), integer), []any{[]vec.Entry{{Key: "k", Value: int64(1)}, {Key: long, Value: nil}}, []vec.Entry{}}},
	{"map2", types.MapOf(integer, types.MapOf(integer, inner)), []any{[]vec.Entry{{Key: int64(1), Value: []vec.Entry{{Key: int64(2), Value: []any{"x", []any{int64(1), nil}}}}}, {Key: int64(3), Value: nil}}}},
	{"multiset", types.MultisetOf(types.String()), []any{[]vec.Entry{{Key: "k", Value: int64(2)}}}},
	{"row", types.RowOf(types.Field{Name: "a", Type: integer}, types.Field{Name: "b", Type: inner}), []any{[]any{int64(1), []any{"s", []any{int64(1)}}}, []any{nil, nil}, []any{nil, []any{nil, nil}}}},
	{"rows", types.ArrayOf(inner), []any{[]any{[]any{"a", []any{int64(1), int64(2)}}, nil, []any{nil, []any{}}}, []any{}}},
}

func everyColumn() []connectors.Column {
	var out []connectors.Column
	for _, c := range everyType {
		out = append(out, connectors.Column{Name: c.name, Type: c.typ})
	}
	return out
}

func newBatch(cols []connectors.Column) *vec.Batch {
	var s vec.Schema
	for _, c := range cols {
		s = append(s, vec.Field{Name: c.Name, Type: c.Type})
	}
	return vec.NewBatch(s)
}

// randomRows makes rows of all types, boxed.
func randomRows(n int, seed uint64) [][]any {
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = make([]any, len(everyType))
		for c, e := range everyType {
			if k := rng.IntN(len(e.values) + 1); k < len(e.values) || e.typ.NotNull {
				rows[i][c] = e.values[k%len(e.values)]
			}
		}
	}
	return rows
}

func batchOf(tb testing.TB, cols []connectors.Column, rows [][]any) *vec.Batch {
	tb.Helper()
	b := newBatch(cols)
	for _, row := range rows {
		for c, x := range row {
			if err := b.Cols[c].AppendValue(x); err != nil {
				tb.Fatal(err)
			}
		}
	}
	b.SetLen(len(rows))
	return b
}

func config(cols []connectors.Column, zone *time.Location, kv ...string) format.Config {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return format.Config{Options: connectors.NewOptions(m, nil), Columns: cols, Zone: zone}
}

// encodeFile writes the batches, selections included, and spoils them.
func encodeFile(tb testing.TB, c format.Config, batches ...*vec.Batch) []byte {
	tb.Helper()
	e, err := Format().Encoding(c)
	if err != nil {
		tb.Fatal(err)
	}
	var buf bytes.Buffer
	w, err := e.NewBulk(&buf)
	if err != nil {
		tb.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Write(b, nil); err != nil {
			tb.Fatal(err)
		}
		vec.Scribble(b) // it was lent for the call only
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// decodeFile reads rows from and to of a file, limit at a time.
func decodeFile(c format.Config, data []byte, cols []connectors.Column, from, to int64, limit int) (rows [][]any, err error) {
	d, err := Format().Decoding(c)
	if err != nil {
		return nil, err
	}
	r, err := d.OpenBulk(format.BulkRequest{Input: input(data), From: from, To: to, Columns: cols})
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}()
	for b := newBatch(cols); ; b.Reset() {
		at := r.Row()
		if err := r.Read(b, limit); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		if b.Len() == 0 || b.Len() > limit || r.Row() != at+int64(b.Len()) {
			return rows, fmt.Errorf("read %d rows, now at row %d", b.Len(), r.Row())
		}
		for i := range b.Len() {
			row := make([]any, len(cols))
			for c, v := range b.Cols {
				row[c] = v.Value(i)
			}
			rows = append(rows, row)
		}
	}
}

func input(data []byte) format.BulkInput {
	return format.BulkInput{Name: "test.parquet", R: bytes.NewReader(data), Size: int64(len(data))}
}

func TestRoundTrip(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cols := everyColumn()
	want := randomRows(3000, 1)
	for name, kv := range map[string][]string{
		"default":      nil,
		"int64":        {"write.int64.timestamp", "true", "timestamp.time.unit", "nanos"},
		"utc":          {"utc-timezone", "true"},
		"small pages":  {"page.size", "200 b", "compression", "zstd"},
		"small groups": {"block.size", "3 kb", "compression", "uncompressed"},
		"plain":        {"enable.dictionary", "false", "compression", "gzip"},
		"lz4":          {"compression", "lz4_raw"},
		"brotli":       {"compression", "brotli"},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(cols, berlin, kv...)
			var batches []*vec.Batch
			for from := 0; from < len(want); from += 250 {
				batches = append(batches, batchOf(t, cols, want[from:from+250]))
			}
			data := encodeFile(t, c, batches...)
			for _, limit := range []int{4096, 7, 1} {
				got, err := decodeFile(c, data, cols, 0, -1, limit)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(want, got) { // Diff alone takes seconds
					d := cmp.Diff(want, got)
					t.Fatalf("limit %d: %s", limit, d[:min(len(d), 2000)])
				}
			}
		})
	}
}

func TestSelectionsAreWritten(t *testing.T) {
	cols := everyColumn()
	rows := randomRows(100, 2)
	b := batchOf(t, cols, rows)
	b.Sel = []int32{3, 50, 99}
	got, err := decodeFile(config(cols, nil), encodeFile(t, config(cols, nil), b), cols, 0, -1, 10)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][]any{rows[3], rows[50], rows[99]}, got); d != "" {
		t.Error(d)
	}
}

func TestProjectionsAndRanges(t *testing.T) {
	cols := everyColumn()
	rows := randomRows(500, 3)
	c := config(cols, nil, "block.size", "3 kb")
	var batches []*vec.Batch
	for from := 0; from < len(rows); from += 50 {
		batches = append(batches, batchOf(t, cols, rows[from:from+50]))
	}
	data := encodeFile(t, c, batches...)
	starts, err := blocks(input(data))
	if err != nil || len(starts) < 3 || starts[0] != 0 {
		t.Fatalf("blocks %v, error %v", starts, err)
	}
	for i, col := range cols {
		one := []connectors.Column{col}
		for _, r := range [][2]int64{{0, -1}, {starts[1], starts[2]}, {starts[1] + 3, starts[2] + 1}, {499, 500}, {500, -1}, {10, 10}} {
			got, err := decodeFile(c, data, one, r[0], r[1], 33)
			if err != nil {
				t.Fatal(err)
			}
			to := r[1]
			if to < 0 {
				to = 500
			}
			var want [][]any
			for _, row := range rows[r[0]:to] {
				want = append(want, []any{row[i]})
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s, rows %v: %s", col.Name, r, d)
			}
		}
	}
	got, err := decodeFile(c, data, nil, 0, -1, 100)
	if err != nil || len(got) != 500 {
		t.Errorf("without columns: %d rows, error %v", len(got), err)
	}
}

func TestPartsOfRows(t *testing.T) {
	cols := everyColumn()
	rows := randomRows(300, 4)
	data := encodeFile(t, config(cols, nil), batchOf(t, cols, rows))
	some := []connectors.Column{
		{Name: "row", Type: types.RowOf(types.Field{Name: "b", Type: types.RowOf(types.Field{Name: "y", Type: types.ArrayOf(integer)})})},
		{Name: "row", Type: types.RowOf(types.Field{Name: "new", Type: integer}, types.Field{Name: "a", Type: bigint})},
		{Name: "rows", Type: types.ArrayOf(types.RowOf(types.Field{Name: "new", Type: integer}))},
		{Name: "absent", Type: types.ArrayOf(integer)},
	}
	got, err := decodeFile(config(cols, nil), data, some, 0, -1, 100)
	if err != nil {
		t.Fatal(err)
	}
	var want [][]any
	column := func(name string) int {
		for i, c := range cols {
			if c.Name == name {
				return i
			}
		}
		return -1
	}
	for _, row := range rows {
		w := []any{nil, nil, nil, nil}
		if r, ok := row[column("row")].([]any); ok {
			w[0], w[1] = []any{nil}, []any{nil, r[0]}
			if b, ok := r[1].([]any); ok {
				w[0] = []any{[]any{b[1]}}
			}
		}
		if list, ok := row[column("rows")].([]any); ok {
			out := []any{}
			for _, e := range list {
				if e != nil {
					e = []any{nil}
				}
				out = append(out, e)
			}
			w[2] = out
		}
		want = append(want, w)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d[:min(len(d), 2000)])
	}
}

// TestTimestampsInZones follows one TIMESTAMP and one TIMESTAMP_LTZ through files that are read in
// another zone than they were written in.
func TestTimestampsInZones(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cols := []connectors.Column{{Name: "wall", Type: types.TimestampOf(3)}, {Name: "instant", Type: types.TimestampLTZOf(3)}}
	noon := time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC).UnixMilli()
	const hours = 3600_000
	for name, c := range map[string]struct {
		write, read []string
		shift       int64 // of the TIMESTAMP, when written in Berlin and read in UTC
	}{
		"int96":           {nil, nil, -2 * hours},
		"int96 as UTC":    {[]string{"utc-timezone", "true"}, nil, 0},
		"int64 has none":  {[]string{"write.int64.timestamp", "true"}, nil, 0},
		"int64 in millis": {[]string{"write.int64.timestamp", "true", "timestamp.time.unit", "millis"}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			data := encodeFile(t, config(cols, berlin, c.write...), batchOf(t, cols, [][]any{{noon, noon}}))
			got, err := decodeFile(config(cols, time.UTC, c.read...), data, cols, 0, -1, 1)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([][]any{{noon + c.shift, noon}}, got); d != "" {
				t.Error(d)
			}
		})
	}
	// An instant can be read as what the clocks show, and the reverse.
	data := encodeFile(t, config(cols, berlin, "write.int64.timestamp", "true"), batchOf(t, cols, [][]any{{noon, noon}}))
	swapped := []connectors.Column{{Name: "wall", Type: types.TimestampLTZOf(3)}, {Name: "instant", Type: types.TimestampOf(3)}}
	got, err := decodeFile(config(swapped, berlin), data, swapped, 0, -1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][]any{{noon - 2*hours, noon + 2*hours}}, got); d != "" {
		t.Error(d)
	}
}

func TestOtherTypes(t *testing.T) {
	cols := []connectors.Column{{Name: "i", Type: integer}, {Name: "f", Type: types.New(types.Float)}, {Name: "d", Type: types.DecimalOf(5, 2)}, {Name: "s", Type: types.String()}}
	data := encodeFile(t, config(cols, nil), batchOf(t, cols, [][]any{{int64(-5), 0.5, vec.Dec128FromInt64(12345), "x"}}))
	wide := []connectors.Column{{Name: "i", Type: bigint}, {Name: "f", Type: types.New(types.Double)}, {Name: "d", Type: types.DecimalOf(10, 1)}, {Name: "s", Type: types.Bytes()}}
	got, err := decodeFile(config(wide, nil), data, wide, 0, -1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][]any{{int64(-5), 0.5, vec.Dec128FromInt64(1235), []byte("x")}}, got); d != "" {
		t.Error(d)
	}
	for _, c := range []struct {
		col  connectors.Column
		want string
	}{
		{connectors.Column{Name: "s", Type: integer}, "column 's': 's' is BYTE_ARRAY (String) in the file, which cannot be read as INT"},
		{connectors.Column{Name: "i", Type: types.String()}, "cannot be read as STRING"},
		{connectors.Column{Name: "i", Type: types.ArrayOf(integer)}, "'i' is no group in the file"},
		{connectors.Column{Name: "d", Type: types.DecimalOf(2, 1)}, "does not fit DECIMAL(2, 1)"},
		{connectors.Column{Name: "x", Type: integer.WithoutNull()}, "the file has no 'x', which is NOT NULL here; it has 'i', 'f', 'd', 's'"},
	} {
		_, err := decodeFile(config(cols, nil), data, []connectors.Column{c.col}, 0, -1, 1)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "test.parquet") {
			t.Errorf("%s as %s: error %v", c.col.Name, c.col.Type, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	cols := []connectors.Column{{Name: "i", Type: integer}}
	for _, c := range []struct {
		cfg  format.Config
		want string
	}{
		{config(cols, nil, "compression", "lzma"), "there is no codec 'lzma'"},
		{config(cols, nil, "timestamp.time.unit", "days"), "there is no unit 'days'"},
		{config([]connectors.Column{{Name: "i", Type: types.New(types.IntervalMonth)}}, nil), "not supported yet: column 'i' in Parquet"},
		{config([]connectors.Column{{Name: "r", Type: types.RowOf()}}, nil), "a ROW without fields"},
		{config(nil, nil), "at least one column"},
	} {
		if _, err := Format().Encoding(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	notNull := []connectors.Column{{Name: "i", Type: integer.WithoutNull()}}
	e, err := Format().Encoding(config(notNull, nil))
	if err != nil {
		t.Fatal(err)
	}
	w, err := e.NewBulk(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batchOf(t, notNull, [][]any{{nil}}), nil); err == nil || !strings.Contains(err.Error(), "column 'i' is NOT NULL") {
		t.Errorf("NULL: error %v", err)
	}
}

func TestSizeGrows(t *testing.T) {
	cols := []connectors.Column{{Name: "s", Type: types.String()}}
	e, err := Format().Encoding(config(cols, nil, "compression", "uncompressed"))
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	w, err := e.NewBulk(&buf)
	if err != nil {
		t.Fatal(err)
	}
	b := newBatch(cols)
	for i := range 10000 {
		b.Cols[0].AppendString(fmt.Sprintf("%s %d", long, i))
	}
	b.SetLen(10000)
	if err := w.Write(b, nil); err != nil {
		t.Fatal(err)
	}
	size := w.Size()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if float64(size) < 0.8*float64(buf.Len()) || float64(size) > 1.2*float64(buf.Len()) {
		t.Errorf("size %d before the end, %d after it", size, buf.Len())
	}
}

// FuzzRead reads damaged files: there may be an error, but no panic, and no rows of the wrong shape.
func FuzzRead(f *testing.F) {
	cols := everyColumn()
	for _, kv := range [][]string{{"compression", "uncompressed"}, {"compression", "uncompressed", "enable.dictionary", "false", "write.int64.timestamp", "true"}, {"page.size", "300 b", "block.size", "4 kb"}} {
		f.Add(encodeFile(f, config(cols, nil, kv...), batchOf(f, cols, randomRows(40, 5))), uint32(0), byte(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint32, x byte) {
		if len(data) > 0 {
			data = append([]byte(nil), data...)
			data[int(at)%len(data)] ^= x
		}
		_, _ = decodeFile(config(cols, nil), data, cols, 0, -1, 64)
		_, _ = blocks(input(data))
	})
}

// TestDamagedFiles changes single bytes of a file at many places.
func TestDamagedFiles(t *testing.T) {
	cols := everyColumn()
	data := encodeFile(t, config(cols, nil, "compression", "uncompressed"), batchOf(t, cols, randomRows(40, 6)))
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		damaged := append([]byte(nil), data...)
		damaged[rng.IntN(len(data))] ^= byte(1 + rng.IntN(255))
		_, _ = decodeFile(config(cols, nil), damaged, cols, 0, -1, 64)
	}
	for n := range len(data) {
		if n%97 == 0 {
			if _, err := decodeFile(config(cols, nil), data[:n], cols, 0, -1, 64); err == nil {
				t.Errorf("the first %d of %d bytes were read as a file", n, len(data))
			}
		}
	}
}

func bidColumns() []connectors.Column {
	return []connectors.Column{
		{Name: "auction", Type: bigint},
		{Name: "bidder", Type: bigint},
		{Name: "price", Type: bigint},
		{Name: "channel", Type: types.String()},
		{Name: "url", Type: types.String()},
		{Name: "dateTime", Type: types.TimestampOf(3)},
		{Name: "extra", Type: types.String()},
	}
}

func bids(tb testing.TB, n int) *vec.Batch {
	rng := rand.New(rand.NewPCG(1, 2))
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{
			int64(1000 + rng.IntN(100)), int64(1000 + rng.IntN(1000)), int64(rng.IntN(1e6)), fmt.Sprintf("channel-%d", rng.IntN(10000)),
			fmt.Sprintf("https://www.nexmark.com/abc/def/ghi/item.htm?query=1&channel_id=%d", rng.IntN(10000)), int64(1.7e12) + int64(i), long[:60+rng.IntN(30)] + fmt.Sprint(i),
		}
	}
	return batchOf(tb, bidColumns(), rows)
}

func BenchmarkRead(b *testing.B) {
	cols := bidColumns()
	batch := bids(b, 50000)
	data := encodeFile(b, config(cols, nil, "write.int64.timestamp", "true"), batch)
	d, err := Format().Decoding(config(cols, nil))
	if err != nil {
		b.Fatal(err)
	}
	for name, some := range map[string][]connectors.Column{"all": cols, "numbers": cols[:3], "strings": cols[3:5]} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			out := newBatch(some)
			for b.Loop() {
				r, err := d.OpenBulk(format.BulkRequest{Input: input(data), To: -1, Columns: some})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					out.Reset()
					err = r.Read(out, vec.DefaultBatchSize)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*50000/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	cols := bidColumns()
	batch := bids(b, 50000)
	for name, kv := range map[string][]string{"snappy": nil, "no dictionary": {"enable.dictionary", "false"}, "zstd": {"compression", "zstd"}} {
		b.Run(name, func(b *testing.B) {
			e, err := Format().Encoding(config(cols, nil, kv...))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				w, err := e.NewBulk(io.Discard)
				if err != nil {
					b.Fatal(err)
				}
				if err := w.Write(batch, nil); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*50000/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
