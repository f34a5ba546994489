package cast

import (
	"math"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

type integer interface{ int8 | int16 | int32 | int64 }

type float interface{ float32 | float64 }

type number interface{ integer | float }

// numeric picks the loop between two layouts of numbers: integers wrap, as in Java.
func numeric(from, to vec.Phys) Func {
	switch from {
	case vec.Int8:
		return fromInt[int8](to)
	case vec.Int16:
		return fromInt[int16](to)
	case vec.Int32:
		return fromInt[int32](to)
	case vec.Int64:
		return fromInt[int64](to)
	case vec.Float32:
		return fromFloat[float32](to)
	case vec.Float64:
		return fromFloat[float64](to)
	}
	return nil
}

func fromInt[A integer](to vec.Phys) Func {
	switch to {
	case vec.Int8:
		return convert[A, int8]
	case vec.Int16:
		return convert[A, int16]
	case vec.Int32:
		return convert[A, int32]
	case vec.Int64:
		return convert[A, int64]
	case vec.Float32:
		return convert[A, float32]
	case vec.Float64:
		return convert[A, float64]
	}
	return nil
}

func fromFloat[A float](to vec.Phys) Func {
	switch to {
	case vec.Int8:
		return truncate[A, int8]
	case vec.Int16:
		return truncate[A, int16]
	case vec.Int32:
		return truncate[A, int32]
	case vec.Int64:
		return truncate[A, int64]
	case vec.Float32:
		return convert[A, float32]
	case vec.Float64:
		return convert[A, float64]
	}
	return nil
}

// convert runs over all rows: it is defined for all values.
func convert[A, B number](in *vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, b := vec.Values[A](in)[:n], vec.Values[B](out)[:n]
	for i, x := range a {
		b[i] = B(x)
	}
	return nil
}

// truncate is Java's narrowing of floating point: towards zero, NaN to 0, past the ends
// to the ends (of INT for the small types, which then wrap).
func truncate[A float, B integer](in *vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, b := vec.Values[A](in)[:n], vec.Values[B](out)[:n]
	low, high := float64(math.MinInt32), float64(math.MaxInt32)
	least, most := int64(math.MinInt32), int64(math.MaxInt32)
	if out.Phys() == vec.Int64 {
		low, high = math.MinInt64, math.MaxInt64
		least, most = math.MinInt64, math.MaxInt64
	}
	for i, x := range a {
		switch f := float64(x); {
		case f != f:
			b[i] = 0
		case f <= low:
			b[i] = B(least)
		case f >= high:
			b[i] = B(most)
		default:
			b[i] = B(int64(f))
		}
	}
	return nil
}

// toBool makes 0 FALSE and other numbers TRUE.
func (b *binder) toBool() Func {
	switch vec.PhysOf(b.from) {
	case vec.Bool:
		return func(in *vec.Vector, _ []int32, n int, out *vec.Vector) error {
			copy(out.Bits(), in.Bits()[:vec.WordsFor(n)])
			return nil
		}
	case vec.Int8:
		return nonZero[int8]
	case vec.Int16:
		return nonZero[int16]
	case vec.Int32:
		return nonZero[int32]
	case vec.Int64:
		return nonZero[int64]
	case vec.Float32:
		return nonZero[float32]
	case vec.Float64:
		return nonZero[float64]
	case vec.Decimal:
		return nonZero[vec.Dec128]
	}
	return nil
}

func nonZero[T number | vec.Dec128](in *vec.Vector, _ []int32, n int, out *vec.Vector) error {
	var zero T
	for i, x := range vec.Values[T](in)[:n] {
		out.SetBool(i, x != zero)
	}
	return nil
}

// fromBool makes TRUE 1 and FALSE 0.
func (b *binder) fromBool() Func {
	to := b.to
	var narrow Func
	if to.Kind == types.Decimal {
		narrow = (&binder{from: types.New(types.BigInt), to: to, Options: b.Options}).toDecimal()
	} else {
		narrow = numeric(vec.Int64, vec.PhysOf(to))
	}
	ones := vec.New(types.New(types.BigInt))
	return func(in *vec.Vector, sel []int32, n int, out *vec.Vector) error {
		ones.Resize(n)
		x := vec.Values[int64](ones)
		for i := range x {
			x[i] = 0
			if in.Bool(i) {
				x[i] = 1
			}
		}
		return narrow(ones, sel, n, out)
	}
}

// toDecimal gives NULL for what passes the precision, as Flink does.
func (b *binder) toDecimal() Func {
	switch vec.PhysOf(b.from) {
	case vec.Int8:
		return intToDecimal[int8](b.from, b.to)
	case vec.Int16:
		return intToDecimal[int16](b.from, b.to)
	case vec.Int32:
		return intToDecimal[int32](b.from, b.to)
	case vec.Int64:
		return intToDecimal[int64](b.from, b.to)
	case vec.Float32:
		return floatToDecimal[float32](b.to)
	case vec.Float64:
		return floatToDecimal[float64](b.to)
	case vec.Decimal:
		return b.rescale()
	}
	return nil
}

// intToDecimal has nothing to check where the type holds every value of the integer type:
// it then runs over all rows (see Total).
func intToDecimal[A integer](from, to types.Type) Func {
	if Total(from, to) {
		return func(in *vec.Vector, _ []int32, n int, out *vec.Vector) error {
			a, d := vec.Values[A](in)[:n], vec.Values[vec.Dec128](out)[:n]
			for i, x := range a {
				d[i] = vec.Dec128FromInt64(int64(x))
			}
			return nil
		}
	}
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, d := vec.Values[A](in), vec.Values[vec.Dec128](out)
		for _, i := range sel {
			x, ok := decimal.Rescale(decimal.FromInt64(int64(a[i])), 0, to.Scale, to.Precision)
			if d[i] = x; !ok {
				out.SetNull(int(i))
			}
		}
		return nil
	}
}

func floatToDecimal[A float](to types.Type) Func {
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, d := vec.Values[A](in), vec.Values[vec.Dec128](out)
		for _, i := range sel {
			x, ok := decimal.FromFloat64(float64(a[i]), to.Precision, to.Scale)
			if d[i] = x; !ok {
				out.SetNull(int(i))
			}
		}
		return nil
	}
}

func (b *binder) rescale() Func {
	from, to := b.from, b.to
	if Total(from, to) {
		return func(in *vec.Vector, _ []int32, n int, out *vec.Vector) error {
			copy(vec.Values[vec.Dec128](out)[:n], vec.Values[vec.Dec128](in))
			return nil
		}
	}
	if from.Scale == to.Scale && to.Precision >= decimal.Int64Digits {
		return sameScale(to)
	}
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, d := vec.Values[vec.Dec128](in), vec.Values[vec.Dec128](out)
		for _, i := range sel {
			x, ok := decimal.Rescale(a[i], from.Scale, to.Scale, to.Precision)
			if d[i] = x; !ok {
				out.SetNull(int(i))
			}
		}
		return nil
	}
}

// sameScale changes nothing but the precision: what is as small as a BIGINT fits any that is
// asked for.
//
//go:noinline
func sameScale(to types.Type) Func {
	return func(in *vec.Vector, sel []int32, n int, out *vec.Vector) error {
		a := vec.Values[vec.Dec128](in)[:n]
		copy(vec.Values[vec.Dec128](out), a)
		small := true
		for _, i := range sel {
			small = small && decimal.IsInt64(a[i])
		}
		if small {
			return nil
		}
		for _, i := range sel {
			if !decimal.Fits(a[i], to.Precision) {
				out.SetNull(int(i))
			}
		}
		return nil
	}
}

// fromDecimal cuts the fraction and wraps for integers.
func (b *binder) fromDecimal() Func {
	switch vec.PhysOf(b.to) {
	case vec.Int8:
		return decimalToInt[int8](b.from.Scale)
	case vec.Int16:
		return decimalToInt[int16](b.from.Scale)
	case vec.Int32:
		return decimalToInt[int32](b.from.Scale)
	case vec.Int64:
		return decimalToInt[int64](b.from.Scale)
	case vec.Float32:
		return decimalToFloat[float32](b.from.Scale)
	case vec.Float64:
		return decimalToFloat[float64](b.from.Scale)
	}
	return nil
}

//go:noinline
func decimalToInt[B integer](scale int) Func {
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		d, x := vec.Values[vec.Dec128](in), vec.Values[B](out)
		for _, i := range sel {
			x[i] = B(decimal.Int64(d[i], scale))
		}
		return nil
	}
}

func decimalToFloat[B float](scale int) Func {
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		d, x := vec.Values[vec.Dec128](in), vec.Values[B](out)
		for _, i := range sel {
			x[i] = B(decimal.Float64(d[i], scale))
		}
		return nil
	}
}
