package rule

import "github.com/weirstream/weir/planner/logical"

// pushFilterThroughWindow filters before a window table function what does not concern the
// window. A SESSION's bounds depend on its rows, so that its rows must not be filtered before.
func pushFilterThroughWindow(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	w, ok := f.Input.(*logical.WindowTVF)
	if !ok || w.Window.Kind == session {
		return nil, nil
	}
	columns := len(w.Input.Schema())
	below, above := split(f.Cond, func(c int) bool { return c < columns })
	if below == nil {
		return nil, nil
	}
	return filter(logical.NewWindowTVF(logical.NewFilter(w.Input, below), w.Window), above), nil
}
