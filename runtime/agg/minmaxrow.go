package agg

import "github.com/weirstream/weir/runtime/vec"

// extremeRow is MIN and MAX of strings, decimals and booleans over rows that are never taken
// back. State: the best value, NULL for none.
type extremeRow struct {
	valueRow
	largest bool
}

func (e *extremeRow) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	arg := args[0]
	groups, rows = e.present.of(groups, arg, rows)
	for k, g := range groups {
		i, g := at(rows, k), int(g)
		if !e.vals.IsNull(g) {
			if d := vec.CompareRows(arg, i, e.vals, g); d == 0 || d > 0 != e.largest {
				continue
			}
		}
		e.set(g, arg, i)
	}
	e.compact()
	return nil
}

func (e *extremeRow) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	return e.Add(groups, state, rows)
}
