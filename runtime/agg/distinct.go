package agg

import (
	"math/bits"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// distinctSet is the set of values that calls with DISTINCT on the same columns have seen in each
// group: one hash table for all groups and all of those calls, keyed by group and values. A value
// holds, for every call, a bit that says whether the call has counted it or, where rows may
// be taken back, how often it has been seen.
//
// A row costs one probe of the table, however many calls there are; a value takes its key, its
// slot and a byte, or 8 for more than 8 calls; with retraction 8 bytes a call.
type distinctSet struct {
	args    []int // input columns
	types   []types.Type
	calls   []int // bit j belongs to calls[j]
	retract bool
	keeps   bool // NULLs are values

	table  *vec.GroupTable // key: group, arguments
	keys   *vec.KeyBatch
	flags  callBits // by entry, without retraction
	counts []int64  // by entry and call, with it
	sizes  []int32  // by group: entries, and what is packed
	away   []int32  // by group: entries on disk, where they can be there
	packed *packing // nil: all values are in the table

	group   *vec.Vector // of the batch's rows
	cols    []*vec.Vector
	vals    []*vec.Vector
	masks   []uint64 // by row: the calls that want it
	rows    []int32
	wanted  []uint64
	ids     []uint32
	fresh   []present // by call: rows that it has not seen before
	dead    []uint32
	missing []int32
	kept    *state.Rows
	chains  *chains // nil where groups are not joined
}

func newDistinctSet(calls []Call, call int, in vec.Schema, retract bool) *distinctSet {
	c := &calls[call]
	s := &distinctSet{args: c.Args, calls: []int{call}, retract: retract, keeps: c.Fn.KeepsNulls}
	groupType := types.New(types.Int).WithoutNull()
	key := []types.Type{groupType}
	for _, a := range c.Args {
		key = append(key, in[a].Type)
	}
	s.types = key[1:]
	s.table, s.keys, s.group = vec.NewGroupTable(key), vec.NewKeyBatch(key), vec.New(groupType)
	return s
}

// accepts reports whether another call can share the set.
func (s *distinctSet) accepts(calls []Call, call int) bool {
	c := &calls[call]
	if len(s.calls) == 64 || len(c.Args) != len(s.args) || c.Fn.KeepsNulls != s.keeps {
		return false
	}
	for i, a := range c.Args {
		if a != s.args[i] {
			return false
		}
	}
	return true
}

func (s *distinctSet) change(a *Accumulators, groups []uint32, cols []*vec.Vector, rows []int32, back bool) error {
	s.want(a, groups, cols, rows)
	if len(s.rows) == 0 {
		return nil
	}
	s.cols = append(s.cols[:0], s.group)
	for _, c := range s.args {
		s.cols = append(s.cols, cols[c])
	}
	s.keys.Set(s.cols, len(s.rows), s.rows)
	s.insert()
	s.kept.Touch(s.ids)
	s.begin()
	if s.retract {
		s.count(back)
	} else {
		s.flag()
	}
	if err := s.tell(a, s.cols[1:], back); err != nil {
		return err
	}
	s.forget()
	s.pack()
	return nil
}

// want finds the rows that some call takes: rows, and for each of them the calls (wanted) and
// the group (by row).
func (s *distinctSet) want(a *Accumulators, groups []uint32, cols []*vec.Vector, rows []int32) {
	n := len(groups)
	last := n
	if rows != nil && n > 0 {
		last = int(rows[n-1]) + 1
	}
	s.group.Resize(last)
	ids := vec.Values[int32](s.group)
	s.rows, s.wanted = slices.Grow(s.rows[:0], n)[:n], slices.Grow(s.wanted[:0], n)[:n]
	always := s.mask(a, cols, last)
	nulls := !s.keeps && s.haveNulls(cols)
	kept := 0
	for k, g := range groups {
		i := at(rows, k)
		m := always
		if s.masks != nil {
			m |= s.masks[i]
		}
		if m == 0 || nulls && s.anyNull(cols, i) {
			continue
		}
		ids[i] = int32(g)
		s.rows[kept], s.wanted[kept] = int32(i), m
		kept++
	}
	s.rows, s.wanted = s.rows[:kept], s.wanted[:kept]
}

// mask sets masks, by row, to the calls whose FILTER is true, and gives the calls without one.
func (s *distinctSet) mask(a *Accumulators, cols []*vec.Vector, n int) (always uint64) {
	filters := false
	for j, call := range s.calls {
		if a.calls[call].Filter < 0 {
			always |= 1 << j
		} else {
			filters = true
		}
	}
	if !filters {
		s.masks = nil
		return always
	}
	s.masks = grown(s.masks[:0], n, 0)
	for j, call := range s.calls {
		f := a.calls[call].Filter
		if f < 0 {
			continue
		}
		for _, i := range a.filterOf(f).rows {
			s.masks[i] |= 1 << j
		}
	}
	return always
}

// haveNulls reports whether any argument of the batch may be NULL.
func (s *distinctSet) haveNulls(cols []*vec.Vector) bool {
	return slices.ContainsFunc(s.args, func(c int) bool { return cols[c].Valid() != nil })
}

func (s *distinctSet) anyNull(cols []*vec.Vector, i int) bool {
	for _, c := range s.args {
		if cols[c].IsNull(i) {
			return true
		}
	}
	return false
}

// insert finds the entries of the wanted rows.
func (s *distinctSet) insert() {
	s.ids = s.table.Insert(s.keys, s.ids)
	n := s.table.Bound()
	if s.retract {
		s.counts = grown(s.counts, n*len(s.calls), 0)
	} else {
		s.flags.grow(n, len(s.calls))
	}
	if s.packed != nil {
		s.insertPacked()
		return
	}
	for _, e := range s.table.Fresh() {
		g := vec.Values[int32](s.table.Keys()[0])[e]
		s.sizes = grown(s.sizes, int(g)+1, 0)
		s.sizes[g]++
		if s.chains != nil {
			s.chains.link(uint32(g), e)
		}
	}
}

// begin empties the lists of rows that are new to a call.
func (s *distinctSet) begin() {
	for len(s.fresh) < len(s.calls) {
		s.fresh = append(s.fresh, present{})
	}
	for j := range s.fresh {
		s.fresh[j].groups, s.fresh[j].rows = s.fresh[j].groups[:0], s.fresh[j].rows[:0]
	}
}

// flag notes the wanted rows as seen, and lists for each call those that are new to it.
func (s *distinctSet) flag() {
	groups, tracked := vec.Values[int32](s.group), s.kept.On()
	for k, e := range s.ids {
		seen := s.flags.get(e)
		fresh := s.wanted[k] &^ seen
		if fresh == 0 {
			continue
		}
		s.flags.set(e, seen|fresh)
		if tracked {
			s.kept.MarkOne(e)
		}
		for ; fresh != 0; fresh &= fresh - 1 {
			f, i := &s.fresh[bits.TrailingZeros64(fresh)], s.rows[k]
			f.groups, f.rows = append(f.groups, uint32(groups[i])), append(f.rows, i)
		}
	}
}

// count is flag with retraction: a value is new to a call when its count rises to 1, and gone
// when it falls to 0. Counts may be below 0 for a while.
func (s *distinctSet) count(back bool) {
	groups := vec.Values[int32](s.group)
	s.kept.Mark(s.ids, s.table.Bound())
	edge, step := int64(1), int64(1)
	if back {
		edge, step = 0, -1
	}
	for k, e := range s.ids {
		at := int(e) * len(s.calls)
		for m := s.wanted[k]; m != 0; m &= m - 1 {
			j := bits.TrailingZeros64(m)
			s.counts[at+j] += step
			if s.counts[at+j] == edge {
				f, i := &s.fresh[j], s.rows[k]
				f.groups, f.rows = append(f.groups, uint32(groups[i])), append(f.rows, i)
			}
		}
	}
}

// forget drops the entries of the batch whose counts are all 0.
func (s *distinctSet) forget() {
	if !s.retract {
		return
	}
	s.dead = s.dead[:0]
	for _, e := range s.ids {
		at := int(e) * len(s.calls)
		if allZero(s.counts[at : at+len(s.calls)]) {
			s.dead = append(s.dead, e)
			s.counts[at] = 1 // a second row with the entry must not list it again
		}
	}
	s.drop()
}

func allZero(counts []int64) bool {
	for _, c := range counts {
		if c != 0 {
			return false
		}
	}
	return true
}

// drop takes the entries dead out of the table.
func (s *distinctSet) drop() {
	s.kept.Forget(s.dead)
	s.remove(s.dead)
}

// remove takes entries out of the table.
func (s *distinctSet) remove(dead []uint32) {
	groups := vec.Values[int32](s.table.Keys()[0])
	for _, e := range dead {
		s.sizes[groups[e]]--
		if s.chains != nil {
			s.chains.unlink(uint32(groups[e]), e)
		}
		if s.retract {
			at := int(e) * len(s.calls)
			clear(s.counts[at : at+len(s.calls)])
		} else {
			s.flags.set(e, 0)
		}
	}
	s.table.Delete(dead, s.keys)
}

// tell gives each call the rows that are new to it, or gone.
func (s *distinctSet) tell(a *Accumulators, args []*vec.Vector, back bool) error {
	for j, call := range s.calls {
		f := &s.fresh[j]
		if err := apply(a.accs[call], f.groups, args, f.rows, back); err != nil {
			return err
		}
	}
	return nil
}

// reset empties groups. Groups that have taken every row back have no entries left; for others
// the whole set is searched, unless their entries are chained.
func (s *distinctSet) reset(groups []uint32) {
	s.dead = s.dead[:0]
	var search map[int32]bool
	for _, g := range groups {
		if int(g) < len(s.away) {
			s.away[g] = 0
		}
		s.dropPacked(g)
		if int(g) >= len(s.sizes) || s.sizes[g] == 0 {
			continue
		}
		if s.chains != nil {
			s.dead = s.chains.of(s.dead, g)
			continue
		}
		if search == nil {
			search = map[int32]bool{}
		}
		search[int32(g)] = true
	}
	if search != nil {
		keys := vec.Values[int32](s.table.Keys()[0])
		for _, e := range s.table.IDs(nil) {
			if search[keys[e]] {
				s.dead = append(s.dead, e)
			}
		}
	}
	if len(s.dead) > 0 {
		s.drop()
	}
}

func (s *distinctSet) clear() {
	s.table.Reset()
	s.flags.clear()
	s.counts, s.sizes, s.away = s.counts[:0], s.sizes[:0], s.away[:0]
	if s.chains != nil {
		s.chains.clear()
	}
	if s.packed != nil {
		s.packed.clear()
	}
}

func (s *distinctSet) memory() int {
	m := s.table.Memory() + s.flags.memory() + 8*cap(s.counts) + 4*cap(s.sizes) + 4*cap(s.away)
	if s.chains != nil {
		m += s.chains.memory()
	}
	if s.packed != nil {
		m += s.packed.memory()
	}
	return m
}
