package print

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestValues holds what the toString methods of the Java classes give.
func TestValues(t *testing.T) {
	row := types.RowOf(types.Field{Name: "a", Type: types.New(types.Int)}, types.Field{Name: "b", Type: types.String()})
	ms := func(p int) types.Type { return types.TimestampOf(p) }
	for _, c := range []struct {
		typ   types.Type
		value any
		want  string
	}{
		{types.New(types.Boolean), true, "true"},
		{types.New(types.TinyInt), int64(-128), "-128"},
		{types.New(types.SmallInt), int64(300), "300"},
		{types.New(types.Int), int64(math.MinInt32), "-2147483648"},
		{types.New(types.BigInt), int64(math.MinInt64), "-9223372036854775808"},
		{types.New(types.BigInt), nil, "null"},
		{types.New(types.Float), float64(float32(0.1)), "0.1"},
		{types.New(types.Double), 1e7, "1.0E7"},
		{types.New(types.Double), math.Inf(-1), "-Infinity"},
		{types.DecimalOf(10, 2), vec.Dec128FromInt64(-150), "-1.50"},
		{types.DecimalOf(10, 0), vec.Dec128FromInt64(7), "7"},
		{types.DecimalOf(20, 10), vec.Dec128{}, "0E-10"},
		{types.DecimalOf(20, 10), vec.Dec128FromInt64(-1234), "-1.234E-7"},
		{types.DecimalOf(20, 10), vec.Dec128FromInt64(12345), "0.0000012345"},
		{types.String(), "it's a, \"text\"", "it's a, \"text\""},
		{types.Bytes(), []byte{0, 127, 128, 255}, "[0, 127, -128, -1]"},
		{types.New(types.Date), int64(0), "1970-01-01"},
		{types.New(types.Date), int64(-719529), "-0001-12-31"},
		{types.Type{Kind: types.Time}, int64(0), "00:00"},
		{types.Type{Kind: types.Time}, int64(3723004), "01:02:03.004"},
		{ms(3), int64(0), "1970-01-01T00:00"},
		{ms(3), int64(-1), "1969-12-31T23:59:59.999"},
		{ms(3), int64(61_000), "1970-01-01T00:01:01"},
		{ms(6), int64(60_000_100), "1970-01-01T00:01:00.000100"},
		{ms(9), int64(1_500_000_000), "1970-01-01T00:00:01.500"},
		{ms(9), int64(1), "1970-01-01T00:00:00.000000001"},
		{types.TimestampLTZOf(3), int64(0), "1970-01-01T00:00:00Z"},
		{types.TimestampLTZOf(3), int64(120), "1970-01-01T00:00:00.120Z"},
		{types.New(types.IntervalMonth), int64(14), "P1Y2M"},
		{types.New(types.IntervalMonth), int64(-24), "P-2Y"},
		{types.New(types.IntervalMonth), int64(0), "P0D"},
		{types.New(types.IntervalMilli), int64(93784005), "PT26H3M4.005S"},
		{types.New(types.IntervalMilli), int64(-1500), "PT-1.5S"},
		{types.New(types.IntervalMilli), int64(3600_000), "PT1H"},
		{types.New(types.IntervalMilli), int64(0), "PT0S"},
		{types.ArrayOf(types.String()), []any{"a", nil}, "[a, null]"},
		{types.MapOf(types.String(), types.New(types.Int)), []vec.Entry{{Key: "k", Value: int64(1)}, {Key: "l", Value: nil}}, "{k=1, l=null}"},
		{row, []any{int64(1), "x"}, "+I[1, x]"},
		{types.ArrayOf(row), []any{[]any{int64(1), nil}}, "[+I[1, null]]"},
	} {
		v, err := vec.Of(c.typ, c.value)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendValue(nil, v, 0)); got != c.want {
			t.Errorf("%s: %s, want %s", c.typ, got, c.want)
		}
	}
}

func batch(t *testing.T) *vec.Batch {
	t.Helper()
	b := vec.NewBatch(vec.Schema{{Name: "a", Type: types.New(types.Int)}, {Name: "b", Type: types.String()}})
	for i, s := range []string{"x", "y", "z"} {
		vec.Append(b.Cols[0], int32(i))
		b.Cols[1].AppendString(s)
	}
	b.SetLen(3)
	return b
}

func TestLines(t *testing.T) {
	updates := batch(t)
	copy(updates.EnsureKinds(), []vec.ChangeKind{vec.UpdateBefore, vec.UpdateAfter, vec.Delete})
	some := batch(t)
	some.Sel = []int32{1}
	for name, c := range map[string]struct {
		options              map[string]string
		subtask, parallelism int
		batch                *vec.Batch
		stdout, stderr       string
	}{
		"plain":        {nil, 0, 1, batch(t), "+I[0, x]\n+I[1, y]\n+I[2, z]\n", ""},
		"kinds":        {nil, 0, 1, updates, "-U[0, x]\n+U[1, y]\n-D[2, z]\n", ""},
		"selection":    {nil, 0, 1, some, "+I[1, y]\n", ""},
		"error":        {map[string]string{"standard-error": "true"}, 0, 1, some, "", "+I[1, y]\n"},
		"parallel":     {nil, 1, 4, some, "2> +I[1, y]\n", ""},
		"identifier":   {map[string]string{"print-identifier": "out"}, 0, 1, some, "out> +I[1, y]\n", ""},
		"both":         {map[string]string{"print-identifier": "out"}, 3, 4, some, "out:4> +I[1, y]\n", ""},
		"nothing left": {nil, 0, 1, &vec.Batch{Sel: []int32{}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			sink, err := Connector(&stdout, &stderr).Sink(&connectors.Table{Options: connectors.NewOptions(c.options, nil)})
			if err != nil {
				t.Fatal(err)
			}
			w, err := sink.Open(context.Background(), connectors.WriteRequest{Subtask: c.subtask, Parallelism: c.parallelism})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(c.batch); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([2]string{c.stdout, c.stderr}, [2]string{stdout.String(), stderr.String()}); d != "" {
				t.Error(d)
			}
		})
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreReported(t *testing.T) {
	sink, err := Connector(full{}, full{}).Sink(&connectors.Table{Options: connectors.NewOptions(nil, nil)})
	if err != nil {
		t.Fatal(err)
	}
	w, err := sink.Open(context.Background(), connectors.WriteRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch(t)); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	batch := vec.NewBatch(vec.Schema{{Name: "a", Type: types.New(types.BigInt)}, {Name: "b", Type: types.String()}, {Name: "t", Type: types.TimestampOf(3)}})
	for i := range vec.DefaultBatchSize {
		vec.Append(batch.Cols[0], int64(i))
		batch.Cols[1].AppendString("a short text")
		vec.Append(batch.Cols[2], int64(i)*1e9)
	}
	batch.SetLen(vec.DefaultBatchSize)
	w := &writer{out: &shared{w: io.Discard}}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*vec.DefaultBatchSize/b.Elapsed().Seconds(), "rows/s")
}
