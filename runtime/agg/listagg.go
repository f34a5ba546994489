package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func listAggFunc() *Func {
	return &Func{
		Name:    "LISTAGG",
		Syntax:  "LISTAGG(string [, separator])",
		Doc:     "The strings that are not NULL, joined by the separator (',' where none is given) in the order in which the rows come; NULL where there are none.",
		Ordered: true,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 && len(args) != 2 {
				return Signature{}, diag.Errorf(diag.Span{}, "LISTAGG takes one or two arguments, not %d", len(args))
			}
			for _, a := range args {
				if !a.IsString() {
					return Signature{}, diag.Errorf(diag.Span{}, "LISTAGG takes strings, not %s", a).WithHint("convert it: CAST(… AS STRING)")
				}
			}
			return Signature{Params: args, Result: types.String()}, nil
		},
		New: func(_ Signature, retract bool) Accumulator {
			return &listAgg{list: newValueList(types.String(), retract), separator: []byte(",")}
		},
	}
}

// listAgg is LISTAGG. State: the strings and the separator, which is a constant; cost as for arrayAgg.
type listAgg struct {
	list      *valueList
	separator []byte
	present   present
	buf       []byte
}

func (l *listAgg) Grow(n int) { l.list.grow(n) }

func (l *listAgg) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = l.present.of(groups, args[0], rows)
	if len(args) == 2 && len(groups) > 0 {
		l.separate(args[1], at(rows, 0))
	}
	l.list.add(groups, args[0], rows)
	return nil
}

func (l *listAgg) separate(by *vec.Vector, i int) {
	l.separator = l.separator[:0]
	if !by.IsNull(i) {
		l.separator = append(l.separator, by.Bytes(i)...)
	}
}

func (l *listAgg) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = l.present.of(groups, args[0], rows)
	l.list.take(groups, args[0], rows)
	return nil
}

func (l *listAgg) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	if len(groups) > 0 {
		l.separate(state[1], at(rows, 0))
	}
	l.list.merge(groups, state[0], rows)
	return nil
}

func (l *listAgg) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		l.buf = l.buf[:0]
		first := l.list.head[g]
		for n := first; n != noNode; n = l.list.next[n] {
			if n != first {
				l.buf = append(l.buf, l.separator...)
			}
			v, i := l.list.at(n)
			l.buf = append(l.buf, v.Bytes(i)...)
		}
		if first == noNode {
			out.AppendNull()
		} else {
			out.AppendBytes(l.buf)
		}
	}
	return nil
}

func (l *listAgg) State() vec.Schema {
	return vec.Schema{{Name: "values", Type: types.ArrayOf(types.String())}, {Name: "separator", Type: types.String()}}
}

func (l *listAgg) AppendState(groups []uint32, out []*vec.Vector) error {
	for _, g := range groups {
		l.list.appendTo(g, out[0])
		out[1].AppendBytes(l.separator)
	}
	return nil
}

func (l *listAgg) Reset(groups []uint32) { l.list.reset(groups) }
func (l *listAgg) Clear()                { l.list.clear() }
func (l *listAgg) Memory() int           { return l.list.memory() + l.present.memory() + cap(l.buf) }
