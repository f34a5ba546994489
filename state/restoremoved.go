package state

import (
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// Of each key, either the database or a chunk of what was moved to disk has its entries, never both: what is moved is deleted from the database, and what is read back is
// written to it again at the next checkpoint, with a directory that no longer names it. So none has to tell which of two counts.

// restoreMoved takes over what the checkpoint says was moved to disk: where the table's entries move, it stays there, else it is loaded.
func (r *Rows) restoreMoved(declared *Table) error {
	s := r.scope
	groups := slices.DeleteFunc(s.store.files.groups(r.table.number), func(g int) bool { return g < s.groups.From || g >= s.groups.To })
	if len(groups) == 0 {
		return nil
	}
	if r.cold != nil && s.budgeted() && !declared.Fixed {
		return r.cold.takeOver(r, groups)
	}
	return r.loadMoved(declared, groups)
}

// takeOver has what was moved to disk before a restore be on disk.
func (e *eviction) takeOver(r *Rows, groups []int) error {
	e.any = true
	for _, g := range groups {
		d, err := readDirectory(r.scope.store.db, dirPlace{r.table.number, g})
		if err != nil {
			return err
		}
		if err := e.cold.takeGroup(g, d); err != nil {
			return err
		}
		if e.leader != nil {
			continue
		}
		if err := e.cold.hashesOf(g, func(hash uint32) { e.noteMoved(g, hash) }); err != nil {
			return err
		}
	}
	return nil
}

// loadMoved loads what was moved to disk into memory.
func (r *Rows) loadMoved(declared *Table, groups []int) (err error) {
	s := r.scope
	for _, g := range groups {
		place := dirPlace{r.table.number, g}
		d, err := readDirectory(s.store.db, place)
		if err != nil {
			return err
		}
		err = d.rowsOf(s.store.fs, s.store.dir, r.table, g, func(b *vec.Batch) error {
			ids, err := declared.Load(b.Cols, b.Len())
			if err == nil {
				r.Mark(ids, int(slices.Max(ids))+1)
			}
			return err
		})
		if err != nil {
			return err
		}
		s.store.files.retire(d.numbers())
		r.dropped = append(r.dropped, frozenDir{dirPlace: place})
	}
	return nil
}

// restoreStored takes over what the database has: it is loaded, goes where moved entries are if memory does not hold it, or stays until it is wanted.
func (r *Rows) restoreStored(t *Table) (err error) {
	s := r.scope
	due := t.Owners.dueColumn(t.Key, t.Value) != noColumn
	rest := []Groups{s.groups} // what does not stay in the database
	if r.cold != nil && !t.Whole && (s.onDisk || s.later && !due) {
		rest = r.leave(s.groups, !s.onDisk)
		if due {
			err = r.moveRestored(s.groups)
		}
	}
	place := func(g Groups) error { return r.loadStored(t, g) }
	if r.cold != nil && s.onDisk && !t.Fixed && !r.cold.mayStay() {
		place = r.moveStored
	}
	for _, g := range rest {
		if err == nil {
			err = place(g)
		}
	}
	return err
}

// mayStay reports whether owners of a table may have to stay in memory (Stays): those that the database has beside chunks may be of these.
func (e *eviction) mayStay() bool {
	if e.leader != nil {
		e = e.leader.cold
	}
	return e.stays != nil
}

// loadStored loads what the database has of some key groups into memory.
func (r *Rows) loadStored(t *Table, g Groups) error {
	return r.scope.store.scanKeyed(r.table, len(r.table.Key), g, func(b *vec.Batch) error {
		ids, err := t.Load(b.Cols, b.Len())
		r.loaded(ids)
		return err
	})
}

// moveStored has the entries that the database has of a restored table be where those that were moved out of memory are, some at a time.
func (r *Rows) moveStored(groups Groups) error {
	for g := groups.From; g < groups.To; g++ {
		err := r.scope.store.scanKeyed(r.table, len(r.cold.keys.Cols), Groups{g, g + 1}, func(b *vec.Batch) error {
			if r.cold.any = true; len(r.emptied) == 0 || r.emptied[len(r.emptied)-1] != g {
				r.emptied = append(r.emptied, g)
			}
			return r.putRestored(g, b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// leave leaves the entries of a restored table in the database until they are wanted, but for those of key groups of which others are where moved entries are: it gives these.
func (r *Rows) leave(groups Groups, wholly bool) (rest []Groups) {
	e := r.cold
	u := newUnloaded(r.table, len(e.keys.Cols), groups, wholly)
	e.any, e.unloaded, u.follows = true, u, e.leader != nil
	leader := r
	if e.leader != nil {
		leader = e.leader
	}
	for g := groups.From; g < groups.To; g++ {
		if leader.cold.cold.groups[g].rows > 0 {
			u.groups[g] = false
			u.left--
			rest = append(rest, Groups{g, g + 1})
		}
	}
	return rest
}

// rewriteEmptied has the next checkpoint write what is in memory of key groups of which nothing that the database has will count.
func (r *Rows) rewriteEmptied() error {
	if len(r.emptied) == 0 {
		return nil
	}
	emptied := make([]bool, r.table.max)
	for _, g := range r.emptied {
		emptied[g] = true
	}
	route := router{route: r.table.Route, max: r.table.max}
	keys := vec.NewBatch(r.table.Key)
	for from := 0; from < len(r.stored); from += blockWords {
		r.scrap = appendIDs(r.scrap[:0], r.stored[from:min(from+blockWords, len(r.stored))])
		if len(r.scrap) == 0 {
			continue
		}
		for k := range r.scrap {
			r.scrap[k] += uint32(from << 6)
		}
		keys.Reset()
		r.keys(r.scrap, keys.Cols)
		for k, g := range route.of(keys.Cols, len(r.scrap)) {
			if emptied[g] {
				vec.SetBit(r.dirty, int(r.scrap[k]))
			}
		}
	}
	return nil
}
