package physical

import (
	"fmt"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

var bigint = types.New(types.BigInt).WithoutNull()

// groupAggregate makes an aggregation by keys: in one subtask without keys, else behind a hash
// exchange, with a local phase before it where that is allowed.
func (b *builder) groupAggregate(n *logical.Aggregate, before bool) (plan.Node, error) {
	in, err := b.build(n.Input, wantsBefore(n, before))
	if err != nil {
		return nil, err
	}
	insertOnly := in.Properties().Changes == connectors.InsertOnly
	if err := retractable(n.Calls, insertOnly); err != nil {
		return nil, err
	}
	changes := n.Changes()
	if !before {
		changes &^= 1 << vec.UpdateBefore
	}
	parallelism := b.parallelism(n.GroupBy)
	out := &plan.GroupAggregate{
		Props: b.props(n, "GroupAggregate", parallelism, changes, -1), Keys: n.GroupBy, Calls: n.Calls, UpdateBefore: before,
		InputRetract: !insertOnly,
	}
	moved := b.byKey(in, n.GroupBy, parallelism)
	if moved != in && insertOnly && !b.o.RowByRow && b.twoPhase(n.Calls) {
		local := &plan.GroupAggregate{Input: in, Keys: n.GroupBy, Calls: n.Calls, Phase: plan.Local}
		local.Props = b.localProps(out.ID, in, localSchema(in, n.GroupBy, n.Calls, false), -1)
		out.Phase, out.Keys = plan.Global, firstColumns(len(n.GroupBy))
		moved = b.byKey(local, out.Keys, parallelism)
	}
	if out.Input, err = b.gathered(moved, out.ID); err != nil {
		return nil, err
	}
	b.dist[out] = distribution{b.keyed(len(n.GroupBy), parallelism)}
	return out, nil
}

// windowAggregate is groupAggregate for windows; windows of processing time have no slices to
// merge, so that they work in one phase.
func (b *builder) windowAggregate(n *logical.WindowAggregate) (plan.Node, error) {
	in, err := b.build(n.Input, wantsBefore(n, false))
	if err != nil {
		return nil, err
	}
	insertOnly := in.Properties().Changes == connectors.InsertOnly
	if err := retractable(n.Calls, insertOnly); err != nil {
		return nil, err
	}
	parallelism := b.parallelism(n.GroupBy)
	out := &plan.WindowAggregate{
		Props: b.props(n, "WindowAggregate", parallelism, connectors.InsertOnly, -1), Window: n.Window, Keys: n.GroupBy, Calls: n.Calls,
		Windows: n.Windows, InputRetract: !insertOnly,
	}
	if !n.Window.ProcTime {
		if in.Properties().Rowtime < 0 {
			return nil, fmt.Errorf("planning: no watermark reaches the window aggregation %s", out.ID)
		}
		out.Rowtime = n.Schema().RowtimeIndex()
	}
	moved := b.byKey(in, n.GroupBy, parallelism)
	_, late := b.late[n] // late rows are wanted as they come, not added up
	if !late && moved != in && insertOnly && !n.Window.ProcTime && n.Window.Kind != plan.Session && b.twoPhase(n.Calls) {
		slice := len(n.GroupBy)
		counting, _ := agg.Counting(n.Calls)
		local := &plan.WindowAggregate{Input: in, Window: n.Window, Keys: n.GroupBy, Calls: n.Calls, Phase: plan.Local}
		local.Props = b.localProps(out.ID, in, localSchema(in, n.GroupBy, counting, true), slice)
		out.Phase, out.Keys, out.Window.TimeCol = plan.Global, firstColumns(slice), slice
		moved = b.byKey(local, out.Keys, parallelism)
	}
	out.Input = moved
	b.dist[out] = distribution{b.keyed(len(n.GroupBy), parallelism)}
	return out, nil
}

// retractable refuses aggregates that cannot take rows back over an input that does.
func retractable(calls []agg.Call, insertOnly bool) error {
	for _, c := range calls {
		if !insertOnly && c.Fn.AppendOnly {
			return diag.Unsupported(diag.Span{}, "%s over a changelog with updates", c.Text)
		}
	}
	return nil
}

// parallelism is that of an aggregation: without keys there is one subtask.
func (b *builder) parallelism(keys []int) int {
	if len(keys) == 0 {
		return 1
	}
	return b.o.Parallelism
}

// keyed gives how an aggregation's rows are spread: by its keys, which come first.
func (b *builder) keyed(keys, parallelism int) []int {
	if parallelism == 1 {
		return nil
	}
	return firstColumns(keys)
}

func firstColumns(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// twoPhase reports whether partial results can be merged: those of DISTINCT cannot.
func (b *builder) twoPhase(calls []agg.Call) bool {
	if b.o.OnePhase {
		return false
	}
	if !agg.Splittable(calls) {
		return false
	}
	b.fired("two-phase-aggregate")
	return true
}

func (b *builder) localProps(id string, in plan.Node, s vec.Schema, rowtime int) plan.Props {
	return plan.Props{
		ID: hash("Local", id), Schema: s, Parallelism: in.Properties().Parallelism, Changes: connectors.InsertOnly, Rowtime: rowtime,
	}
}

// localSchema is what a local phase gives: keys, the slice's end for windows, and the
// columns of partial results.
func localSchema(in plan.Node, keys []int, calls []agg.Call, slices bool) vec.Schema {
	var s vec.Schema
	for _, k := range keys {
		s = append(s, in.Properties().Schema[k])
	}
	if slices {
		s = append(s, vec.Field{Name: "slice_end", Type: bigint})
	}
	return append(s, agg.PartialSchema(calls)...)
}
