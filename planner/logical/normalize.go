package logical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
)

// Normalize keeps the last row of each key of a source that gives changes by key, and makes a full changelog of them:
// updates with the row that they replace, deletes with the whole row. A source whose changes may come more than once
// is read the same way.
type Normalize struct {
	props
	Input Node
	Key   []int
}

// NewNormalize makes a Normalize.
func NewNormalize(in Node, key []int) *Normalize {
	return &Normalize{props: props{schema: in.Schema(), changes: connectors.Retract, keys: [][]int{key}}, Input: in, Key: key}
}

// Children gives the input.
func (n *Normalize) Children() []Node { return []Node{n.Input} }

// WithChildren gives the same over another input.
func (n *Normalize) WithChildren(c []Node) Node { return NewNormalize(c[0], n.Key) }

// Name gives Normalize.
func (n *Normalize) Name() string { return "Normalize" }

// Attrs gives the key.
func (n *Normalize) Attrs() []plan.Attr {
	names := make([]string, len(n.Key))
	for i, k := range n.Key {
		names[i] = n.schema[k].Name
	}
	return []plan.Attr{{Key: "by", Value: list(names)}}
}
