package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/order"
)

// rank keeps the columns that make partitions and order; a number that nobody reads is not given, which
// also spares the updates of ranks that shift. Rows of a changelog are told apart by all of their
// columns, or by a key: what identifies them stays.
func (p *pruner) rank(n *logical.Rank, need columns) pruned {
	columns := len(n.Input.Schema())
	s := n.RankSpec
	down := need[:columns].clone()
	if s.Number && need[columns] == nil {
		s.Number = false
	}
	for _, c := range s.Partition {
		down.whole(c)
	}
	for _, k := range s.Order {
		down.whole(k.Column)
	}
	for i, used := range down {
		if used != nil {
			down.whole(i) // a row is kept as it is
		}
	}
	if !logical.AppendOnly(n.Input) {
		keepIdentity(n.Input, down)
	}
	in := p.prune(n.Input, down)
	s.Partition = in.moveAll(s.Partition)
	s.Order = in.moveOrder(s.Order)
	where := in.where
	if n.Number {
		at := -1
		if s.Number {
			at = len(in.node.Schema())
		}
		where = append(slices.Clone(where), place{at: at})
	}
	return pruned{logical.NewRank(in.node, s), where}
}

// sort keeps the columns of its order.
func (p *pruner) sort(n *logical.Sort, need columns) pruned {
	down := noColumns(n)
	for i, used := range need {
		if used != nil {
			down.whole(i)
		}
	}
	for _, k := range n.Order {
		down.whole(k.Column)
	}
	in := p.prune(n.Input, down)
	return pruned{logical.NewSort(in.node, in.moveOrder(n.Order), n.At), in.where}
}

// keepIdentity adds the columns that identify a row of a changelog.
func keepIdentity(n logical.Node, need columns) {
	if keys := n.Keys(); len(keys) > 0 {
		for _, c := range keys[0] {
			need.whole(c)
		}
	}
}

// moveOrder gives keys for where their columns went.
func (p pruned) moveOrder(keys []order.Key) []order.Key {
	out := slices.Clone(keys)
	for i := range out {
		out[i].Column = p.where[out[i].Column].at
	}
	return out
}
