package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// mergeFilters makes one filter of two; the inner condition is asked first.
func mergeFilters(_ *Context, n logical.Node) (logical.Node, error) {
	outer, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	inner, ok := outer.Input.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	conds := append(expr.Conjuncts(inner.Cond), expr.Conjuncts(outer.Cond)...)
	return logical.NewFilter(inner.Input, expr.And(conds)), nil
}
