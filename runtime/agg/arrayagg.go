package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func arrayAggFunc() *Func {
	respect, ignore := arrayAggOf("RESPECT NULLS"), arrayAggOf("IGNORE NULLS")
	respect.OtherNulls, ignore.OtherNulls = ignore, respect
	return respect
}

func arrayAggOf(nulls string) *Func {
	keeps := nulls == "RESPECT NULLS"
	return &Func{
		Name:       "ARRAY_AGG",
		Syntax:     "ARRAY_AGG([ALL | DISTINCT] expression) [RESPECT NULLS | IGNORE NULLS]",
		Doc:        "All values as an array, in the order in which the rows come, NULLs among them unless IGNORE NULLS is written; NULL where there are none.",
		KeepsNulls: keeps,
		Nulls:      nulls,
		Ordered:    true,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 {
				return Signature{}, diag.Errorf(diag.Span{}, "ARRAY_AGG takes one argument, not %d", len(args))
			}
			return Signature{Params: args, Result: types.ArrayOf(args[0])}, nil
		},
		New: func(sig Signature, retract bool) Accumulator {
			return &arrayAgg{list: newValueList(*sig.Result.Elem, retract), result: sig.Result, ignore: !keeps}
		},
	}
}

// arrayAgg is ARRAY_AGG. State: the values (see valueList); a row costs a copy of its value, with retraction
// also a hash probe; a result costs a copy of all values.
type arrayAgg struct {
	list    *valueList
	result  types.Type
	ignore  bool // NULLs
	present present
}

func (a *arrayAgg) Grow(n int) { a.list.grow(n) }

func (a *arrayAgg) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = a.kept(groups, args[0], rows)
	a.list.add(groups, args[0], rows)
	return nil
}

func (a *arrayAgg) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = a.kept(groups, args[0], rows)
	a.list.take(groups, args[0], rows)
	return nil
}

func (a *arrayAgg) kept(groups []uint32, arg *vec.Vector, rows []int32) ([]uint32, []int32) {
	if a.ignore {
		return a.present.of(groups, arg, rows)
	}
	return groups, rows
}

func (a *arrayAgg) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	a.list.merge(groups, state[0], rows)
	return nil
}

func (a *arrayAgg) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		a.list.appendTo(g, out)
		if a.list.head[g] == noNode {
			out.SetNull(out.Len() - 1)
		}
	}
	return nil
}

func (a *arrayAgg) State() vec.Schema {
	return vec.Schema{{Name: "values", Type: a.result}}
}

func (a *arrayAgg) AppendState(groups []uint32, out []*vec.Vector) error {
	return a.Result(groups, out[0])
}

func (a *arrayAgg) Reset(groups []uint32) { a.list.reset(groups) }
func (a *arrayAgg) Clear()                { a.list.clear() }
func (a *arrayAgg) Memory() int           { return a.list.memory() + a.present.memory() }
