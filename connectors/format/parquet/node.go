package parquet

import (
	"fmt"

	"github.com/weirstream/weir/runtime/vec"
)

// nodeKind says how a node's values are put together.
type nodeKind uint8

const (
	leafNode   nodeKind = iota
	structNode          // a ROW of its children
	listNode            // an ARRAY of its child, or a MAP of its two
	absentNode          // a field that the file does not have: NULL
)

// node is a place in the schema of a file together with the column or field that it fills.
//
// The levels of the leaf below a node show the node's slots, one for each value (also a NULL
// one) that the node has: the entries whose repetition level is at most rep, and whose
// definition level is at least exists. A slot is NULL where the definition level is below
// present.
type node struct {
	kind     nodeKind
	path     string // for messages
	rep      int16  // lists around the node
	exists   int16
	present  int16
	element  int16 // listNode: the level from which on the list has an element at the entry
	leaf     leaf  // the leaf itself; for others one below, for its levels
	children []*node
}

// appendTo appends the node's values to v. slots is how many there must be.
func (n *node) appendTo(v *vec.Vector, slots int) error {
	base := v.Len()
	var err error
	switch n.kind {
	case leafNode:
		err = n.leaf.appendTo(v, n.exists)
	case structNode:
		err = n.appendRows(v, slots)
	case listNode:
		err = n.appendLists(v)
	default:
		for range slots {
			v.AppendNull()
		}
	}
	if err != nil {
		return fmt.Errorf("column '%s': %w", n.path, err)
	}
	if got := v.Len() - base; got != slots {
		return fmt.Errorf("column '%s' has %d values where %d belong", n.path, got, slots)
	}
	return nil
}

// slot reports whether entry i of the levels is a slot of the node.
func (n *node) slot(def, rep []int16, i int) bool {
	return (rep == nil || rep[i] <= n.rep) && (def == nil || def[i] >= n.exists)
}

func (n *node) appendRows(v *vec.Vector, slots int) error {
	base := v.Len()
	for i, c := range n.children {
		if err := c.appendTo(v.Child(i), slots); err != nil {
			return err
		}
	}
	for range slots {
		v.EndRow()
	}
	if n.present == n.exists {
		return nil
	}
	def, rep := n.leaf.levels()
	for i, k := 0, base; i < len(def) && k < base+slots; i++ {
		if !n.slot(def, rep, i) {
			continue
		}
		if def[i] < n.present {
			setNull(v, k)
		}
		k++
	}
	return nil
}

// setNull makes a ROW NULL with its fields.
func setNull(v *vec.Vector, i int) {
	for _, c := range v.Children() {
		if c.Phys() == vec.Struct {
			setNull(c, i)
		} else {
			c.SetNull(i)
		}
	}
	v.SetNull(i)
}

// appendLists appends the elements of all lists, then the lists' ends.
func (n *node) appendLists(v *vec.Vector) error {
	def, rep := n.leaf.levels()
	base, elements := v.Len(), 0
	for i := range def {
		switch {
		case n.slot(def, rep, i):
			v.Resize(v.Len() + 1)
			if def[i] < n.present {
				v.SetNull(v.Len() - 1)
			}
		case rep[i] != n.rep+1 || v.Len() == base: // not of this list, or of none
			continue
		}
		if def[i] >= n.element {
			elements++
			v.Offsets()[v.Len()]++
		}
	}
	for i, c := range n.children {
		if err := c.appendTo(v.Child(i), elements); err != nil {
			return err
		}
	}
	return nil
}
