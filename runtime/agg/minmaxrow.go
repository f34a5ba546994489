package agg

import (
	"errors"

	"github.com/weirstream/weir/runtime/vec"
)

// errNoRetract is a fault of the planner: it let updates reach what was made for inserts only.
var errNoRetract = errors.New("taking a row back from an aggregate that was made without retraction")

// extremeRow is MIN and MAX of strings, decimals and booleans over rows that are never taken
// back. State: the best value, NULL for none. A string that is replaced leaves its bytes behind; they
// are given back when they are half of the memory.
type extremeRow struct {
	largest bool
	best    *vec.Vector
	garbage int
	present present
}

func (e *extremeRow) Grow(n int) {
	from := e.best.Len()
	if n <= from {
		return
	}
	e.best.Resize(n)
	for i := from; i < n; i++ {
		e.best.SetNull(i)
	}
}

func (e *extremeRow) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = e.present.of(groups, args[0], rows)
	arg, best := args[0], e.best
	for k, g := range groups {
		i, g := at(rows, k), int(g)
		if !best.IsNull(g) {
			if d := vec.CompareRows(arg, i, best, g); d == 0 || d > 0 != e.largest {
				continue
			}
			e.garbage += outside(best, g)
		}
		best.CopyRow(g, arg, i)
	}
	e.compact()
	return nil
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

func (e *extremeRow) compact() {
	if e.garbage < 1<<20 || 2*e.garbage < e.best.Memory() {
		return
	}
	fresh := vec.New(e.best.Type())
	fresh.AppendRows(e.best, nil)
	e.best, e.garbage = fresh, 0
}

// Retract is not called: with retraction extremeRetract is used.
func (e *extremeRow) Retract([]uint32, []*vec.Vector, []int32) error { return errNoRetract }

func (e *extremeRow) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	return e.Add(groups, state, rows)
}

func (e *extremeRow) Result(groups []uint32, out *vec.Vector) error {
	out.AppendRows(e.best, vec.AsRows(groups))
	return nil
}

func (e *extremeRow) State() vec.Schema {
	return vec.Schema{{Name: "value", Type: e.best.Type().WithNull()}}
}

func (e *extremeRow) AppendState(groups []uint32, out []*vec.Vector) error {
	return e.Result(groups, out[0])
}

func (e *extremeRow) Reset(groups []uint32) {
	for _, g := range groups {
		e.garbage += outside(e.best, int(g))
		e.best.SetNull(int(g))
	}
	e.compact()
}

func (e *extremeRow) Clear() {
	e.best.Reset()
	e.garbage = 0
}

func (e *extremeRow) Memory() int { return e.best.Memory() + e.present.memory() }
