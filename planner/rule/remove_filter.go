package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// removeFilter drops conditions that always hold; where one never holds, nothing is read.
func removeFilter(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	var keep []expr.Expr
	conds := expr.Conjuncts(f.Cond)
	for _, c := range conds {
		switch l, ok := c.(*expr.Literal); {
		case !ok:
			keep = append(keep, c)
		case l.Value != true:
			return logical.NewValues(plain(f.Schema()), nil), nil
		}
	}
	switch len(keep) {
	case len(conds):
		return nil, nil
	case 0:
		return f.Input, nil
	}
	return logical.NewFilter(f.Input, expr.And(keep)), nil
}

// plain gives a schema without time attributes: that of rows without watermarks.
func plain(s logical.Schema) logical.Schema {
	out := make(logical.Schema, len(s))
	for i, f := range s {
		f.Time = logical.NoTime
		out[i] = f
	}
	return out
}
