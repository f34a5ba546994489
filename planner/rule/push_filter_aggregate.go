package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pushFilterThroughAggregate filters whole groups before they are aggregated: conditions on
// the keys alone. Conditions on a window's bounds stay, and those on keys that are computed behind it: nothing may
// come between a window table function and its aggregation.
func pushFilterThroughAggregate(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	a, ok := f.Input.(*logical.Aggregate)
	if !ok || len(a.GroupBy) == 0 {
		return nil, nil
	}
	below, above := split(f.Cond, func(c int) bool {
		if c >= len(a.GroupBy) {
			return false
		}
		if a.Window == nil {
			return true
		}
		w, _ := logical.TraceWindow(a.Input, a.GroupBy[c])
		return w != a.Window && passedOn(a.Input, a.GroupBy[c])
	})
	if below == nil {
		return nil, nil
	}
	moved := expr.Remap(below, func(c int) int { return a.GroupBy[c] })
	return filter(logical.NewAggregate(logical.NewFilter(a.Input, moved), a.GroupBy, a.Calls), above), nil
}

// passedOn reports whether a filter on a column of n can go below n, as far as a projection is concerned.
func passedOn(n logical.Node, column int) bool {
	p, ok := n.(*logical.Project)
	return !ok || expr.IsTrivial(p.Exprs[column])
}
