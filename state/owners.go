package state

import (
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// entriesOf gives the entries of owners, for each the hash of its owner's key, and the hashes of the owners that have entries, until the next call.
func (e *eviction) entriesOf(owners, hashes []uint32) (ids, of, some []uint32) {
	e.ids, e.of, e.some = e.ids[:0], e.of[:0], e.some[:0]
	for k, id := range owners {
		from := len(e.ids)
		if e.ids = e.owners.Entries(e.ids, id); len(e.ids) == from {
			continue
		}
		e.some = append(e.some, hashes[k])
		for range e.ids[from:] {
			e.of = append(e.of, hashes[k])
		}
	}
	return e.ids, e.of, e.some
}

// moveOwners moves owners with half of the entries, of which there are live: those that were not used since the last time, then, where that is asked for, others.
func (r *Rows) moveOwners(live int, others bool) error {
	e := r.cold
	all := e.owners.IDs(nil)
	total, cold := len(all), all[:0]
	var hot []uint32
	for _, id := range all {
		switch {
		case e.stays != nil && e.stays(id):
		case e.heat(int(id>>6))>>(id&63)&1 != 0, e.owners.Soon != nil && e.owners.Soon(id):
			hot = append(hot, id)
		default:
			cold = append(cold, id)
		}
	}
	left := live / 2
	if !others {
		hot = nil
	}
	for _, ids := range [][]uint32{cold, hot} {
		for len(ids) > 0 && left > 0 {
			// As many as have what is left if all have equally many entries; and some more where they have few.
			n := min(max(left*total/live, total/32, 1), evictBlock, len(ids))
			moved, err := r.move(ids[:n])
			if err != nil {
				return err
			}
			ids, left = ids[n:], left-moved
		}
	}
	return nil
}

// settle gives the entries of an owner, which stand together, the latest value that one of them has (Owners.Latest). Owners whose keys have the same
// hash share it.
func (r *Rows) settle(b *vec.Batch) {
	e := r.cold
	if e.owners == nil {
		return
	}
	at := slices.IndexFunc(r.table.Value, func(f vec.Field) bool { return f.Name == e.owners.Latest })
	if at < 0 {
		return
	}
	hashes := make([]uint64, b.Len())
	vec.HashRows(b.Cols[:e.cold.by], nil, hashes)
	values := vec.Values[int64](b.Cols[len(r.table.Key)+at])
	for from := 0; from < len(hashes); {
		to := from + 1
		for to < len(hashes) && hashes[to] == hashes[from] {
			to++
		}
		latest := slices.Max(values[from:to])
		for i := from; i < to; i++ {
			values[i] = latest
		}
		from = to
	}
}
