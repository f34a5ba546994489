package op_test

import (
	"testing"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func setOperation(o plan.SetOp, all bool) *plan.SetOperation {
	out := vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}}
	in := append(append(vec.Schema{}, out...), vec.Field{Name: "right", Type: types.New(types.Boolean)})
	return &plan.SetOperation{Props: plan.Props{Schema: out}, Input: optest.Input(in), Op: o, All: all}
}

// bothSides has (a, 1) twice on the left, then up to three times on the right, then takes rows back.
const bothSides = `
	a, 1, false
	a, 1, false
	NULL, 2, false
	a, 1, true
	NULL, 2, true
	a, 1, true
	a, 1, true
	-U a, 1, false
	+U a, 9, false
	-D NULL, 2, true
	-D a, 1, true
	-D a, 1, true
	-D b, 1, true
	-D a, 1, true
	-D a, 1, false
	b, 1, true
	b, 1, false
`

func TestSetOperations(t *testing.T) {
	cases := []struct {
		op   plan.SetOp
		all  bool
		want string
	}{
		{plan.Intersect, false, "+I a, 1\n+I NULL, 2\n-D NULL, 2\n-D a, 1\n+I b, 1"},
		{plan.Intersect, true, "+I a, 1\n+I NULL, 2\n+I a, 1\n-D a, 1\n-D NULL, 2\n-D a, 1\n+I b, 1"},
		{plan.Except, false, "+I a, 1\n+I NULL, 2\n-D a, 1\n-D NULL, 2\n+I a, 9\n+I NULL, 2\n+I a, 1\n-D a, 1"},
		{plan.Except, true, "+I a, 1\n+I a, 1\n+I NULL, 2\n-D a, 1\n-D NULL, 2\n-D a, 1\n+I a, 9\n+I NULL, 2\n+I a, 1\n-D a, 1"},
	}
	for _, c := range cases {
		t.Run(c.op.Name(c.all), func(t *testing.T) { check(t, setOperation(c.op, c.all), plan.Config{}, bothSides, c.want, 0) })
	}
}

func BenchmarkIntersect(b *testing.B) {
	in := vec.NewBatch(setOperation(plan.Intersect, true).Inputs()[0].Properties().Schema)
	for i := range 4096 {
		if err := in.Cols[0].AppendValue("key"); err != nil {
			b.Fatal(err)
		}
		vec.Append(in.Cols[1], int64(i/2))
		in.Cols[2].AppendBool(i%2 == 1)
	}
	in.SetLen(4096)
	o, err := op.New(setOperation(plan.Intersect, true))
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
