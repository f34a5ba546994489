package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func sumFunc() *Func {
	return &Func{
		Name:            "SUM",
		NullOnlyIfEmpty: true,
		Syntax:          "SUM([ALL | DISTINCT] number)",
		Doc:             "The sum of the values that are not NULL, NULL where there are none. Integers wrap around at the limits of their type.",
		Resolve: func(args []types.Type) (Signature, error) {
			if err := oneArg("SUM", "a number", args, isNumeric); err != nil {
				return Signature{}, err
			}
			result := args[0].WithNull()
			if result.Kind == types.Decimal {
				result = types.DecimalOf(types.MaxDecimalPrecision, result.Scale)
			}
			return Signature{Params: args, Result: result}, nil
		},
		New: func(sig Signature, retract bool) Accumulator {
			switch vec.PhysOf(sig.Params[0]) {
			case vec.Int8:
				return &sum[int8]{result: sig.Result, retract: retract}
			case vec.Int16:
				return &sum[int16]{result: sig.Result, retract: retract}
			case vec.Int32:
				return &sum[int32]{result: sig.Result, retract: retract}
			case vec.Int64:
				return &sum[int64]{result: sig.Result, retract: retract}
			case vec.Float32:
				return &sum[float32]{result: sig.Result, retract: retract}
			case vec.Float64:
				return &sum[float64]{result: sig.Result, retract: retract}
			}
			return &decimalSum{result: sig.Result, retract: retract}
		},
	}
}

// sum is SUM of integers and floats, added up in the type of the result, as Flink does. State:
// the sum, NULL where no value was seen; with retraction also the number of values, which tells a sum of
// 0 from none. Taking a row back costs as much as taking it in; a float sum keeps the rounding
// errors of both.
type sum[T number] struct {
	result  types.Type
	retract bool
	sums    []T
	seen    []bool  // without retraction
	counts  []int64 // with it
	present present
}

func (s *sum[T]) Grow(n int) {
	s.sums = grown(s.sums, n, 0)
	if s.retract {
		s.counts = grown(s.counts, n, 0)
	} else {
		s.seen = grown(s.seen, n, false)
	}
}

func (s *sum[T]) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = s.present.of(groups, args[0], rows)
	addTo(s.sums, groups, vec.Values[T](args[0]), rows)
	if s.retract {
		for _, g := range groups {
			s.counts[g]++
		}
	} else {
		mark(s.seen, groups)
	}
	return nil
}

func mark(seen []bool, groups []uint32) {
	for _, g := range groups {
		seen[g] = true
	}
}

func (s *sum[T]) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = s.present.of(groups, args[0], rows)
	subFrom(s.sums, groups, vec.Values[T](args[0]), rows)
	for _, g := range groups {
		s.counts[g]--
	}
	return nil
}

func (s *sum[T]) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	if s.retract {
		addTo(s.counts, groups, vec.Values[int64](state[1]), rows)
	}
	groups, rows = s.present.of(groups, state[0], rows)
	addTo(s.sums, groups, vec.Values[T](state[0]), rows)
	if !s.retract {
		mark(s.seen, groups)
	}
	return nil
}

func (s *sum[T]) Result(groups []uint32, out *vec.Vector) error {
	at := gatherTo(out, s.sums, groups)
	if s.retract {
		nullsWhere(out, at, groups, s.counts)
		return nil
	}
	unseen(out, at, groups, s.seen)
	return nil
}

// unseen makes NULL the values from at on whose group has seen nothing.
func unseen(out *vec.Vector, at int, groups []uint32, seen []bool) {
	for k, g := range groups {
		if !seen[g] {
			out.SetNull(at + k)
		}
	}
}

func (s *sum[T]) State() vec.Schema { return sumState(s.result, s.retract) }

func sumState(result types.Type, retract bool) vec.Schema {
	schema := vec.Schema{{Name: "sum", Type: result}}
	if retract {
		schema = append(schema, vec.Field{Name: "count", Type: types.New(types.BigInt).WithoutNull()})
	}
	return schema
}

// AppendState keeps the sum also where the values taken in and taken back are equally many: a
// partial result may have seen only some of them.
func (s *sum[T]) AppendState(groups []uint32, out []*vec.Vector) error {
	if !s.retract {
		return s.Result(groups, out[0])
	}
	gatherTo(out[0], s.sums, groups)
	gatherTo(out[1], s.counts, groups)
	return nil
}

func (s *sum[T]) Reset(groups []uint32) {
	for _, g := range groups {
		s.sums[g] = 0
		if s.retract {
			s.counts[g] = 0
		} else {
			s.seen[g] = false
		}
	}
}

func (s *sum[T]) Clear() { s.sums, s.seen, s.counts = s.sums[:0], s.seen[:0], s.counts[:0] }

func (s *sum[T]) Memory() int {
	return 8*cap(s.sums) + cap(s.seen) + 8*cap(s.counts) + s.present.memory()
}
