package expr

import (
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// forms are the functions that are written out as others.
var forms = map[string]func(*udf.Registry, []Expr, diag.Span) (Expr, error){
	"BETWEEN": betweenForm,
	"NULLIF":  nullIfForm,
	"IFNULL":  ifNullForm,
	"IF":      ifForm,
	"IN":      inForm,

	"OVERLAPS": overlapsForm,
	"=":        equalForm,
	"<>":       unequalForm,
}

// equalForm compares rows that are written out field by field, so that a NULL in one of them is unknown and not
// unequal. All else it leaves to the operator.
func equalForm(reg *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	return fieldByField(reg, "=", "AND", args, at)
}

func unequalForm(reg *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	return fieldByField(reg, "<>", "OR", args, at)
}

func fieldByField(reg *udf.Registry, op, join string, args []Expr, at diag.Span) (Expr, error) {
	a, b := fieldsOf(args[0]), fieldsOf(args[1])
	if len(a) == 0 || len(a) != len(b) {
		return binary(reg, op, args[0], args[1], at)
	}
	var out Expr
	for i := range a {
		part, err := fieldByField(reg, op, join, []Expr{a[i], b[i]}, at)
		if err == nil && out != nil {
			part, err = binary(reg, join, out, part, at)
		}
		if err != nil {
			return nil, err
		}
		out = part
	}
	return out, nil
}

// fieldsOf gives the fields of ROW(…), nil for anything else.
func fieldsOf(x Expr) []Expr {
	if c, ok := x.(*Call); ok && c.Fn.Name == "ROW" {
		return c.Args
	}
	return nil
}

// betweenForm gives x >= low AND x <= high.
func betweenForm(reg *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	low, err := binary(reg, ">=", args[0], args[1], at)
	if err != nil {
		return nil, err
	}
	high, err := binary(reg, "<=", args[0], args[2], at)
	if err != nil {
		return nil, err
	}
	return binary(reg, "AND", low, high, at)
}

func binary(reg *udf.Registry, op string, a, b Expr, at diag.Span) (Expr, error) {
	return typedCall(reg.Lookup(op), []Expr{a, b}, at)
}

// nullIfForm gives CASE WHEN a = b THEN NULL ELSE a END.
func nullIfForm(reg *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	eq, err := equalForm(reg, args, at)
	if err != nil {
		return nil, err
	}
	null := &Literal{T: args[0].Type().WithNull(), At: at}
	return NewCase([]When{{Cond: eq, Then: null}}, args[0], at)
}

func ifNullForm(reg *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	if t := args[0].Type(); len(args) == 2 && t.IsString() && !t.Nullable() && args[1].Type().IsString() {
		return args[0], nil // with its own length
	}
	return typedCall(reg.Lookup("COALESCE"), args, at)
}

// ifForm gives CASE WHEN a THEN b ELSE c END, whose type admits NULL also where the
// condition does.
func ifForm(_ *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	e, err := NewCase([]When{{Cond: args[0], Then: args[1]}}, args[2], at)
	if err != nil {
		return nil, err
	}
	c := e.(*Case)
	c.T = c.T.WithNullIf(c.T.Nullable() || args[0].Type().Nullable())
	return c, nil
}

// numbersAsText makes texts of the literal numbers that a text is looked for among, where there is nothing else: '01' IN (1) does not hold.
func numbersAsText(args []Expr) ([]Expr, error) {
	if !args[0].Type().IsString() {
		return args, nil
	}
	out := append([]Expr(nil), args...)
	for i, a := range args[1:] {
		lit, ok := a.(*Literal)
		switch {
		case ok && lit.Value == nil:
			continue
		case !ok || !lit.T.IsNumeric():
			return args, nil
		}
		text, err := NewCast(lit, types.String(), false, a.Span())
		if err != nil {
			return nil, err
		}
		out[i+1] = text
	}
	return out, nil
}

// inForm leaves IN over literals to its kernel, and writes x = a OR x = b … else.
func inForm(reg *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	args, err := numbersAsText(args)
	if err != nil {
		return nil, err
	}
	call, err := typedCall(reg.Lookup("IN"), args, at)
	if err != nil {
		return nil, err
	}
	literals := true
	for _, a := range call.(*Call).Args[1:] {
		_, ok := a.(*Literal)
		literals = literals && ok
	}
	if literals && len(args) > 2 {
		return call, nil
	}
	var out Expr
	for _, a := range args[1:] {
		eq, err := equalForm(reg, []Expr{args[0], a}, at)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = eq
			continue
		}
		if out, err = binary(reg, "OR", out, eq, at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// overlapsForm gives end1 >= start2 AND end2 >= start1, the ends in order. As in Flink, where one end is NULL the
// start is the second and the end the first of the two: what is known may still rule an overlap out.
func overlapsForm(reg *udf.Registry, args []Expr, at diag.Span) (Expr, error) {
	var bounds [4]Expr // start and end of each period
	for k := 0; k < 4; k += 2 {
		start, end := args[k], args[k+1]
		var err error
		if end.Type().IsInterval() {
			if end, err = binary(reg, "+", start, end, at); err != nil {
				return nil, err
			}
		}
		ordered, err := binary(reg, "<=", start, end, at)
		if err != nil {
			return nil, err
		}
		if bounds[k], err = NewCase([]When{{Cond: ordered, Then: start}}, end, at); err != nil {
			return nil, err
		}
		if bounds[k+1], err = NewCase([]When{{Cond: ordered, Then: end}}, start, at); err != nil {
			return nil, err
		}
	}
	first, err := binary(reg, ">=", bounds[1], bounds[2], at)
	if err != nil {
		return nil, err
	}
	second, err := binary(reg, ">=", bounds[3], bounds[0], at)
	if err != nil {
		return nil, err
	}
	return binary(reg, "AND", first, second, at)
}

// JSONClauses are what JSON functions take behind their arguments, bound. The texts are
// those of ast.JSONClauses.
type JSONClauses struct {
	Returning                      *types.Type
	Wrapper                        string
	OnEmpty, OnError, OnNull       string
	OnEmptyDefault, OnErrorDefault Expr
}

// NewJSONCall types a call of JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT or
// JSON_ARRAY with its clauses, which become arguments of the entry: behaviours as string
// literals, defaults as values, RETURNING as a NULL literal of the type.
func NewJSONCall(reg *udf.Registry, name string, args []Expr, c JSONClauses, at diag.Span) (Expr, error) {
	text := func(s string) Expr { return NewLiteral(s, types.Type{Kind: types.Char, Length: len(s)}, at) }
	value := func(x Expr) Expr {
		if x == nil {
			return &Literal{T: types.New(types.Null), At: at}
		}
		return x
	}
	returning := types.String()
	if c.Returning != nil {
		returning = c.Returning.WithNull()
	}
	typ := &Literal{T: returning, At: at}
	fn := reg.Lookup(name)
	if fn == nil {
		return nil, unknownFunction(reg, name, at)
	}
	switch fn.Name {
	case "JSON_VALUE":
		args = append(args, typ, text(c.OnEmpty), value(c.OnEmptyDefault), text(c.OnError), value(c.OnErrorDefault))
	case "JSON_QUERY":
		args = append(args, typ, text(c.Wrapper), text(c.OnEmpty), text(c.OnError))
	case "JSON_EXISTS":
		args = append(args, text(c.OnError))
	case "JSON_OBJECT", "JSON_ARRAY":
		args = append([]Expr{text(c.OnNull)}, args...)
	}
	return typedCall(fn, args, at)
}
