package logical

import (
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// NewSessionTVF makes the window table function SESSION. Rows of each partition have sessions of their own; with
// byGroup, GROUP BY SESSION(…), the partition is what the aggregation above groups by.
func NewSessionTVF(in Node, w plan.Window, partition []int, byGroup bool) *WindowTVF {
	n := NewWindowTVF(in, w)
	n.Partition, n.ByGroup = partition, byGroup
	n.changes = connectors.InsertOnly
	return n
}

// Over gives the windows of another input, whose first columns are those of the present one.
func (n *WindowTVF) Over(in Node) *WindowTVF {
	if n.Window.Kind == plan.Session {
		return NewSessionTVF(in, n.Window, n.Partition, n.ByGroup)
	}
	return NewWindowTVF(in, n.Window)
}

// PartitionedBy reports whether the sessions are those of groups by these columns of the input.
func (n *WindowTVF) PartitionedBy(columns []int) bool {
	if n.Window.Kind != plan.Session || n.ByGroup {
		return true
	}
	a, b := slices.Clone(n.Partition), slices.Clone(columns)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// holdsPartition reports whether the partition of a SESSION is among columns of n: otherwise sessions of
// several partitions meet in a group, which no window's end completes.
func holdsPartition(n Node, columns []int, w *WindowTVF) bool {
	for _, p := range w.Partition {
		if !slices.ContainsFunc(columns, func(c int) bool { return columnBelow(n, c, w) == p }) {
			return false
		}
	}
	return true
}

// columnBelow follows a column through projections and filters to the result of w; -1 where it is computed.
func columnBelow(n Node, column int, w *WindowTVF) int {
	switch n := n.(type) {
	case *Filter:
		return columnBelow(n.Input, column, w)
	case *Project:
		if c, ok := n.Exprs[column].(*expr.Column); ok {
			return columnBelow(n.Input, c.Index, w)
		}
	case *WindowTVF:
		if n == w {
			return column
		}
	}
	return -1
}
