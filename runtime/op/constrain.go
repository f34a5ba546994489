package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// constrain makes rows fit their sink: values get their column's length, NULLs in NOT NULL columns fail the job or drop the
// row, and -U becomes -D for a sink that takes changes by key where the +U that belongs to it may
// have been filtered out. It keeps no state, and looks only at columns that hold NULLs and at
// batches that hold changes.
type constrain struct {
	Base
	node  *plan.Constrain
	sel   []int32
	kinds []vec.ChangeKind
	out   vec.Batch // a header over the input's columns
	cols  []*vec.Vector
	long  []lengthen
}

func newConstrain(n *plan.Constrain) *constrain {
	c := &constrain{node: n}
	for _, l := range n.Lengths {
		c.long = append(c.long, lengthen{Length: l})
	}
	return c
}

func (c *constrain) Process(_ int, b *vec.Batch) error {
	c.out = vec.Batch{Cols: b.Cols, Kinds: b.Kinds, Sel: b.Sel}
	c.out.SetLen(b.Len())
	if err := c.lengths(b); err != nil {
		return err
	}
	for _, col := range c.node.NotNull {
		if b.Cols[col].NullCount() == 0 {
			continue
		}
		if err := c.checkNulls(col); err != nil {
			return err
		}
	}
	if c.node.BeforeAsDelete && b.Kinds != nil {
		c.deletes()
	}
	if c.out.Rows() == 0 {
		return nil
	}
	return c.Ctx.Out.Emit(&c.out)
}

// lengths puts columns whose values had to be changed in the place of the input's.
func (c *constrain) lengths(b *vec.Batch) error {
	if len(c.long) == 0 {
		return nil
	}
	c.cols = append(c.cols[:0], b.Cols...)
	for i := range c.long {
		l := &c.long[i]
		var err error
		if c.cols[l.Col], err = l.fit(b.Cols[l.Col], b.Rows(), b.Sel, c.node); err != nil {
			return err
		}
	}
	c.out.Cols = c.cols
	return nil
}

// checkNulls narrows the selection to the rows with a value in the column, or fails on the first
// without one.
func (c *constrain) checkNulls(col int) error {
	v, from := c.out.Cols[col], c.out.Sel
	kept := c.sel[:0]
	for k := range c.out.Rows() {
		i := at(from, k)
		if !v.IsNull(i) {
			kept = append(kept, int32(i))
			continue
		}
		if !c.node.DropNulls {
			name := c.node.Schema[col].Name
			return &vec.RowError{Row: i, Err: diag.Errorf(c.node.At, "column '%s' of table '%s' is NOT NULL, but the query gives NULL", name, c.node.Table).
				WithHint("leave such rows out with WHERE, give the column a value with COALESCE, or SET 'table.exec.sink.not-null-enforcer' = 'DROP'")}
		}
	}
	c.sel = kept
	c.out.Narrow(kept)
	return nil
}

// deletes gives the batch kinds with -D in the place of -U.
func (c *constrain) deletes() {
	c.kinds = append(c.kinds[:0], c.out.Kinds...)
	for i, k := range c.kinds {
		if k == vec.UpdateBefore {
			c.kinds[i] = vec.Delete
		}
	}
	c.out.Kinds = c.kinds
}
