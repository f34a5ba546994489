package op_test

import (
	"testing"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// expandNode gives rows of events once for k and v, once for k, and once for neither.
func expandNode() *plan.Expand {
	in := events(types.TimestampOf(3))
	n := &plan.Expand{Input: optest.Input(in), Vary: []int{0, 1}, Sets: []int64{0, 1, 3}}
	n.Schema = append(append(vec.Schema{}, in...), in[0], in[1], vec.Field{Name: "set", Type: bigint()})
	return n
}

func TestExpand(t *testing.T) {
	check(t, expandNode(), plan.Config{RowByRow: true}, `
		+I a, 1, 00:00:01
		-D NULL, 2, 00:00:02
		+U b, NULL, 00:00:03
	`, `
		+I a, 1, 00:00:01, a, 1, 0
		+I a, 1, 00:00:01, a, NULL, 1
		+I a, 1, 00:00:01, NULL, NULL, 3
		-D NULL, 2, 00:00:02, NULL, 2, 0
		-D NULL, 2, 00:00:02, NULL, NULL, 1
		-D NULL, 2, 00:00:02, NULL, NULL, 3
		+U b, NULL, 00:00:03, b, NULL, 0
		+U b, NULL, 00:00:03, b, NULL, 1
		+U b, NULL, 00:00:03, NULL, NULL, 3
	`, 0)
}

// Whole batches leave set by set.
func TestExpandBatches(t *testing.T) {
	got, err := optest.Run(expandNode(), plan.Config{}, `
		a, 1, 00:00:01
		b, 2, 00:00:02
	`, 10)
	const want = `
		+I a, 1, 00:00:01, a, 1, 0
		+I b, 2, 00:00:02, b, 2, 0
		+I a, 1, 00:00:01, a, NULL, 1
		+I b, 2, 00:00:02, b, NULL, 1
		+I a, 1, 00:00:01, NULL, NULL, 3
		+I b, 2, 00:00:02, NULL, NULL, 3`
	if err != nil || lines(got.Out) != lines(want) {
		t.Errorf("%v\n%s\nwant\n%s", err, got.Out, want)
	}
}

func BenchmarkExpand(b *testing.B) {
	in := vec.NewBatch(events(types.TimestampOf(3)))
	for i := range 4096 {
		if err := in.Cols[0].AppendValue("key"); err != nil {
			b.Fatal(err)
		}
		vec.Append(in.Cols[1], int64(i))
		vec.Append(in.Cols[2], int64(i))
	}
	in.SetLen(4096)
	o, err := op.New(expandNode())
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
	b.ReportMetric(float64(b.N)*4096/b.Elapsed().Seconds(), "rows/s")
}
