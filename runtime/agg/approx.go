package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func approxCountDistinctFunc() *Func {
	return &Func{
		Name:        "APPROX_COUNT_DISTINCT",
		Syntax:      "APPROX_COUNT_DISTINCT(expression)",
		Doc:         "About how many different values there are that are not NULL, with a standard error of 1.6 %; nearly exact up to 500. Of inserts only. Flink has it in batch jobs alone.",
		Insensitive: true,
		AppendOnly:  true,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 {
				return Signature{}, diag.Errorf(diag.Span{}, "APPROX_COUNT_DISTINCT takes one argument, not %d", len(args))
			}
			return Signature{Params: args, Result: types.New(types.BigInt).WithoutNull()}, nil
		},
		New: func(Signature, bool) Accumulator { return &approxCountDistinct{} },
	}
}

// approxCountDistinct is APPROX_COUNT_DISTINCT. State: see sketches, at most 4 KiB a group, which is also what a
// checkpoint writes of a group at most, if a row of it has come. Rows cannot be taken back.
type approxCountDistinct struct {
	sketches sketches
	present  present
	hashes   []uint64
	buf      []byte
}

func (a *approxCountDistinct) Grow(n int) { a.sketches.grow(n) }

func (a *approxCountDistinct) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = a.present.of(groups, args[0], rows)
	a.hashes = grown(a.hashes[:0], len(groups), 0)
	vec.HashRows(args, rows, a.hashes)
	for k, g := range groups {
		a.sketches.add(g, entryOf(vec.Mix(a.hashes[k], uint64(len(listLengths)))))
	}
	return nil
}

// Retract is not called: the planner refuses it.
func (a *approxCountDistinct) Retract([]uint32, []*vec.Vector, []int32) error { return errNoRetract }

func (a *approxCountDistinct) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	for k, g := range groups {
		if err := a.sketches.merge(g, state[0].Bytes(at(rows, k))); err != nil {
			return err
		}
	}
	return nil
}

func (a *approxCountDistinct) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		vec.Append(out, a.sketches.estimate(g))
	}
	return nil
}

func (a *approxCountDistinct) State() vec.Schema {
	return vec.Schema{{Name: "sketch", Type: types.Bytes().WithoutNull()}}
}

func (a *approxCountDistinct) AppendState(groups []uint32, out []*vec.Vector) error {
	for _, g := range groups {
		a.buf = a.sketches.appendTo(a.buf[:0], g)
		out[0].AppendBytes(a.buf)
	}
	return nil
}

func (a *approxCountDistinct) Reset(groups []uint32) {
	for _, g := range groups {
		a.sketches.reset(g)
	}
}

func (a *approxCountDistinct) Clear() { a.sketches.clear() }

func (a *approxCountDistinct) Memory() int {
	return a.sketches.memory() + a.present.memory() + 8*cap(a.hashes) + cap(a.buf)
}
