package agg

import (
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func avgFunc() *Func {
	return &Func{
		Name:            "AVG",
		NullOnlyIfEmpty: true,
		Syntax:          "AVG([ALL | DISTINCT] number)",
		Doc:             "The mean of the values that are not NULL, in their own type: of integers it is cut to an integer.",
		Resolve: func(args []types.Type) (Signature, error) {
			if err := oneArg("AVG", "a number", args, isNumeric); err != nil {
				return Signature{}, err
			}
			result := args[0].WithNull()
			if result.Kind == types.Decimal {
				result = types.DecimalOf(types.MaxDecimalPrecision, max(6, result.Scale))
			}
			return Signature{Params: args, Result: result}, nil
		},
		New: func(sig Signature, _ bool) Accumulator {
			switch vec.PhysOf(sig.Params[0]) {
			case vec.Int8:
				return &avg[int8, int64]{sumType: types.New(types.BigInt)}
			case vec.Int16:
				return &avg[int16, int64]{sumType: types.New(types.BigInt)}
			case vec.Int32:
				return &avg[int32, int64]{sumType: types.New(types.BigInt)}
			case vec.Int64:
				return &avg[int64, int64]{sumType: types.New(types.BigInt)}
			case vec.Float32:
				return &avg[float32, float64]{sumType: types.New(types.Double)}
			case vec.Float64:
				return &avg[float64, float64]{sumType: types.New(types.Double)}
			}
			sum := types.DecimalOf(types.MaxDecimalPrecision, sig.Params[0].Scale)
			return &decimalAvg{decimalSum: decimalSum{result: sum, retract: true}, scale: sig.Result.Scale}
		},
	}
}

// avg is AVG of integers (summed in BIGINT, which wraps) and floats (in DOUBLE). State: sum and
// number of values. Taking a row back costs as much as taking it in.
type avg[T number, S int64 | float64] struct {
	sumType types.Type
	sums    []S
	counts  []int64
	present present
}

func (a *avg[T, S]) Grow(n int) {
	a.sums = grown(a.sums, n, 0)
	a.counts = grown(a.counts, n, 0)
}

func (a *avg[T, S]) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = a.present.of(groups, args[0], rows)
	addTo(a.sums, groups, vec.Values[T](args[0]), rows)
	for _, g := range groups {
		a.counts[g]++
	}
	return nil
}

func (a *avg[T, S]) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = a.present.of(groups, args[0], rows)
	subFrom(a.sums, groups, vec.Values[T](args[0]), rows)
	for _, g := range groups {
		a.counts[g]--
	}
	return nil
}

func (a *avg[T, S]) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	addTo(a.sums, groups, vec.Values[S](state[0]), rows)
	addTo(a.counts, groups, vec.Values[int64](state[1]), rows)
	return nil
}

func (a *avg[T, S]) Result(groups []uint32, out *vec.Vector) error {
	from := extend(out, len(groups))
	dst := vec.Values[T](out)[from:]
	for k, g := range groups {
		if n := a.counts[g]; n != 0 {
			dst[k] = T(a.sums[g] / S(n))
			continue
		}
		dst[k] = 0
		out.SetNull(from + k)
	}
	return nil
}

func (a *avg[T, S]) State() vec.Schema { return sumState(a.sumType.WithoutNull(), true) }

func (a *avg[T, S]) AppendState(groups []uint32, out []*vec.Vector) error {
	gatherTo(out[0], a.sums, groups)
	gatherTo(out[1], a.counts, groups)
	return nil
}

func (a *avg[T, S]) Reset(groups []uint32) {
	for _, g := range groups {
		a.sums[g], a.counts[g] = 0, 0
	}
}

func (a *avg[T, S]) Clear() { a.sums, a.counts = a.sums[:0], a.counts[:0] }

func (a *avg[T, S]) Memory() int { return 8*cap(a.sums) + 8*cap(a.counts) + a.present.memory() }

// decimalAvg is AVG of DECIMAL(p, s), a DECIMAL(38, max(6, s)), rounded half up.
type decimalAvg struct {
	decimalSum
	scale int // of the result
}

func (a *decimalAvg) Result(groups []uint32, out *vec.Vector) error {
	from := extend(out, len(groups))
	dst := vec.Values[vec.Dec128](out)[from:]
	for k, g := range groups {
		dst[k] = vec.Dec128{}
		if n := a.counts[g]; n != 0 && (a.passed == nil || !a.passed[g]) {
			q, ok := decimal.Div(a.sums[g], a.result.Scale, decimal.FromInt64(n), 0, types.MaxDecimalPrecision, a.scale)
			if ok {
				dst[k] = q
				continue
			}
		}
		out.SetNull(from + k)
	}
	return nil
}
