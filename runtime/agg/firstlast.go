package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func firstValueFunc() *Func { return edgeFunc("FIRST_VALUE", "first", false) }
func lastValueFunc() *Func  { return edgeFunc("LAST_VALUE", "last", true) }

func edgeFunc(name, which string, last bool) *Func {
	return &Func{
		Name:            name,
		Syntax:          name + "(expression)",
		Doc:             "The " + which + " value that is not NULL, in the order in which the rows come.",
		Ordered:         true,
		NullOnlyIfEmpty: true,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 {
				return Signature{}, diag.Errorf(diag.Span{}, "%s takes one argument, not %d", name, len(args))
			}
			return Signature{Params: args, Result: args[0].WithNull()}, nil
		},
		New: func(sig Signature, retract bool) Accumulator {
			if retract || sig.Result.IsNested() {
				return &edgeRetract{list: newValueList(sig.Result, retract), result: sig.Result, last: last}
			}
			return &edge{valueRow: valueRow{vals: vec.New(sig.Result)}, last: last}
		},
	}
}

// edge is FIRST_VALUE and LAST_VALUE over rows that are never taken back. State: the value. State that
// is merged counts as having come later.
type edge struct {
	valueRow
	last bool
}

func (e *edge) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	arg := args[0]
	groups, rows = e.present.of(groups, arg, rows)
	for k, g := range groups {
		if e.last || e.vals.IsNull(int(g)) {
			e.set(int(g), arg, at(rows, k))
		}
	}
	e.compact()
	return nil
}

func (e *edge) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	return e.Add(groups, state, rows)
}

// edgeRetract is FIRST_VALUE and LAST_VALUE over a changelog, or of nested values. State: all values of
// the group in their order (see valueList); a row costs a hash probe, taken in or back.
type edgeRetract struct {
	list    *valueList
	result  types.Type
	last    bool
	present present
}

func (e *edgeRetract) Grow(n int) { e.list.grow(n) }

func (e *edgeRetract) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = e.present.of(groups, args[0], rows)
	e.list.add(groups, args[0], rows)
	return nil
}

func (e *edgeRetract) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = e.present.of(groups, args[0], rows)
	e.list.take(groups, args[0], rows)
	return nil
}

func (e *edgeRetract) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	e.list.merge(groups, state[0], rows)
	return nil
}

func (e *edgeRetract) Result(groups []uint32, out *vec.Vector) error {
	ends := e.list.head
	if e.last {
		ends = e.list.tail
	}
	for _, g := range groups {
		if n := ends[g]; n != noNode {
			e.list.appendOne(out, n)
		} else {
			out.AppendNull()
		}
	}
	return nil
}

func (e *edgeRetract) State() vec.Schema {
	return vec.Schema{{Name: "values", Type: types.ArrayOf(e.result)}}
}

func (e *edgeRetract) AppendState(groups []uint32, out []*vec.Vector) error {
	for _, g := range groups {
		e.list.appendTo(g, out[0])
	}
	return nil
}

func (e *edgeRetract) Reset(groups []uint32) { e.list.reset(groups) }
func (e *edgeRetract) Clear()                { e.list.clear() }
func (e *edgeRetract) Memory() int           { return e.list.memory() + e.present.memory() }
