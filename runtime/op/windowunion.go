package op

import (
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// windowUnion puts HOP windows together from their slices. Where these share their keys, so does the window, and merging a slice is a loop over
// columns, place by place. Where they do not, the window has keys of its own, of which each keeps its number from window to window as long as
// slices are open whose keys have it, so that keys are looked up once. It holds, beside a window's groups and 4 bytes for each, 4 bytes for each
// key of each slice then.
type windowUnion struct {
	slice
	own  *sliceKeys
	refs []int32 // by number among its own keys: the slices' keys that have it
	keys *vec.KeyBatch

	idsOf []uint32 // scratch
	rows  []int32
	gone  []uint32
}

func newWindowUnion(keys []types.Type, accs *agg.Accumulators, b *vec.KeyBatch) *windowUnion {
	return &windowUnion{slice: slice{accs: accs, sharing: true}, own: &sliceKeys{table: vec.NewGroupTable(keys)}, keys: b}
}

// merge makes u the window of these slices.
func (u *windowUnion) merge(slices []*slice) error {
	u.sliceKeys = slices[0].sliceKeys
	for _, x := range slices {
		if x.sliceKeys != u.sliceKeys || !x.sharing {
			u.sliceKeys = u.own
		}
	}
	if u.sliceKeys == u.own {
		for _, x := range slices {
			u.number(x.sliceKeys)
		}
	}
	bound := u.table.Bound()
	u.accs.Clear()
	u.accs.Grow(bound)
	u.present = zeroed(u.present, vec.WordsFor(bound))
	for _, x := range slices {
		if err := u.add(x); err != nil {
			return err
		}
	}
	return nil
}

// zeroed gives n words of 0, in the memory of words where that is enough.
func zeroed(words []uint64, n int) []uint64 {
	if cap(words) < n {
		return make([]uint64, n, 2*n)
	}
	words = words[:n]
	clear(words)
	return words
}

// add takes a slice in.
func (u *windowUnion) add(x *slice) error {
	if u.sliceKeys != u.own {
		for i, word := range x.present {
			u.present[i] |= word
		}
		return u.accs.Absorb(x.accs, nil, x.present)
	}
	if !x.sharing {
		u.mark(x.union)
		return u.accs.Absorb(x.accs, x.union, nil)
	}
	u.idsOf = x.ids(u.idsOf[:0])
	for k, id := range u.idsOf {
		u.idsOf[k] = x.union[id]
	}
	u.mark(u.idsOf)
	return u.accs.Absorb(x.accs, x.union, x.present)
}

// number notes which of the union's keys those are that have come to x since it was asked last.
func (u *windowUnion) number(x *sliceKeys) {
	for n := x.table.Len(); len(x.union) < n; {
		u.rows = u.rows[:0]
		for i := len(x.union); i < min(len(x.union)+vec.DefaultBatchSize, n); i++ {
			u.rows = append(u.rows, int32(i))
		}
		u.keys.Set(x.table.Keys(), len(u.rows), u.rows)
		u.idsOf = u.own.table.Insert(u.keys, u.idsOf)
		x.union = append(x.union, u.idsOf...)
		for len(u.refs) < u.own.table.Bound() {
			u.refs = append(u.refs, 0)
		}
		for _, id := range u.idsOf {
			u.refs[id]++
		}
	}
}

// forget takes back what number noted of keys that are emptied.
func (u *windowUnion) forget(x *sliceKeys) {
	if u == nil || len(x.union) == 0 {
		return
	}
	u.gone = u.gone[:0]
	for _, id := range x.union {
		if u.refs[id]--; u.refs[id] == 0 {
			u.gone = append(u.gone, id)
		}
	}
	x.union = x.union[:0]
	if len(u.gone) == u.own.table.Len() {
		u.own.table.Reset()
		return
	}
	u.own.table.Delete(u.gone, u.keys)
}
