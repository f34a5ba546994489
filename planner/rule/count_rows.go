package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
)

// countRows makes COUNT(x) of an x that is never NULL a COUNT(*), which reads nothing.
func countRows(_ *Context, n logical.Node) (logical.Node, error) {
	a, ok := n.(*logical.Aggregate)
	if !ok {
		return nil, nil
	}
	calls := slices.Clone(a.Calls)
	changed := false
	for i, c := range calls {
		if c.Fn.Name != "COUNT" || c.Distinct || len(c.Args) == 0 {
			continue
		}
		if slices.ContainsFunc(c.Args, func(k int) bool { return a.Input.Schema()[k].Type.Nullable() }) {
			continue
		}
		calls[i].Args, changed = nil, true
		calls[i].Sig.Params = nil
	}
	if !changed {
		return nil, nil
	}
	return logical.NewAggregate(a.Input, a.GroupBy, calls), nil
}
