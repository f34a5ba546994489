package bind

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// session binds SESSION(TABLE t PARTITION BY k, …).
func (b *Binder) session(in logical.Node, sc *scope, win plan.Window, by []ast.Expr) (logical.Node, error) {
	e := &exprs{b: b, scope: sc, clause: "PARTITION BY"}
	var partition []int
	for _, x := range by {
		bound, err := e.bind(x)
		if err != nil {
			return nil, err
		}
		c, ok := bound.(*expr.Column)
		if !ok {
			return nil, diag.Errorf(x.Span(), "SESSION is partitioned by columns, this is an expression").WithHint("compute it in a sub-query: TABLE (SELECT …)")
		}
		partition = append(partition, c.Index)
	}
	return logical.NewSessionTVF(in, win, partition, false), nil
}
