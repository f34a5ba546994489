package physical

import (
	"fmt"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
)

// lateWanted finds the nodes whose late rows go somewhere.
func lateWanted(sinks []logical.Node) map[logical.Node]plan.Node {
	wanted := map[logical.Node]plan.Node{}
	for _, s := range sinks {
		logical.Walk(s, func(n logical.Node) bool {
			if l, ok := n.(*logical.LateRows); ok {
				wanted[l.Of] = nil
			}
			return true
		})
	}
	return wanted
}

// lateRows joins the late rows of an operator, which has been made for its own consumers before.
func (b *builder) lateRows(n *logical.LateRows) (plan.Node, error) {
	of := b.late[n.Of]
	if of == nil {
		return nil, fmt.Errorf("planning: the late rows of %s go to a table, and it is not in the job", n.Of.Name())
	}
	if w, ok := of.(*plan.WindowAggregate); ok && w.Phase == plan.Global {
		return nil, fmt.Errorf("planning: the late rows of %s are wanted, and it gets them added up", of.Name())
	}
	p := b.props(n, n.Name(), of.Properties().Parallelism, connectors.InsertOnly, -1)
	return &plan.LateRows{Props: p, Input: of, TimeCol: n.TimeCol}, nil
}
