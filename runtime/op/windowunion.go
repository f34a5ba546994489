package op

import (
	"github.com/weirstream/weir/runtime/vec"
)

// windowUnion puts HOP windows together from their slices. A group keeps its number from window to window as long as an open slice
// that was part of one has it, so that the keys of a slice are looked up once, and merging a slice is a loop over columns. It holds, beside a
// window's groups and 4 bytes for each, 4 bytes for each group of each slice.
type windowUnion struct {
	slice
	refs []int32 // by group: slices that have it
	keys *vec.KeyBatch

	ids  []uint32 // scratch
	rows []int32
	gone []uint32
}

// merge makes u the window of these slices.
func (u *windowUnion) merge(slices []*slice) error {
	for _, x := range slices {
		u.number(x)
	}
	u.accs.Clear()
	u.accs.Grow(u.table.Bound())
	for _, x := range slices {
		if err := u.accs.Absorb(x.accs, x.union); err != nil {
			return err
		}
	}
	return nil
}

// number notes which groups of the union those of a slice are that have come to it since it was asked last.
func (u *windowUnion) number(x *slice) {
	for n := x.table.Len(); len(x.union) < n; {
		u.rows = u.rows[:0]
		for i := len(x.union); i < min(len(x.union)+vec.DefaultBatchSize, n); i++ {
			u.rows = append(u.rows, int32(i))
		}
		u.keys.Set(x.table.Keys(), len(u.rows), u.rows)
		u.ids = u.table.Insert(u.keys, u.ids)
		x.union = append(x.union, u.ids...)
		for len(u.refs) < u.table.Bound() {
			u.refs = append(u.refs, 0)
		}
		for _, id := range u.ids {
			u.refs[id]++
		}
	}
}

// forget takes back what number noted of a slice that is emptied.
func (u *windowUnion) forget(x *slice) {
	if u == nil {
		return
	}
	u.gone = u.gone[:0]
	for _, id := range x.union {
		if u.refs[id]--; u.refs[id] == 0 {
			u.gone = append(u.gone, id)
		}
	}
	x.union = x.union[:0]
	if len(u.gone) == u.table.Len() {
		u.table.Reset()
		return
	}
	u.table.Delete(u.gone, u.keys)
}
