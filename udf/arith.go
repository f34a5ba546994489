package udf

import (
	"math"
	"math/bits"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// errDivideByZero is what integer and decimal division fail with.
var errDivideByZero = &diag.Error{Msg: "division by zero", Hint: "x / NULLIF(y, 0) gives NULL where y is 0"}

func arithmeticFuncs() []*Func {
	const fam = "arithmetic"
	return []*Func{
		{
			Name: "+", Family: fam, Syntax: "a + b", Resolve: plusRule, Bind: bindArith('+'), Total: machineNumbers,
			Doc: "Sum of two numbers, or a date, time or timestamp moved by an interval. Integers wrap; a DECIMAL that overflows is NULL.",
		},
		{
			Name: "-", Family: fam, Syntax: "a - b", Resolve: minusRule, Bind: bindArith('-'), Total: machineNumbers,
			Doc: "Difference of two numbers, a time moved back by an interval, or the interval between two timestamps.",
		},
		{
			Name: "*", Family: fam, Syntax: "a * b", Resolve: timesRule, Bind: bindTimes, Total: timesTotal, Integers: timesInteger,
			Doc: "Product of two numbers, or a multiple of an interval.",
		},
		{
			Name: "/", Family: fam, Syntax: "a / b", Resolve: numberRule('/'), Bind: bindArith('/'), Total: approximate,
			Doc: "Quotient. Between integers it is cut to an integer and fails for b = 0; between doubles it may be Infinity or NaN.",
		},
		{
			Name: "%", Aliases: []string{"MOD"}, Family: fam, Syntax: "a % b, MOD(a, b)", Resolve: modRule, Bind: bindArith('%'), Total: approximate,
			Doc: "Remainder, with the sign of a. Between integers it has the type of b and fails for b = 0.",
		},
		{
			Name: "NEG", Family: fam, Syntax: "-a", Resolve: negRule, Bind: bindNeg, Total: machineNumbers,
			Doc: "The number or interval with its sign changed.",
		},
	}
}

// approximate is the Total of division: of floating point only.
func approximate(params []types.Type) bool { return params[0].IsApprox() }

func bindArith(op byte) func(Call) (Kernel, error) {
	return func(c Call) (Kernel, error) {
		a, b := c.Args[0].Type, c.Args[1].Type
		switch {
		case a.IsTemporal() || b.IsTemporal():
			return bindTimeArith(op, c)
		case a.Kind == types.Decimal:
			return decimalKernel(op, c), nil
		}
		k := machineKernel(op, c)
		switch {
		case c.Result.Kind == a.Kind:
			return k, nil
		case a.Kind == types.BigInt && c.Result.Kind == types.Int && dividesByConst(op, c):
			return modIntsConst[int64, int32](constNumber[int64](c.Args[1])), nil
		}
		return narrowed(k, a, c.Result), nil // % has the type of its second operand
	}
}

func machineKernel(op byte, c Call) Kernel {
	switch vec.PhysOf(c.Args[0].Type) {
	case vec.Int8:
		return intKernel[int8](op, c)
	case vec.Int16:
		return intKernel[int16](op, c)
	case vec.Int32:
		return intKernel[int32](op, c)
	case vec.Int64:
		return intKernel[int64](op, c)
	case vec.Float32:
		return floatKernel[float32](op, c)
	}
	return floatKernel[float64](op, c)
}

func intKernel[T integer](op byte, c Call) Kernel {
	switch op {
	case '/':
		return divInts[T]
	case '%':
		if dividesByConst(op, c) {
			return modIntsConst[T, T](constNumber[T](c.Args[1]))
		}
		return modInts[T]
	}
	return commonKernel[T](op, c)
}

// dividesByConst reports whether modIntsConst is for a call.
func dividesByConst(op byte, c Call) bool {
	y := c.Args[1]
	return op == '%' && y.IsConst && constNumber[int64](y) > 1
}

func floatKernel[T float](op byte, c Call) Kernel {
	switch op {
	case '/':
		return divFloats[T]
	case '%':
		return modFloats[T]
	}
	return commonKernel[T](op, c)
}

// commonKernel is for + - *, with loops of their own where one side is a literal.
func commonKernel[T number](op byte, c Call) Kernel {
	x, y := c.Args[0], c.Args[1]
	switch {
	case y.IsConst && op == '+':
		return addConst(constNumber[T](y), 0)
	case x.IsConst && op == '+':
		return addConst(constNumber[T](x), 1)
	case y.IsConst && op == '-':
		return subConst(constNumber[T](y))
	case x.IsConst && op == '-':
		return constSub(constNumber[T](x))
	case y.IsConst && op == '*':
		return mulConst(constNumber[T](y), 0)
	case x.IsConst && op == '*':
		return mulConst(constNumber[T](x), 1)
	case op == '+':
		return add[T]
	case op == '-':
		return sub[T]
	}
	return mul[T]
}

func add[T number](args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, b, o := vec.Values[T](args[0])[:n], vec.Values[T](args[1])[:n], vec.Values[T](out)[:n]
	for i := range o {
		o[i] = a[i] + b[i]
	}
	return nil
}

func sub[T number](args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, b, o := vec.Values[T](args[0])[:n], vec.Values[T](args[1])[:n], vec.Values[T](out)[:n]
	for i := range o {
		o[i] = a[i] - b[i]
	}
	return nil
}

func mul[T number](args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, b, o := vec.Values[T](args[0])[:n], vec.Values[T](args[1])[:n], vec.Values[T](out)[:n]
	for i := range o {
		o[i] = a[i] * b[i]
	}
	return nil
}

func addConst[T number](y T, arg int) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, o := vec.Values[T](args[arg])[:n], vec.Values[T](out)[:n]
		for i := range o {
			o[i] = a[i] + y
		}
		return nil
	}
}

func subConst[T number](y T) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, o := vec.Values[T](args[0])[:n], vec.Values[T](out)[:n]
		for i := range o {
			o[i] = a[i] - y
		}
		return nil
	}
}

func constSub[T number](x T) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		b, o := vec.Values[T](args[1])[:n], vec.Values[T](out)[:n]
		for i := range o {
			o[i] = x - b[i]
		}
		return nil
	}
}

func mulConst[T number](y T, arg int) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, o := vec.Values[T](args[arg])[:n], vec.Values[T](out)[:n]
		for i := range o {
			o[i] = a[i] * y
		}
		return nil
	}
}

func divInts[T integer](args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, o := vec.Values[T](args[0]), vec.Values[T](args[1]), vec.Values[T](out)
	for _, i := range sel {
		if b[i] == 0 {
			return &RowError{Row: int(i), Err: errDivideByZero}
		}
		o[i] = a[i] / b[i]
	}
	return nil
}

func modInts[T integer](args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	a, b, o := vec.Values[T](args[0]), vec.Values[T](args[1]), vec.Values[T](out)
	for _, i := range sel {
		if b[i] == 0 {
			return &RowError{Row: int(i), Err: errDivideByZero}
		}
		o[i] = a[i] % b[i]
	}
	return nil
}

// modIntsConst is % of A by a constant from 2 on; R holds all remainders.
//
//go:noinline
func modIntsConst[A, R integer](y A) Kernel {
	d := newDivisor(uint64(y))
	return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		a, o := vec.Values[A](args[0])[:n], vec.Values[R](out)[:n]
		if len(sel) == n {
			for i, x := range a {
				o[i] = R(d.remainder(int64(x)))
			}
			return nil
		}
		for _, i := range sel {
			o[i] = R(d.remainder(int64(a[i])))
		}
		return nil
	}
}

// divisor divides by multiplying (Granlund, Montgomery: Division by invariant integers using multiplication): with s the least such that
// 2^s >= y, and m = ⌈2^(63+s) / y⌉, ⌊x / y⌋ is ⌊x m / 2^(63+s)⌋ for all x up to 2^63.
type divisor struct {
	y, m  uint64
	shift uint // s - 1: Mul64 has the product by 2^64
}

// newDivisor is for y from 2 on.
func newDivisor(y uint64) divisor {
	d := divisor{y: y, shift: uint(bits.Len64(y-1)) - 1}
	var rest uint64
	if d.m, rest = bits.Div64(1<<d.shift, 0, y); rest > 0 {
		d.m++
	}
	return d
}

// remainder has the sign of x.
func (d divisor) remainder(x int64) int64 {
	sign := x >> 63
	u := uint64((x ^ sign) - sign)
	q, _ := bits.Mul64(u, d.m)
	r := int64(u - q>>(d.shift&63)*d.y)
	return (r ^ sign) - sign
}

func divFloats[T float](args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, b, o := vec.Values[T](args[0])[:n], vec.Values[T](args[1])[:n], vec.Values[T](out)[:n]
	for i := range o {
		o[i] = a[i] / b[i]
	}
	return nil
}

func modFloats[T float](args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, b, o := vec.Values[T](args[0])[:n], vec.Values[T](args[1])[:n], vec.Values[T](out)[:n]
	for i := range o {
		o[i] = T(math.Mod(float64(a[i]), float64(b[i])))
	}
	return nil
}

// narrowed runs k into a vector of type wide and converts the result.
func narrowed(k Kernel, wide, result types.Type) Kernel {
	scratch := vec.New(wide)
	conv := castFunc(wide, result)
	return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		scratch.Resize(n)
		if err := k(args, sel, n, scratch); err != nil {
			return err
		}
		return conv(scratch, sel, n, out)
	}
}

func bindNeg(c Call) (Kernel, error) {
	switch vec.PhysOf(c.Result) {
	case vec.Int8:
		return negate[int8], nil
	case vec.Int16:
		return negate[int16], nil
	case vec.Int32:
		return negate[int32], nil
	case vec.Int64:
		return negate[int64], nil
	case vec.Float32:
		return negate[float32], nil
	case vec.Float64:
		return negate[float64], nil
	}
	return negateDecimals, nil
}

func negate[T number](args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
	a, o := vec.Values[T](args[0])[:n], vec.Values[T](out)[:n]
	for i := range o {
		o[i] = -a[i]
	}
	return nil
}
