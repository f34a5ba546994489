// Package logical holds the nodes of logical plans: what a query computes, before it is
// decided how. The binder makes them, the rules rewrite them, package physical turns
// them into runtime/plan.
//
// Nodes are immutable and made by their constructors, which derive the properties that the
// rules live on: the schema with its time attributes, the kinds of changes, the upsert
// keys. Expressions in a node refer to the columns of its input by index. Enter at Node.
package logical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Time says whether a column is a time attribute.
type Time uint8

// Kinds of time attributes.
const (
	NoTime   Time = iota
	Rowtime       // event time: a watermark follows it
	Proctime      // the clock
)

// Field is a column of a node's result.
type Field struct {
	Name string
	Type types.Type
	Time Time
}

// Schema are the columns of a node's result. Names need not differ: references are by
// index.
type Schema []Field

// Names gives the columns' names.
func (s Schema) Names() []string {
	names := make([]string, len(s))
	for i, f := range s {
		names[i] = f.Name
	}
	return names
}

// Vec gives the schema of the batches.
func (s Schema) Vec() vec.Schema {
	out := make(vec.Schema, len(s))
	for i, f := range s {
		out[i] = vec.Field{Name: f.Name, Type: f.Type}
	}
	return out
}

// RowtimeIndex gives the first event-time attribute, or -1.
func (s Schema) RowtimeIndex() int {
	for i, f := range s {
		if f.Time == Rowtime {
			return i
		}
	}
	return -1
}

// Node is one step of a logical plan.
type Node interface {
	Children() []Node
	// WithChildren gives the same step over other inputs with the same columns.
	WithChildren([]Node) Node
	Schema() Schema
	// Changes are the kinds of rows that the node can give when its consumer wants -U.
	Changes() connectors.ChangeSet
	// Keys are the upsert keys: sets of columns each of which identifies a row of the result.
	Keys() [][]int
	// Name and Attrs describe the step for EXPLAIN.
	Name() string
	Attrs() []plan.Attr
}

// props are the derived properties, embedded in every node.
type props struct {
	schema  Schema
	changes connectors.ChangeSet
	keys    [][]int
}

func (p *props) Schema() Schema                { return p.schema }
func (p *props) Changes() connectors.ChangeSet { return p.changes }
func (p *props) Keys() [][]int                 { return p.keys }

// AppendOnly reports whether a node gives nothing but inserts.
func AppendOnly(n Node) bool { return n.Changes() == connectors.InsertOnly }

// Walk calls f with every node below and including n, parents first; where f gives false
// the node's inputs are left out.
func Walk(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	for _, c := range n.Children() {
		Walk(c, f)
	}
}

// Transform rebuilds a plan bottom-up: f gets every node with its inputs already
// transformed, and gives what stands in its place.
func Transform(n Node, f func(Node) Node) Node {
	return f(MapChildren(n, func(c Node) Node { return Transform(c, f) }))
}

// MapChildren gives n over what f makes of its inputs; n itself where nothing changes.
func MapChildren(n Node, f func(Node) Node) Node {
	children := n.Children()
	out := make([]Node, len(children))
	changed := false
	for i, c := range children {
		out[i] = f(c)
		changed = changed || out[i] != c
	}
	if !changed {
		return n
	}
	return n.WithChildren(out)
}
