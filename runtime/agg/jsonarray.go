package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// jsonResult is what Flink declares for JSON aggregates; results may be longer.
func jsonResult() types.Type {
	return types.Type{Kind: types.VarChar, Length: 2000}.WithoutNull()
}

// jsonArrayAggFunc is JSON_ARRAYAGG of JSON texts: the planner makes its argument JSON.
func jsonArrayAggFunc() *Func {
	absent, null := jsonArrayAggOf(false), jsonArrayAggOf(true)
	absent.OtherNulls, null.OtherNulls = null, absent
	return absent
}

func jsonArrayAggOf(nulls bool) *Func {
	clause := "ABSENT ON NULL"
	if nulls {
		clause = "NULL ON NULL"
	}
	return &Func{
		Name:       "JSON_ARRAYAGG",
		Syntax:     "JSON_ARRAYAGG(value [{NULL | ABSENT} ON NULL])",
		Doc:        "The values as a JSON array, in the order in which the rows come; NULLs are left out unless NULL ON NULL is written.",
		KeepsNulls: nulls,
		Ordered:    true,
		JSON:       true,
		Nulls:      clause,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 1 {
				return Signature{}, diag.Errorf(diag.Span{}, "JSON_ARRAYAGG takes one argument, not %d", len(args))
			}
			return Signature{Params: []types.Type{types.String()}, Result: jsonResult()}, nil
		},
		New: func(_ Signature, retract bool) Accumulator {
			text := types.String()
			return &jsonArrayAgg{arrayAgg: arrayAgg{list: newValueList(text, retract), result: types.ArrayOf(text), ignore: !nulls}}
		},
	}
}

// jsonArrayAgg is JSON_ARRAYAGG. State and cost are those of arrayAgg.
type jsonArrayAgg struct {
	arrayAgg
	buf []byte
}

// AppendState gives the values as arrays.
func (a *jsonArrayAgg) AppendState(groups []uint32, out []*vec.Vector) error {
	return a.arrayAgg.Result(groups, out[0])
}

func (a *jsonArrayAgg) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		a.buf = append(a.buf[:0], '[')
		for n := a.list.head[g]; n != noNode; n = a.list.next[n] {
			if len(a.buf) > 1 {
				a.buf = append(a.buf, ',')
			}
			v, i := a.list.at(n)
			if v.IsNull(i) {
				a.buf = append(a.buf, "null"...)
			} else {
				a.buf = append(a.buf, v.Bytes(i)...)
			}
		}
		out.AppendBytes(append(a.buf, ']'))
	}
	return nil
}

func (a *jsonArrayAgg) Memory() int { return a.arrayAgg.Memory() + cap(a.buf) }
