package bind

import (
	"fmt"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// values binds VALUES: rows of expressions without columns, converted to the common type of
// each column.
func (b *Binder) values(q *ast.Values) (logical.Node, error) {
	e := &exprs{b: b, scope: &scope{}, clause: "VALUES"}
	rows := make([][]expr.Expr, len(q.Rows))
	for i, r := range q.Rows {
		var err error
		if rows[i], err = e.all(r); err != nil {
			return nil, err
		}
		if len(rows[i]) != len(rows[0]) {
			return nil, diag.Errorf(rows[i][0].Span().Cover(rows[i][len(r)-1].Span()), "this row has %d values, the first one %d", len(r), len(rows[0]))
		}
	}
	s := make(logical.Schema, len(rows[0]))
	for c := range s {
		column := make([]types.Type, len(rows))
		for i := range rows {
			column[i] = rows[i][c].Type()
		}
		t, ok := types.Common(column...)
		if !ok {
			return nil, diag.Errorf(q.Span(), "the values of column %d have no common type: %s and %s", c+1, mismatch(column)[0], mismatch(column)[1])
		}
		s[c] = logical.Field{Name: fmt.Sprintf("EXPR$%d", c), Type: t}
		for i := range rows {
			var err error
			if rows[i][c], err = expr.ImplicitCast(rows[i][c], t); err != nil {
				return nil, err
			}
		}
	}
	return logical.NewValues(s, rows), nil
}

// mismatch gives the first two types of a list that have no common one.
func mismatch(ts []types.Type) [2]types.Type {
	so := ts[0]
	for _, t := range ts[1:] {
		c, ok := types.Common(so, t)
		if !ok {
			return [2]types.Type{so.WithNull(), t.WithNull()}
		}
		so = c
	}
	return [2]types.Type{ts[0].WithNull(), ts[len(ts)-1].WithNull()}
}

// convert gives n with its columns implicitly cast.
func convert(n logical.Node, want []types.Type) (logical.Node, error) {
	s := n.Schema()
	xs := make([]expr.Expr, len(s))
	changed := false
	for i := range s {
		c := logical.ColumnOf(n, i)
		x, err := expr.ImplicitCast(c, want[i])
		if err != nil {
			return nil, err
		}
		xs[i] = x
		changed = changed || x != expr.Expr(c)
	}
	if !changed {
		return n, nil
	}
	return logical.NewProject(n, xs, s.Names()), nil
}
