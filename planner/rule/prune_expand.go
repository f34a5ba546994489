package rule

import "github.com/weirstream/weir/planner/logical"

// expand keeps what tells the grouping sets apart, which is grouped by.
func (p *pruner) expand(n *logical.Expand, need columns) pruned {
	columns := len(n.Input.Schema())
	down := need[:columns].clone()
	for _, c := range n.Vary {
		down.whole(c)
	}
	in := p.prune(n.Input, down)
	where := append([]place(nil), in.where...)
	for i := range len(n.Vary) + 1 {
		where = append(where, place{at: len(in.node.Schema()) + i})
	}
	return pruned{logical.NewExpand(in.node, in.moveAll(n.Vary), n.Sets), where}
}
