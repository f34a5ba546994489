package bind

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
)

// selectList is a bound select list with QUALIFY, before the nodes that it stands on are
// there: aggregations and ranks.
type selectList struct {
	xs      []expr.Expr
	names   []string
	qualify expr.Expr
	overs   *overs
}

// selectList binds a select list; star says what the column of a star becomes. Names of the list mean
// something in QUALIFY, where no column is called so.
func (e *exprs) selectList(s *ast.Select, items []item, star func(*expr.Column) (expr.Expr, error)) (*selectList, error) {
	l := &selectList{overs: newOvers(e, s)}
	var err error
	if l.xs, l.names, err = bindItems(e, items, star); err != nil {
		return nil, err
	}
	if s.Qualify != nil {
		q := &exprs{b: e.b, scope: e.scope, clause: "QUALIFY"}
		q.hook = func(x ast.Expr) (expr.Expr, error) {
			if ref, ok := x.(*ast.ColumnRef); ok {
				if named := l.named(ref, e.scope); named != nil {
					return named, nil
				}
			}
			return e.hook(x)
		}
		if l.qualify, err = q.condition(s.Qualify); err != nil {
			return nil, err
		}
	}
	if e.b.sorting != nil {
		err = e.b.sorting.order(e, l, s.Distinct)
	}
	return l, err
}

// named gives the expression of the list that a name stands for; nil where it names a column, or
// nothing.
func (l *selectList) named(ref *ast.ColumnRef, sc *scope) expr.Expr {
	if len(ref.Name.Parts) != 1 {
		return nil
	}
	if _, err := sc.resolve(ref.Name); err == nil {
		return nil
	}
	for i, name := range l.names {
		if name == ref.Name.Parts[0].Name {
			return l.xs[i]
		}
	}
	return nil
}

// over puts the list over the rows that its columns refer to.
func (l *selectList) over(in logical.Node) logical.Node {
	in, moved := l.overs.over(in)
	if l.qualify != nil {
		in = logical.NewFilter(in, expr.Remap(l.qualify, moved))
	}
	xs := make([]expr.Expr, len(l.xs))
	for i, x := range l.xs {
		xs[i] = expr.Remap(x, moved)
	}
	return logical.NewProject(in, xs, l.names)
}
