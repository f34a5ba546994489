package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// expand gives each row once for each grouping set, with its change kind. It keeps no state and copies
// nothing: a batch leaves once for each set, with other columns in the place of those that the set leaves
// out. With Config.RowByRow all sets of a row leave before those of the next.
type expand struct {
	Base
	node  *plan.Expand
	nulls []*vec.Vector // by entry of Vary: nothing but NULLs
	ids   []*vec.Vector // by set: its number, over and over
	row   [1]int32
	out   vec.Batch // a header over the input's columns and these
}

func newExpand(n *plan.Expand) (*expand, error) {
	in := n.Input.Properties().Schema
	if want := len(in) + len(n.Vary) + 1; len(n.Schema) != want {
		return nil, fmt.Errorf("planning an expansion of %d columns as %d", want, len(n.Schema))
	}
	e := &expand{node: n}
	for _, c := range n.Vary {
		e.nulls = append(e.nulls, vec.New(in[c].Type.WithNull()))
	}
	for range n.Sets {
		e.ids = append(e.ids, vec.New(n.Schema[len(n.Schema)-1].Type))
	}
	return e, nil
}

func (e *expand) Process(_ int, b *vec.Batch) error {
	e.resize(b.Len())
	if !e.Ctx.Config.RowByRow {
		return e.each(b, b.Sel)
	}
	for k := range b.Rows() {
		e.row[0] = int32(at(b.Sel, k))
		if err := e.each(b, e.row[:]); err != nil {
			return err
		}
	}
	return nil
}

// resize makes the operator's own columns as long as the batch's.
func (e *expand) resize(n int) {
	for _, v := range e.nulls {
		if v.Len() != n {
			v.Reset()
			v.Resize(n)
			v.SetAllNull()
		}
	}
	for i, v := range e.ids {
		from := v.Len()
		v.Resize(n)
		for k := range vec.Values[int64](v)[min(from, n):] {
			vec.Values[int64](v)[from+k] = e.node.Sets[i]
		}
	}
}

// each gives rows of the batch (nil: all) once for each set.
func (e *expand) each(b *vec.Batch, rows []int32) error {
	for i, set := range e.node.Sets {
		cols := append(e.out.Cols[:0], b.Cols...)
		for j, c := range e.node.Vary {
			if e.node.Leaves(set, j) {
				cols = append(cols, e.nulls[j])
			} else {
				cols = append(cols, b.Cols[c])
			}
		}
		e.out = vec.Batch{Cols: append(cols, e.ids[i]), Kinds: b.Kinds, Sel: rows}
		e.out.SetLen(b.Len())
		if err := e.Ctx.Out.Emit(&e.out); err != nil {
			return err
		}
	}
	return nil
}
