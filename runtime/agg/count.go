package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func countFunc() *Func {
	return &Func{
		Name:   "COUNT",
		Syntax: "COUNT(*) | COUNT([ALL | DISTINCT] expression [, expression]*)",
		Doc:    "The number of rows, or of rows in which no argument is NULL.",
		Resolve: func(args []types.Type) (Signature, error) {
			return Signature{Params: args, Result: types.New(types.BigInt).WithoutNull()}, nil
		},
		New: func(Signature, bool) Accumulator { return &count{} },
	}
}

// count is COUNT. State: one BIGINT a group. Taking a row back costs as much as taking it in.
type count struct {
	n       []int64
	present []present // one for each argument
	ones    *vec.Vector
}

func (c *count) Grow(n int) { c.n = grown(c.n, n, 0) }

func (c *count) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, _ = c.counted(groups, args, rows)
	n := c.n
	for _, g := range groups {
		n[g]++
	}
	return nil
}

func (c *count) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, _ = c.counted(groups, args, rows)
	n := c.n
	for _, g := range groups {
		n[g]--
	}
	return nil
}

// counted narrows to the rows in which no argument is NULL.
func (c *count) counted(groups []uint32, args []*vec.Vector, rows []int32) ([]uint32, []int32) {
	for len(c.present) < len(args) {
		c.present = append(c.present, present{})
	}
	for i, a := range args {
		groups, rows = c.present[i].of(groups, a, rows)
	}
	return groups, rows
}

func (c *count) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	addTo(c.n, groups, vec.Values[int64](state[0]), rows)
	return nil
}

func (c *count) Result(groups []uint32, out *vec.Vector) error {
	gatherTo(out, c.n, groups)
	return nil
}

func (c *count) State() vec.Schema {
	return vec.Schema{{Name: "count", Type: types.New(types.BigInt).WithoutNull()}}
}

func (c *count) AppendState(groups []uint32, out []*vec.Vector) error {
	return c.Result(groups, out[0])
}

func (c *count) Reset(groups []uint32) {
	for _, g := range groups {
		c.n[g] = 0
	}
}

func (c *count) Clear() { c.n = c.n[:0] }

func (c *count) Memory() int {
	m := 8 * cap(c.n)
	for i := range c.present {
		m += c.present[i].memory()
	}
	return m
}

// addTo adds each row's value to its group's sum.
func addTo[S, T number](sums []S, groups []uint32, vals []T, rows []int32) {
	if rows == nil {
		vals = vals[:len(groups)]
		for k, g := range groups {
			sums[g] += S(vals[k])
		}
		return
	}
	for k, i := range rows {
		sums[groups[k]] += S(vals[i])
	}
}

// subFrom is addTo the other way.
func subFrom[S, T number](sums []S, groups []uint32, vals []T, rows []int32) {
	if rows == nil {
		vals = vals[:len(groups)]
		for k, g := range groups {
			sums[g] -= S(vals[k])
		}
		return
	}
	for k, i := range rows {
		sums[groups[k]] -= S(vals[i])
	}
}

type number interface {
	int8 | int16 | int32 | int64 | float32 | float64
}
