package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
)

// over leaves out aggregates that nobody reads, and with the last of them the node.
func (p *pruner) over(n *logical.Over, need columns) pruned {
	columns := len(n.Input.Schema())
	var calls []agg.Call
	at := make([]place, len(n.Calls))
	for i, c := range n.Calls {
		at[i].at = -1
		if need[columns+i] != nil {
			at[i].at = len(calls)
			calls = append(calls, c)
		}
	}
	down := need[:columns].clone()
	if len(calls) == 0 {
		in := p.prune(n.Input, down)
		return pruned{in.node, append(slices.Clone(in.where), at...)}
	}
	for _, c := range n.Partition {
		down.whole(c)
	}
	for _, k := range n.Order {
		down.whole(k.Column)
	}
	for _, c := range calls {
		for _, a := range c.Args {
			down.whole(a)
		}
	}
	in := p.prune(n.Input, down)
	s := n.OverSpec
	s.Partition, s.Order, s.Calls = in.moveAll(s.Partition), in.moveOrder(s.Order), in.moveCalls(calls)
	for i := range at {
		if at[i].at >= 0 {
			at[i].at += len(in.node.Schema())
		}
	}
	return pruned{logical.NewOver(in.node, s), append(slices.Clone(in.where), at...)}
}
