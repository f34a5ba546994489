package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pushExpandThroughWindow gives rows once for each grouping set before their windows are found
// instead of behind that, so that the window and the aggregation can become one. Keys that are the
// window's own columns stay where they are; so do rows of a SESSION.
func pushExpandThroughWindow(_ *Context, n logical.Node) (logical.Node, error) {
	e, ok := n.(*logical.Expand)
	if !ok || !overWindow(e.Input) {
		return nil, nil
	}
	switch in := e.Input.(type) {
	case *logical.Filter:
		return logical.NewFilter(e.WithChildren([]logical.Node{in.Input}), in.Cond), nil
	case *logical.Project:
		return expandBelowProject(e, in), nil
	case *logical.WindowTVF:
		return expandBelowWindow(e, in), nil
	}
	return nil, nil
}

// overWindow reports whether nothing but filters and projections stand between n and a window table
// function.
func overWindow(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Filter:
		return overWindow(n.Input)
	case *logical.Project:
		return overWindow(n.Input)
	case *logical.WindowTVF:
		return n.Window.Kind != session
	}
	return false
}

// expandBelowProject needs keys that are columns below the projection, too.
func expandBelowProject(e *logical.Expand, p *logical.Project) logical.Node {
	vary := make([]int, len(e.Vary))
	for i, v := range e.Vary {
		c, ok := p.Exprs[v].(*expr.Column)
		if !ok {
			return nil
		}
		vary[i] = c.Index
	}
	below := logical.NewExpand(p.Input, vary, e.Sets)
	xs := append([]expr.Expr(nil), p.Exprs...)
	for i := len(p.Input.Schema()); i < len(below.Schema()); i++ {
		xs = append(xs, logical.ColumnOf(below, i))
	}
	return logical.NewProject(below, xs, e.Schema().Names())
}

// expandBelowWindow moves the window's columns to where they were.
func expandBelowWindow(e *logical.Expand, w *logical.WindowTVF) logical.Node {
	rows := len(w.Input.Schema())
	for _, v := range e.Vary {
		if v >= rows {
			return nil
		}
	}
	below := logical.NewExpand(w.Input, e.Vary, e.Sets)
	tvf := w.WithChildren([]logical.Node{below})
	added := len(below.Schema()) - rows
	xs := make([]expr.Expr, 0, len(e.Schema()))
	for i := range e.Schema() {
		from := i
		switch {
		case i >= len(w.Schema()): // keys and the set's number
			from = rows + i - len(w.Schema())
		case i >= rows: // window_start, window_end, window_time
			from = i + added
		}
		xs = append(xs, logical.ColumnOf(tvf, from))
	}
	return logical.NewProject(tvf, xs, e.Schema().Names())
}
