package logical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
)

// Sink writes its input's rows to a table, or hands them to who asked the query. The
// input's columns are the table's, in order.
type Sink struct {
	props
	Input Node
	SinkSpec
}

// SinkSpec is what a Sink is made of beside its input.
type SinkSpec struct {
	Table   string // catalog.database.table; "" for the result of a query
	Sink    connectors.Sink
	Columns []connectors.Column
	Key     []int // the primary key, in columns of the input; nil for none
	// NotNull are the columns in which a NULL fails the job, or, with DropNulls, drops the row.
	NotNull   []int
	DropNulls bool
	// Lengths are the columns whose values are cut or filled up, or, with FailOnLength, must have their type's length.
	Lengths      []plan.Length
	FailOnLength bool
	// Parallelism is the table's sink.parallelism, 0 for the input's.
	Parallelism int
	At          diag.Span // the INSERT's table name, or the query
}

// NewSink makes a Sink.
func NewSink(in Node, s SinkSpec) *Sink {
	return &Sink{props: props{schema: in.Schema(), changes: in.Changes(), keys: in.Keys()}, Input: in, SinkSpec: s}
}

// Children gives the input.
func (n *Sink) Children() []Node { return []Node{n.Input} }

// WithChildren gives the sink of another input.
func (n *Sink) WithChildren(c []Node) Node { return NewSink(c[0], n.SinkSpec) }

// Name gives Sink.
func (n *Sink) Name() string { return "Sink" }

// Attrs gives the table and its key.
func (n *Sink) Attrs() []plan.Attr {
	table := n.Table
	if table == "" {
		table = "(result)"
	}
	attrs := []plan.Attr{{Key: "table", Value: table}}
	if n.Key != nil {
		names := make([]string, len(n.Key))
		for i, k := range n.Key {
			names[i] = n.Columns[k].Name
		}
		attrs = append(attrs, plan.Attr{Key: "key", Value: list(names)})
	}
	return attrs
}

// Shared stands, while a plan is rewritten, for a part of it that several consumers read:
// rules see a leaf. Its content is rewritten once, for all of them.
type Shared struct {
	props
	Block *Block
}

// Block is a shared part of a plan. Only the rewriting of a whole job changes it.
type Block struct {
	ID   int
	Root Node
}

// NewShared makes a reference to a block with the properties of its root.
func NewShared(b *Block) *Shared {
	return &Shared{props: props{schema: b.Root.Schema(), changes: b.Root.Changes(), keys: b.Root.Keys()}, Block: b}
}

// Children gives none.
func (n *Shared) Children() []Node { return nil }

// WithChildren gives the reference itself.
func (n *Shared) WithChildren([]Node) Node { return n }

// Name gives Shared.
func (n *Shared) Name() string { return "Shared" }

// Attrs gives nothing.
func (n *Shared) Attrs() []plan.Attr { return nil }
