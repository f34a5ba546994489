package op_test

import (
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func TestSort(t *testing.T) {
	in := vec.Schema{{Name: "ts", Type: types.TimestampOf(3)}, {Name: "s", Type: types.String()}, {Name: "v", Type: bigint()}}
	n := &plan.Sort{
		Props: plan.Props{Schema: in}, Input: optest.Input(in),
		Order: []order.Key{{Column: 0}, {Column: 1, Desc: true, NullsLast: true}},
	}
	for _, cfg := range []plan.Config{{}, {BatchSize: 2}} {
		check(t, n, cfg, `
		00:00:05, b, 1
		00:00:03, a, 2
		00:00:05, a rather long one, 3
		00:00:05, NULL, 4
		00:00:05, b, 5
		watermark 00:00:02
		00:00:01, late for the watermark but behind nothing, 6
		watermark 00:00:06
		00:00:05, z, 7
		00:00:05.001, z, 8
		00:00:09, z, 9
		watermark 00:00:07`, `
		watermark 00:00:02
		+I 00:00:01, late for the watermark but behind nothing, 6
		+I 00:00:03, a, 2
		+I 00:00:05, b, 1
		+I 00:00:05, b, 5
		+I 00:00:05, a rather long one, 3
		+I 00:00:05, NULL, 4
		watermark 00:00:06
		+I 00:00:05.001, z, 8
		watermark 00:00:07
		+I 00:00:09, z, 9`, 1)
	}
}
