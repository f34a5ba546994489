package planner

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/udf"
)

// compiles checks that every expression of the plans has kernels, so that what a function
// refuses for its constants (a date pattern, a group of a regular expression) is an error of
// the SQL, found by lint, and not one of the running job. The programs are thrown away: each
// task of the job compiles its own.
func compiles(plans []logical.Node, env *udf.Env) error {
	seen := map[logical.Node]bool{} // sub-plans may be shared
	var check func(n logical.Node) error
	check = func(n logical.Node) error {
		if seen[n] {
			return nil
		}
		seen[n] = true
		for _, c := range n.Children() {
			if err := check(c); err != nil {
				return err
			}
		}
		_, err := expr.Compile(rowExprs(n), envOf(n, env))
		return err
	}
	for _, n := range plans {
		if err := check(n); err != nil {
			return err
		}
	}
	return nil
}

// envOf gives what the operators of a node compile its expressions with: filters and projections know the watermark.
func envOf(n logical.Node, env *udf.Env) *udf.Env {
	switch n.(type) {
	case *logical.Filter, *logical.Project:
		watching := *env
		watching.Watermark = func() int64 { return 0 }
		return &watching
	}
	return env
}

// rowExprs are the expressions that a node evaluates for its input's rows.
func rowExprs(n logical.Node) []expr.Expr {
	switch n := n.(type) {
	case *logical.Filter:
		return []expr.Expr{n.Cond}
	case *logical.Project:
		return n.Exprs
	case *logical.Scan:
		xs := n.Exprs
		if w := n.Watermark; w != nil {
			xs = append(xs[:len(xs):len(xs)], w.X)
		}
		return xs
	}
	return nil
}
