package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// columns is a set of columns of a node.
type columns []bool

func noColumns(n logical.Node) columns { return make(columns, len(n.Schema())) }

func allColumns(n logical.Node) columns {
	c := noColumns(n)
	for i := range c {
		c[i] = true
	}
	return c
}

// read adds what an expression reads.
func (c columns) read(x expr.Expr) {
	if x == nil {
		return
	}
	for _, i := range expr.Columns(x) {
		c[i] = true
	}
}

// pruner takes away columns that nobody reads, down to what the sources decode. It is no
// ordinary rule: what a node may lose depends on everything above it.
type pruner struct {
	// need collects what consumers read of shared blocks.
	need map[*logical.Block]columns
	// done holds the blocks that are pruned already, and where their columns went.
	done map[*logical.Block]pruned
}

// pruned is a node that gives fewer columns, and where each of the old ones is now: -1 for
// those that are gone.
type pruned struct {
	node  logical.Node
	where []int
}

func unchanged(n logical.Node) pruned {
	where := make([]int, len(n.Schema()))
	for i := range where {
		where[i] = i
	}
	return pruned{n, where}
}

// move rewrites an expression for where its columns went.
func (p pruned) move(x expr.Expr) expr.Expr {
	if x == nil {
		return nil
	}
	return expr.Remap(x, func(i int) int { return p.where[i] })
}

func (p pruned) moveAll(is []int) []int {
	out := make([]int, len(is))
	for k, i := range is {
		out[k] = p.where[i]
	}
	return out
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
		down := append(columns(nil), need...)
		down.read(n.Cond)
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
	case *logical.Aggregate:
		return p.aggregate(n, need)
	case *logical.WindowAggregate:
		return p.windowAggregate(n, need)
	}
	return unchanged(logical.MapChildren(n, func(c logical.Node) logical.Node { return p.exactly(c, allColumns(c)) }))
}

// positions gives where columns go when exactly those of a set stay.
func positions(keep columns) []int {
	where, next := make([]int, len(keep)), 0
	for i, k := range keep {
		where[i] = -1
		if k {
			where[i] = next
			next++
		}
	}
	return where
}

// exactly prunes n to the columns of need and nothing else.
func (p *pruner) exactly(n logical.Node, need columns) logical.Node {
	r := p.prune(n, need)
	var want []int
	same := true
	for i, k := range need {
		if k {
			same = same && r.where[i] == len(want)
			want = append(want, r.where[i])
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
		have[i] = have[i] || k
	}
	return unchanged(n)
}

func (p *pruner) project(n *logical.Project, need columns) pruned {
	down := noColumns(n.Input)
	for i, x := range n.Exprs {
		if need[i] {
			down.read(x)
		}
	}
	in := p.prune(n.Input, down)
	var xs []expr.Expr
	var names []string
	for i, x := range n.Exprs {
		if need[i] {
			xs, names = append(xs, in.move(x)), append(names, n.Schema()[i].Name)
		}
	}
	return pruned{logical.NewProject(in.node, xs, names), positions(need)}
}

func (p *pruner) windowTVF(n *logical.WindowTVF, need columns) pruned {
	down := append(columns(nil), need[:len(n.Input.Schema())]...)
	down[n.Window.TimeCol] = true
	in := p.prune(n.Input, down)
	w := n.Window
	w.TimeCol = in.where[w.TimeCol]
	where := append([]int(nil), in.where...)
	for i := range 3 {
		where = append(where, len(in.node.Schema())+i)
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
	w.TimeCol = in.where[w.TimeCol]
	var props []plan.WindowColumn
	for i, c := range n.Windows {
		at := len(n.GroupBy) + len(n.Calls) + i
		where = append(where, -1)
		if need[at] {
			where[at] = len(n.GroupBy) + len(calls) + len(props)
			props = append(props, c)
		}
	}
	return pruned{logical.NewWindowAggregate(in.node, w, in.moveAll(n.GroupBy), in.moveCalls(calls), props), where}
}

// keepCalls gives the calls that are read, and where keys and calls go.
func keepCalls(calls []agg.Call, keys int, need columns) ([]agg.Call, []int) {
	where := make([]int, keys, len(need))
	for i := range where {
		where[i] = i
	}
	var kept []agg.Call
	for i, c := range calls {
		if need[keys+i] {
			where = append(where, keys+len(kept))
			kept = append(kept, c)
		} else {
			where = append(where, -1)
		}
	}
	return kept, where
}

func (p *pruner) aggregateInput(in logical.Node, groupBy []int, calls []agg.Call, timeCol int) pruned {
	down := noColumns(in)
	for _, k := range groupBy {
		down[k] = true
	}
	for _, c := range calls {
		for _, a := range c.Args {
			down[a] = true
		}
		if c.Filter >= 0 {
			down[c.Filter] = true
		}
	}
	if timeCol >= 0 {
		down[timeCol] = true
	}
	return p.prune(in, down)
}

func (p pruned) moveCalls(calls []agg.Call) []agg.Call {
	out := make([]agg.Call, len(calls))
	for i, c := range calls {
		c.Args = p.moveAll(c.Args)
		if c.Filter >= 0 {
			c.Filter = p.where[c.Filter]
		}
		out[i] = c
	}
	return out
}
