package logical

import (
	"slices"

	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
)

// NewSessionTVF makes the window table function SESSION. Rows of each partition have sessions of their own; with
// byGroup, GROUP BY SESSION(…), the partition is what the aggregation above groups by.
func NewSessionTVF(in Node, w plan.Window, partition []int, byGroup bool) *WindowTVF {
	n := NewWindowTVF(in, w)
	n.Partition, n.ByGroup = partition, byGroup
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

// bySessions reports whether groups by columns of n are the sessions of w: they are grouped by its partition and
// nothing else, and all of their rows are there. Otherwise sessions of several partitions meet in a group, or a session is
// parted, and no window's end completes a group.
func bySessions(n Node, columns []int, w *WindowTVF) bool {
	if w.Window.Kind != plan.Session || w.ByGroup {
		return true
	}
	of := map[int]bool{}
	for _, c := range columns {
		of[columnBelow(n, c, w)] = true
	}
	for _, p := range w.Partition {
		if !of[p] {
			return false
		}
	}
	for c := range of {
		if c < len(w.Input.Schema()) && !slices.Contains(w.Partition, c) {
			return false
		}
	}
	return wholeSessions(n, w)
}

// wholeSessions reports whether nothing between n and w filters rows otherwise than by the partition.
func wholeSessions(n Node, w *WindowTVF) bool {
	switch n := n.(type) {
	case *Filter:
		for _, c := range expr.Columns(n.Cond) {
			if !slices.Contains(w.Partition, columnBelow(n.Input, c, w)) {
				return false
			}
		}
		return wholeSessions(n.Input, w)
	case *Project:
		return wholeSessions(n.Input, w)
	}
	return n == w
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
