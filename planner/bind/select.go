package bind

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// item is one column of a select list, stars written out.
type item struct {
	x    ast.Expr     // nil for a column of a star
	star *expr.Column // a column that a star stands for
	name string
}

// selectQuery binds SELECT: FROM, WHERE, grouping, HAVING, the select list, DISTINCT.
func (b *Binder) selectQuery(s *ast.Select) (logical.Node, error) {
	if err := unsupportedParts(s); err != nil {
		return nil, err
	}
	in, sc, err := b.fromClause(s)
	if err != nil {
		return nil, err
	}
	if s.Where != nil {
		e := &exprs{b: b, scope: sc, clause: "WHERE"}
		cond, err := e.condition(s.Where)
		if err != nil {
			return nil, err
		}
		in = logical.NewFilter(in, cond)
	}
	items, err := expandItems(s.Items, sc)
	if err != nil {
		return nil, err
	}
	var out logical.Node
	if b.isAggregated(s) {
		out, err = b.grouped(s, items, in, sc)
	} else {
		out, err = b.plain(s, items, in, sc)
	}
	if err != nil {
		return nil, err
	}
	if s.Distinct {
		keys := make([]int, len(out.Schema()))
		for i := range keys {
			keys[i] = i
		}
		out = logical.NewAggregate(out, keys, nil)
	}
	return out, nil
}

func unsupportedParts(s *ast.Select) error {
	switch {
	case len(s.Hints) > 0:
		return diag.Unsupported(s.Hints[0].Span(), "the hint %s", s.Hints[0].Name)
	}
	return nil
}

// fromClause binds FROM. Without one there is a single row.
func (b *Binder) fromClause(s *ast.Select) (logical.Node, *scope, error) {
	if s.From != nil {
		return b.from(s.From)
	}
	return oneRow(s.Span()), &scope{}, nil
}

// expandItems writes stars out and names the columns: by alias, by the column's own name, or
// EXPR$ and the position.
func expandItems(items []ast.SelectItem, sc *scope) ([]item, error) {
	var out []item
	for _, it := range items {
		if st, ok := it.X.(*ast.Star); ok {
			if row := sc.rowOf(st); row != nil {
				out = append(out, fieldItems(st, row.Type())...)
				continue
			}
			cols, err := sc.star(st)
			if err != nil {
				return nil, err
			}
			for _, c := range cols {
				out = append(out, item{star: c, name: c.Name})
			}
			continue
		}
		if f, ok := it.X.(*ast.FieldAccess); ok && f.Field.Name == "*" {
			return nil, diag.Unsupported(f.Span(), "(row).*")
		}
		name := it.Alias.Name
		if name == "" {
			name = derivedName(it.X, len(out))
		}
		out = append(out, item{x: it.X, name: name})
	}
	return out, nil
}

// fieldItems writes row.* out.
func fieldItems(st *ast.Star, row types.Type) []item {
	var out []item
	for _, f := range row.Fields {
		field := ast.Name{Place: st.Place, Parts: append(slices.Clone(st.Qualifier.Parts), ast.Ident{Place: st.Place, Name: f.Name})}
		out = append(out, item{x: &ast.ColumnRef{Place: st.Place, Name: field}, name: f.Name})
	}
	return out
}

func derivedName(x ast.Expr, at int) string {
	switch x := x.(type) {
	case *ast.ColumnRef:
		return x.Name.Last().Name
	}
	return fmt.Sprintf("EXPR$%d", at)
}

// plain binds a select list without aggregates.
func (b *Binder) plain(s *ast.Select, items []item, in logical.Node, sc *scope) (logical.Node, error) {
	e := &exprs{b: b, scope: sc, clause: "the select list"}
	l, err := e.selectList(s, items, func(c *expr.Column) (expr.Expr, error) { return c, nil })
	if err != nil {
		return nil, err
	}
	return l.over(in), nil
}

// bindItems binds a select list; star says what the column of a star becomes.
func bindItems(e *exprs, items []item, star func(*expr.Column) (expr.Expr, error)) ([]expr.Expr, []string, error) {
	xs, names := make([]expr.Expr, len(items)), make([]string, len(items))
	for i, it := range items {
		names[i] = it.name
		var err error
		if it.x == nil {
			xs[i], err = star(it.star)
		} else {
			xs[i], err = e.bind(it.x)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return xs, names, nil
}
