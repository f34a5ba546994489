package agg

import (
	"errors"

	"github.com/weirstream/weir/runtime/vec"
)

// errNoRetract is a fault of the planner: it let updates reach what was made for inserts only.
var errNoRetract = errors.New("taking a row back from an aggregate that was made without retraction")

// valueRow keeps one value of any type but nested ones for every group, NULL for none: the state of
// aggregates that pick one of the values they see. A string that is replaced leaves its bytes
// behind; they are given back when they are half of the memory.
type valueRow struct {
	vals    *vec.Vector
	garbage int
	present present
}

func (r *valueRow) Grow(n int) {
	from := r.vals.Len()
	if n <= from {
		return
	}
	r.vals.Resize(n)
	for i := from; i < n; i++ {
		r.vals.SetNull(i)
	}
}

// set makes value i of v that of group g.
func (r *valueRow) set(g int, v *vec.Vector, i int) {
	r.garbage += outside(r.vals, g)
	r.vals.CopyRow(g, v, i)
}

// outside gives the bytes of a string that do not lie in its view.
func outside(v *vec.Vector, i int) int {
	if v.Phys() != vec.View || v.IsNull(i) {
		return 0
	}
	if n := len(v.Bytes(i)); n > vec.InlineLen {
		return n
	}
	return 0
}

func (r *valueRow) compact() {
	if r.garbage < 1<<20 || 2*r.garbage < r.vals.Memory() {
		return
	}
	fresh := vec.New(r.vals.Type())
	fresh.AppendRows(r.vals, nil)
	r.vals, r.garbage = fresh, 0
}

// Retract is not called: with retraction other accumulators are used.
func (r *valueRow) Retract([]uint32, []*vec.Vector, []int32) error { return errNoRetract }

func (r *valueRow) Result(groups []uint32, out *vec.Vector) error {
	out.AppendRows(r.vals, vec.AsRows(groups))
	return nil
}

func (r *valueRow) State() vec.Schema {
	return vec.Schema{{Name: "value", Type: r.vals.Type().WithNull()}}
}

func (r *valueRow) AppendState(groups []uint32, out []*vec.Vector) error {
	return r.Result(groups, out[0])
}

func (r *valueRow) Reset(groups []uint32) {
	for _, g := range groups {
		r.garbage += outside(r.vals, int(g))
		r.vals.SetNull(int(g))
	}
	r.compact()
}

func (r *valueRow) Clear() {
	r.vals.Reset()
	r.garbage = 0
}

func (r *valueRow) Memory() int { return r.vals.Memory() + r.present.memory() }
