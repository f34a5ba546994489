package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// foldConstants evaluates what does not depend on the row: INTERVAL '1' HOUR * 24, UPPER('a').
func foldConstants(c *Context, n logical.Node) (logical.Node, error) {
	f := folder{c: c}
	switch n := n.(type) {
	case *logical.Filter:
		if cond := f.fold(n.Cond); f.changed {
			return logical.NewFilter(n.Input, cond), f.err
		}
	case *logical.Project:
		if xs := f.all(n.Exprs); f.changed {
			return logical.NewProject(n.Input, xs, n.Schema().Names()), f.err
		}
	case *logical.Values:
		rows := make([][]expr.Expr, len(n.Rows))
		for i, r := range n.Rows {
			rows[i] = f.all(r)
		}
		if f.changed {
			return logical.NewValues(n.Schema(), rows), f.err
		}
	case *logical.Scan:
		s := n.Spec()
		s.Exprs = f.all(s.Exprs)
		if s.Watermark != nil {
			w := *s.Watermark
			w.X = f.fold(w.X)
			s.Watermark = &w
		}
		if f.changed {
			return logical.NewScan(s), f.err
		}
	}
	return nil, f.err
}

// folder folds expressions and remembers whether any changed.
type folder struct {
	c       *Context
	changed bool
	err     error
}

func (f *folder) fold(x expr.Expr) expr.Expr {
	out, err := expr.Fold(x, f.c.Env)
	if err != nil {
		if f.err == nil {
			f.err = err
		}
		return x
	}
	f.changed = f.changed || out != x
	return out
}

func (f *folder) all(xs []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = f.fold(x)
	}
	return out
}
