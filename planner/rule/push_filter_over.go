package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
)

// pushFilterThroughOver filters whole partitions before they are aggregated. Other conditions stay: a row
// that does not pass still counts for those behind it.
func pushFilterThroughOver(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	o, ok := f.Input.(*logical.Over)
	if !ok {
		return nil, nil
	}
	below, above := split(f.Cond, func(c int) bool { return slices.Contains(o.Partition, c) })
	if below == nil {
		return nil, nil
	}
	return filter(o.WithChildren([]logical.Node{logical.NewFilter(o.Input, below)}), above), nil
}
