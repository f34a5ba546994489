package logical

import (
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Rank numbers the rows of each partition in an order and gives those with a number from From
// to To, counted from 1 and both included: Top-N, deduplication, LIMIT. With Number, the number is
// the last column. How the operator works follows from the input's properties: see Form.
type Rank struct {
	props
	Input Node
	RankSpec
	form   RankForm
	window plan.Window // of a WindowTopN
	start  int         // its columns in the input
	end    int
}

// RankSpec is what a Rank is made of beside its input.
type RankSpec struct {
	Function  string // ROW_NUMBER, RANK, DENSE_RANK; "" for LIMIT
	Partition []int
	Order     []order.Key
	From, To  int64 // To is 0 where nothing bounds the numbers
	Number    bool
	At        diag.Span
}

// RankForm is a way to find the rows of a Rank.
type RankForm uint8

// Forms of a Rank.
const (
	// TopN keeps the first rows of each partition, or all where rows may go.
	TopN RankForm = iota
	// FirstRow keeps the first row of each key by time.
	FirstRow
	// LastRow keeps the last row of each key by time.
	LastRow
	// WindowTopN keeps the first rows of each window and gives them when it ends.
	WindowTopN
)

// NewRank makes a Rank.
func NewRank(in Node, s RankSpec) *Rank {
	n := &Rank{Input: in, RankSpec: s}
	n.schema = slices.Clone(in.Schema())
	if s.Number {
		n.schema = append(n.schema, Field{Name: "rank", Type: types.New(types.BigInt).WithoutNull()})
	}
	n.form = n.findForm()
	n.changes = n.kinds()
	n.keys = n.upsertKeys()
	return n
}

// Form says how the rows are found.
func (n *Rank) Form() RankForm { return n.form }

// Window gives the window that the rows of a WindowTopN lie in, and the columns of its start and end.
func (n *Rank) Window() (w plan.Window, start, end int) { return n.window, n.start, n.end }

// WaitsForTime reports whether rows are given when a watermark has passed them.
func (n *Rank) WaitsForTime() bool {
	return n.form == WindowTopN || n.form == FirstRow && n.Input.Schema()[n.Order[0].Column].Time == Rowtime
}

// KeepsNewest reports whether, of rows of a window that are equal, the one that came last counts: where the last
// row by time is asked for.
func (n *Rank) KeepsNewest() bool {
	if n.form != WindowTopN || n.To != 1 || len(n.Order) != 1 || !n.Order[0].Desc {
		return false
	}
	c := n.Order[0].Column
	return n.Input.Schema()[c].Time != NoTime || isWindowed(n.Input, c)
}

// isWindowed reports whether a column is the time by which a window table function has given rows their window.
func isWindowed(n Node, column int) bool {
	switch n := n.(type) {
	case *Shared:
		return isWindowed(n.Block.Root, column)
	case *Filter:
		return isWindowed(n.Input, column)
	case *Project:
		c, ok := n.Exprs[column].(*expr.Column)
		return ok && isWindowed(n.Input, c.Index)
	case *WindowTVF:
		return column == n.Window.TimeCol
	}
	return false
}

// one reports whether just one number is given.
func (n *Rank) one() bool { return n.From == n.To }

func (n *Rank) findForm() RankForm {
	if !AppendOnly(n.Input) {
		return TopN
	}
	if n.findWindow() {
		return WindowTopN
	}
	if n.From != 1 || n.To != 1 || len(n.Order) != 1 || n.Input.Schema()[n.Order[0].Column].Time == NoTime {
		return TopN
	}
	if n.Order[0].Desc {
		return LastRow
	}
	return FirstRow
}

// findWindow looks for the start and the end of one window of event time among the partition's columns.
func (n *Rank) findWindow() bool {
	starts := map[Node]int{}
	for _, c := range n.Partition {
		if from, _, prop := TraceBounds(n.Input, c); from != nil && prop == plan.WindowStart {
			starts[from] = c
		}
	}
	for _, c := range n.Partition {
		from, w, prop := TraceBounds(n.Input, c)
		if from == nil || prop != plan.WindowEnd || w.ProcTime {
			continue
		}
		if start, ok := starts[from]; ok {
			n.window, n.start, n.end = w, start, c
			return true
		}
	}
	return false
}

func (n *Rank) kinds() connectors.ChangeSet {
	switch {
	case n.form == FirstRow, n.form == WindowTopN:
		return connectors.InsertOnly
	case n.form == LastRow:
		return connectors.InsertOnly | updates
	case !AppendOnly(n.Input):
		if n.Number || n.one() {
			return connectors.Retract
		}
		return connectors.InsertOnly | 1<<vec.Delete
	case len(n.Order) == 0: // in the order in which they come: none is ever driven out
		return connectors.InsertOnly
	case n.Number || n.one():
		return connectors.InsertOnly | updates
	}
	return connectors.InsertOnly | 1<<vec.Delete
}

// upsertKeys: with one rank the partition identifies a row, with the number both together do;
// otherwise rows are those of the input. With the number, a key of the input does not: a row that is driven
// out vanishes as the -U of its rank.
func (n *Rank) upsertKeys() [][]int {
	partition := slices.Clone(n.Partition)
	slices.Sort(partition)
	var keys [][]int
	if n.one() {
		keys = append(keys, partition)
	}
	if n.Number {
		keys = append(keys, append(slices.Clone(partition), len(n.Input.Schema())))
	}
	if n.changes == connectors.InsertOnly || !n.Number && !n.one() {
		keys = append(keys, n.Input.Keys()...)
	}
	return keys
}

// Children gives the input.
func (n *Rank) Children() []Node { return []Node{n.Input} }

// WithChildren gives the ranks of another input.
func (n *Rank) WithChildren(c []Node) Node { return NewRank(c[0], n.RankSpec) }

// Name gives Rank, or Limit where there is no order.
func (n *Rank) Name() string {
	if len(n.Order) == 0 {
		return "Limit"
	}
	return "Rank"
}

// Attrs gives partition, order and ranks.
func (n *Rank) Attrs() []plan.Attr {
	var attrs []plan.Attr
	in := n.Input.Schema()
	if len(n.Partition) > 0 {
		names := make([]string, len(n.Partition))
		for i, c := range n.Partition {
			names[i] = in[c].Name
		}
		attrs = append(attrs, plan.Attr{Key: "by", Value: list(names)})
	}
	if len(n.Order) > 0 {
		attrs = append(attrs, plan.Attr{Key: "order", Value: list(plan.Ordering(in.Vec(), n.Order))})
	}
	if n.To > 0 {
		attrs = append(attrs, plan.Attr{Key: "ranks", Value: plan.Ranks(n.From, n.To)})
	}
	return attrs
}

// TraceBounds finds the node that gives rows their window and from which a column comes unchanged:
// a window table function or the aggregation of a window. from is nil for none.
func TraceBounds(n Node, column int) (from Node, w plan.Window, prop plan.WindowColumn) {
	switch n := n.(type) {
	case *Shared:
		return TraceBounds(n.Block.Root, column)
	case *Filter:
		return TraceBounds(n.Input, column)
	case *Project:
		if c, ok := n.Exprs[column].(*expr.Column); ok {
			return TraceBounds(n.Input, c.Index)
		}
	case *Rank:
		if n.form == WindowTopN && column < len(n.Input.Schema()) {
			return TraceBounds(n.Input, column)
		}
	case *WindowTVF:
		if i := column - len(n.Input.Schema()); i >= 0 {
			return n, n.Window, plan.WindowColumn(i)
		}
	case *Aggregate:
		if n.Window == nil || column >= len(n.GroupBy) {
			return nil, w, 0
		}
		if tvf, prop := TraceWindow(n.Input, n.GroupBy[column]); tvf == n.Window {
			return n, tvf.Window, prop
		}
	case *WindowAggregate:
		if i := column - len(n.GroupBy) - len(n.Calls); i >= 0 {
			return n, n.Window, n.Windows[i]
		}
	}
	return nil, w, 0
}
