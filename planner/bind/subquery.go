package bind

import (
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Sub-queries in expressions that read no table are expressions themselves: a SELECT without FROM, which may read the columns of the
// query around it, and VALUES. The others are joins.

// scalarQuery binds (SELECT x) and (VALUES x). As everywhere in the dialect, the value of a sub-query may be NULL.
func (e *exprs) scalarQuery(q ast.Query, at diag.Span) (expr.Expr, error) {
	rows, err := e.constantRows(q, "a sub-query that reads a table")
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 || len(rows[0]) != 1 {
		return nil, diag.Errorf(q.Span(), "a sub-query as a value gives one row of one column, this gives %d of %d", len(rows), len(rows[0]))
	}
	x, err := e.bind(rows[0][0])
	if err != nil {
		return nil, err
	}
	out, err := expr.NewCase([]expr.When{{Cond: always(at), Then: x}}, nil, at)
	return out, diag.At(err, at)
}

func always(at diag.Span) expr.Expr {
	return expr.NewLiteral(true, types.New(types.Boolean).WithoutNull(), at)
}

// existsQuery binds EXISTS over rows that are written out: there is one.
func (e *exprs) existsQuery(x *ast.Exists) (expr.Expr, error) {
	if _, err := e.constantRows(x.Query, "EXISTS with a sub-query that reads a table"); err != nil {
		return nil, err
	}
	return always(x.Span()), nil
}

// members gives what x IN (a, b) and x IN (query) compare with: a query's rows are written out, as a list is.
func (e *exprs) members(list []ast.Expr, q ast.Query, what string) ([]ast.Expr, error) {
	if q == nil {
		return list, nil
	}
	rows, err := e.constantRows(q, what+" with a sub-query that reads a table")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if len(r) == 1 {
			list = append(list, r[0])
			continue
		}
		row := &ast.Row{Items: r, Implicit: true}
		row.Place = ast.Place{At: r[0].Span().Cover(r[len(r)-1].Span())}
		list = append(list, row)
	}
	return list, nil
}

// constantRows gives the rows of a query that reads no table.
func (e *exprs) constantRows(q ast.Query, what string) ([][]ast.Expr, error) {
	switch q := q.(type) {
	case *ast.Values:
		return q.Rows, nil
	case *ast.Select:
		if q.From != nil || q.Where != nil || q.Qualify != nil || e.b.isAggregated(q) {
			break
		}
		row := make([]ast.Expr, len(q.Items))
		for i, it := range q.Items {
			row[i] = it.X
		}
		return [][]ast.Expr{row}, nil
	case *ast.SetOp:
		if q.Op != "UNION" {
			break
		}
		left, err := e.constantRows(q.L, what)
		if err != nil {
			return nil, err
		}
		right, err := e.constantRows(q.R, what)
		if err != nil || len(left[0]) != len(right[0]) {
			break
		}
		return append(append([][]ast.Expr{}, left...), right...), nil
	}
	return nil, diag.Unsupported(q.Span(), "%s", what)
}
