package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// eventTime finds the scans whose watermark somebody waits for.
type eventTime struct {
	scans  map[*logical.Scan]bool
	blocks map[*logical.Block]bool
}

// visit goes down a plan; wanted says that a node above waits for watermarks.
func (e *eventTime) visit(n logical.Node, wanted bool) {
	switch n := n.(type) {
	case *logical.Scan:
		e.scans[n] = e.scans[n] || wanted
	case *logical.Shared:
		e.blocks[n.Block] = e.blocks[n.Block] || wanted
	case *logical.WindowAggregate:
		wanted = wanted || !n.Window.ProcTime
	case *logical.Aggregate:
		wanted = wanted || n.Window != nil && !n.Window.Window.ProcTime
	case *logical.WindowTVF:
		wanted = wanted || n.Window.Kind == session && !n.Window.ProcTime
	case *logical.Sort:
		wanted = true
	case *logical.Over:
		wanted = wanted || n.WaitsForTime()
	case *logical.Rank:
		wanted = wanted || n.WaitsForTime()
	case *logical.Filter:
		wanted = wanted || asksWatermark(n.Cond)
	case *logical.Project:
		for _, x := range n.Exprs {
			wanted = wanted || asksWatermark(x)
		}
	}
	for _, c := range n.Children() {
		e.visit(c, wanted)
	}
}

// asksWatermark reports whether an expression calls CURRENT_WATERMARK.
func asksWatermark(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(y expr.Expr) bool {
		c, ok := y.(*expr.Call)
		found = found || ok && c.Fn.Name == "CURRENT_WATERMARK"
		return !found
	})
	return found
}

// dropWatermarks takes the watermark from scans for which nobody waits: it is not computed,
// and the columns that only it reads can be pruned.
func (c *Context) dropWatermarks(n logical.Node, e *eventTime) logical.Node {
	return logical.Transform(n, func(n logical.Node) logical.Node {
		s, ok := n.(*logical.Scan)
		if !ok || s.Watermark == nil || e.scans[s] {
			return n
		}
		c.Note("drop-watermark")
		spec := s.Spec()
		spec.Watermark = nil
		return logical.NewScan(spec)
	})
}
