package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pushFilterThroughUnnest filters rows before their collections are taken apart: conditions on the
// columns that are passed on.
func pushFilterThroughUnnest(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	u, ok := f.Input.(*logical.Unnest)
	if !ok {
		return nil, nil
	}
	below, above := split(f.Cond, func(c int) bool { return c < len(u.Keep) })
	if below == nil {
		return nil, nil
	}
	moved := expr.Remap(below, func(c int) int { return u.Keep[c] })
	return filter(u.WithChildren([]logical.Node{logical.NewFilter(u.Input, moved)}), above), nil
}
