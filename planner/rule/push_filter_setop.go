package rule

import "github.com/weirstream/weir/planner/logical"

// pushFilterThroughSetOperation filters both sides: equal rows pass or fail together.
func pushFilterThroughSetOperation(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	s, ok := f.Input.(*logical.SetOperation)
	if !ok {
		return nil, nil
	}
	below, above := split(f.Cond, func(int) bool { return true })
	if below == nil {
		return nil, nil
	}
	return filter(s.WithChildren([]logical.Node{logical.NewFilter(s.Input, below)}), above), nil
}
