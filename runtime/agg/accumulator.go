package agg

import (
	"github.com/weirstream/weir/runtime/vec"
)

// Accumulator keeps one aggregate's state for every group of a table, in columns indexed
// by dense group ids. It is used by one goroutine.
//
// The row-wise arguments of a call are named by two slices of the same length: rows[k]
// of the vectors belongs to groups[k]. rows may be nil, which means 0, 1, 2, ….
type Accumulator interface {
	// Grow makes room for group ids below n; new groups are empty.
	Grow(n int)
	// Add takes rows in.
	Add(groups []uint32, args []*vec.Vector, rows []int32) error
	// Retract takes rows back. Only accumulators made with retract support it.
	Retract(groups []uint32, args []*vec.Vector, rows []int32) error
	// Merge takes in partial state in the layout of State, as another accumulator gave it.
	Merge(groups []uint32, state []*vec.Vector, rows []int32) error
	// Result appends the results of groups to out.
	Result(groups []uint32, out *vec.Vector) error
	// State names the columns of the state, self-describing for checkpoints and partial results.
	State() vec.Schema
	// AppendState appends the groups' state to vectors of that schema.
	AppendState(groups []uint32, out []*vec.Vector) error
	// Reset makes groups empty again, so that their ids can be reused.
	Reset(groups []uint32)
	// Clear forgets all groups and keeps the memory.
	Clear()
	// Memory is the bytes held.
	Memory() int
}

// grown gives s at least n long, what is new set to init.
func grown[T any](s []T, n int, init T) []T {
	old := len(s)
	if n <= old {
		return s
	}
	if n > cap(s) {
		g := make([]T, n, max(n, 2*cap(s), 16))
		copy(g, s)
		s = g
	}
	s = s[:n]
	for i := old; i < n; i++ {
		s[i] = init
	}
	return s
}

// present names the rows whose argument is not NULL. Its memory is reused from call to call.
type present struct {
	groups []uint32
	rows   []int32
}

// of narrows groups and rows to what is not NULL in arg.
func (p *present) of(groups []uint32, arg *vec.Vector, rows []int32) ([]uint32, []int32) {
	valid := arg.Valid()
	if valid == nil {
		return groups, rows
	}
	p.groups, p.rows = p.groups[:0], p.rows[:0]
	if rows == nil {
		for k, g := range groups {
			if vec.Bit(valid, k) {
				p.groups, p.rows = append(p.groups, g), append(p.rows, int32(k))
			}
		}
		return p.groups, p.rows
	}
	for k, i := range rows {
		if vec.Bit(valid, int(i)) {
			p.groups, p.rows = append(p.groups, groups[k]), append(p.rows, i)
		}
	}
	return p.groups, p.rows
}

func (p *present) memory() int { return 4*cap(p.groups) + 4*cap(p.rows) }

// extend makes room for n more values in out and gives their first position.
func extend(out *vec.Vector, n int) int {
	at := out.Len()
	out.Resize(at + n)
	return at
}

// gatherTo appends vals[g] of every group to out.
func gatherTo[T vec.Fixed](out *vec.Vector, vals []T, groups []uint32) int {
	at := extend(out, len(groups))
	dst := vec.Values[T](out)[at:]
	for k, g := range groups {
		dst[k] = vals[g]
	}
	return at
}

// nullsWhere makes NULL the values from at on whose group has no count.
func nullsWhere(out *vec.Vector, at int, groups []uint32, has []int64) {
	for k, g := range groups {
		if has[g] == 0 {
			out.SetNull(at + k)
		}
	}
}
