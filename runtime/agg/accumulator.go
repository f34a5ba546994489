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
	// Memory is the bytes held.
	Memory() int
}
