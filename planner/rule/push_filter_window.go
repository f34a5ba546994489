package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
)

// pushFilterThroughWindow filters before a window table function what does not concern the
// window. A SESSION's bounds depend on its rows, so that only whole partitions can be filtered before; those of
// GROUP BY SESSION(…) are the groups, which alone can be meant above it.
func pushFilterThroughWindow(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	w, ok := f.Input.(*logical.WindowTVF)
	if !ok {
		return nil, nil
	}
	columns := len(w.Input.Schema())
	below, above := split(f.Cond, func(c int) bool {
		return c < columns && (w.Window.Kind != session || w.ByGroup || slices.Contains(w.Partition, c))
	})
	if below == nil {
		return nil, nil
	}
	return filter(w.Over(logical.NewFilter(w.Input, below)), above), nil
}
