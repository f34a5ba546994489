package udf

import (
	"math"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func conditionalFuncs() []*Func {
	const fam = "conditional"
	return []*Func{
		{
			Name: "COALESCE", Family: fam, Syntax: "COALESCE(value[, value]…)", Resolve: coalesceRule,
			Doc: "The first value that is not NULL. Later values are evaluated only where the earlier ones are NULL.",
		},
		{
			Name: "IFNULL", Family: fam, Syntax: "IFNULL(value, replacement)", Resolve: coalesceRule,
			Doc: "The replacement where the value is NULL.",
		},
		{
			Name: "NULLIF", Family: fam, Syntax: "NULLIF(a, b)", Resolve: nullIfRule,
			Doc: "NULL where a equals b, else a.",
		},
		{
			Name: "IF", Family: fam, Syntax: "IF(condition, then, else)", Resolve: ifRule,
			Doc: "The second argument where the condition is TRUE, else the third; only the one that is needed is evaluated.",
		},
		{
			Name: "BETWEEN", Family: "comparison", Syntax: "x BETWEEN low AND high", Resolve: betweenRule,
			Doc: "x >= low AND x <= high.",
		},
		{
			Name: "IN", Family: "comparison", Syntax: "x IN (value[, value]…)", Resolve: inRule, Bind: bindIn, NullCall: true, Total: machineIntegers,
			Doc: "TRUE where x equals one of the values; else NULL where x or one of the values is NULL.",
		},
		{
			Name: "GREATEST", Family: fam, Syntax: "GREATEST(value[, value]…)", Resolve: extremeRule, Bind: bindExtreme(1),
			Doc: "The largest of the values; NULL where one is NULL.",
		},
		{
			Name: "LEAST", Family: fam, Syntax: "LEAST(value[, value]…)", Resolve: extremeRule, Bind: bindExtreme(-1),
			Doc: "The smallest of the values; NULL where one is NULL.",
		},
	}
}

// same converts all arguments to their common type.
func same(args []Arg, t types.Type) []types.Type {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = t.WithNullIf(a.Type.Nullable())
	}
	return ts
}

func coalesceRule(args []Arg) (Signature, error) {
	if len(args) == 0 {
		return Signature{}, wrongCount(0, 1, 1<<16)
	}
	t, err := widestTypes(args)
	if err != nil {
		return Signature{}, err
	}
	null := true
	for _, a := range args {
		null = null && a.Type.Nullable()
	}
	return Signature{Params: same(args, t), Result: t.WithNullIf(null)}, nil
}

func nullIfRule(args []Arg) (Signature, error) {
	s, err := compareRule("NULLIF", false, true)(args)
	if err != nil {
		return s, err
	}
	return Signature{Params: []types.Type{args[0].Type, args[1].Type}, Result: args[0].Type.WithNull()}, nil
}

func ifRule(args []Arg) (Signature, error) {
	if len(args) != 3 {
		return Signature{}, wrongCount(len(args), 3, 3)
	}
	if k := args[0].Type.Kind; k != types.Boolean && k != types.Null {
		return Signature{}, diag.Errorf(diag.Span{}, "the condition must be a boolean, but is %s", args[0].Type.WithNull())
	}
	t, err := commonTypes(args[1:])
	if err != nil {
		return Signature{}, err
	}
	params := append([]types.Type{types.New(types.Boolean)}, same(args[1:], t)...)
	return Signature{Params: params, Result: t.WithNullIf(anyNullable(args))}, nil
}

func betweenRule(args []Arg) (Signature, error) {
	if len(args) != 3 {
		return Signature{}, wrongCount(len(args), 3, 3)
	}
	for _, b := range args[1:] {
		if _, err := compareRule("BETWEEN", true, true)([]Arg{args[0], b}); err != nil {
			return Signature{}, err
		}
	}
	return Signature{
		Params: []types.Type{args[0].Type, args[1].Type, args[2].Type},
		Result: types.New(types.Boolean).WithNullIf(anyNullable(args)),
	}, nil
}

func extremeRule(args []Arg) (Signature, error) {
	if len(args) == 0 {
		return Signature{}, wrongCount(0, 1, 1<<16)
	}
	t, err := widestTypes(args)
	if err != nil {
		return Signature{}, err
	}
	if !hasOrder(t) {
		return Signature{}, diag.Errorf(diag.Span{}, "values of type %s have no order", t.WithNull())
	}
	return Signature{Params: same(args, t), Result: t.WithNullIf(anyNullable(args))}, nil
}

// bindExtreme keeps, per row, the argument that compares as want (1: greater, -1: less)
// with the best so far. Here, as in Java, -0.0 is less than 0.0.
func bindExtreme(want int) func(Call) (Kernel, error) {
	return func(c Call) (Kernel, error) {
		picked := make([][]int32, len(c.Args))
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			for k := range picked {
				picked[k] = picked[k][:0]
			}
			for _, i := range sel {
				best := 0
				for k := 1; k < len(args); k++ {
					d := compareRows(args[k], int(i), args[best], int(i))
					if d == 0 {
						d = zeroSign(args[k], int(i)) - zeroSign(args[best], int(i))
					}
					if d == want {
						best = k
					}
				}
				picked[best] = append(picked[best], i)
			}
			for k, rows := range picked {
				if len(rows) > 0 {
					out.CopyRows(args[k], rows)
				}
			}
			return nil
		}, nil
	}
}

// zeroSign is -1 for -0.0.
func zeroSign(v *vec.Vector, i int) int {
	switch v.Phys() {
	case vec.Float32:
		if x := vec.Values[float32](v)[i]; x == 0 && math.Signbit(float64(x)) {
			return -1
		}
	case vec.Float64:
		if x := vec.Values[float64](v)[i]; x == 0 && math.Signbit(x) {
			return -1
		}
	}
	return 0
}
