package logical

import (
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
)

// Over gives each row with aggregates over a frame of rows that go before it: the input's columns, then
// the results of Calls. Rows are final; time attributes pass through.
type Over struct {
	props
	Input Node
	OverSpec
}

// OverSpec is what an Over is made of beside its input.
type OverSpec struct {
	Partition []int
	Order     []order.Key // one ascending time attribute, or the plan is refused
	Frame     plan.Frame
	Calls     []agg.Call
	At        diag.Span
}

// NewOver makes an Over.
func NewOver(in Node, s OverSpec) *Over {
	n := &Over{Input: in, OverSpec: s}
	n.schema = append(slices.Clone(in.Schema()), callFields(s.Calls)...)
	n.changes = connectors.InsertOnly
	n.keys = in.Keys()
	return n
}

// TimeCol gives the time attribute that rows are ordered by, or -1 where they are not ordered by one alone,
// ascending.
func (n *Over) TimeCol() int { return timeOrder(n.Input, n.Order) }

func timeOrder(in Node, keys []order.Key) int {
	if len(keys) != 1 || keys[0].Desc || in.Schema()[keys[0].Column].Time == NoTime {
		return -1
	}
	return keys[0].Column
}

// WaitsForTime reports whether rows are given when a watermark has passed them.
func (n *Over) WaitsForTime() bool {
	c := n.TimeCol()
	return c >= 0 && n.Input.Schema()[c].Time == Rowtime
}

// Children gives the input.
func (n *Over) Children() []Node { return []Node{n.Input} }

// WithChildren gives the aggregates over another input.
func (n *Over) WithChildren(c []Node) Node { return NewOver(c[0], n.OverSpec) }

// Name gives OverAggregate.
func (n *Over) Name() string { return "OverAggregate" }

// Attrs gives partition, order, frame and aggregates.
func (n *Over) Attrs() []plan.Attr {
	var attrs []plan.Attr
	in := n.Input.Schema()
	if len(n.Partition) > 0 {
		names := make([]string, len(n.Partition))
		for i, c := range n.Partition {
			names[i] = in[c].Name
		}
		attrs = append(attrs, plan.Attr{Key: "by", Value: list(names)})
	}
	attrs = append(attrs, plan.Attr{Key: "order", Value: list(plan.Ordering(in.Vec(), n.Order))},
		plan.Attr{Key: "frame", Value: n.Frame.String()})
	return append(attrs, aggregateAttrs(n.Input, nil, n.Calls)...)
}
