package physical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
)

// setOperation brings equal rows of both sides to one subtask.
func (b *builder) setOperation(n *logical.SetOperation) (plan.Node, error) {
	in, err := b.build(n.Input, wantsBefore(n, false))
	if err != nil {
		return nil, err
	}
	whole := firstColumns(len(n.Schema()))
	parallelism := b.parallelism(whole)
	changes := n.Changes()
	if in.Properties().Changes == connectors.InsertOnly && n.Op == plan.Intersect {
		changes = connectors.InsertOnly
	}
	out := &plan.SetOperation{
		Props: b.props(n, n.Name(), parallelism, changes, -1), Input: b.byKey(in, whole, parallelism), Op: n.Op, All: n.All,
	}
	b.dist[out] = distribution{b.keyed(len(whole), parallelism)}
	return out, nil
}
