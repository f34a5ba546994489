package rule

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pruneScan drops columns that nobody reads: computed ones are not computed, and what is
// left over is not decoded.
func pruneScan(n *logical.Scan, need columns) pruned {
	keep := append(columns(nil), need...)
	keep.read(n.Filter)
	if w := n.Watermark; w != nil {
		keep[w.Column] = true
		keep.read(w.X)
	}
	keepOne(n, keep)
	where := positions(keep)
	out := pruned{where: where}
	s := n.Spec()
	s.Exprs, s.Fields = nil, nil
	for i, k := range keep {
		if k {
			s.Exprs, s.Fields = append(s.Exprs, n.Exprs[i]), append(s.Fields, n.Schema()[i])
		}
	}
	s.Columns, s.Exprs = decoded(n.Columns, s.Exprs)
	s.Filter = out.move(n.Filter)
	if n.Watermark != nil {
		w := *n.Watermark
		w.Column, w.X = where[w.Column], out.move(w.X)
		s.Watermark = &w
	}
	out.node = logical.NewScan(s)
	return out
}

// keepOne keeps the column that is cheapest to read where none is read, as for COUNT(*): rows
// without columns are more trouble than they save.
func keepOne(n *logical.Scan, keep columns) {
	best, cost := -1, 0
	for i, x := range n.Exprs {
		if keep[i] {
			return
		}
		c := 100
		if _, ok := x.(*expr.Column); ok {
			c = 1
			if t := x.Type(); t.IsNested() || t.IsString() || t.IsBinary() {
				c = 10
			}
		}
		if best < 0 || c < cost {
			best, cost = i, c
		}
	}
	if best >= 0 {
		keep[best] = true
	}
}

// decoded gives the columns that the expressions read, and the expressions over those.
func decoded(cols []connectors.Column, xs []expr.Expr) ([]connectors.Column, []expr.Expr) {
	used := make(columns, len(cols))
	for _, x := range xs {
		used.read(x)
	}
	p := pruned{where: positions(used)}
	var kept []connectors.Column
	for i, u := range used {
		if u {
			kept = append(kept, cols[i])
		}
	}
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = p.move(x)
	}
	return kept, out
}

func pruneValues(n *logical.Values, need columns) pruned {
	keep := append(columns(nil), need...)
	any := false
	for _, k := range keep {
		any = any || k
	}
	if !any && len(keep) > 0 {
		keep[0] = true
	}
	rows := make([][]expr.Expr, len(n.Rows))
	for i, r := range n.Rows {
		for j, k := range keep {
			if k {
				rows[i] = append(rows[i], r[j])
			}
		}
	}
	var s logical.Schema
	for j, k := range keep {
		if k {
			s = append(s, n.Schema()[j])
		}
	}
	return pruned{logical.NewValues(s, rows), positions(keep)}
}
