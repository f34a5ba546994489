package op_test

import (
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func windowTopNode(from, to int64, number, newest bool) *plan.WindowTopN {
	bound := types.TimestampOf(3).WithoutNull()
	in := vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}, {Name: "s", Type: bound}, {Name: "e", Type: bound}}
	n := &plan.WindowTopN{
		Props: plan.Props{Schema: in}, Input: optest.Input(in), Window: plan.Window{Kind: plan.Tumble, Size: 5 * second}, Start: 2, End: 3,
		Partition: []int{2, 3, 0}, Order: []order.Key{{Column: 1, Desc: true, NullsLast: true}}, From: from, To: to, Number: number, Newest: newest,
	}
	if number {
		n.Schema = append(in[:4:4], vec.Field{Name: "rn", Type: bigint().WithoutNull()})
	}
	return n
}

func TestWindowTopN(t *testing.T) {
	script := `
		a, 1, 00:00:00, 00:00:05
		b, 1, 00:00:05, 00:00:10
		a, 3, 00:00:00, 00:00:05
		b, 7, 00:00:00, 00:00:05
		a, NULL, 00:00:00, 00:00:05
		a, 3, 00:00:00, 00:00:05
		watermark 00:00:04.998
		a, 2, 00:00:00, 00:00:05
		watermark 00:00:04.999
		a, 9, 00:00:00, 00:00:05
		z, 9, 00:00:00, 00:00:05
		b, 1, 00:00:05, 00:00:10
		watermark 00:00:07
		c, 1, 00:00:10, 00:00:15`
	for _, cfg := range []plan.Config{{}, {BatchSize: 1}} {
		check(t, windowTopNode(2, 3, true, false), cfg, script, `
		watermark 00:00:04.998
		+I a, 3, 00:00:00, 00:00:05, 2
		+I a, 2, 00:00:00, 00:00:05, 3
		watermark 00:00:04.999
		watermark 00:00:07
		+I b, 1, 00:00:05, 00:00:10, 2`, 2)
	}
	tied := "a, 1, 00:00:00, 00:00:05\nb, 2, 00:00:00, 00:00:05\na, 1, 00:00:00, 00:00:05\na, 0, 00:00:00, 00:00:05"
	check(t, windowTopNode(1, 1, false, true), plan.Config{}, tied, "+I a, 1, 00:00:00, 00:00:05\n+I b, 2, 00:00:00, 00:00:05", 0)
}
