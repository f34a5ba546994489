package op_test

import (
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
)

// keysOf gives the columns by which the exchange before a node spreads its rows.
func keysOf(n plan.Node) []int {
	switch n := n.(type) {
	case *plan.GroupAggregate:
		return n.Keys
	case *plan.WindowAggregate:
		return n.Keys
	}
	return nil
}

// resumes are the nodes whose operators keep state.
func resumes(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.GroupAggregate:
		return n.Phase != plan.Local
	case *plan.WindowAggregate:
		return n.Phase != plan.Local && n.Window.Kind != plan.Session
	}
	return false
}

// resume asserts that a script gives the same rows when the operator is restored in the middle of it.
func resume(t *testing.T, n plan.Node, cfg plan.Config, script string) {
	t.Helper()
	if !resumes(n) {
		return
	}
	optest.Resume(t, n, cfg, script, 3, keysOf(n))
}
