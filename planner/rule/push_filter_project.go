package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pushFilterThroughProject filters before the projection where the condition reads nothing
// that is expensive to compute: such a column would be computed twice.
func pushFilterThroughProject(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	p, ok := f.Input.(*logical.Project)
	if !ok {
		return nil, nil
	}
	below, above := split(f.Cond, func(c int) bool { return expr.IsTrivial(p.Exprs[c]) })
	if below == nil {
		return nil, nil
	}
	out := logical.Node(logical.NewProject(logical.NewFilter(p.Input, inline(below, p.Exprs)), p.Exprs, p.Schema().Names()))
	return filter(out, above), nil
}

// split parts a condition into the conjuncts that read only columns of which ok holds, and
// the others; either may be nil. Conjuncts that are volatile are not moved.
func split(cond expr.Expr, ok func(column int) bool) (below, above expr.Expr) {
	var b, a []expr.Expr
	for _, c := range expr.Conjuncts(cond) {
		moves := expr.IsDeterministic(c)
		for _, i := range expr.Columns(c) {
			moves = moves && ok(i)
		}
		if moves {
			b = append(b, c)
		} else {
			a = append(a, c)
		}
	}
	return expr.And(b), expr.And(a)
}

// filter puts a condition, which may be nil, over a node.
func filter(n logical.Node, cond expr.Expr) logical.Node {
	if cond == nil {
		return n
	}
	return logical.NewFilter(n, cond)
}
