package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// extremeRetract is MIN and MAX over a changelog. State: every distinct value of the group with its
// count, in order (see bag). A row costs O(log n) compares in the distinct values of its
// group, taken in or back; without retraction it would cost one.
type extremeRetract struct {
	result  types.Type
	largest bool
	bag     bag
	present present
}

func newExtremeRetract(result types.Type, largest bool) *extremeRetract {
	return &extremeRetract{result: result, largest: largest, bag: newBag(result)}
}

func (e *extremeRetract) Grow(n int) { e.bag.grow(n) }

func (e *extremeRetract) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	return e.change(groups, args[0], rows, 1)
}

func (e *extremeRetract) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	return e.change(groups, args[0], rows, -1)
}

func (e *extremeRetract) change(groups []uint32, arg *vec.Vector, rows []int32, d int64) error {
	groups, rows = e.present.of(groups, arg, rows)
	for k, g := range groups {
		e.bag.change(g, arg, at(rows, k), d)
	}
	return nil
}

func (e *extremeRetract) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	values, offsets := state[0], state[0].Offsets()
	counts := vec.Values[int64](values.Child(1))
	for k, g := range groups {
		i := at(rows, k)
		if values.IsNull(i) {
			continue
		}
		for j := offsets[i]; j < offsets[i+1]; j++ {
			e.bag.change(g, values.Child(0), int(j), counts[j])
		}
	}
	return nil
}

func (e *extremeRetract) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		if n := e.bag.end(g, e.largest); n != noNode {
			e.bag.appendOne(out, n)
		} else {
			out.AppendNull()
		}
	}
	return nil
}

func (e *extremeRetract) State() vec.Schema {
	return vec.Schema{{Name: "values", Type: types.MapOf(e.result.WithoutNull(), types.New(types.BigInt).WithoutNull())}}
}

func (e *extremeRetract) AppendState(groups []uint32, out []*vec.Vector) error {
	values := out[0]
	for _, g := range groups {
		e.bag.each(e.bag.root[g], func(n uint32) {
			e.bag.appendOne(values.Child(0), n)
			vec.Append(values.Child(1), e.bag.counts[n])
		})
		values.EndList()
	}
	return nil
}

func (e *extremeRetract) Reset(groups []uint32) {
	for _, g := range groups {
		e.bag.reset(g)
	}
}

func (e *extremeRetract) Clear() { e.bag.clear() }

func (e *extremeRetract) Memory() int { return e.bag.memory() + e.present.memory() }
