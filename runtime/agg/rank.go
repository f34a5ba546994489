package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Rank gives RANK() or DENSE_RANK() in the order of time, which stand in OVER alone: their argument is the time of the
// row, which never goes back. They take no rows back.
func Rank(dense bool) *Func {
	name := "RANK"
	if dense {
		name = "DENSE_RANK"
	}
	return &Func{
		Name:       name,
		Syntax:     name + "() OVER (… ORDER BY time)",
		Doc:        "The number of the row in the order of time; rows of one time have the same.",
		Ordered:    true,
		KeepsNulls: true,
		AppendOnly: true,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 || !args[0].IsTimestamp() {
				return Signature{}, diag.Errorf(diag.Span{}, "%s is by a time", name)
			}
			return Signature{Params: args, Result: types.New(types.BigInt).WithoutNull()}, nil
		},
		New: func(Signature, bool) Accumulator { return &rank{dense: dense} },
	}
}

// rank is RANK and DENSE_RANK. State: three BIGINTs a group.
type rank struct {
	dense bool
	rows  []int64
	last  []int64 // the time of the last row
	rank  []int64
}

func (r *rank) Grow(n int) {
	r.rows, r.last, r.rank = grown(r.rows, n, 0), grown(r.last, n, 0), grown(r.rank, n, 0)
}

func (r *rank) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	times := vec.Values[int64](args[0])
	for k, g := range groups {
		t := times[at(rows, k)]
		r.rows[g]++
		switch {
		case r.rows[g] > 1 && t == r.last[g]:
		case r.dense:
			r.rank[g]++
		default:
			r.rank[g] = r.rows[g]
		}
		r.last[g] = t
	}
	return nil
}

// Retract is not called: the planner refuses it.
func (r *rank) Retract([]uint32, []*vec.Vector, []int32) error { return errNoRetract }

// Merge takes the state of a group that has none.
func (r *rank) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	for k, g := range groups {
		i := at(rows, k)
		r.rows[g], r.last[g], r.rank[g] = vec.Values[int64](state[0])[i], vec.Values[int64](state[1])[i], vec.Values[int64](state[2])[i]
	}
	return nil
}

func (r *rank) Result(groups []uint32, out *vec.Vector) error {
	gatherTo(out, r.rank, groups)
	return nil
}

func (r *rank) State() vec.Schema {
	number := types.New(types.BigInt).WithoutNull()
	return vec.Schema{{Name: "rows", Type: number}, {Name: "last", Type: number}, {Name: "rank", Type: number}}
}

func (r *rank) AppendState(groups []uint32, out []*vec.Vector) error {
	gatherTo(out[0], r.rows, groups)
	gatherTo(out[1], r.last, groups)
	gatherTo(out[2], r.rank, groups)
	return nil
}

func (r *rank) Reset(groups []uint32) {
	for _, g := range groups {
		r.rows[g], r.last[g], r.rank[g] = 0, 0, 0
	}
}

func (r *rank) Clear()      { r.rows, r.last, r.rank = r.rows[:0], r.last[:0], r.rank[:0] }
func (r *rank) Memory() int { return 8 * (cap(r.rows) + cap(r.last) + cap(r.rank)) }
