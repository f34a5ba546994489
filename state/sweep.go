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
// others.
func (r *Rows) Sweep(expired func(value []*vec.Vector, row int) bool) error {
	if !r.OnDisk() {
		return nil
	}
	s := &r.cold.sweep
	if !s.on {
		*s = sweep{on: true, group: r.scope.groups.From, left: newFilter(r.cold.member != nil)}
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

// sweepGroup removes what has expired of one key group, with what followers have of it, and notes the keys of the rest.
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
	left := func(hash uint32) { e.sweep.left.add(e.movedKey(group, hash)) }
	if err := e.cold.sweepGroup(group, dead, gone, left); err != nil || gone.Len() == 0 {
		return err
	}
	for _, f := range e.followers {
		if err := f.takeAway(group, gone.Cols, gone.Len()); err != nil {
			return err
		}
	}
	for _, m := range e.members {
		if err := m.takeMembers(group, gone.Cols, gone.Len()); err != nil {
			return err
		}
	}
	return nil
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
func (c *cold) sweepGroup(group int, dead func(cols []*vec.Vector, sel, dead []int32) []int32, gone *vec.Batch, left func(hash uint32)) error {
	g := &c.groups[group]
	for k := range g.buckets {
		kept := g.buckets[k][:0]
		for _, x := range g.buckets[k] {
			before := x.left
			if err := c.sweepChunk(&x, dead, gone, left); err != nil {
				return err
			}
			g.rows -= int(before - x.left)
			g.changed = g.changed || x.left < before
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

func (c *cold) sweepChunk(x *coldChunk, find func(cols []*vec.Vector, sel, dead []int32) []int32, gone *vec.Batch, left func(hash uint32)) error {
	if err := c.read(x, nil); err != nil {
		return err
	}
	c.order = find(c.part.Cols, c.sel, c.order[:0])
	rest := c.order
	for _, i := range c.sel {
		if len(rest) > 0 && rest[0] == i {
			rest = rest[1:]
			continue
		}
		left(c.hashAt(i))
	}
	if len(c.order) == 0 { // nil would be all rows
		return nil
	}
	for col, v := range gone.Cols {
		v.AppendRows(c.part.Cols[col], c.order)
	}
	gone.SetLen(gone.Len() + len(c.order))
	x.forget(c.order)
	return nil
}
