package agg

import (
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// decimalSum is SUM of DECIMAL(p, s), a DECIMAL(38, s). State and retraction are those of
// sum. A group whose sum has once passed 38 digits is NULL from then on.
type decimalSum struct {
	result  types.Type
	retract bool
	sums    []vec.Dec128
	counts  []int64 // values taken in, less those taken back
	passed  []bool  // nil until a sum passes 38 digits
	present present
}

func (s *decimalSum) Grow(n int) {
	s.sums = grown(s.sums, n, vec.Dec128{})
	s.counts = grown(s.counts, n, 0)
	if s.passed != nil {
		s.passed = grown(s.passed, n, false)
	}
}

func (s *decimalSum) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = s.present.of(groups, args[0], rows)
	vals := vec.Values[vec.Dec128](args[0])
	for k, g := range groups {
		s.add(g, vals[at(rows, k)])
		s.counts[g]++
	}
	return nil
}

func (s *decimalSum) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = s.present.of(groups, args[0], rows)
	vals := vec.Values[vec.Dec128](args[0])
	for k, g := range groups {
		s.add(g, decimal.Neg(vals[at(rows, k)]))
		s.counts[g]--
	}
	return nil
}

func (s *decimalSum) add(g uint32, d vec.Dec128) {
	sum, ok := decimal.Add(s.sums[g], d)
	if !ok {
		s.passed = grown(s.passed, len(s.sums), false)
		s.passed[g] = true
		return
	}
	s.sums[g] = sum
}

// at gives the row of entry k.
func at(rows []int32, k int) int {
	if rows == nil {
		return k
	}
	return int(rows[k])
}

// Merge takes a partial sum of NULL that has a count for one that passed 38 digits.
func (s *decimalSum) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	vals, counts := vec.Values[vec.Dec128](state[0]), vec.Values[int64](state[1])
	for k, g := range groups {
		i := at(rows, k)
		s.counts[g] += counts[i]
		switch {
		case !state[0].IsNull(i):
			s.add(g, vals[i])
		case counts[i] != 0:
			s.passed = grown(s.passed, len(s.sums), false)
			s.passed[g] = true
		}
	}
	return nil
}

func (s *decimalSum) Result(groups []uint32, out *vec.Vector) error {
	from := gatherTo(out, s.sums, groups)
	nullsWhere(out, from, groups, s.counts)
	s.nullPassed(out, from, groups)
	return nil
}

func (s *decimalSum) nullPassed(out *vec.Vector, from int, groups []uint32) {
	if s.passed == nil {
		return
	}
	for k, g := range groups {
		if s.passed[g] {
			out.SetNull(from + k)
		}
	}
}

func (s *decimalSum) State() vec.Schema { return sumState(s.result, true) }

func (s *decimalSum) AppendState(groups []uint32, out []*vec.Vector) error {
	s.nullPassed(out[0], gatherTo(out[0], s.sums, groups), groups)
	gatherTo(out[1], s.counts, groups)
	return nil
}

func (s *decimalSum) Reset(groups []uint32) {
	for _, g := range groups {
		s.sums[g], s.counts[g] = vec.Dec128{}, 0
		if s.passed != nil {
			s.passed[g] = false
		}
	}
}

func (s *decimalSum) Clear() { s.sums, s.counts, s.passed = s.sums[:0], s.counts[:0], nil }

func (s *decimalSum) Memory() int {
	return 16*cap(s.sums) + 8*cap(s.counts) + cap(s.passed) + s.present.memory()
}
