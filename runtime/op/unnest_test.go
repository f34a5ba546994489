package op_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// collector writes down what an operator emits, and how many batches there were.
type collector struct {
	out     strings.Builder
	batches int
}

func (c *collector) Emit(b *vec.Batch) error {
	c.batches++
	b.Each(func(i int) { fmt.Fprintf(&c.out, "%s %s\n", b.Kind(i), optest.Row(b, i)) })
	return nil
}

func (c *collector) EmitWatermark(int64) error { return nil }

// tagged gives rows of an id and an array of texts.
func tagged(tb testing.TB, rows ...[]any) *vec.Batch {
	tb.Helper()
	b := vec.NewBatch(taggedSchema)
	for i, tags := range rows {
		vec.Append(b.Cols[0], int64(i))
		if err := b.Cols[1].AppendValue(tags); err != nil {
			tb.Fatal(err)
		}
	}
	b.SetLen(len(rows))
	return b
}

var taggedSchema = vec.Schema{{Name: "id", Type: bigint()}, {Name: "tags", Type: types.ArrayOf(types.String())}}

func unnestNode(outer bool) *plan.Unnest {
	n := &plan.Unnest{Input: optest.Input(taggedSchema), Column: 1, Keep: []int{0}, Ordinality: true, Outer: outer}
	n.Schema = vec.Schema{taggedSchema[0], {Name: "tag", Type: types.String()}, {Name: "ordinality", Type: types.New(types.Int)}}
	return n
}

func TestUnnest(t *testing.T) {
	b := tagged(t, []any{"a", "a text that does not fit into a view"}, []any{}, []any{nil, "b"}, []any{"skipped"}, []any{"c"})
	b.Sel = []int32{0, 1, 2, 4}
	copy(b.EnsureKinds(), []vec.ChangeKind{vec.Insert, vec.Delete, vec.UpdateBefore, vec.Insert, vec.UpdateAfter})
	const want = `
		+I 0, a, 1
		+I 0, a text that does not fit into a view, 2
		-U 2, NULL, 1
		-U 2, b, 2
		+U 4, c, 1`
	const padded = `
		+I 0, a, 1
		+I 0, a text that does not fit into a view, 2
		-D 1, NULL, NULL
		-U 2, NULL, 1
		-U 2, b, 2
		+U 4, c, 1`
	for _, size := range []int{1, 2, 3, 100} {
		for outer, want := range map[bool]string{false: want, true: padded} {
			got := unnestAll(t, unnestNode(outer), b, size)
			if lines(got.out.String()) != lines(want) {
				t.Errorf("outer %v, batches of %d:\n%s\nwant\n%s", outer, size, got.out.String(), lines(want))
			}
		}
	}
}

// A collection that is longer than a batch leaves in several.
func TestUnnestBatches(t *testing.T) {
	tags := make([]any, 1000)
	for i := range tags {
		tags[i] = fmt.Sprint(i)
	}
	if got := unnestAll(t, unnestNode(false), tagged(t, tags), 300); got.batches != 4 {
		t.Errorf("1000 elements left in %d batches of 300", got.batches)
	}
}

func unnestAll(tb testing.TB, n plan.Node, b *vec.Batch, size int) *collector {
	tb.Helper()
	o, err := op.New(n)
	if err != nil {
		tb.Fatal(err)
	}
	out := &collector{}
	if err := o.Open(&op.Context{Out: out, Config: &plan.Config{BatchSize: size}}); err != nil {
		tb.Fatal(err)
	}
	if err := o.Process(0, b); err != nil {
		tb.Fatal(err)
	}
	return out
}

type discard struct{}

func (discard) Emit(*vec.Batch) error     { return nil }
func (discard) EmitWatermark(int64) error { return nil }

func BenchmarkUnnest(b *testing.B) {
	var rows [][]any
	for i := range 1024 {
		rows = append(rows, []any{fmt.Sprint(i), "a text that does not fit into a view", "x", nil})
	}
	in := tagged(b, rows...)
	o, err := op.New(unnestNode(false))
	if err != nil {
		b.Fatal(err)
	}
	if err := o.Open(&op.Context{Out: discard{}, Config: &plan.Config{}}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := o.Process(0, in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*4096/b.Elapsed().Seconds(), "elements/s")
}
