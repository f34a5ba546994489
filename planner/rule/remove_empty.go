package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
)

// removeEmpty carries it upwards that an input has no rows: nothing comes of none, not even
// from an aggregation without keys, which gives its first row for its first input.
func removeEmpty(_ *Context, n logical.Node) (logical.Node, error) {
	switch n := n.(type) {
	case *logical.Filter, *logical.Project, *logical.WindowTVF, *logical.Aggregate, *logical.WindowAggregate, *logical.Unnest, *logical.Expand,
		*logical.SetOperation, *logical.Over, *logical.Rank, *logical.Sort:
		if isEmpty(n.Children()[0]) {
			return logical.NewValues(plain(n.Schema()), nil), nil
		}
	case *logical.UnionAll:
		return nonEmpty(n), nil
	}
	return nil, nil
}

func isEmpty(n logical.Node) bool {
	v, ok := n.(*logical.Values)
	return ok && len(v.Rows) == 0
}

// nonEmpty leaves empty inputs out; nil where there are none.
func nonEmpty(n *logical.UnionAll) logical.Node {
	ins := slices.DeleteFunc(slices.Clone(n.Inputs), isEmpty)
	switch len(ins) {
	case len(n.Inputs):
		return nil
	case 0:
		return logical.NewValues(plain(n.Schema()), nil)
	case 1:
		return logical.NewProject(ins[0], identity(ins[0]), n.Schema().Names())
	}
	return logical.NewUnionAll(ins)
}
