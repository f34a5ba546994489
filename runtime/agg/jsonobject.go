package agg

import (
	"bytes"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/jsonpath"
)

// jsonObjectAggFunc is JSON_OBJECTAGG of keys and JSON texts: the planner makes the value JSON.
func jsonObjectAggFunc() *Func {
	null, absent := jsonObjectAggOf(true), jsonObjectAggOf(false)
	null.OtherNulls, absent.OtherNulls = absent, null
	return null
}

func jsonObjectAggOf(nulls bool) *Func {
	clause := "ABSENT ON NULL"
	if nulls {
		clause = "NULL ON NULL"
	}
	return &Func{
		Name:       "JSON_OBJECTAGG",
		Syntax:     "JSON_OBJECTAGG([KEY] key VALUE value [{NULL | ABSENT} ON NULL])",
		Doc:        "The keys and values as a JSON object, in the order of the keys, which must differ; members that are NULL are left out where ABSENT ON NULL is written.",
		KeepsNulls: true,
		JSON:       true,
		Nulls:      clause,
		Resolve: func(args []types.Type) (Signature, error) {
			if len(args) != 2 {
				return Signature{}, diag.Errorf(diag.Span{}, "JSON_OBJECTAGG takes a key and a value")
			}
			if !args[0].IsString() {
				return Signature{}, diag.Errorf(diag.Span{}, "the key of JSON_OBJECTAGG is a string, not %s", args[0]).
					WithHint("convert it: CAST(… AS STRING)")
			}
			return Signature{Params: []types.Type{types.String(), types.String()}, Result: jsonResult()}, nil
		},
		New: func(Signature, bool) Accumulator {
			member := types.Bytes()
			return &jsonObjectAgg{extremeRetract: *newExtremeRetract(member, false), nulls: nulls, members: vec.New(member)}
		},
	}
}

// jsonObjectAgg is JSON_OBJECTAGG. Members are kept as one binary value each: the key, in which a zero byte is
// followed by 255, then bytes 0 and 1, then the value's JSON; so their order is that of the keys. State, cost and
// retraction are those of extremeRetract; a result costs a copy of all members. A key that is there twice
// is an error of the result, not of the row: the other one may be taken back by a row of the same batch.
type jsonObjectAgg struct {
	extremeRetract
	nulls   bool
	members *vec.Vector
	owners  []uint32
	buf     []byte
	key     []byte
}

// memberEnd parts the key from the value.
var memberEnd = []byte{0, 1}

func (o *jsonObjectAgg) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	if err := o.encode(groups, args, rows); err != nil {
		return err
	}
	return o.extremeRetract.change(o.owners, o.members, nil, 1)
}

func (o *jsonObjectAgg) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	if err := o.encode(groups, args, rows); err != nil {
		return err
	}
	return o.extremeRetract.change(o.owners, o.members, nil, -1)
}

// encode makes the members of rows.
func (o *jsonObjectAgg) encode(groups []uint32, args []*vec.Vector, rows []int32) error {
	o.members.Reset()
	o.owners = o.owners[:0]
	for k, g := range groups {
		i := at(rows, k)
		if args[0].IsNull(i) {
			return &vec.RowError{Row: i, Err: diag.Errorf(diag.Span{}, "a key of JSON_OBJECTAGG is NULL").WithHint("leave such rows out: WHERE … IS NOT NULL")}
		}
		if args[1].IsNull(i) && !o.nulls {
			continue
		}
		o.buf = o.buf[:0]
		for _, c := range args[0].Bytes(i) {
			if o.buf = append(o.buf, c); c == 0 {
				o.buf = append(o.buf, 255)
			}
		}
		o.buf = append(o.buf, memberEnd...)
		if args[1].IsNull(i) {
			o.buf = append(o.buf, "null"...)
		} else {
			o.buf = append(o.buf, args[1].Bytes(i)...)
		}
		o.members.AppendBytes(o.buf)
		o.owners = append(o.owners, g)
	}
	return nil
}

func (o *jsonObjectAgg) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		o.buf = append(o.buf[:0], '{')
		var last []byte
		var twice error
		o.bag.each(o.bag.root[g], func(n uint32) {
			if o.bag.counts[n] <= 0 {
				return
			}
			v, i := o.bag.at(n)
			member := v.Bytes(i)
			key, value, _ := bytes.Cut(member, memberEnd)
			if o.bag.counts[n] > 1 || len(o.buf) > 1 && bytes.Equal(key, last) {
				twice = diag.Errorf(diag.Span{}, "the key '%s' is there twice in JSON_OBJECTAGG", key).
					WithHint("group by more columns, or make the keys differ")
			}
			last = key
			if len(o.buf) > 1 {
				o.buf = append(o.buf, ',')
			}
			o.key = append(o.key[:0], bytes.ReplaceAll(key, []byte{0, 255}, []byte{0})...)
			o.buf = append(append(jsonpath.AppendString(o.buf, o.key), ':'), value...)
		})
		if twice != nil {
			return twice
		}
		out.AppendBytes(append(o.buf, '}'))
	}
	return nil
}

func (o *jsonObjectAgg) Memory() int {
	return o.extremeRetract.Memory() + o.members.Memory() + 4*cap(o.owners) + cap(o.buf) + cap(o.key)
}
