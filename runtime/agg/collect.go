package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func collectFunc() *Func {
	return &Func{
		Name:   "COLLECT",
		Syntax: "COLLECT([ALL | DISTINCT] expression)",
		Doc:    "The values that are not NULL as a multiset, in their order.",
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 {
				return Signature{}, diag.Errorf(diag.Span{}, "COLLECT takes one argument, not %d", len(args))
			}
			return Signature{Params: args, Result: types.MultisetOf(args[0]).WithoutNull()}, nil
		},
		New: func(sig Signature, _ bool) Accumulator {
			return &collect{extremeRetract: *newExtremeRetract(*sig.Result.Elem, false)}
		},
	}
}

// collect is COLLECT. State, cost and retraction are those of extremeRetract; a result costs a copy of the
// distinct values.
type collect struct{ extremeRetract }

func (c *collect) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		c.bag.each(c.bag.root[g], func(n uint32) {
			if c.bag.counts[n] > 0 {
				c.bag.appendOne(out.Child(0), n)
				vec.Append(out.Child(1), int32(c.bag.counts[n]))
			}
		})
		out.EndList()
	}
	return nil
}
