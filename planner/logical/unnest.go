package logical

import (
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/types"
)

// Unnest gives a row for each element of the collection in column Column: the columns Keep of the
// input, then those of the element, then, with Ordinality, its place, from 1. With Outer a row whose
// collection has no elements is given once, with NULLs for the element; with On, a condition over the result's columns, so is a
// row none of whose elements meets it, and others are not given.
type Unnest struct {
	props
	Input      Node
	Column     int
	Keep       []int
	Ordinality bool
	Outer      bool
	On         expr.Expr // of an outer one; nil for TRUE
	names      []string
}

// NewUnnest makes an Unnest; names are those of the element's columns (see ElementTypes) and of the
// ordinality. A row of a changelog is known by its key and the element's place.
func NewUnnest(in Node, column int, keep []int, ordinality, outer bool, names []string) *Unnest {
	n := &Unnest{Input: in, Column: column, Keep: keep, Ordinality: ordinality, Outer: outer, names: names}
	n.changes = in.Changes()
	at := map[int]int{}
	for i, c := range keep {
		n.schema = append(n.schema, in.Schema()[c])
		at[c] = i
	}
	ts := ElementTypes(in.Schema()[column].Type)
	if ordinality {
		ts = append(ts, types.New(types.Int).WithoutNull())
	}
	for i, t := range ts {
		n.schema = append(n.schema, Field{Name: names[i], Type: t.WithNullIf(t.Nullable() || outer)})
	}
	if ordinality && !outer && n.changes != connectors.InsertOnly {
		n.keys = mapKeys(in.Keys(), func(c int) (int, bool) { i, ok := at[c]; return i, ok })
		for i, k := range n.keys {
			n.keys[i] = append(k, len(n.schema)-1)
		}
	}
	return n
}

// WithOn gives the same with a condition.
func (n *Unnest) WithOn(on expr.Expr) *Unnest {
	out := *n
	out.On = on
	return &out
}

// ElementTypes gives the columns that an element of a collection becomes: its value, the fields
// of a ROW, the key and the value of a MAP; nil where t is no collection.
func ElementTypes(t types.Type) []types.Type {
	switch t.Kind {
	case types.Map:
		return []types.Type{*t.Key, *t.Elem}
	case types.Array, types.Multiset:
	default:
		return nil
	}
	if t.Elem.Kind != types.Row {
		return []types.Type{*t.Elem}
	}
	var ts []types.Type
	for _, f := range t.Elem.Fields {
		ts = append(ts, f.Type)
	}
	return ts
}

// Names gives the names of the element's columns.
func (n *Unnest) Names() []string { return n.names }

// Children gives the input.
func (n *Unnest) Children() []Node { return []Node{n.Input} }

// WithChildren gives the elements of another input's rows.
func (n *Unnest) WithChildren(c []Node) Node {
	return NewUnnest(c[0], n.Column, n.Keep, n.Ordinality, n.Outer, n.names).WithOn(n.On)
}

// Name gives Unnest.
func (n *Unnest) Name() string { return "Unnest" }

// Attrs gives the collection and what becomes of its elements.
func (n *Unnest) Attrs() []plan.Attr {
	attrs := []plan.Attr{{Key: "of", Value: n.Input.Schema()[n.Column].Name}, {Key: "as", Value: list(slices.Clone(n.names))}}
	if n.Outer {
		attrs = append(attrs, plan.Attr{Key: "outer", Value: "true"})
	}
	if n.On != nil {
		attrs = append(attrs, plan.Attr{Key: "on", Value: n.On.String()})
	}
	return attrs
}
