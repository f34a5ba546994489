package physical

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// unnestPrint prints what takes collections apart. Which columns are passed on does not count.
func unnestPrint(n *logical.Unnest, in print) print {
	p := print{rows: hash("unnest", in.rows, in.columns[n.Column], fmt.Sprint(n.Outer))}
	for _, c := range n.Keep {
		p.columns = append(p.columns, in.columns[c])
	}
	for i := range n.Names() {
		p.columns = append(p.columns, hash(p.rows, fmt.Sprint(i)))
	}
	if n.On != nil {
		conds := exprPrints(expr.Conjuncts(n.On), p.columns)
		slices.Sort(conds)
		p.rows = hash(append([]string{"on", p.rows}, conds...)...)
	}
	return p
}

// expandPrint prints grouping sets: rows are those of the input, each with the set that it is for.
func expandPrint(n *logical.Expand, in print) print {
	parts := []string{"expand", in.rows, fmt.Sprint(n.Sets)}
	for _, c := range n.Vary {
		parts = append(parts, in.columns[c])
	}
	p := print{hash(parts...), slices.Clone(in.columns)}
	for _, c := range n.Vary {
		p.columns = append(p.columns, hash(p.rows, in.columns[c]))
	}
	return print{p.rows, append(p.columns, hash(p.rows, "set"))}
}
