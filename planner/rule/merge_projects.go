package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// mergeProjects makes one projection of two, unless that would compute something twice.
func mergeProjects(_ *Context, n logical.Node) (logical.Node, error) {
	outer, ok := n.(*logical.Project)
	if !ok {
		return nil, nil
	}
	inner, ok := outer.Input.(*logical.Project)
	if !ok {
		return nil, nil
	}
	uses := make([]int, len(inner.Exprs))
	for _, x := range outer.Exprs {
		countUses(x, uses)
	}
	for i, x := range inner.Exprs {
		if !movable(x, uses[i]) {
			return nil, nil
		}
	}
	xs := make([]expr.Expr, len(outer.Exprs))
	for i, x := range outer.Exprs {
		xs[i] = inline(x, inner.Exprs)
	}
	return logical.NewProject(inner.Input, xs, outer.Schema().Names()), nil
}

// movable reports whether an expression that is used so often may be put in the place of its
// uses.
func movable(x expr.Expr, uses int) bool {
	return expr.IsTrivial(x) || uses <= 1 && expr.IsDeterministic(x)
}

// countUses counts how often each column stands in x.
func countUses(x expr.Expr, uses []int) {
	expr.Walk(x, func(y expr.Expr) bool {
		if c, ok := y.(*expr.Column); ok {
			uses[c.Index]++
		}
		return true
	})
}

// inline puts expressions in the place of the columns that they compute.
func inline(x expr.Expr, columns []expr.Expr) expr.Expr {
	return expr.Transform(x, func(y expr.Expr) expr.Expr {
		if c, ok := y.(*expr.Column); ok {
			return columns[c.Index]
		}
		return y
	})
}
