package agg

import (
	"cmp"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// Values of DISTINCT come once in most cases, and again soon if at all. Where they are 64-bit integers that are not taken back, the table of a set therefore holds those that came lately: when it is full all of them
// are packed (packedSet), and one that comes again moves from there to the table.

// packing is the part of a set that is packed.
type packing struct {
	packedSet
	full  int // entries of the table with which these are packed
	taken int // entries of the table that were packed before

	values []packedValue // scratch
	places []uint32
}

const (
	// packedLeast is how many entries are packed at least, packedPart which part of what is packed: each value is merged about so many times before there are twice as many.
	packedLeast = 7 << 13
	packedPart  = 8
)

func newPacking() *packing { return &packing{full: packedLeast} }

// Pack has values of DISTINCT packed where that can be: their sets take less memory, and what comes again after a while takes longer to find.
func (a *Accumulators) Pack() {
	for _, s := range a.sets {
		if !s.retract && !s.keeps && s.chains == nil && len(s.types) == 1 && len(s.calls) <= 8 && vec.PhysOf(s.types[0]) == vec.Int64 {
			s.packed = newPacking()
		}
	}
}

// insertPacked counts the entries that are new, and takes what is packed of them.
func (s *distinctSet) insertPacked() {
	p := s.packed
	groups, values := vec.Values[int32](s.table.Keys()[0]), vec.Values[int64](s.table.Keys()[1])
	for _, e := range s.table.Fresh() {
		g := groups[e]
		if p.mayHave(uint32(g), values[e]) {
			if calls := p.take(uint32(g), values[e]); calls != 0 {
				s.flags.set(e, uint64(calls))
				p.taken++
				continue
			}
		}
		s.sizes = grown(s.sizes, int(g)+1, 0)
		s.sizes[g]++
	}
}

// pack packs the entries of the table if there are as many as are to be. Where most of them were packed before, the table is too small for the values that come again and again, and grows.
func (s *distinctSet) pack() {
	p := s.packed
	if p == nil || s.table.Len() < p.full {
		return
	}
	if p.taken > s.table.Len()/2 || len(p.segments) > packedSegments {
		p.full *= 2
		return
	}
	s.sortEntries()
	p.merge(p.values)
	s.table.Reset()
	s.flags.clear()
	p.taken, p.full = 0, max(p.full, p.n/packedPart)
}

// packedSegments is with how many segments a set is full.
const packedSegments = 1 << 15

// sortEntries sets values to the entries of the table, in the order of groups and values.
func (s *distinctSet) sortEntries() {
	p := s.packed
	groups, values := vec.Values[int32](s.table.Keys()[0]), vec.Values[int64](s.table.Keys()[1])
	s.ids = s.table.IDs(s.ids[:0])
	p.places = slices.Grow(p.places[:0], len(s.sizes)+1)[:len(s.sizes)+1]
	clear(p.places)
	for _, e := range s.ids {
		p.places[groups[e]+1]++
	}
	for g := range s.sizes {
		p.places[g+1] += p.places[g]
	}
	p.values = slices.Grow(p.values[:0], len(s.ids))[:len(s.ids)]
	for _, e := range s.ids {
		at := &p.places[groups[e]]
		p.values[*at] = packedValue{values[e], uint32(groups[e]), uint8(s.flags.get(e))}
		*at++
	}
	from := uint32(0)
	for _, to := range p.places[:len(s.sizes)] {
		slices.SortFunc(p.values[from:to], func(x, y packedValue) int { return cmp.Compare(x.value, y.value) })
		from = to
	}
}

// dropPacked removes what is packed of a group.
func (s *distinctSet) dropPacked(group uint32) {
	if s.packed != nil && int(group) < len(s.sizes) && s.sizes[group] > 0 {
		s.sizes[group] -= int32(s.packed.drop(group))
	}
}

func (p *packing) memory() int {
	return p.packedSet.memory() + 16*cap(p.values) + 4*cap(p.places)
}
