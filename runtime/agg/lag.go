package agg

import (
	"fmt"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// MaxLag bounds how far LAG looks back, because it keeps so many values of each group.
const MaxLag = 10_000

// Lag gives LAG(x, offset), which stands in OVER alone: the value of the row that came so many rows
// before the last one taken in. It takes no rows back.
func Lag(offset int) *Func {
	return &Func{
		Name:       fmt.Sprintf("LAG %d", offset),
		Syntax:     "LAG(expression [, offset [, default]]) OVER (…)",
		Doc:        "The value some rows before this one.",
		Ordered:    true,
		KeepsNulls: true,
		AppendOnly: true,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 || args[0].IsNested() {
				return Signature{}, diag.Errorf(diag.Span{}, "LAG takes a value that is no collection and no row")
			}
			return Signature{Params: args, Result: args[0].WithNull()}, nil
		},
		New: func(sig Signature, _ bool) Accumulator {
			return &lag{keep: offset + 1, valueRow: valueRow{vals: vec.New(sig.Result)}, result: sig.Result}
		},
	}
}

// lag keeps the last values of each group in a ring: keep values at group * keep.
type lag struct {
	valueRow
	result types.Type
	keep   int
	count  []int64 // by group: rows taken in
}

func (l *lag) Grow(n int) {
	l.count = grown(l.count, n, 0)
	l.valueRow.Grow(n * l.keep)
}

func (l *lag) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	for k, g := range groups {
		l.set(int(g)*l.keep+int(l.count[g]%int64(l.keep)), args[0], at(rows, k))
		l.count[g]++
	}
	l.compact()
	return nil
}

// Merge takes in the values of State, the oldest first.
func (l *lag) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	offsets, values := state[0].Offsets(), state[0].Child(0)
	for k, g := range groups {
		i := at(rows, k)
		for j := offsets[i]; j < offsets[i+1]; j++ {
			l.set(int(g)*l.keep+int(l.count[g]%int64(l.keep)), values, int(j))
			l.count[g]++
		}
	}
	return nil
}

func (l *lag) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		if n := l.count[g]; n < int64(l.keep) {
			out.AppendNull()
		} else { // the oldest value of a full ring is the next to be overwritten
			out.AppendRow(l.vals, int(g)*l.keep+int(n%int64(l.keep)))
		}
	}
	return nil
}

func (l *lag) State() vec.Schema {
	return vec.Schema{{Name: "values", Type: types.ArrayOf(l.result)}}
}

func (l *lag) AppendState(groups []uint32, out []*vec.Vector) error {
	for _, g := range groups {
		n := l.count[g]
		for i := max(0, n-int64(l.keep)); i < n; i++ {
			out[0].Child(0).AppendRow(l.vals, int(g)*l.keep+int(i%int64(l.keep)))
		}
		out[0].EndList()
	}
	return nil
}

func (l *lag) Reset(groups []uint32) {
	for _, g := range groups {
		l.count[g] = 0
	}
}

func (l *lag) Clear() {
	l.valueRow.Clear()
	l.count = l.count[:0]
}

func (l *lag) Memory() int { return l.valueRow.Memory() + 8*cap(l.count) }
