package op

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// A window whose groups do not fit the memory is cut into parts: when the budget is exceeded, the largest slice's groups are written to
// disk, by key group, and the slice begins anew without any. When the window fires, its parts are read and put together one
// key group after the other, which needs a 128th of the memory, and no sorting (a hash join's partitioning; DeWitt et al.,
// 1984). Over a changelog, slices with calls that depend on the order of rows stay whole, in memory. A row costs what it did, and in addition its share of one group written and read for each part that the group is in.
// Groups then leave by key group.

// diskPart is a part of a slice that lies on disk.
type diskPart struct {
	rows    *state.Rows
	sides   []*state.Rows
	scratch bool // a copy of what is in memory
}

// spill moves the largest slice to disk if the job's memory is used up.
func (w *windowAggregate) spill() error {
	if !w.Ctx.State.Due() || w.slices.keeper == nil || w.slices.keeper.whole {
		return nil
	}
	sc := w.Ctx.State
	total, most := 0, 0
	var largest *slice
	for _, s := range w.slices.open {
		if s.full > 0 && s.groups() >= s.full && sc.Writable() {
			return w.slices.keeper.spill(sc, s)
		}
		m := s.table.Memory()/s.users + s.accs.Memory()
		total += m
		if s.full == 0 && m > most && s.groups() > 0 {
			largest, most = s, m
		}
	}
	if !sc.Use(total) || largest == nil {
		return nil
	}
	return w.slices.keeper.spill(sc, largest)
}

// spill writes a slice's groups to disk and lets it begin anew.
func (k *sliceKeeper) spill(sc *state.Scope, x *slice) error {
	p := diskPart{rows: x.kept, sides: append([]*state.Rows{}, x.accs.Tracked()...)}
	if err := sc.Spill(append([]*state.Rows{p.rows}, p.sides...)); err != nil {
		return err
	}
	x.spilled = append(x.spilled, p)
	if x.full == 0 {
		// Its memory has just doubled, so that it takes nearly twice as many groups the next time.
		x.full = x.groups() * 31 / 16
	}
	x.accs.Untrack()
	k.slices.leave(x, true)
	x.sliceKeys = k.slices.newKeys()
	x.accs.Clear()
	k.begin(x)
	return nil
}

// onDisk notes a part that stays on disk at a restore.
func (k *sliceKeeper) onDisk(span int64, part uint64, rows *state.Rows) {
	x := k.slices.fresh(span)
	x.part = part
	x.spilled = append(x.spilled, diskPart{rows: rows})
	k.loaded = append(k.loaded, x)
}

// sideOnDisk notes the values of a side that belong to it.
func (k *sliceKeeper) sideOnDisk(side int, span int64, part uint64, rows *state.Rows) {
	x := k.find(span, part)
	if x == nil {
		return // of groups that are gone
	}
	p := &x.spilled[0]
	for len(p.sides) <= side {
		p.sides = append(p.sides, nil)
	}
	p.sides[side] = rows
}

// isSpilled reports whether some of the slices lie partly on disk.
func isSpilled(slices []*slice) bool {
	for _, s := range slices {
		if len(s.spilled) > 0 {
			return true
		}
	}
	return false
}

// emitSpilled gives the window that ends at end, of which some slices lie partly on disk.
func (w *windowAggregate) emitSpilled(slices []*slice, end int64) error {
	sc := w.Ctx.State
	var parts []diskPart
	var scratch []*state.Rows
	for _, s := range slices {
		parts = append(parts, s.spilled...)
		if s.groups() > 0 {
			p := diskPart{s.kept, s.accs.Tracked(), true}
			parts = append(parts, p)
			scratch = append(append(scratch, p.rows), p.sides...)
		}
	}
	if err := sc.Scratch(scratch); err != nil {
		return err
	}
	whole, part := w.slices.fresh(end), w.slices.fresh(end)
	for g := sc.Groups().From; g < sc.Groups().To; g++ {
		if err := w.join(whole, part, parts, g); err != nil {
			return err
		}
		if err := w.emit(whole, end); err != nil {
			return err
		}
		whole.clear()
	}
	return sc.ClearScratch(scratch)
}

// join puts the groups of one key group together from parts.
func (w *windowAggregate) join(whole, part *slice, parts []diskPart, group int) error {
	k := w.slices.keeper
	for _, p := range parts {
		into := part
		if len(p.sides) == 0 || whole.table.Len() == 0 {
			into = whole // states of one value a group are merged by loading them
		}
		err := p.rows.Scan(group, p.scratch, func(cols []*vec.Vector, n int) error {
			_, err := k.take(into, cols, n)
			return err
		})
		if err != nil {
			return err
		}
		load := into.accs.Loaders(k.ownerOf(into))
		for i, rows := range p.sides {
			if err := rows.Scan(group, p.scratch, load[i]); err != nil {
				return err
			}
		}
		if into == whole {
			continue
		}
		if err := w.slices.absorb(whole, part, w.keys); err != nil {
			return err
		}
		part.clear()
	}
	return nil
}

// clear empties a slice that is not kept.
func (s *slice) clear() {
	s.table.Reset()
	s.accs.Clear()
}

// take takes rows of groups into a slice.
func (k *sliceKeeper) take(x *slice, cols []*vec.Vector, n int) ([]uint32, error) {
	nk := len(k.key)
	k.keys.Set(cols[:nk], n, nil)
	ids := x.table.Insert(k.keys, nil)
	x.accs.Grow(x.table.Bound())
	return ids, x.accs.LoadKept(ids, cols[nk:])
}

// dropParts removes the parts of a slice that lie on disk.
func (k *sliceKeeper) dropParts(x *slice) {
	for _, p := range x.spilled {
		k.spans.Drop(p.rows)
		k.sides.DropRows(p.sides)
	}
	x.spilled = nil
}
