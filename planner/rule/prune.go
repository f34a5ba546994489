package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// pruner takes away columns that nobody reads, down to what the sources decode. It is no
// ordinary rule: what a node may lose depends on everything above it.
type pruner struct {
	// need collects what consumers read of shared blocks.
	need map[*logical.Block]columns
	// done holds the blocks that are pruned already, and where their columns went.
	done map[*logical.Block]pruned
}

// prune gives n with at least the columns of need.
func (p *pruner) prune(n logical.Node, need columns) pruned {
	switch n := n.(type) {
	case *logical.Sink:
		in := p.exactly(n.Input, allColumns(n.Input))
		return unchanged(logical.NewSink(in, n.SinkSpec))
	case *logical.Shared:
		return p.shared(n, need)
	case *logical.Scan:
		return pruneScan(n, need)
	case *logical.Values:
		return pruneValues(n, need)
	case *logical.Filter:
		down := need.clone()
		down.readAll(n.Cond)
		in := p.prune(n.Input, down)
		return pruned{logical.NewFilter(in.node, in.move(n.Cond)), in.where}
	case *logical.Project:
		return p.project(n, need)
	case *logical.UnionAll:
		ins := make([]logical.Node, len(n.Inputs))
		for i, in := range n.Inputs {
			ins[i] = p.exactly(in, need)
		}
		return pruned{logical.NewUnionAll(ins), positions(need)}
	case *logical.WindowTVF:
		return p.windowTVF(n, need)
	case *logical.Sort:
		return p.sort(n, need)
	case *logical.Normalize:
		return p.normalize(n, need)
	case *logical.Rank:
		return p.rank(n, need)
	case *logical.Over:
		return p.over(n, need)
	case *logical.Expand:
		return p.expand(n, need)
	case *logical.Unnest:
		return p.unnest(n, need)
	case *logical.Aggregate:
		return p.aggregate(n, need)
	case *logical.WindowAggregate:
		return p.windowAggregate(n, need)
	}
	return unchanged(logical.MapChildren(n, func(c logical.Node) logical.Node { return p.exactly(c, allColumns(c)) }))
}

// exactly prunes n to the columns of need, whole, and nothing else.
func (p *pruner) exactly(n logical.Node, need columns) logical.Node {
	whole := noColumns(n)
	for i, k := range need {
		if k != nil {
			whole.whole(i)
		}
	}
	r := p.prune(n, whole)
	var want []int
	same := true
	for i, k := range need {
		if k != nil {
			same = same && r.where[i].at == len(want)
			want = append(want, r.where[i].at)
		}
	}
	if same && len(want) == len(r.node.Schema()) {
		return r.node
	}
	return logical.Select(r.node, want)
}

func (p *pruner) shared(n *logical.Shared, need columns) pruned {
	if done, ok := p.done[n.Block]; ok {
		return done
	}
	have := p.need[n.Block]
	if have == nil {
		have = noColumns(n)
		p.need[n.Block] = have
	}
	for i, k := range need {
		have.add(i, k)
	}
	return unchanged(n)
}

func (p *pruner) project(n *logical.Project, need columns) pruned {
	down := noColumns(n.Input)
	for i, x := range n.Exprs {
		if need[i] != nil {
			down.read(x, need[i])
		}
	}
	in := p.prune(n.Input, down)
	var xs []expr.Expr
	var names []string
	where := positions(need)
	for i, x := range n.Exprs {
		if need[i] == nil {
			continue
		}
		moved, w := in.moved(x)
		where[i].fields, where[i].typ = w.fields, moved.Type()
		xs, names = append(xs, moved), append(names, n.Schema()[i].Name)
	}
	return pruned{logical.NewProject(in.node, xs, names), where}
}

func (p *pruner) windowTVF(n *logical.WindowTVF, need columns) pruned {
	down := need[:len(n.Input.Schema())].clone()
	down.whole(n.Window.TimeCol)
	for _, c := range n.Partition {
		down.whole(c)
	}
	if n.Window.Kind == session {
		for i, used := range down {
			if used != nil {
				down.whole(i) // a row is kept as it is
			}
		}
	}
	in := p.prune(n.Input, down)
	w := n.Window
	w.TimeCol = in.where[w.TimeCol].at
	where := append([]place(nil), in.where...)
	for i := range 3 {
		where = append(where, place{at: len(in.node.Schema()) + i})
	}
	if w.Kind == session {
		return pruned{logical.NewSessionTVF(in.node, w, in.moveAll(n.Partition), n.ByGroup), where}
	}
	return pruned{logical.NewWindowTVF(in.node, w), where}
}

// aggregate keeps all keys, whether they are read or not: they make the groups.
func (p *pruner) aggregate(n *logical.Aggregate, need columns) pruned {
	calls, where := keepCalls(n.Calls, len(n.GroupBy), need)
	in := p.aggregateInput(n.Input, n.GroupBy, calls, -1)
	return pruned{logical.NewAggregate(in.node, in.moveAll(n.GroupBy), in.moveCalls(calls)), where}
}

func (p *pruner) windowAggregate(n *logical.WindowAggregate, need columns) pruned {
	calls, where := keepCalls(n.Calls, len(n.GroupBy), need)
	in := p.aggregateInput(n.Input, n.GroupBy, calls, n.Window.TimeCol)
	w := n.Window
	w.TimeCol = in.where[w.TimeCol].at
	var props []plan.WindowColumn
	for i, c := range n.Windows {
		at := len(n.GroupBy) + len(n.Calls) + i
		where = append(where, place{at: -1})
		if need[at] != nil {
			where[at].at = len(n.GroupBy) + len(calls) + len(props)
			props = append(props, c)
		}
	}
	return pruned{logical.NewWindowAggregate(in.node, w, in.moveAll(n.GroupBy), in.moveCalls(calls), props), where}
}

// keepCalls gives the calls that are read, and where keys and calls go.
func keepCalls(calls []agg.Call, keys int, need columns) ([]agg.Call, []place) {
	where := make([]place, keys, len(need))
	for i := range where {
		where[i].at = i
	}
	var kept []agg.Call
	for i, c := range calls {
		if need[keys+i] == nil {
			where = append(where, place{at: -1})
			continue
		}
		where = append(where, place{at: keys + len(kept)})
		kept = append(kept, c)
	}
	return kept, where
}

func (p *pruner) aggregateInput(in logical.Node, groupBy []int, calls []agg.Call, timeCol int) pruned {
	down := noColumns(in)
	for _, k := range groupBy {
		down.whole(k)
	}
	for _, c := range calls {
		for _, a := range c.Args {
			down.whole(a)
		}
		if c.Filter >= 0 {
			down.whole(c.Filter)
		}
	}
	if timeCol >= 0 {
		down.whole(timeCol)
	}
	return p.prune(in, down)
}

func (p pruned) moveCalls(calls []agg.Call) []agg.Call {
	out := make([]agg.Call, len(calls))
	for i, c := range calls {
		c.Args = p.moveAll(c.Args)
		if c.Filter >= 0 {
			c.Filter = p.where[c.Filter].at
		}
		out[i] = c
	}
	return out
}
