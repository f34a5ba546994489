package agg

import (
	"math"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// spread says which of the four statistics an aggregate is.
type spread struct {
	sample bool // divides by n - 1
	root   bool // the standard deviation
}

func varianceFuncs() []*Func {
	return []*Func{
		varianceFunc("VAR_POP", "population variance", spread{}),
		varianceFunc("VAR_SAMP", "sample variance, NULL of a single value", spread{sample: true}, "VARIANCE"),
		varianceFunc("STDDEV_POP", "population standard deviation", spread{root: true}),
		varianceFunc("STDDEV_SAMP", "sample standard deviation, NULL of a single value", spread{sample: true, root: true}, "STDDEV"),
	}
}

func varianceFunc(name, what string, s spread, aliases ...string) *Func {
	return &Func{
		Name:            name,
		Aliases:         aliases,
		NullOnlyIfEmpty: !s.sample,
		Syntax:          name + "([ALL | DISTINCT] number)",
		Doc:             "The " + what + " of the values that are not NULL, in their own type: of integers it is cut to an integer.",
		Resolve: func(args []types.Type) (Signature, error) {
			if err := oneArg(name, "a number", args, isNumeric); err != nil {
				return Signature{}, err
			}
			result := args[0].WithNull()
			if result.Kind == types.Decimal {
				result = types.DecimalOf(types.MaxDecimalPrecision, max(6, result.Scale))
			}
			return Signature{Params: args, Result: result}, nil
		},
		New: func(sig Signature, _ bool) Accumulator {
			v := &variance{spread: s, arg: sig.Params[0], result: sig.Result}
			if sig.Params[0].IsInteger() {
				v.whole = true
			}
			return v
		},
	}
}

// variance is VAR_* and STDDEV_*: (sum of squares - square of the sum / n) / n. Integers are computed as Flink does, with
// divisions cut to integers at every step, but in 64 bits throughout, where Flink's sums wrap at the
// limits of the argument's type; decimals are computed in DOUBLE, without their scale, so that their
// sums are exact as long as they have no more than 15 digits. State: sum, sum of squares and
// number. Taking a row back costs as much as taking it in and, for DOUBLE, keeps rounding errors.
type variance struct {
	spread
	arg, result types.Type
	whole       bool
	ints        [2][]int64 // sums and sums of squares
	floats      [2][]float64
	counts      []int64
	present     present
}

func (v *variance) Grow(n int) {
	v.counts = grown(v.counts, n, 0)
	for i := range 2 {
		if v.whole {
			v.ints[i] = grown(v.ints[i], n, 0)
		} else {
			v.floats[i] = grown(v.floats[i], n, 0)
		}
	}
}

func (v *variance) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	v.change(groups, args[0], rows, 1)
	return nil
}

func (v *variance) Retract(groups []uint32, args []*vec.Vector, rows []int32) error {
	v.change(groups, args[0], rows, -1)
	return nil
}

func (v *variance) change(groups []uint32, arg *vec.Vector, rows []int32, sign int64) {
	groups, rows = v.present.of(groups, arg, rows)
	switch arg.Phys() {
	case vec.Int8:
		addSquares(&v.ints, groups, vec.Values[int8](arg), rows, sign)
	case vec.Int16:
		addSquares(&v.ints, groups, vec.Values[int16](arg), rows, sign)
	case vec.Int32:
		addSquares(&v.ints, groups, vec.Values[int32](arg), rows, sign)
	case vec.Int64:
		addSquares(&v.ints, groups, vec.Values[int64](arg), rows, sign)
	case vec.Float32:
		addSquares(&v.floats, groups, vec.Values[float32](arg), rows, float64(sign))
	case vec.Float64:
		addSquares(&v.floats, groups, vec.Values[float64](arg), rows, float64(sign))
	default:
		v.addDecimals(groups, vec.Values[vec.Dec128](arg), rows, float64(sign))
	}
	for _, g := range groups {
		v.counts[g] += sign
	}
}

func addSquares[S int64 | float64, T number](sums *[2][]S, groups []uint32, vals []T, rows []int32, sign S) {
	for k, g := range groups {
		x := S(vals[at(rows, k)])
		sums[0][g] += sign * x
		sums[1][g] += sign * x * x
	}
}

func (v *variance) addDecimals(groups []uint32, vals []vec.Dec128, rows []int32, sign float64) {
	for k, g := range groups {
		x := decimal.Float64(vals[at(rows, k)], 0)
		v.floats[0][g] += sign * x
		v.floats[1][g] += sign * x * x
	}
}

func (v *variance) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	for i := range 2 {
		if v.whole {
			addTo(v.ints[i], groups, vec.Values[int64](state[i]), rows)
		} else {
			addTo(v.floats[i], groups, vec.Values[float64](state[i]), rows)
		}
	}
	addTo(v.counts, groups, vec.Values[int64](state[2]), rows)
	return nil
}

func (v *variance) Result(groups []uint32, out *vec.Vector) error {
	for _, g := range groups {
		n := v.counts[g]
		by := n
		if v.sample {
			by--
		}
		if n <= 0 || by == 0 {
			out.AppendNull()
			continue
		}
		if v.whole {
			appendWhole(out, v.wholeOf(g, n, by))
			continue
		}
		v.appendFloat(out, v.floatOf(g, n, by))
	}
	return nil
}

func (v *variance) wholeOf(g uint32, n, by int64) int64 {
	x := (v.ints[1][g] - v.ints[0][g]*v.ints[0][g]/n) / by
	if v.root {
		return int64(math.Sqrt(float64(max(x, 0))))
	}
	return x
}

// floatOf cuts what rounding has made negative to 0.
func (v *variance) floatOf(g uint32, n, by int64) float64 {
	x := (v.floats[1][g] - v.floats[0][g]*v.floats[0][g]/float64(n)) / float64(by)
	if x < 0 {
		x = 0
	}
	if v.arg.Kind == types.Decimal {
		x /= math.Pow10(2 * v.arg.Scale)
	}
	if v.root {
		return math.Sqrt(x)
	}
	return x
}

func appendWhole(out *vec.Vector, x int64) {
	switch out.Phys() {
	case vec.Int8:
		vec.Append(out, int8(x))
	case vec.Int16:
		vec.Append(out, int16(x))
	case vec.Int32:
		vec.Append(out, int32(x))
	default:
		vec.Append(out, x)
	}
}

func (v *variance) appendFloat(out *vec.Vector, x float64) {
	switch out.Phys() {
	case vec.Float32:
		vec.Append(out, float32(x))
	case vec.Float64:
		vec.Append(out, x)
	default:
		if d, ok := decimal.FromFloat64(x, v.result.Precision, v.result.Scale); ok {
			vec.Append(out, d)
		} else {
			out.AppendNull()
		}
	}
}

func (v *variance) State() vec.Schema {
	sum := types.New(types.Double).WithoutNull()
	if v.whole {
		sum = types.New(types.BigInt).WithoutNull()
	}
	return vec.Schema{
		{Name: "sum", Type: sum},
		{Name: "squares", Type: sum},
		{Name: "count", Type: types.New(types.BigInt).WithoutNull()},
	}
}

func (v *variance) AppendState(groups []uint32, out []*vec.Vector) error {
	for i := range 2 {
		if v.whole {
			gatherTo(out[i], v.ints[i], groups)
		} else {
			gatherTo(out[i], v.floats[i], groups)
		}
	}
	gatherTo(out[2], v.counts, groups)
	return nil
}

func (v *variance) Reset(groups []uint32) {
	for _, g := range groups {
		v.counts[g] = 0
		for i := range 2 {
			if v.whole {
				v.ints[i][g] = 0
			} else {
				v.floats[i][g] = 0
			}
		}
	}
}

func (v *variance) Clear() {
	v.counts = v.counts[:0]
	for i := range 2 {
		v.ints[i], v.floats[i] = v.ints[i][:0], v.floats[i][:0]
	}
}

func (v *variance) Memory() int {
	m := 8*cap(v.counts) + v.present.memory()
	for i := range 2 {
		m += 8*cap(v.ints[i]) + 8*cap(v.floats[i])
	}
	return m
}
