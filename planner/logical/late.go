package logical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/types"
)

// LateRows are the rows that a node of the same job, one that waits for event time, drops because they come behind the
// watermark: the columns of its input, then those of plan.LateRows. It is a leaf: Of is made where it stands itself.
type LateRows struct {
	props
	Of      Node
	TimeCol int // the time attribute among the input's columns, -1 for none
}

// NewLateRows makes a LateRows; of has one input.
func NewLateRows(of Node, timeCol int) *LateRows {
	n := &LateRows{Of: of, TimeCol: timeCol}
	n.changes = connectors.InsertOnly
	for _, f := range of.Children()[0].Schema() {
		f.Time = NoTime
		n.schema = append(n.schema, f)
	}
	wm := types.TimestampOf(3)
	if timeCol >= 0 {
		wm = n.schema[timeCol].Type
	}
	n.schema = append(n.schema, Field{Name: "late_watermark", Type: wm.WithoutNull()}, Field{Name: "late_by", Type: types.New(types.BigInt)},
		Field{Name: "late_kind", Type: types.String().WithoutNull()})
	return n
}

// Children gives none.
func (n *LateRows) Children() []Node { return nil }

// WithChildren gives the node itself.
func (n *LateRows) WithChildren([]Node) Node { return n }

// Name gives LateRows.
func (n *LateRows) Name() string { return "LateRows" }

// Attrs gives whose rows they are.
func (n *LateRows) Attrs() []plan.Attr { return []plan.Attr{{Key: "of", Value: n.Of.Name()}} }
