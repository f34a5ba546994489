package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

const session = plan.Session

// pushProjectThroughWindow computes before a window table function what does not concern the
// window, so that only columns are passed on behind it and the window can become one with the
// aggregation.
func pushProjectThroughWindow(_ *Context, n logical.Node) (logical.Node, error) {
	p, ok := n.(*logical.Project)
	if !ok {
		return nil, nil
	}
	w, ok := p.Input.(*logical.WindowTVF)
	if !ok {
		return nil, nil
	}
	columns := len(w.Input.Schema())
	var xs []expr.Expr
	var names []string
	above := make([]expr.Expr, len(p.Exprs))
	moved := false
	for i, x := range p.Exprs {
		if _, passed := x.(*expr.Column); passed || readsWindow(x, columns) {
			continue
		}
		moved = true
		above[i] = &expr.Column{Index: columns + len(xs), Name: p.Schema()[i].Name, T: x.Type()}
		xs, names = append(xs, x), append(names, p.Schema()[i].Name)
	}
	if !moved {
		return nil, nil
	}
	below := append(identity(w.Input), xs...)
	tvf := w.Over(logical.NewProject(w.Input, below, append(w.Input.Schema().Names(), names...)))
	for i, x := range p.Exprs {
		if above[i] == nil {
			above[i] = expr.Remap(x, func(c int) int {
				if c >= columns {
					return c + len(xs)
				}
				return c
			})
		}
	}
	return logical.NewProject(tvf, above, p.Schema().Names()), nil
}

// readsWindow reports whether x reads a column that the window adds behind so many others.
func readsWindow(x expr.Expr, columns int) bool {
	for _, c := range expr.Columns(x) {
		if c >= columns {
			return true
		}
	}
	return false
}

// identity gives references to all columns of a node.
func identity(n logical.Node) []expr.Expr {
	xs := make([]expr.Expr, len(n.Schema()))
	for i := range xs {
		xs[i] = logical.ColumnOf(n, i)
	}
	return xs
}
