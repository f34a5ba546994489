package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// nodeValues are the values of nodes: rows of one column, whose numbers are those of the nodes. What values that are gone leave behind is collected (see
// vec.RowStore).
type nodeValues struct {
	store  *vec.RowStore
	row    [1]*vec.Vector // scratch
	places []int32
}

func newNodeValues(t types.Type) nodeValues {
	return nodeValues{store: vec.NewRowStore([]types.Type{t})}
}

// put makes a node of a copy of value i of v.
func (x *nodeValues) put(v *vec.Vector, i int) uint32 {
	x.row[0] = v
	n := x.store.Add(x.row[:], i)
	x.row[0] = nil
	return n
}

// letGo has a node's number be given out again.
func (x *nodeValues) letGo(n uint32) {
	one := [1]uint32{n}
	x.store.Free(one[:])
}

// at gives where the value of a node lies, until the nodes change.
func (x *nodeValues) at(n uint32) (*vec.Vector, int) { return x.store.At(0, n) }

// appendOne appends the value of a node.
func (x *nodeValues) appendOne(out *vec.Vector, n uint32) {
	v, i := x.at(n)
	out.AppendRow(v, i)
}

// appendAll appends the values of nodes.
func (x *nodeValues) appendAll(out *vec.Vector, nodes []uint32) {
	x.places = x.store.AppendColumn(out, 0, nodes, x.places)
}

func (x *nodeValues) valueType() types.Type { return x.store.Columns()[0].Type() }
