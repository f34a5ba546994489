package physical

import (
	"fmt"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
)

// session makes the operator that gives rows their sessions, behind an exchange by the partition.
func (b *builder) session(n *logical.WindowTVF, in plan.Node) (plan.Node, error) {
	rowtime := -1
	if !n.Window.ProcTime {
		if in.Properties().Rowtime < 0 {
			return nil, fmt.Errorf("planning: no watermark reaches the sessions of %s", n.Input.Name())
		}
		rowtime = n.Schema().RowtimeIndex()
	}
	parallelism := b.parallelism(n.Partition)
	out := &plan.WindowTableFunction{
		Props: b.props(n, "WindowTableFunction", parallelism, in.Properties().Changes, rowtime), Input: b.byKey(in, n.Partition, parallelism),
		Window: n.Window, Keys: n.Partition,
	}
	if parallelism > 1 {
		b.dist[out] = distribution{n.Partition}
	}
	return out, nil
}
