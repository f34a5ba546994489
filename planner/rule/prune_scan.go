package rule

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// pruneScan drops columns that nobody reads: computed ones are not computed, and what is
// left over is not decoded; of a ROW, where the connector can do that, only the fields
// that are read.
func pruneScan(n *logical.Scan, need columns) pruned {
	keep := need.clone()
	if n.Filter != nil {
		keep.readAll(n.Filter)
	}
	if w := n.Watermark; w != nil {
		keep.whole(w.Column)
		keep.readAll(w.X)
	}
	keepOne(n, keep)
	raw := decoded(n, keep)
	out := pruned{where: positions(keep)}
	s := n.Spec()
	s.Exprs, s.Fields, s.Columns = nil, nil, nil
	for i, c := range raw.columns {
		if raw.where[i].at >= 0 {
			s.Columns = append(s.Columns, c)
		}
	}
	for i, k := range keep {
		if k == nil {
			continue
		}
		moved, w := raw.moved(n.Exprs[i])
		f := n.Schema()[i]
		if w.fields != nil {
			out.where[i].fields, out.where[i].typ = w.fields, moved.Type()
			f.Type = moved.Type()
		}
		s.Exprs, s.Fields = append(s.Exprs, moved), append(s.Fields, f)
	}
	s.Filter = out.move(n.Filter)
	if n.Watermark != nil {
		w := *n.Watermark
		w.Column, w.X = out.where[w.Column].at, out.move(w.X)
		s.Watermark = &w
	}
	out.node = logical.NewScan(s)
	return out
}

// rawColumns are what a scan decodes, and where each column went.
type rawColumns struct {
	pruned
	columns []connectors.Column
}

// decoded finds what has to be decoded for the columns to keep.
func decoded(n *logical.Scan, keep columns) rawColumns {
	used := make(columns, len(n.Columns))
	for i, k := range keep {
		if k != nil {
			used.read(n.Exprs[i], k)
		}
	}
	out := rawColumns{pruned: pruned{where: positions(used)}, columns: append([]connectors.Column(nil), n.Columns...)}
	if !n.Nested {
		return out
	}
	for i, u := range used {
		c := &out.columns[i]
		c.Type, out.where[i].fields = narrow(c.Type, u)
		out.where[i].typ = c.Type
	}
	return out
}

// keepOne keeps the column that is cheapest to read where none is read, as for COUNT(*): rows
// without columns are more trouble than they save.
func keepOne(n *logical.Scan, keep columns) {
	best, cost := -1, 0
	for i, x := range n.Exprs {
		if keep[i] != nil {
			return
		}
		if c := costToRead(x); best < 0 || c < cost {
			best, cost = i, c
		}
	}
	if best >= 0 {
		keep.whole(best)
	}
}

func costToRead(x expr.Expr) int {
	_, plain := x.(*expr.Column)
	t := x.Type()
	switch {
	case !plain:
		return 100
	case t.IsNested() || t.IsString() || t.IsBinary():
		return 10
	}
	return 1
}

func pruneValues(n *logical.Values, need columns) pruned {
	keep := need.clone()
	if len(keep) > 0 && !keep.any() {
		keep.whole(0)
	}
	rows := make([][]expr.Expr, len(n.Rows))
	for i, r := range n.Rows {
		for j, k := range keep {
			if k != nil {
				rows[i] = append(rows[i], r[j])
			}
		}
	}
	var s logical.Schema
	for j, k := range keep {
		if k != nil {
			s = append(s, n.Schema()[j])
		}
	}
	return pruned{logical.NewValues(s, rows), positions(keep)}
}
