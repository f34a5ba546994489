package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pushFilterIntoScan filters where rows are read, behind the watermark, which follows all rows. A condition on
// the watermark itself stays: it is that before each row.
func pushFilterIntoScan(_ *Context, n logical.Node) (logical.Node, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return nil, nil
	}
	s, ok := f.Input.(*logical.Scan)
	if !ok || asksWatermark(f.Cond) {
		return nil, nil
	}
	spec := s.Spec()
	conds := expr.Conjuncts(f.Cond)
	if spec.Filter != nil {
		conds = append(expr.Conjuncts(spec.Filter), conds...)
	}
	spec.Filter = expr.And(conds)
	return logical.NewScan(spec), nil
}
