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
	// packedAgain is which part of the entries of a full table may have been packed before: what comes again is merged each time, and took twice the time when it was half.
	packedAgain = 8
)

// packedShare is of how many bytes of a bound an entry is one in a table that is full, where that is less.
const packedShare = 1 << 10

// Pack has values of DISTINCT packed where that can be: their sets take less memory, and what comes again after a while takes longer to find. bound is how many bytes there are for all, 0: as many as it takes. It is
// called before Keep.
func (a *Accumulators) Pack(bound int64) {
	full := packedLeast
	if bound > 0 {
		full = int(min(packedLeast, 1+bound/packedShare))
	}
	for _, s := range a.sets {
		if !s.retract && !s.keeps && s.chains == nil && len(s.types) == 1 && len(s.calls) <= 8 && vec.PhysOf(s.types[0]) == vec.Int64 {
			s.packed = &packing{full: full}
		}
	}
}

// insertPacked counts the entries that are new, and takes what is packed of them.
func (s *distinctSet) insertPacked() {
	p := s.packed
	groups, values := vec.Values[int32](s.table.Keys()[0]), vec.Values[int64](s.table.Keys()[1])
	for _, e := range s.table.Fresh() {
		g := groups[e]
		if calls := p.take(uint32(g), values[e]); calls != 0 {
			s.flags.set(e, uint64(calls))
			s.kept.MarkOne(e)
			p.taken++
			continue
		}
		s.sizes = grown(s.sizes, int(g)+1, 0)
		s.sizes[g]++
	}
}

// pack packs the entries of the table if there are as many as are to be. Where many of them were packed before, the table is too small for the values that come again and again, and grows.
func (s *distinctSet) pack() {
	p := s.packed
	if p == nil || s.table.Len() < p.full {
		return
	}
	p.taken = min(p.taken, s.table.Len()) // some may have moved to disk
	if p.taken > s.table.Len()/packedAgain || len(p.segments)+s.table.Len()*packedLargest/packedBlock/packedSegment > packedSegments {
		p.full *= 2
		return
	}
	s.sortEntries()
	s.kept.Leave(s.ids)
	p.merge(p.values)
	s.table.Reset()
	s.flags.clear()
	p.taken, p.full = 0, max(p.full, p.n/packedPart)
}

// packedSegments is with how many segments a set is full.
const packedSegments = 1 << 15

// sortEntries sets values to the entries of the table, in the order of groups and values. One that no call has counted has been looked for, but its row is yet to come.
func (s *distinctSet) sortEntries() {
	p := s.packed
	groups, values := vec.Values[int32](s.table.Keys()[0]), vec.Values[int64](s.table.Keys()[1])
	s.ids = s.table.IDs(s.ids[:0])
	p.places = slices.Grow(p.places[:0], len(s.sizes)+1)[:len(s.sizes)+1]
	clear(p.places)
	n := 0
	for _, e := range s.ids {
		if s.flags.get(e) == 0 {
			s.sizes[groups[e]]--
			continue
		}
		p.places[groups[e]+1]++
		n++
	}
	for g := range s.sizes {
		p.places[g+1] += p.places[g]
	}
	p.values = slices.Grow(p.values[:0], n)[:n]
	for _, e := range s.ids {
		if calls := s.flags.get(e); calls != 0 {
			at := &p.places[groups[e]]
			p.values[*at] = packedValue{values[e], uint32(groups[e]), uint8(calls)}
			*at++
		}
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

// hasPacked reports whether the value of a row is packed.
func (s *distinctSet) hasPacked(row int32, cols []*vec.Vector) bool {
	return s.packed != nil && s.packed.lookup(uint32(vec.Values[int32](s.group)[row]), vec.Values[int64](cols[s.args[0]])[row]) != nil
}

// packedCount counts what is packed.
func (s *distinctSet) packedCount() int {
	if s.packed == nil {
		return 0
	}
	return s.packed.n
}

func (p *packing) memory() int {
	return p.packedSet.memory() + 16*cap(p.values) + 4*cap(p.places)
}

// packedMembers are the packed values of a set as members of a table (state.Packed).
type packedMembers struct {
	s       *distinctSet
	o       Owner
	columns vec.Schema // of the table
}

// takeStep is how many values Take gives at a time.
const takeStep = 1 << 14

// Owners appends the groups that have packed values.
func (m packedMembers) Owners(dst []uint32) []uint32 { return m.s.packed.owners(dst) }

// Take gives the packed values of groups, which are on disk then.
func (m packedMembers) Take(groups []uint32, give func(b *vec.Batch) error) error {
	s := m.s
	b := vec.NewBatch(m.columns)
	var of []uint32
	step := func() error {
		m.o.Keys(of, b.Cols[:len(m.o.Key)])
		b.SetLen(len(of))
		for _, g := range of {
			s.sizes[g]--
			s.away = grown(s.away, int(g)+1, 0)
			s.away[g]++
		}
		of = of[:0]
		if err := give(b); err != nil {
			return err
		}
		b.Reset()
		return nil
	}
	value, calls := b.Cols[len(m.o.Key)], b.Cols[len(m.o.Key)+1]
	for _, g := range groups {
		err := s.packed.remove(g, func(x packedValue) error {
			of = append(of, g)
			vec.Append(value, x.value)
			vec.Append(calls, int64(x.calls))
			if len(of) < takeStep {
				return nil
			}
			return step()
		})
		if err != nil {
			return err
		}
	}
	if s.packed.n == 0 {
		s.packed.clear()
	}
	if len(of) == 0 {
		return nil
	}
	return step()
}
