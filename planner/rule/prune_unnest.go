package rule

import "github.com/weirstream/weir/planner/logical"

// unnest keeps the elements and passes on just the columns that are read: the collection itself, which
// would be copied for each of its elements, seldom is.
func (p *pruner) unnest(n *logical.Unnest, need columns) pruned {
	if n.On != nil {
		need = need.clone()
		need.readAll(n.On)
	}
	down := noColumns(n.Input)
	for i, c := range n.Keep {
		down.add(c, need[i])
	}
	down.whole(n.Column)
	in := p.prune(n.Input, down)
	where := make([]place, len(n.Schema()))
	var keep []int
	for i, c := range n.Keep {
		where[i].at = -1
		if need[i] != nil {
			where[i] = in.where[c]
			where[i].at = len(keep)
			keep = append(keep, in.where[c].at)
		}
	}
	for i := len(n.Keep); i < len(where); i++ {
		where[i].at = len(keep) + i - len(n.Keep)
	}
	out := logical.NewUnnest(in.node, in.where[n.Column].at, keep, n.Ordinality, n.Outer, n.Names())
	if n.On != nil {
		out = out.WithOn(pruned{out, where}.move(n.On))
	}
	return pruned{out, where}
}
