package logical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
)

// Sort gives rows in the order of Keys, the first of which is an event-time attribute, ascending. It takes
// inserts only.
type Sort struct {
	props
	Input Node
	Order []order.Key
	At    diag.Span
}

// NewSort makes a Sort.
func NewSort(in Node, by []order.Key, at diag.Span) *Sort {
	n := &Sort{Input: in, Order: by, At: at}
	n.schema, n.changes, n.keys = in.Schema(), connectors.InsertOnly, in.Keys()
	return n
}

// Children gives the input.
func (n *Sort) Children() []Node { return []Node{n.Input} }

// WithChildren gives the sorting of another input.
func (n *Sort) WithChildren(c []Node) Node { return NewSort(c[0], n.Order, n.At) }

// Name gives Sort.
func (n *Sort) Name() string { return "Sort" }

// Attrs gives the keys.
func (n *Sort) Attrs() []plan.Attr {
	return []plan.Attr{{Key: "by", Value: list(plan.Ordering(n.Input.Schema().Vec(), n.Order))}}
}
