package udf

import (
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// decimalKernel computes exactly, rounds HALF_UP to the result's scale and gives NULL
// where the result passes its precision.
func decimalKernel(op byte, c Call) Kernel {
	d := newDecimalOp(c)
	switch op {
	case '+':
		return d.add
	case '-':
		return d.sub
	case '*':
		for k, a := range c.Args {
			if y, ok := a.Const.(vec.Dec128); ok && d.exact(y, decimal.Int64Digits) {
				return d.mulBy(int64(y.Lo), 1-k)
			}
		}
		return d.mul
	case '/':
		return d.div
	}
	return d.mod
}

type decimalOp struct{ as, bs, precision, scale int }

func newDecimalOp(c Call) decimalOp {
	return decimalOp{
		as: c.Args[0].Type.Scale, bs: c.Args[1].Type.Scale,
		precision: c.Result.Precision, scale: c.Result.Scale,
	}
}

// bindTimes also multiplies an integer as it is by a literal (timesInteger).
func bindTimes(c Call) (Kernel, error) {
	for k, a := range c.Args {
		if a.Type.Kind == types.Decimal || c.Result.Kind != types.Decimal {
			continue
		}
		y := int64(c.Args[1-k].Const.(vec.Dec128).Lo)
		switch vec.PhysOf(a.Type) {
		case vec.Int8:
			return mulIntBy[int8](y, k), nil
		case vec.Int16:
			return mulIntBy[int16](y, k), nil
		case vec.Int32:
			return mulIntBy[int32](y, k), nil
		}
		return mulIntBy[int64](y, k), nil
	}
	return bindArith('*')(c)
}

// timesInteger is for an integer times a literal where no product can be too large.
func timesInteger(c Call) bool {
	for k, a := range c.Args {
		if y, ok := a.Const.(vec.Dec128); ok {
			return newDecimalOp(c).exact(y, types.AsDecimal(c.Args[1-k].Type).Precision)
		}
	}
	return false
}

// timesTotal is for what machineNumbers is, and for an integer times a literal.
func timesTotal(params []types.Type) bool {
	return machineNumbers(params) || (params[0].Kind == types.Decimal) != (params[1].Kind == types.Decimal)
}

// mulIntBy multiplies argument arg, of integers, by y; the scale of the result is y's.
//
//go:noinline
func mulIntBy[T integer](y int64, arg int) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a := vec.Values[T](args[arg])[:n]
		o := vec.Values[vec.Dec128](out)[:len(a)]
		for i, x := range a {
			hi, lo := decimal.MulInt64(int64(x), y)
			o[i] = vec.Dec128{Lo: lo, Hi: hi}
		}
		return nil
	}
}

func decimals(args []*vec.Vector, out *vec.Vector) (a, b, o []vec.Dec128) {
	return vec.Values[vec.Dec128](args[0]), vec.Values[vec.Dec128](args[1]), vec.Values[vec.Dec128](out)
}

func (d decimalOp) add(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, o := decimals(args, out)
	for _, i := range sel {
		x, ok := decimal.AddScaled(a[i], d.as, b[i], d.bs, d.precision, d.scale)
		if o[i] = x; !ok {
			out.SetNull(int(i))
		}
	}
	return nil
}

func (d decimalOp) sub(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, o := decimals(args, out)
	for _, i := range sel {
		x, ok := decimal.AddScaled(a[i], d.as, decimal.Neg(b[i]), d.bs, d.precision, d.scale)
		if o[i] = x; !ok {
			out.SetNull(int(i))
		}
	}
	return nil
}

func (d decimalOp) mul(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, o := decimals(args, out)
	small := d.as+d.bs == d.scale && d.precision >= decimal.Int64Digits
	for _, i := range sel {
		if small && decimal.IsInt64(a[i]) && decimal.IsInt64(b[i]) {
			hi, lo := decimal.MulInt64(int64(a[i].Lo), int64(b[i].Lo))
			if o[i] = (vec.Dec128{Lo: lo, Hi: hi}); decimal.IsInt64(o[i]) {
				continue
			}
		}
		x, ok := decimal.Mul(a[i], d.as, b[i], d.bs, d.precision, d.scale)
		if o[i] = x; !ok {
			out.SetNull(int(i))
		}
	}
	return nil
}

// exact reports whether the product of y and any integer of so many digits needs neither rounding nor a look at its size.
func (d decimalOp) exact(y vec.Dec128, digits int) bool {
	digits = d.precision - digits // that are left for y
	return d.as+d.bs == d.scale && digits >= 0 && decimal.IsInt64(y) && decimal.Fits(y, digits)
}

// mulBy multiplies argument arg by y, the other.
//
//go:noinline
func (d decimalOp) mulBy(y int64, arg int) Kernel {
	by, as, bs := vec.Dec128FromInt64(y), d.as, d.bs
	if arg == 1 {
		as, bs = bs, as
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[vec.Dec128](args[arg]), vec.Values[vec.Dec128](out)
		for _, i := range sel {
			if x := a[i]; x.Hi == int64(x.Lo)>>63 {
				hi, lo := decimal.MulInt64(int64(x.Lo), y)
				o[i] = vec.Dec128{Lo: lo, Hi: hi}
				continue
			}
			x, ok := decimal.Mul(a[i], as, by, bs, d.precision, d.scale)
			if o[i] = x; !ok {
				out.SetNull(int(i))
			}
		}
		return nil
	}
}

func (d decimalOp) div(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, o := decimals(args, out)
	for _, i := range sel {
		if b[i] == (vec.Dec128{}) {
			return &RowError{Row: int(i), Err: errDivideByZero}
		}
		x, ok := decimal.Div(a[i], d.as, b[i], d.bs, d.precision, d.scale)
		if o[i] = x; !ok {
			out.SetNull(int(i))
		}
	}
	return nil
}

func (d decimalOp) mod(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, o := decimals(args, out)
	for _, i := range sel {
		if b[i] == (vec.Dec128{}) {
			return &RowError{Row: int(i), Err: errDivideByZero}
		}
		x, ok := decimal.Mod(a[i], d.as, b[i], d.bs, d.precision, d.scale)
		if o[i] = x; !ok {
			out.SetNull(int(i))
		}
	}
	return nil
}

func negateDecimals(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, o := vec.Values[vec.Dec128](args[0]), vec.Values[vec.Dec128](out)
	for _, i := range sel {
		o[i] = decimal.Neg(a[i])
	}
	return nil
}
