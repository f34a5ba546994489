package arrowvec

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

var long = strings.Repeat("long string ", 9)

// everyType holds a column of each type, with its Arrow type and three values.
var everyType = []struct {
	typ    types.Type
	arrow  string
	values [3]any
}{
	{types.New(types.Null), "null", [3]any{nil, nil, nil}},
	{types.New(types.Boolean), "bool", [3]any{true, nil, false}},
	{types.New(types.TinyInt), "int8", [3]any{int64(-128), nil, int64(127)}},
	{types.New(types.SmallInt), "int16", [3]any{int64(-32768), nil, int64(7)}},
	{types.New(types.Int).WithoutNull(), "int32", [3]any{int64(math.MinInt32), int64(0), int64(7)}},
	{types.New(types.BigInt), "int64", [3]any{int64(math.MinInt64), nil, int64(7)}},
	{types.New(types.Float), "float32", [3]any{1.5, nil, -0.25}},
	{types.New(types.Double), "float64", [3]any{1e300, nil, math.Inf(1)}},
	{types.DecimalOf(38, 2), "decimal(38, 2)", [3]any{vec.Dec128{Lo: 1, Hi: 2}, nil, vec.Dec128FromInt64(-7)}},
	{types.String(), "utf8", [3]any{long, nil, "short"}},
	{types.Type{Kind: types.Char, Length: 3}, "utf8", [3]any{"abc", nil, "äöü"}},
	{types.Bytes(), "binary", [3]any{[]byte(long), nil, []byte{0, 255}}},
	{types.New(types.Date), "date32", [3]any{int64(-1), nil, int64(19000)}},
	{types.Type{Kind: types.Time}, "time32[ms]", [3]any{int64(1), nil, int64(86399999)}},
	{types.TimestampOf(3), "timestamp[ms]", [3]any{int64(-1), nil, int64(1e12)}},
	{types.TimestampOf(6), "timestamp[us]", [3]any{int64(-1), nil, int64(1e15)}},
	{types.TimestampLTZOf(9), "timestamp[ns, tz=UTC]", [3]any{int64(-1), nil, int64(1e18)}},
	{types.New(types.IntervalMonth), "month_interval", [3]any{int64(-14), nil, int64(14)}},
	{types.New(types.IntervalMilli), "duration[ms]", [3]any{int64(-14), nil, int64(1e12)}},
	{types.ArrayOf(types.String()), "list<element: utf8, nullable>", [3]any{[]any{"x", nil, long}, nil, []any{}}},
	{types.ArrayOf(types.ArrayOf(types.New(types.Int))), "list<element: list<element: int32, nullable>, nullable>", [3]any{[]any{[]any{int64(1)}, nil}, nil, []any{[]any{int64(2), nil}}}},
	{types.MapOf(types.String(), types.New(types.Int)), "map<utf8, int32, items_nullable>", [3]any{[]vec.Entry{{Key: "k", Value: int64(1)}, {Key: long, Value: nil}}, nil, []vec.Entry{}}},
	{types.MultisetOf(types.String()), "map<utf8, int32, items_non_nullable>", [3]any{[]vec.Entry{{Key: "k", Value: int64(2)}}, nil, []vec.Entry{}}},
	{
		types.RowOf(types.Field{Name: "a", Type: types.New(types.Int)}, types.Field{Name: "b", Type: types.String()}),
		"struct<a: int32 nullable, b: utf8 nullable>",
		[3]any{[]any{int64(1), long}, nil, []any{nil, "b"}},
	},
}

func everyTypeBatch(t *testing.T) (vec.Schema, *vec.Batch) {
	t.Helper()
	var s vec.Schema
	for i, c := range everyType {
		s = append(s, vec.Field{Name: fmt.Sprintf("c%d", i), Type: c.typ})
	}
	b := vec.NewBatch(s)
	for i, c := range everyType {
		for _, x := range c.values {
			if err := b.Cols[i].AppendValue(x); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.SetLen(3)
	return s, b
}

func boxed(b *vec.Batch) (rows [][]any) {
	b.Each(func(row int) {
		r := []any{b.Kind(row).String()}
		for _, c := range b.Cols {
			r = append(r, c.Value(row))
		}
		rows = append(rows, r)
	})
	return rows
}

func TestTypes(t *testing.T) {
	s, _ := everyTypeBatch(t)
	schema, err := Schema(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range schema.Fields() {
		if f.Type.String() != everyType[i].arrow || f.Nullable == everyType[i].typ.NotNull {
			t.Errorf("%s is %s, nullable %v", everyType[i].typ, f.Type, f.Nullable)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, o := range []Options{{}, {Views: true}, {KindColumn: "op"}} {
		s, b := everyTypeBatch(t)
		if o.KindColumn != "" {
			copy(b.EnsureKinds(), []vec.ChangeKind{vec.UpdateBefore, vec.UpdateAfter, vec.Delete})
		}
		want := boxed(b)
		rec, err := ToArrow(s, b, o)
		if err != nil {
			t.Fatal(err)
		}
		if !o.Views { // the IPC writer judges the arrays
			rec = throughIPC(t, rec)
		}
		got := vec.NewBatch(s)
		for range 2 { // it appends
			if err := FromArrow(got, rec, o); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(append(want, want...), boxed(got)); d != "" {
			t.Errorf("%+v: %s", o, d)
		}
	}
}

func throughIPC(t *testing.T, rec arrow.RecordBatch) arrow.RecordBatch {
	t.Helper()
	var buf bytes.Buffer
	w := ipc.NewWriter(&buf, ipc.WithSchema(rec.Schema()))
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := ipc.NewReader(&buf)
	if err != nil || !r.Next() {
		t.Fatalf("reading back: %v, %v", err, r.Err())
	}
	return r.RecordBatch()
}

func TestSelectionAndSlices(t *testing.T) {
	s, b := everyTypeBatch(t)
	b.Sel = []int32{0, 2}
	want := boxed(b)
	rec, err := ToArrow(s, b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := vec.NewBatch(s)
	if err := FromArrow(got, rec, Options{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, boxed(got)); d != "" {
		t.Error(d)
	}
	b.Sel = nil
	if rec, err = ToArrow(s, b, Options{Views: true}); err != nil {
		t.Fatal(err)
	}
	got.Reset()
	if err := FromArrow(got, rec.NewSlice(2, 3), Options{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want[1:], boxed(got)); d != "" {
		t.Error(d)
	}
}

func TestNoCopies(t *testing.T) {
	s := vec.Schema{{Name: "a", Type: types.New(types.BigInt)}, {Name: "b", Type: types.String()}}
	b := vec.NewBatch(s)
	vec.Append(b.Cols[0], int64(1))
	b.Cols[1].AppendString(long)
	b.SetLen(1)
	rec, err := ToArrow(s, b, Options{Views: true})
	if err != nil {
		t.Fatal(err)
	}
	vec.Values[int64](b.Cols[0])[0] = 2
	b.Cols[1].Bytes(0)[0] = 'L'
	if n := rec.Column(0).(*array.Int64).Value(0); n != 2 {
		t.Errorf("the number was copied: %d", n)
	}
	if v := rec.Column(1).(*array.StringView).Value(0); v[0] != 'L' {
		t.Errorf("the string was copied: %s", v)
	}
}

func TestRefusals(t *testing.T) {
	multiset, err := vec.Of(types.MultisetOf(types.String()), []vec.Entry{{Key: nil, Value: int64(1)}})
	if err != nil {
		t.Fatal(err)
	}
	b := &vec.Batch{Cols: []*vec.Vector{multiset}}
	b.SetLen(1)
	if _, err := ToArrow(vec.Schema{{Name: "m", Type: multiset.Type()}}, b, Options{}); err == nil || !strings.Contains(err.Error(), "column 'm'") {
		t.Errorf("NULL key: error %v", err)
	}
	if _, err := Schema(vec.Schema{{Name: "r", Type: types.New(types.Raw)}}, Options{}); err == nil {
		t.Error("RAW has no counterpart, but there is no error")
	}

	ints := array.NewInt32Builder(memory.DefaultAllocator)
	ints.Append(1)
	rec := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int32}}, nil), []arrow.Array{ints.NewArray()}, 1)
	for _, typ := range []types.Type{types.New(types.BigInt), types.String(), types.ArrayOf(types.New(types.Int)), types.TimestampOf(3), types.RowOf(), types.MapOf(types.String(), types.String())} {
		err := FromArrow(vec.NewBatch(vec.Schema{{Name: "x", Type: typ}}), rec, Options{})
		if err == nil || !strings.Contains(err.Error(), "column 'i'") {
			t.Errorf("INT as %s: error %v", typ, err)
		}
	}
	if err := FromArrow(vec.NewBatch(nil), rec, Options{}); err == nil {
		t.Error("a column too many was taken")
	}
	if err := FromArrow(vec.NewBatch(nil), rec, Options{KindColumn: "op"}); err == nil {
		t.Error("a record without kinds was taken")
	}
	if err := FromArrow(vec.NewBatch(nil), rec, Options{KindColumn: "i"}); err == nil || !strings.Contains(err.Error(), "'1' in row 0") {
		t.Errorf("kind 1: error %v", err)
	}
}

func BenchmarkToArrow(b *testing.B) {
	s := vec.Schema{{Name: "a", Type: types.New(types.BigInt)}, {Name: "t", Type: types.TimestampOf(3)}, {Name: "s", Type: types.String()}}
	batch := vec.NewBatch(s)
	for i := range vec.DefaultBatchSize {
		vec.Append(batch.Cols[0], int64(i))
		vec.Append(batch.Cols[1], int64(i))
		batch.Cols[2].AppendString(long[:i%64])
	}
	batch.SetLen(vec.DefaultBatchSize)
	for name, o := range map[string]Options{"copied strings": {}, "views": {Views: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ToArrow(s, batch, o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*vec.DefaultBatchSize/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
