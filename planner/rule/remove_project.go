package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// removeProject drops a projection that passes all columns on as they are.
func removeProject(_ *Context, n logical.Node) (logical.Node, error) {
	p, ok := n.(*logical.Project)
	if !ok || len(p.Exprs) != len(p.Input.Schema()) {
		return nil, nil
	}
	for i, x := range p.Exprs {
		c, ok := x.(*expr.Column)
		if !ok || c.Index != i || p.Schema()[i].Name != p.Input.Schema()[i].Name {
			return nil, nil
		}
	}
	return p.Input, nil
}
