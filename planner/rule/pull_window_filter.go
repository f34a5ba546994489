package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pullWindowFilter filters whole windows behind their aggregation instead of rows before it:
// conditions that read nothing but the window's columns that are grouped by.
func pullWindowFilter(_ *Context, n logical.Node) (logical.Node, error) {
	a, ok := n.(*logical.Aggregate)
	if !ok || a.Window == nil {
		return nil, nil
	}
	p, _ := a.Input.(*logical.Project)
	in := a.Input
	if p != nil {
		in = p.Input
	}
	f, ok := in.(*logical.Filter)
	if !ok || f.Input != logical.Node(a.Window) {
		return nil, nil
	}
	keys := windowKeys(a)
	pulled, stays := split(f.Cond, func(c int) bool { _, ok := keys[c]; return ok })
	if pulled == nil {
		return nil, nil
	}
	below := filter(f.Input, stays)
	if p != nil {
		below = logical.NewProject(below, p.Exprs, p.Schema().Names())
	}
	cond := expr.Remap(pulled, func(c int) int { return keys[c] })
	return logical.NewFilter(logical.NewAggregate(below, a.GroupBy, a.Calls), cond), nil
}

// windowKeys says which key of the aggregation each of the window's own columns is.
func windowKeys(a *logical.Aggregate) map[int]int {
	keys := map[int]int{}
	for i, k := range a.GroupBy {
		if w, prop := logical.TraceWindow(a.Input, k); w == a.Window {
			keys[len(w.Input.Schema())+int(prop)] = i
		}
	}
	return keys
}
