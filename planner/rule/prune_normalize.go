package rule

import "github.com/weirstream/weir/planner/logical"

// normalize keeps the key, and whole what is read: a row is kept as it is.
func (p *pruner) normalize(n *logical.Normalize, need columns) pruned {
	down := noColumns(n)
	for i, used := range need {
		if used != nil {
			down.whole(i)
		}
	}
	for _, k := range n.Key {
		down.whole(k)
	}
	in := p.prune(n.Input, down)
	return pruned{logical.NewNormalize(in.node, in.moveAll(n.Key)), in.where}
}
