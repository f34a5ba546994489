package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// projectValues computes a projection of constant rows in the rows. What is used several times is
// folded first, or it would be written out again and again.
func projectValues(_ *Context, n logical.Node) (logical.Node, error) {
	p, ok := n.(*logical.Project)
	if !ok {
		return nil, nil
	}
	v, ok := p.Input.(*logical.Values)
	if !ok {
		return nil, nil
	}
	uses := make([]int, len(v.Schema()))
	for _, x := range p.Exprs {
		countUses(x, uses)
	}
	for _, r := range v.Rows {
		for i, x := range r {
			if !movable(x, uses[i]) {
				return nil, nil
			}
		}
	}
	rows := make([][]expr.Expr, len(v.Rows))
	for i, r := range v.Rows {
		rows[i] = make([]expr.Expr, len(p.Exprs))
		for j, x := range p.Exprs {
			rows[i][j] = inline(x, r)
		}
	}
	return logical.NewValues(plain(p.Schema()), rows), nil
}
