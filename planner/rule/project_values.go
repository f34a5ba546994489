package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// projectValues computes a projection of constant rows in the rows.
func projectValues(_ *Context, n logical.Node) (logical.Node, error) {
	p, ok := n.(*logical.Project)
	if !ok {
		return nil, nil
	}
	v, ok := p.Input.(*logical.Values)
	if !ok {
		return nil, nil
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
