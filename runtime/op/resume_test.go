package op_test

import (
	"strings"
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
	case *plan.WindowTableFunction:
		return n.Keys
	case *plan.TopN:
		return n.Partition
	case *plan.WindowTopN:
		return n.Partition
	case *plan.Deduplicate:
		return n.Keys
	case *plan.Normalize:
		return n.Keys
	case *plan.Materialize:
		return n.Keys
	case *plan.Over:
		return n.Partition
	case *plan.SetOperation:
		var whole []int
		for c := range n.Schema {
			whole = append(whole, c)
		}
		return whole
	}
	return nil
}

// resumes are the nodes whose operators keep state.
func resumes(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.GroupAggregate:
		return n.Phase != plan.Local
	case *plan.WindowAggregate:
		return n.Phase != plan.Local
	case *plan.WindowTableFunction:
		return n.Window.Kind == plan.Session
	case *plan.TopN, *plan.WindowTopN, *plan.Deduplicate, *plan.Over, *plan.SetOperation, *plan.Sort, *plan.Normalize, *plan.Materialize:
		return true
	}
	return false
}

// someBarriers joins the steps of a long script, so that Resume puts few barriers between them.
func someBarriers(script string) string {
	lines := strings.Split(script, "\n")
	var out []string
	for i, l := range lines {
		if out = append(out, l); i%60 == 59 {
			out = append(out, "barrier")
		}
	}
	return strings.Join(out, "\n")
}

// resume asserts that a script gives the same rows when the operator is restored in the middle of it.
func resume(t *testing.T, n plan.Node, cfg plan.Config, script string) {
	t.Helper()
	if !resumes(n) {
		return
	}
	optest.Resume(t, n, cfg, script, 3, keysOf(n))
}
