package udf

import (
	"math"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func mathFuncs() []*Func {
	const fam = "arithmetic"
	double := types.New(types.Double)
	fs := []*Func{
		{Name: "ABS", Family: fam, Syntax: "ABS(number)", Resolve: returnsFirst(numericArg()), Bind: bindAbs, Doc: "The number without its sign."},
		{Name: "SIGN", Family: fam, Syntax: "SIGN(number)", Resolve: returnsFirst(numericArg()), Bind: bindSign, Doc: "-1, 0 or 1."},
		{
			Name: "ROUND", Family: fam, Syntax: "ROUND(number[, digits])", Resolve: roundRule(), Bind: bindRound(true),
			Doc: "The number rounded HALF_UP to so many digits behind the point (0); before it where negative.",
		},
		{
			Name: "TRUNCATE", Family: fam, Syntax: "TRUNCATE(number[, digits])", Resolve: roundRule(), Bind: bindRound(false),
			Doc: "The number cut to so many digits behind the point (0).",
		},
		{
			Name: "LOG", Family: fam, Syntax: "LOG(number), LOG(base, number)", Resolve: returns(double, doubleArg(), doubleArg().opt()), Bind: bindLog,
			Doc: "The natural logarithm, or that to a base.",
		},
		{Name: "POWER", Family: fam, Syntax: "POWER(base, exponent)", Resolve: returns(double, doubleArg(), doubleArg()), Bind: doubles2(math.Pow), Doc: "The base to the power of the exponent."},
		{Name: "ATAN2", Family: fam, Syntax: "ATAN2(y, x)", Resolve: returns(double, doubleArg(), doubleArg()), Bind: doubles2(math.Atan2), Doc: "The angle of the point (x, y)."},
		{Name: "PI", Family: fam, Syntax: "PI()", Resolve: neverNull(returns(double)), Bind: constDouble(math.Pi), Doc: "The number 3.14159…."},
		{Name: "E", Family: fam, Syntax: "E()", Resolve: neverNull(returns(double)), Bind: constDouble(math.E), Doc: "The number 2.71828…."},
	}
	for _, f := range []struct {
		name, doc string
		f         func(float64) float64
	}{
		{"SQRT", "The square root.", math.Sqrt},
		{"EXP", "e to the power of the number.", math.Exp},
		{"LN", "The natural logarithm.", math.Log},
		{"LOG10", "The logarithm to the base 10.", math.Log10},
		{"LOG2", "The logarithm to the base 2.", func(x float64) float64 { return math.Log(x) / math.Log(2) }},
		{"SIN", "The sine.", math.Sin},
		{"COS", "The cosine.", math.Cos},
		{"TAN", "The tangent.", math.Tan},
		{"COT", "The cotangent.", func(x float64) float64 { return 1 / math.Tan(x) }},
		{"ASIN", "The arc sine.", math.Asin},
		{"ACOS", "The arc cosine.", math.Acos},
		{"ATAN", "The arc tangent.", math.Atan},
		{"SINH", "The hyperbolic sine.", math.Sinh},
		{"COSH", "The hyperbolic cosine.", math.Cosh},
		{"TANH", "The hyperbolic tangent.", math.Tanh},
		{"DEGREES", "Radians as degrees.", func(x float64) float64 { return x * (180 / math.Pi) }},
		{"RADIANS", "Degrees as radians.", func(x float64) float64 { return x * (math.Pi / 180) }},
	} {
		fs = append(fs, &Func{
			Name: f.name, Family: fam, Syntax: f.name + "(number)", Doc: f.doc,
			Resolve: returns(double, doubleArg()), Bind: doubles1(f.f),
		})
	}
	return fs
}

func doubles1(f func(float64) float64) binder {
	return func(Call) (Kernel, error) {
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, o := vec.Values[float64](args[0]), vec.Values[float64](out)
			for _, i := range sel {
				o[i] = f(a[i])
			}
			return nil
		}, nil
	}
}

func doubles2(f func(x, y float64) float64) binder {
	return func(Call) (Kernel, error) {
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, b, o := vec.Values[float64](args[0]), vec.Values[float64](args[1]), vec.Values[float64](out)
			for _, i := range sel {
				o[i] = f(a[i], b[i])
			}
			return nil
		}, nil
	}
}

func constDouble(x float64) binder {
	return func(Call) (Kernel, error) {
		return func(_ []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
			fill(vec.Values[float64](out)[:n], x)
			return nil
		}, nil
	}
}

func bindLog(c Call) (Kernel, error) {
	if len(c.Args) == 1 {
		return doubles1(math.Log)(c)
	}
	return doubles2(func(base, x float64) float64 { return math.Log(x) / math.Log(base) })(c)
}

// mapNumber runs the function of the call's layout over the first argument.
func mapNumber(c Call, ints func(int64) int64, floats func(float64) float64, decs func(vec.Dec128) (vec.Dec128, bool)) Kernel {
	switch vec.PhysOf(c.Args[0].Type) {
	case vec.Int8:
		return mapInts[int8](ints)
	case vec.Int16:
		return mapInts[int16](ints)
	case vec.Int32:
		return mapInts[int32](ints)
	case vec.Int64:
		return mapInts[int64](ints)
	case vec.Float32:
		return mapFloats[float32](floats)
	case vec.Float64:
		return mapFloats[float64](floats)
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[vec.Dec128](args[0]), vec.Values[vec.Dec128](out)
		for _, i := range sel {
			x, ok := decs(a[i])
			if o[i] = x; !ok {
				out.SetNull(int(i))
			}
		}
		return nil
	}
}

func mapInts[T integer](f func(int64) int64) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[T](args[0]), vec.Values[T](out)
		for _, i := range sel {
			o[i] = T(f(int64(a[i])))
		}
		return nil
	}
}

func mapFloats[T float](f func(float64) float64) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[T](args[0]), vec.Values[T](out)
		for _, i := range sel {
			o[i] = T(f(float64(a[i])))
		}
		return nil
	}
}

func bindAbs(c Call) (Kernel, error) {
	ints := func(x int64) int64 {
		if x < 0 {
			return -x
		}
		return x
	}
	return mapNumber(c, ints, math.Abs, func(d vec.Dec128) (vec.Dec128, bool) { return decimal.Abs(d), true }), nil
}

func bindSign(c Call) (Kernel, error) {
	scale := c.Result.Scale
	ints := func(x int64) int64 { return int64(decimal.Sign(decimal.FromInt64(x))) }
	floats := func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return x // 0, -0 and NaN as they are
	}
	decs := func(d vec.Dec128) (vec.Dec128, bool) {
		return decimal.Rescale(decimal.FromInt64(int64(decimal.Sign(d))), 0, scale, decimal.MaxPrecision)
	}
	return mapNumber(c, ints, floats, decs), nil
}

func floorNumbers(up bool, c Call) Kernel {
	scale, round := c.Args[0].Type.Scale, math.Floor
	decs := func(d vec.Dec128) (vec.Dec128, bool) { return decimal.Floor(d, scale), true }
	if up {
		round = math.Ceil
		decs = func(d vec.Dec128) (vec.Dec128, bool) { return decimal.Ceil(d, scale), true }
	}
	return mapNumber(c, func(x int64) int64 { return x }, round, decs)
}
