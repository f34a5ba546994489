package rule

import "github.com/weirstream/weir/planner/logical"

// pushFilterThroughUnion filters each input of a union.
func pushFilterThroughUnion(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	u, ok := f.Input.(*logical.UnionAll)
	if !ok {
		return nil, nil
	}
	ins := make([]logical.Node, len(u.Inputs))
	for i, in := range u.Inputs {
		ins[i] = logical.NewFilter(in, f.Cond)
	}
	return logical.NewUnionAll(ins), nil
}
