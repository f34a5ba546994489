package bind

import (
	"fmt"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// setOp binds UNION, INTERSECT and EXCEPT, with ALL and without.
func (b *Binder) setOp(q *ast.SetOp) (logical.Node, error) {
	sides := []ast.Query{q.L, q.R}
	if q.Op == "UNION" {
		sides = unionSides(q, q.All, nil)
	}
	inputs := make([]logical.Node, len(sides))
	for i, side := range sides {
		var err error
		if inputs[i], err = b.query(side); err != nil {
			return nil, err
		}
	}
	if err := sameTypes(q, inputs); err != nil {
		return nil, err
	}
	if q.Op != "UNION" {
		return setOperation(q, inputs), nil
	}
	out := logical.NewUnionAll(inputs)
	if q.All {
		return out, nil
	}
	return logical.NewAggregate(out, firstN(len(out.Schema())), nil), nil
}

// unionSides flattens a UNION ALL b UNION ALL c. What UNION is over may itself be either: duplicates
// go in any case.
func unionSides(q ast.Query, all bool, out []ast.Query) []ast.Query {
	if s, ok := q.(*ast.SetOp); ok && s.Op == "UNION" && (s.All || !all) {
		return unionSides(s.R, all, unionSides(s.L, all, out))
	}
	return append(out, q)
}

func setOpName(q *ast.SetOp) string {
	if q.All {
		return q.Op + " ALL"
	}
	return q.Op
}

// sameTypes converts the columns of all inputs to common types.
func sameTypes(q *ast.SetOp, inputs []logical.Node) error {
	first := inputs[0].Schema()
	want := make([]types.Type, len(first))
	for c := range first {
		column := make([]types.Type, len(inputs))
		for i, in := range inputs {
			if len(in.Schema()) != len(first) {
				return diag.Errorf(q.Span(), "%s: the first query has %d columns, query %d has %d", setOpName(q), len(first), i+1, len(in.Schema()))
			}
			column[i] = in.Schema()[c].Type
		}
		t, ok := types.Common(column...)
		if !ok {
			return diag.Errorf(q.Span(), "%s: the types of column %d ('%s') do not go together: %s and %s", setOpName(q), c+1, first[c].Name,
				mismatch(column)[0], mismatch(column)[1])
		}
		want[c] = asFirst(column[0], t)
	}
	for i, in := range inputs {
		n, err := convert(cutTo(in, want, q.Span()), want)
		if err != nil {
			return fmt.Errorf("%s: %w", setOpName(q), err)
		}
		inputs[i] = n
	}
	return nil
}

// asFirst gives the type of a column of which common is the common type: of TIMESTAMP and TIMESTAMP_LTZ that which comes first.
func asFirst(first, common types.Type) types.Type {
	if first.Kind == types.Timestamp && common.Kind == types.TimestampLTZ {
		common.Kind = types.Timestamp
	}
	return common
}

// cutTo converts what no INSERT would: a DOUBLE behind a FLOAT, and a TIMESTAMP_LTZ behind a TIMESTAMP.
func cutTo(in logical.Node, want []types.Type, at diag.Span) logical.Node {
	xs := make([]expr.Expr, len(want))
	changed := false
	for c, to := range want {
		column := logical.ColumnOf(in, c)
		xs[c] = column
		if from := column.T.Kind; from == types.Double && to.Kind == types.Float || from == types.TimestampLTZ && to.Kind == types.Timestamp {
			xs[c], changed = &expr.Cast{X: column, T: to.WithNullIf(column.T.Nullable()), At: at}, true
		}
	}
	if !changed {
		return in
	}
	return logical.NewProject(in, xs, in.Schema().Names())
}

// setOperation puts the rows of both sides together, each with the side that it is of.
func setOperation(q *ast.SetOp, inputs []logical.Node) logical.Node {
	for i, in := range inputs {
		xs := make([]expr.Expr, len(in.Schema()))
		for c := range xs {
			xs[c] = logical.ColumnOf(in, c)
		}
		right := expr.NewLiteral(i == 1, types.New(types.Boolean).WithoutNull(), q.Span())
		inputs[i] = logical.NewProject(in, append(xs, right), append(in.Schema().Names(), logical.SideColumn))
	}
	kind := plan.Intersect
	if q.Op == "EXCEPT" {
		kind = plan.Except
	}
	return logical.NewSetOperation(logical.NewUnionAll(inputs), kind, q.All)
}
