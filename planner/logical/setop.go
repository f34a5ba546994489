package logical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// SideColumn is the name of the column that says which side of a set operation a row is of.
const SideColumn = "$right"

// SetOperation is INTERSECT or EXCEPT, with All the one that counts equal rows. Its input are the rows of
// both sides; the last column, a BOOLEAN, is TRUE for those of the right one and does not come out.
type SetOperation struct {
	props
	Input Node
	Op    plan.SetOp
	All   bool
}

// NewSetOperation makes a SetOperation. INTERSECT of inserts only inserts: a row that both sides have
// never goes. Without All the whole row is a key.
func NewSetOperation(in Node, op plan.SetOp, all bool) *SetOperation {
	n := &SetOperation{Input: in, Op: op, All: all}
	columns := len(in.Schema()) - 1
	key := make([]int, columns)
	for i, f := range in.Schema()[:columns] {
		f.Time = NoTime
		n.schema = append(n.schema, f)
		key[i] = i
	}
	n.changes = connectors.InsertOnly
	if op == plan.Except || !AppendOnly(in) {
		n.changes |= 1 << vec.Delete
	}
	if !all {
		n.keys = [][]int{key}
	}
	return n
}

// Children gives the input.
func (n *SetOperation) Children() []Node { return []Node{n.Input} }

// WithChildren gives the operation on other sides.
func (n *SetOperation) WithChildren(c []Node) Node { return NewSetOperation(c[0], n.Op, n.All) }

// Name gives Intersect, Except, IntersectAll or ExceptAll.
func (n *SetOperation) Name() string { return n.Op.Name(n.All) }

// Attrs gives nothing.
func (n *SetOperation) Attrs() []plan.Attr { return nil }
