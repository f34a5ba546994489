package physical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// Materialization says when rows are kept per key of a sink: table.exec.sink.upsert-materialize.
type Materialization uint8

// When rows are kept per sink key.
const (
	MaterializeAuto Materialization = iota // where the query's key differs from the sink's
	MaterializeNone
	MaterializeForce // wherever there are updates and a key
)

// normalize makes the operator that keeps the last row of each key.
func (b *builder) normalize(n *logical.Normalize, before bool) (plan.Node, error) {
	in, err := b.build(n.Input, false)
	if err != nil {
		return nil, err
	}
	rowtime := in.Properties().Rowtime
	parallelism := b.parallelism(n.Key)
	in = b.byKey(in, n.Key, parallelism)
	changes := n.Changes()
	if !before {
		changes &^= 1 << vec.UpdateBefore
	}
	out := &plan.Normalize{Props: b.props(n, n.Name(), parallelism, changes, rowtime), Keys: n.Key, UpdateBefore: before}
	if out.Input, err = b.gathered(in, out.ID); err != nil {
		return nil, err
	}
	if parallelism > 1 {
		b.dist[out] = distribution{n.Key}
	}
	return out, nil
}

// materializes reports whether rows are kept per key before a sink.
func (b *builder) materializes(n *logical.Sink) bool {
	if n.Key == nil || logical.AppendOnly(n.Input) || n.SinkSpec.Sink.Accepts() == connectors.InsertOnly {
		return false
	}
	switch b.o.Materialize {
	case MaterializeForce:
		return true
	case MaterializeAuto:
		// A sink that takes -U is told of every row, and nothing of it is lost.
		return !n.SinkSpec.Sink.Accepts().Has(vec.UpdateBefore) && !covered(n.Input.Keys(), n.Key)
	}
	return false
}

// materialize keeps rows per key of the sink. The rows of a key are in one subtask.
func (b *builder) materialize(n *logical.Sink, in plan.Node) plan.Node {
	p := *in.Properties()
	p.Changes = connectors.Upsert
	p.UpsertKeys = [][]int{n.Key}
	p.ID = b.prints.materialize(n)
	out := &plan.Materialize{Props: p, Input: in, Keys: n.Key}
	if keys := n.Input.Keys(); len(keys) > 0 {
		out.RowKey = keys[0]
	}
	b.dist[out] = b.dist[in]
	return out
}
