package logical

import (
	"slices"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/types"
)

// SetColumn is the name of the column that holds the number of a row's grouping set.
const SetColumn = "$grouping"

// Expand gives each row once for each grouping set: the input's columns, then those of Vary once
// more, NULL where the set leaves them out, then the set's number, one of Sets: the first of Vary is its
// highest bit, which is set where the column is left out.
type Expand struct {
	props
	Input Node
	Vary  []int
	Sets  []int64
}

// NewExpand makes an Expand.
func NewExpand(in Node, vary []int, sets []int64) *Expand {
	n := &Expand{Input: in, Vary: vary, Sets: sets}
	n.changes = in.Changes()
	n.schema = slices.Clone(in.Schema())
	for _, c := range vary {
		f := in.Schema()[c]
		n.schema = append(n.schema, Field{Name: f.Name, Type: f.Type.WithNull()})
	}
	n.schema = append(n.schema, Field{Name: SetColumn, Type: types.New(types.BigInt).WithoutNull()})
	for _, k := range in.Keys() {
		n.keys = append(n.keys, append(slices.Clone(k), len(n.schema)-1))
	}
	return n
}

// Children gives the input.
func (n *Expand) Children() []Node { return []Node{n.Input} }

// WithChildren gives the expansion of another input.
func (n *Expand) WithChildren(c []Node) Node { return NewExpand(c[0], n.Vary, n.Sets) }

// Name gives Expand.
func (n *Expand) Name() string { return "Expand" }

// Attrs gives the sets.
func (n *Expand) Attrs() []plan.Attr {
	return []plan.Attr{{Key: "sets", Value: plan.GroupingSets(n.Input.Schema().Names(), n.Vary, n.Sets)}}
}
