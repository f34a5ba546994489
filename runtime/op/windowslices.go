package op

import (
	"sort"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// slice holds the groups of one slice of time: keys and the accumulators of their ids.
// Nothing is deleted from it.
type slice struct {
	end int64
	*sliceKeys
	sharing bool     // the keys may be those of other slices, too
	present []uint64 // if so, the bits of the ids of which the slice has rows
	accs    *agg.Accumulators
	rows    []int32 // the rows of the present batch that belong to it
	came    int64   // rows that have come, for who asks what waits
	kept    *state.Rows
	part    uint64 // tells it from others with the same end, where it is kept
	// spilled are groups of the slice that lie on disk; those in memory are others, or further parts of the same.
	spilled []diskPart
	full    int // groups with which it goes to disk; 0 for a slice that has not been there
}

// slices are the open slices of a window aggregation, sorted by end. Those that have been fired are
// kept and reused, so that a steady stream allocates nothing.
type slices struct {
	keys  []types.Type
	make  func() *agg.Accumulators
	open  []*slice
	last  *slice // that was asked for last
	spare []*slice

	share     bool       // slices share their keys
	shared    *sliceKeys // those of the slice that was opened last, if so; nil before the first
	spareKeys []*sliceKeys

	// keeper is told which slices are open; nil where they are not kept.
	keeper *sliceKeeper
	union  *windowUnion // nil until a window has been put together

	rows []int32 // scratch of absorb
	ids  []uint32
	into []uint32
}

// at gives the slice with this end, opening it where there is none.
func (s *slices) at(end int64) *slice {
	if s.last != nil && s.last.end == end {
		return s.last
	}
	i := s.search(end)
	if i == len(s.open) || s.open[i].end != end {
		x := s.unkeyed(end)
		s.openKeys(x)
		s.keeper.begin(x)
		s.insert(i, x)
	}
	s.last = s.open[i]
	return s.last
}

// insert makes x the i-th open slice.
func (s *slices) insert(i int, x *slice) {
	s.open = append(s.open, nil)
	copy(s.open[i+1:], s.open[i:])
	s.open[i] = x
}

// search gives the position of the first slice that ends at or after end.
func (s *slices) search(end int64) int {
	n := len(s.open)
	if n == 0 || s.open[n-1].end < end {
		return n
	}
	return sort.Search(n, func(i int) bool { return s.open[i].end >= end })
}

// fresh gives an empty slice with keys of its own.
func (s *slices) fresh(end int64) *slice {
	x := s.unkeyed(end)
	x.sliceKeys = s.newKeys()
	return x
}

// unkeyed gives an empty slice that has no keys yet.
func (s *slices) unkeyed(end int64) *slice {
	if n := len(s.spare); n > 0 {
		x := s.spare[n-1]
		s.spare = s.spare[:n-1]
		x.end, x.came = end, 0
		return x
	}
	return &slice{end: end, accs: s.make()}
}

// maxSpare bounds what is kept for reuse: a burst of many slices must not hold its memory for
// good.
const maxSpare = 8

// drop closes the slices open[from:to].
func (s *slices) drop(from, to int) {
	for _, x := range s.open[from:to] {
		s.release(x)
	}
	s.open = append(s.open[:from], s.open[to:]...)
	s.last = nil
}

// release empties a slice that is no longer open.
func (s *slices) release(x *slice) {
	s.keeper.end(x)
	reuse := x.full == 0
	s.leave(x, reuse)
	if reuse && len(s.spare) < maxSpare {
		x.accs.Clear()
		s.spare = append(s.spare, x)
	}
}

// groups counts the groups of all open slices.
func (s *slices) groups() int {
	n := 0
	for _, x := range s.open {
		n += x.groups()
	}
	return n
}

// add takes rows of key columns into x; cols are what the accumulators read.
func (x *slice) add(keys *vec.KeyBatch, ids []uint32, cols []*vec.Vector, rows []int32) ([]uint32, error) {
	ids = x.table.Insert(keys, ids)
	x.came += int64(len(ids))
	x.take(ids)
	return ids, x.accs.Add(ids, cols, rows)
}

// take notes groups that are written.
func (x *slice) take(ids []uint32) {
	x.accs.Grow(x.table.Bound())
	x.mark(ids)
	x.kept.Mark(ids, x.table.Bound())
}

// merge takes rows of partial state into x.
func (x *slice) merge(keys *vec.KeyBatch, ids []uint32, state []*vec.Vector, rows []int32) ([]uint32, error) {
	ids = x.table.Insert(keys, ids)
	x.take(ids)
	return ids, x.accs.Merge(ids, state, rows)
}

// absorb takes all groups of from, whose keys are its own, into x.
func (s *slices) absorb(x, from *slice, keys *vec.KeyBatch) error {
	s.into = s.into[:0]
	n := from.table.Len()
	for at := 0; at < n; at += vec.DefaultBatchSize {
		s.rows = s.rows[:0]
		for i := at; i < min(at+vec.DefaultBatchSize, n); i++ {
			s.rows = append(s.rows, int32(i))
		}
		keys.Set(from.table.Keys(), len(s.rows), s.rows)
		s.ids = x.table.Insert(keys, s.ids)
		s.into = append(s.into, s.ids...)
	}
	x.take(s.into)
	return x.accs.Absorb(from.accs, s.into, nil)
}
