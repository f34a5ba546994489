package physical

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// projection makes the operator of n over in, its input's. Where the filter in front of it computes something that
// n computes too, the two become one Calc, in which it is computed once; a source then leaves filtering to that.
func (b *builder) projection(n *logical.Project, in plan.Node, props plan.Props) plan.Node {
	cond := filterOf(n.Input, in)
	if cond == nil || !expr.HaveCommon(cond, n.Exprs) {
		return &plan.Project{Props: props, Input: in, Exprs: n.Exprs}
	}
	b.fired("share-expressions")
	switch f := in.(type) {
	case *plan.Filter:
		in = f.Input
	case *plan.Source:
		f.Filter = nil
	}
	return &plan.Calc{Props: props, Input: in, Cond: cond, Exprs: n.Exprs}
}

// filterOf gives the condition of an input that filters its rows, nil for another. What several read (logical.Shared)
// stays as it is for the others.
func filterOf(n logical.Node, in plan.Node) expr.Expr {
	switch n.(type) {
	case *logical.Filter, *logical.Scan:
	default:
		return nil
	}
	switch in := in.(type) {
	case *plan.Filter:
		return in.Cond
	case *plan.Source:
		return in.Filter
	}
	return nil
}
