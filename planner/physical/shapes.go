package physical

import (
	"fmt"

	"github.com/weirstream/weir/planner/logical"
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
	return p
}
