package task

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// lendCopy is lend with checks: for tests, and slow.
func lendCopy(p port, b *vec.Batch) error {
	lent, kept := cloneBatch(b), cloneBatch(b)
	if err := p.rows(lent); err != nil {
		return err
	}
	if err := sameBatch(lent, kept); err != nil {
		return fmt.Errorf("internal error: %T wrote to a batch that it was lent: %w", p, err)
	}
	vec.Scribble(lent)
	return nil
}

// cloneBatch copies a batch as it is, rows that are not selected included.
func cloneBatch(b *vec.Batch) *vec.Batch {
	c := &vec.Batch{Cols: make([]*vec.Vector, len(b.Cols)), Kinds: slices.Clone(b.Kinds), Sel: slices.Clone(b.Sel)}
	for i, col := range b.Cols {
		c.Cols[i] = vec.New(col.Type())
		c.Cols[i].PassRows(col, nil)
	}
	c.SetLen(b.Len())
	return c
}

// sameBatch says where two batches differ.
func sameBatch(a, b *vec.Batch) error {
	if a.Len() != b.Len() || !slices.Equal(a.Sel, b.Sel) || !slices.Equal(a.Kinds, b.Kinds) || len(a.Cols) != len(b.Cols) {
		return fmt.Errorf("length, selection or change kinds differ")
	}
	rows := a.Sel
	if rows == nil {
		for i := range a.Len() {
			rows = append(rows, int32(i))
		}
	}
	for c := range a.Cols {
		for _, i := range rows {
			x, y := fmt.Sprint(a.Cols[c].Value(int(i))), fmt.Sprint(b.Cols[c].Value(int(i)))
			if x != y {
				return fmt.Errorf("column %d, row %d: %s was %s", c, i, x, y)
			}
		}
	}
	return nil
}
