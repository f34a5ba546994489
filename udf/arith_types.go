package udf

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/cast"
)

// numbers gives the operand types and result of op between two numbers.
func numbers(op types.ArithOp, args []Arg) (Signature, bool) {
	a, b := args[0].Type, args[1].Type
	switch {
	case a.Kind == types.Null && b.Kind == types.Null:
		a, b = types.New(types.Int), types.New(types.Int)
	case a.Kind == types.Null:
		a = b.WithNull()
	case b.Kind == types.Null:
		b = a.WithNull()
	}
	if !a.IsNumeric() || !b.IsNumeric() {
		return Signature{}, false
	}
	null := a.Nullable() || b.Nullable()
	if isExact(a) && isExact(b) && (a.Kind == types.Decimal || b.Kind == types.Decimal) {
		x, y := types.AsDecimal(a), types.AsDecimal(b)
		return Signature{Params: []types.Type{x, y}, Result: types.DecimalResult(op, x, y).WithNullIf(null)}, true
	}
	t, ok := types.Common(a, b)
	return Signature{
		Params: []types.Type{t.WithNullIf(a.Nullable()), t.WithNullIf(b.Nullable())},
		Result: t.WithNullIf(null),
	}, ok
}

func numberRule(op types.ArithOp) rule {
	return func(args []Arg) (Signature, error) {
		if len(args) != 2 {
			return Signature{}, wrongCount(len(args), 2, 2)
		}
		s, ok := numbers(op, args)
		if !ok {
			return s, badOperands(string(op), args)
		}
		return s, nil
	}
}

// modRule gives the remainder of two integers the type of the second.
func modRule(args []Arg) (Signature, error) {
	s, err := numberRule(types.Mod)(args)
	if err == nil && s.Result.IsInteger() && args[1].Type.IsInteger() {
		s.Result = args[1].Type.WithNullIf(s.Result.Nullable())
	}
	return s, err
}

func badOperands(op string, args []Arg) error {
	e := noSuch(op, args)
	for _, a := range args {
		if a.Type.IsString() && op == "+" {
			return e.WithHint("strings are put together by ||")
		}
	}
	return e.WithHint("convert the operands with CAST")
}

func plusRule(args []Arg) (Signature, error) {
	if len(args) != 2 {
		return Signature{}, wrongCount(len(args), 2, 2)
	}
	if s, ok := numbers(types.Add, args); ok {
		return s, nil
	}
	if s, ok := movedTime(args, 0, 1); ok {
		return s, nil
	}
	if s, ok := movedTime(args, 1, 0); ok {
		return s, nil
	}
	if s, ok := sameIntervals(args); ok {
		return s, nil
	}
	return Signature{}, badOperands("+", args)
}

func minusRule(args []Arg) (Signature, error) {
	if len(args) != 2 {
		return Signature{}, wrongCount(len(args), 2, 2)
	}
	if s, ok := numbers(types.Sub, args); ok {
		return s, nil
	}
	if s, ok := movedTime(args, 0, 1); ok {
		return s, nil
	}
	if s, ok := sameIntervals(args); ok {
		return s, nil
	}
	a, b := args[0].Type, args[1].Type
	if a.IsTemporal() && b.IsTemporal() && (a.Kind == types.Time) == (b.Kind == types.Time) {
		t, ok := types.Common(a, b)
		if ok {
			t = t.WithNull()
			return Signature{
				Params: []types.Type{t, t},
				Result: types.New(types.IntervalMilli).WithNullIf(anyNullable(args)),
			}, nil
		}
	}
	return Signature{}, badOperands("-", args)
}

func timesRule(args []Arg) (Signature, error) {
	if len(args) != 2 {
		return Signature{}, wrongCount(len(args), 2, 2)
	}
	for i := range args {
		if t := args[i].Type; t.IsInterval() && args[1-i].Type.IsInteger() {
			t = t.WithNullIf(anyNullable(args))
			return Signature{Params: []types.Type{t, t}, Result: t}, nil
		}
	}
	return numberRule(types.Mul)(args)
}

func negRule(args []Arg) (Signature, error) {
	if len(args) != 1 {
		return Signature{}, wrongCount(len(args), 1, 1)
	}
	t := args[0].Type
	if t.Kind == types.Null {
		t = types.New(types.Int)
	}
	if !t.IsNumeric() && !t.IsInterval() {
		return Signature{}, badOperands("-", args)
	}
	return Signature{Params: []types.Type{t}, Result: t}, nil
}

// movedTime types args[t] ± the interval args[v].
func movedTime(args []Arg, t, v int) (Signature, bool) {
	at, by := args[t].Type, args[v].Type
	if !at.IsTemporal() || !by.IsInterval() {
		return Signature{}, false
	}
	if at.Kind == types.Time && by.Kind == types.IntervalMonth {
		return Signature{}, false
	}
	result := at.WithNullIf(anyNullable(args)) // a date moved by hours is a date
	params := make([]types.Type, 2)
	params[t], params[v] = result.WithNullIf(at.Nullable()), by
	return Signature{Params: params, Result: result}, true
}

func sameIntervals(args []Arg) (Signature, bool) {
	a, b := args[0].Type, args[1].Type
	if !a.IsInterval() || a.Kind != b.Kind {
		return Signature{}, false
	}
	return Signature{Params: []types.Type{a, b}, Result: a.WithNullIf(anyNullable(args))}, true
}

// castFunc is for conversions that always exist: among numbers, and to strings.
func castFunc(from, to types.Type) cast.Func {
	f, err := cast.Bind(from, to, cast.Options{})
	if err != nil {
		return func(*vec.Vector, []int32, int, *vec.Vector) error { return err }
	}
	return f
}
