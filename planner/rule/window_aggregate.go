package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// windowAggregate makes one node of an aggregation by window_start and window_end and the
// window table function below it. Behind push-project-through-window nothing but a
// projection of columns stands between the two.
func windowAggregate(_ *Context, n logical.Node) (logical.Node, error) {
	a, ok := n.(*logical.Aggregate)
	if !ok || a.Window == nil {
		return nil, nil
	}
	w, columns := belowAggregate(a)
	if w == nil {
		return nil, nil
	}
	rows := len(w.Input.Schema())
	var groupBy []int
	var props []plan.WindowColumn
	// at[i] is where key i of the aggregation is in the result: the keys proper, then calls, then properties.
	at := make([]int, len(a.GroupBy))
	for i, k := range a.GroupBy {
		if c := columns[k]; c < rows {
			at[i] = len(groupBy)
			groupBy = append(groupBy, c)
		}
	}
	for i, k := range a.GroupBy {
		if c := columns[k]; c >= rows {
			at[i] = len(groupBy) + len(a.Calls) + len(props)
			props = append(props, plan.WindowColumn(c-rows))
		}
	}
	if !w.PartitionedBy(groupBy) {
		return nil, nil
	}
	calls := make([]agg.Call, len(a.Calls))
	for i, c := range a.Calls {
		if c, ok = moveCall(c, columns, rows); !ok {
			return nil, nil
		}
		calls[i] = c
	}
	win := logical.NewWindowAggregate(w.Input, w.Window, groupBy, calls, props)
	xs := make([]expr.Expr, 0, len(a.Schema()))
	for _, i := range at {
		xs = append(xs, logical.ColumnOf(win, i))
	}
	for i := range calls {
		xs = append(xs, logical.ColumnOf(win, len(groupBy)+i))
	}
	return logical.NewProject(win, xs, a.Schema().Names()), nil
}

// belowAggregate gives the window table function directly below, or below a projection that
// only passes columns on, and where each column comes from.
func belowAggregate(a *logical.Aggregate) (*logical.WindowTVF, []int) {
	columns := make([]int, len(a.Input.Schema()))
	for i := range columns {
		columns[i] = i
	}
	in := a.Input
	if p, ok := in.(*logical.Project); ok {
		for i, x := range p.Exprs {
			c, ok := x.(*expr.Column)
			if !ok {
				return nil, nil
			}
			columns[i] = c.Index
		}
		in = p.Input
	}
	w, ok := in.(*logical.WindowTVF)
	if !ok || w != a.Window {
		return nil, nil
	}
	return w, columns
}

// moveCall makes an aggregate read the window function's input; it cannot where it reads the
// window's own columns.
func moveCall(c agg.Call, columns []int, rows int) (agg.Call, bool) {
	args := make([]int, len(c.Args))
	for i, a := range c.Args {
		if args[i] = columns[a]; args[i] >= rows {
			return c, false
		}
	}
	c.Args = args
	if c.Filter >= 0 {
		if c.Filter = columns[c.Filter]; c.Filter >= rows {
			return c, false
		}
	}
	return c, true
}
