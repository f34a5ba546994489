package udf

import (
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// comparable2 gives the types that two operands of a comparison are converted to.
// Decimals keep their scales: the kernel compares them exactly.
func comparable2(a, b types.Type) (x, y types.Type, ok bool) {
	switch {
	case a.Kind == types.Null && b.Kind == types.Null:
		n := types.New(types.Boolean)
		return n, n, true
	case a.Kind == types.Null:
		return b, b, true
	case b.Kind == types.Null:
		return a, a, true
	case a.IsString() && b.IsString(), a.IsBinary() && b.IsBinary():
		return a, b, true
	case isExact(a) && isExact(b) && (a.Kind == types.Decimal || b.Kind == types.Decimal):
		return types.AsDecimal(a), types.AsDecimal(b), true
	case a.IsString() && convertsFromText(b):
		return b, b, true
	case b.IsString() && convertsFromText(a):
		return a, a, true
	case a.IsApprox() && b.IsApprox() && a.Kind != b.Kind:
		t := types.New(types.Double)
		return t, t, true
	}
	t, ok := types.Common(a.WithNull(), b.WithNull())
	return t, t, ok
}

func isExact(t types.Type) bool { return t.IsInteger() || t.Kind == types.Decimal }

// convertsFromText are the types that a string is converted to when compared with them.
func convertsFromText(t types.Type) bool {
	return t.IsNumeric() || t.IsTemporal() || t.Kind == types.Boolean
}

// compareRule is the typing rule of = <> < <= > >= and IS [NOT] DISTINCT FROM.
func compareRule(op string, ordered, nullable bool) rule {
	return func(args []Arg) (Signature, error) {
		if len(args) != 2 {
			return Signature{}, wrongCount(len(args), 2, 2)
		}
		x, y, ok := comparable2(args[0].Type, args[1].Type)
		if !ok || ordered && !hasOrder(x) || !hasEquality(x) {
			return Signature{}, noSuch(op, args).WithHint("convert one side with CAST")
		}
		result := types.New(types.Boolean).WithNullIf(nullable && anyNullable(args))
		return Signature{
			Params: []types.Type{x.WithNullIf(args[0].Type.Nullable()), y.WithNullIf(args[1].Type.Nullable())},
			Result: result,
		}, nil
	}
}

func hasOrder(t types.Type) bool { return !t.IsNested() && t.Kind < types.Array }

func hasEquality(t types.Type) bool { return t.Kind <= types.Row }

// commonRule types arguments from index from on that are all converted to their common
// type (GREATEST, COALESCE, IN …).
func commonTypes(args []Arg) (types.Type, error) {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type
	}
	t, ok := types.Common(ts...)
	if !ok {
		return t, diag.Errorf(diag.Span{}, "the arguments have no common type: %s", typeList(args)).
			WithHint("convert them with CAST")
	}
	return t, nil
}

// widestTypes is commonTypes among the arguments of functions, unlike those of operators and CASE: a DOUBLE behind a FLOAT
// counts, and so does a DECIMAL, while one before it does not.
func widestTypes(args []Arg) (types.Type, error) {
	t, err := commonTypes(args)
	if t.Kind != types.Float && t.Kind != types.Double {
		return t, err
	}
	t.Kind = types.Null
	for _, a := range args {
		switch k := a.Type.Kind; {
		case k == types.Double, k == types.Decimal && t.Kind == types.Float:
			t.Kind = types.Double
		case k == types.Float && t.Kind != types.Double:
			t.Kind = types.Float
		}
	}
	return t, err
}

func typeList(args []Arg) string {
	s := ""
	for i, a := range args {
		if i > 0 {
			s += ", "
		}
		s += a.Type.WithNull().String()
	}
	return s
}
