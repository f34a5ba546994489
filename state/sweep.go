package state

import (
	"github.com/weirstream/weir/runtime/vec"
)

// sweep is how far the entries on disk have been looked through.
type sweep struct {
	on    bool
	group int    // the next key group
	left  filter // the keys that are still there, of the groups before
}

// Cold reports whether entries have been moved to disk.
func (r *Rows) Cold() bool { return r != nil && r.cold != nil && !r.cold.known.empty() }

// Sweep removes, of the next key group, the entries on disk that have expired by their values; entries in memory it
// leaves alone, so that one of which a newer version is there may have expired on disk. After the last key group it begins again with
// the first, and the filter of keys on disk knows those that are left, and no others. While a checkpoint is being made nothing is done.
func (r *Rows) Sweep(expired func(value []*vec.Vector, row int) bool) error {
	if !r.Cold() || !r.scope.writable() {
		return nil
	}
	s := &r.cold.sweep
	if !s.on {
		*s = sweep{on: true, group: r.scope.groups.From}
	}
	if err := r.sweepGroup(s.group, expired); err != nil {
		return r.scope.moving(err)
	}
	if s.group++; s.group >= r.scope.groups.To {
		r.cold.known = s.left
		*s = sweep{}
	}
	return nil
}

// sweepGroup removes what has expired of one key group and notes the keys of the rest.
func (r *Rows) sweepGroup(group int, expired func(value []*vec.Vector, row int) bool) error {
	e, nk := r.cold, len(r.table.Key)
	gone := vec.NewBatch(r.table.Key)
	var dead []int32
	err := r.scope.store.scanKeyed(r.table, Groups{group, group + 1}, func(b *vec.Batch) error {
		e.hashKeys(b.Cols[:nk], b.Len())
		dead = dead[:0]
		for i := range b.Len() {
			if expired(b.Cols[nk:], i) {
				dead = append(dead, int32(i))
				continue
			}
			e.sweep.left.add(e.hashes[i])
		}
		if len(dead) == 0 {
			return nil
		}
		for c, v := range gone.Cols {
			v.AppendRows(b.Cols[c], dead)
		}
		gone.SetLen(gone.Len() + len(dead))
		return nil
	})
	if err != nil || gone.Len() == 0 {
		return err
	}
	w := &writer{store: r.scope.store, batch: r.scope.store.db.NewBatch()}
	defer func() { _ = w.batch.Close() }()
	if err := w.rows(frozenRows{table: r.table, gone: gone}); err != nil {
		return err
	}
	return r.scope.store.commit(w.batch)
}
