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

// Sweep removes, of the next key group, the entries on disk that have expired by their values; entries in memory it
// leaves alone. After the last key group it begins again with the first, and the filter of keys on disk knows those that are left, and no
// others. With checkpoints, nothing is done while one is being made.
func (r *Rows) Sweep(expired func(value []*vec.Vector, row int) bool) error {
	if !r.OnDisk() || r.durable() && !r.scope.writable() {
		return nil
	}
	s := &r.cold.sweep
	if !s.on {
		*s = sweep{on: true, group: r.scope.groups.From}
	}
	if err := r.loadGroup(s.group); err != nil { // into memory, where the next sweep of that finds what has expired, or where this one does
		return err
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
	e := r.cold
	gone := vec.NewBatch(r.table.Key)
	keys := len(r.table.Key)
	dead := func(cols []*vec.Vector, sel, dead []int32) []int32 {
		for _, i := range sel {
			if expired(cols[keys:], int(i)) {
				dead = append(dead, i)
			}
		}
		return dead
	}
	if err := e.cold.sweepGroup(group, dead, gone, e.sweep.left.add); err != nil || gone.Len() == 0 {
		return err
	}
	all := []frozenRows{{table: r.table, gone: gone}}
	for _, f := range e.followers {
		rows, err := f.takeAway(group, gone.Cols, gone.Len())
		if err != nil {
			return err
		}
		all = append(all, frozenRows{table: f.table, gone: rows})
	}
	for _, m := range e.members {
		rows, err := m.takeMembers(group, gone.Cols, gone.Len())
		if err != nil {
			return err
		}
		all = append(all, frozenRows{table: m.table, gone: rows})
	}
	if !r.durable() {
		return nil
	}
	w := &writer{store: r.scope.store, batch: r.scope.store.db.NewBatch()}
	defer func() { _ = w.batch.Close() }()
	for _, f := range all {
		if err := w.rows(f); err != nil {
			return err
		}
	}
	return r.scope.store.apply(w.batch)
}

// NextSweep is how many entries on disk the next Sweep looks at; ok is false while a restore has left some in the database.
func (r *Rows) NextSweep() (n int, ok bool) {
	group := r.scope.groups.From
	if s := &r.cold.sweep; s.on {
		group = s.group
	}
	return r.cold.cold.groups[group].rows, !r.cold.unloaded.any()
}

// sweepGroup removes the rows of a key group that dead appends to those it is given, out of sel and in its order, appends their keys to gone, and gives the hashes of the others.
func (c *cold) sweepGroup(group int, dead func(cols []*vec.Vector, sel, dead []int32) []int32, gone *vec.Batch, left func(hash uint64)) error {
	g := &c.groups[group]
	for k := range g.buckets {
		kept := g.buckets[k][:0]
		for _, x := range g.buckets[k] {
			before := x.left
			if err := c.sweepChunk(&x, dead, gone, left); err != nil {
				return err
			}
			g.rows -= int(before - x.left)
			if x.left > 0 {
				kept = append(kept, x)
			} else if err := c.log.free(x.ref); err != nil {
				return err
			}
		}
		clear(g.buckets[k][len(kept):])
		g.buckets[k] = kept
	}
	return nil
}

func (c *cold) sweepChunk(x *coldChunk, find func(cols []*vec.Vector, sel, dead []int32) []int32, gone *vec.Batch, left func(hash uint64)) error {
	if err := c.read(x, nil); err != nil {
		return err
	}
	hashes := make([]uint64, len(c.sel))
	vec.HashRows(c.part.Cols[:c.by], c.sel, hashes)
	c.order = find(c.part.Cols, c.sel, c.order[:0])
	rest := c.order
	for k, i := range c.sel {
		if len(rest) > 0 && rest[0] == i {
			rest = rest[1:]
			continue
		}
		left(hashes[k])
	}
	for col, v := range gone.Cols {
		v.AppendRows(c.part.Cols[col], c.order)
	}
	gone.SetLen(gone.Len() + len(c.order))
	x.forget(c.order)
	return nil
}
