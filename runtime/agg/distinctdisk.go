package agg

import (
	"fmt"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// Where memory is bounded the values of DISTINCT move to disk and come back each by itself (state.Member): a group may have more of them than the memory holds. A set then
// counts for each group how many are there, as long as the group itself is in memory; what counts them for groups on disk, and in checkpoints, is the group's row
// (CountsSchema).

// moves has the values of a set move to disk, where those of its owner's groups can.
func (s *distinctSet) moves(o Owner, t *state.Table) {
	n := len(o.Key)
	t.Member, t.Whole, t.Evict = &state.Member{Of: o.SetsOf, Owner: s.ownerOf}, true, s.evict
	if s.packed != nil {
		t.Member.Packed = packedMembers{s, o, concat(t.Key, t.Value)}
	}
	t.Find = func(cols []*vec.Vector, rows int) []uint32 { return s.lookup(o.Find(cols[:n], rows), cols[n:]) }
}

// HasSets reports whether there are calls with DISTINCT.
func (a *Accumulators) HasSets() bool { return len(a.sets) > 0 }

// HasListed reports whether there are calls that keep more than a value a group, those with DISTINCT apart.
func (a *Accumulators) HasListed() bool { return len(a.sides()) > len(a.sets) }

// Listed counts their values.
func (a *Accumulators) Listed() int {
	n := 0
	for _, acc := range a.accs {
		if s, ok := sideOf(acc).(listed); ok {
			n += s.count()
		}
	}
	return n
}

// CountsSchema gives the columns that an operator keeps a row a group of, beside those of KeptSchema, where the values of DISTINCT may move to disk: how many each set has.
func (a *Accumulators) CountsSchema() (s vec.Schema) {
	for i := range a.sets {
		s = append(s, vec.Field{Name: fmt.Sprintf("distinct %d", i), Type: count64()})
	}
	return s
}

// AppendCounts appends the groups' counts, of values in memory and on disk, in the columns of CountsSchema.
func (a *Accumulators) AppendCounts(groups []uint32, out []*vec.Vector) {
	for i, s := range a.sets {
		for _, g := range groups {
			n := int64(s.onDisk(g))
			if int(g) < len(s.sizes) {
				n += int64(s.sizes[g])
			}
			vec.Append(out[i], n)
		}
	}
}

// LoadCounts takes what AppendCounts gave, for groups that come from disk: none of their values are in memory yet.
func (a *Accumulators) LoadCounts(groups []uint32, cols []*vec.Vector) {
	for i, s := range a.sets {
		for k, n := range vec.Values[int64](cols[i]) {
			s.away = grown(s.away, int(groups[k])+1, 0)
			s.away[groups[k]] = int32(n)
		}
	}
}

// OnDisk reports whether values of a group are on disk.
func (a *Accumulators) OnDisk(group uint32) bool {
	for _, s := range a.sets {
		if s.onDisk(group) > 0 {
			return true
		}
	}
	return false
}

// Values counts the values in memory.
func (a *Accumulators) Values() int {
	n := 0
	for _, s := range a.sets {
		n += s.table.Len() + s.packedCount()
	}
	return n
}

// Away sets the bits of those rows that have a value which may lie on disk. groups, cols and rows are those of Add, of groups in memory; keys are the columns of their keys.
func (a *Accumulators) Away(groups []uint32, cols, keys []*vec.Vector, rows []int32, away []uint64) error {
	for i := range a.filters {
		a.filters[i].of(groups, cols, rows)
	}
	for _, s := range a.sets {
		if !s.kept.OnDisk() || !s.look(a, groups, cols, rows) {
			continue
		}
		s.ids = s.table.Lookup(s.keys, s.ids)
		s.missing = s.missing[:0]
		for k, e := range s.ids {
			if e == vec.NoGroup && !s.hasPacked(s.rows[k], cols) {
				s.missing = append(s.missing, s.rows[k])
			}
		}
		if len(s.missing) == 0 {
			continue
		}
		gone, err := s.kept.AwayMembers(append(append(s.cols[:0], keys...), s.argsOf(cols)...), s.missing)
		if err != nil {
			return err
		}
		for _, i := range gone {
			vec.SetBit(away, int(i))
		}
	}
	return nil
}

// Fetch takes those values of rows in that lie on disk. Add or Retract of the same rows is to follow.
func (a *Accumulators) Fetch(groups []uint32, cols []*vec.Vector, rows []int32) error {
	for i := range a.filters {
		a.filters[i].of(groups, cols, rows)
	}
	for _, s := range a.sets {
		if !s.kept.OnDisk() || !s.look(a, groups, cols, rows) {
			continue
		}
		s.insert()
		if s.retract {
			s.kept.Mark(s.ids, s.table.Bound()) // also those whose rows turn out to take back what was never there
		}
		if err := s.kept.Fetch(s.table.Fresh()); err != nil {
			return err
		}
	}
	return nil
}

// ForgetOnDisk removes the values of groups from disk. Reset of these groups is to follow.
func (a *Accumulators) ForgetOnDisk(groups []uint32) error {
	for _, s := range a.sets {
		s.dead = s.dead[:0]
		for _, g := range groups {
			if s.onDisk(g) > 0 {
				s.dead = append(s.dead, g)
				s.away[g] = 0
			}
		}
		if err := s.kept.ForgetOf(s.dead); err != nil {
			return err
		}
	}
	return nil
}

// onDisk is how many values of a group are on disk.
func (s *distinctSet) onDisk(g uint32) int32 {
	if int(g) >= len(s.away) {
		return 0
	}
	return s.away[g]
}

// look sets the keys to the values that rows want of groups with values on disk, and reports whether there are some.
func (s *distinctSet) look(a *Accumulators, groups []uint32, cols []*vec.Vector, rows []int32) bool {
	s.want(a, groups, cols, rows)
	kept, of := s.rows[:0], vec.Values[int32](s.group)
	for _, i := range s.rows {
		if s.onDisk(uint32(of[i])) > 0 {
			kept = append(kept, i)
		}
	}
	if s.rows = kept; len(kept) == 0 {
		return false
	}
	s.cols = append(append(s.cols[:0], s.group), s.argsOf(cols)...)
	s.keys.Set(s.cols, len(s.rows), s.rows)
	return true
}

func (s *distinctSet) argsOf(cols []*vec.Vector) []*vec.Vector {
	s.vals = s.vals[:0]
	for _, c := range s.args {
		s.vals = append(s.vals, cols[c])
	}
	return s.vals
}

// lookup gives the entries of values of groups, of which vec.NoGroup has none.
func (s *distinctSet) lookup(groups []uint32, values []*vec.Vector) []uint32 {
	s.group.Resize(len(groups))
	of := vec.Values[int32](s.group)
	for k, g := range groups {
		of[k] = int32(g)
	}
	s.cols = append(append(s.cols[:0], s.group), values...)
	s.keys.Set(s.cols, len(groups), nil)
	s.ids = s.table.Lookup(s.keys, s.ids)
	return s.ids
}

func (s *distinctSet) ownerOf(e uint32) uint32 {
	return uint32(vec.Values[int32](s.table.Keys()[0])[e])
}

// evict takes entries out of memory that are on disk.
func (s *distinctSet) evict(entries []uint32) {
	for _, e := range entries {
		g := s.ownerOf(e)
		s.away = grown(s.away, int(g)+1, 0)
		s.away[g]++
	}
	s.remove(entries)
}
