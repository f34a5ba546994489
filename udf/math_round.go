package udf

import (
	"math"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// roundRule keeps the type; a DECIMAL loses the digits that a literal second argument
// drops, and gains one before the point, also where it is only cut.
func roundRule() rule {
	return func(args []Arg) (Signature, error) {
		ts, err := matchParams(args, []param{numericArg(), intArg().opt()})
		if err != nil {
			return Signature{}, err
		}
		result := ts[0]
		if result.Kind == types.Decimal {
			digits := int64(0)
			if len(args) == 2 {
				d, ok := args[1].constInt()
				if digits = d; !ok {
					digits = int64(result.Scale)
				}
			}
			result = roundedDecimal(result, int(max(-1, min(digits, 38))))
		}
		return Signature{Params: ts, Result: result.WithNullIf(anyNullable(args))}, nil
	}
}

func roundedDecimal(t types.Type, digits int) types.Type {
	switch {
	case digits >= t.Scale:
		return t
	case digits < 0:
		return types.DecimalOf(min(types.MaxDecimalPrecision, 1+t.Precision-t.Scale), 0)
	}
	p := t.Precision - t.Scale + digits + 1
	return types.DecimalOf(max(1, min(p, types.MaxDecimalPrecision)), digits)
}

func bindRound(rounds bool) binder {
	return func(c Call) (Kernel, error) {
		switch vec.PhysOf(c.Args[0].Type) {
		case vec.Int8:
			return roundInts[int8](rounds), nil
		case vec.Int16:
			return roundInts[int16](rounds), nil
		case vec.Int32:
			return roundInts[int32](rounds), nil
		case vec.Int64:
			return roundInts[int64](rounds), nil
		case vec.Float32:
			return roundFloats[float32](rounds), nil
		case vec.Float64:
			return roundFloats[float64](rounds), nil
		}
		return roundDecimals(c, rounds), nil
	}
}

// roundDigits is the second argument.
func roundDigits(args []*vec.Vector, i int32) int {
	if len(args) == 1 {
		return 0
	}
	return int(max(-40, min(vec.Values[int64](args[1])[i], 40)))
}

func roundInts[T integer](rounds bool) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[T](args[0]), vec.Values[T](out)
		for _, i := range sel {
			o[i] = T(roundInt(int64(a[i]), int64(roundDigits(args, i)), rounds))
		}
		return nil
	}
}

func roundFloats[T float](rounds bool) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[T](args[0]), vec.Values[T](out)
		for _, i := range sel {
			o[i] = T(roundFloat(float64(a[i]), roundDigits(args, i), rounds)) + 0 // no -0.0: there is none in Java's BigDecimal
		}
		return nil
	}
}

func roundDecimals(c Call, rounds bool) Kernel {
	from, to := c.Args[0].Type.Scale, c.Result
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[vec.Dec128](args[0]), vec.Values[vec.Dec128](out)
		for _, i := range sel {
			x, ok := roundDecimal(a[i], from, roundDigits(args, i), to.Scale, to.Precision, rounds)
			if o[i] = x; !ok {
				out.SetNull(int(i))
			}
		}
		return nil
	}
}

// roundDecimal rounds or cuts at a digit and gives the value the result's scale.
func roundDecimal(d vec.Dec128, scale, digits, toScale, toPrecision int, rounds bool) (vec.Dec128, bool) {
	if digits >= scale {
		return decimal.Rescale(d, scale, toScale, toPrecision)
	}
	drop := scale - digits
	if drop > decimal.MaxPrecision {
		return vec.Dec128{}, true
	}
	var cut vec.Dec128
	if rounds {
		cut, _ = decimal.Rescale(d, drop, 0, decimal.MaxPrecision)
	} else {
		cut = decimal.Truncate(d, drop)
	}
	if digits < 0 { // zeros before the point
		var ok bool
		if cut, ok = decimal.Rescale(cut, 0, -digits, decimal.MaxPrecision); !ok {
			return cut, false
		}
		digits = 0
	}
	return decimal.Rescale(cut, digits, toScale, toPrecision)
}

func roundInt(x, digits int64, rounds bool) int64 {
	if digits >= 0 {
		return x
	}
	if digits < -18 {
		return 0
	}
	step := int64(1)
	for range -digits {
		step *= 10
	}
	q, rest := x/step, x%step
	switch {
	case !rounds:
	case rest >= step-rest && rest > 0:
		q++
	case -rest >= step+rest && rest < 0:
		q--
	}
	return q * step
}

// roundFloat goes by the number's decimal text, as BigDecimal.valueOf does.
func roundFloat(x float64, digits int, rounds bool) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) || digits > 17 || digits >= 0 && math.Abs(x) >= 1<<53 {
		return x
	}
	const scale = 18
	if d, ok := decimal.FromFloat64(x, decimal.MaxPrecision, scale); ok && math.Abs(x) >= 1e-3 {
		if d, ok = roundDecimal(d, scale, digits, scale, decimal.MaxPrecision, rounds); ok {
			return decimal.Float64(d, scale)
		}
	}
	p := math.Pow(10, float64(digits))
	if rounds {
		return math.Copysign(math.Floor(math.Abs(x)*p+0.5)/p, x)
	}
	return math.Trunc(x*p) / p
}
