package expr

import (
	"errors"
	"strings"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// NewLiteral makes a constant of a boxed value.
func NewLiteral(value any, t types.Type, at diag.Span) *Literal {
	return &Literal{Value: value, T: t.WithNullIf(value == nil), At: at}
}

// NewCall types a call of a function or operator: arguments are converted to the
// parameters, forms that are other forms in short (BETWEEN, NULLIF …) are written out. The
// error is a *diag.Error.
//
// Operators go by their symbols: + - * / % || = <> < <= > >= AND OR NOT, NEG for the
// unary minus, "IS NULL", "IS NOT DISTINCT FROM" and so on, LIKE (2 or 3 arguments),
// "SIMILAR TO", BETWEEN (3), IN (x, values…), ITEM for x[i], ARRAY, MAP, ROW. Units of time
// are string literals: EXTRACT('YEAR', x).
func NewCall(reg *udf.Registry, name string, args []Expr, at diag.Span) (Expr, error) {
	name = strings.ToUpper(name)
	if name == "+" && len(args) == 1 {
		return args[0], nil
	}
	fn := reg.Lookup(name)
	if fn == nil {
		return nil, unknownFunction(reg, name, at)
	}
	if build, ok := forms[fn.Name]; ok {
		if _, err := fn.Resolve(describe(args)); err != nil {
			return nil, callError(fn, err, at)
		}
		return build(reg, args, at)
	}
	return typedCall(fn, args, at)
}

// typedCall resolves and converts.
func typedCall(fn *udf.Func, args []Expr, at diag.Span) (Expr, error) {
	sig, err := fn.Resolve(describe(args))
	if err != nil {
		return nil, callError(fn, err, at)
	}
	converted := make([]Expr, len(args))
	for i, a := range args {
		if converted[i], err = convert(a, sig.Params[i]); err != nil {
			return nil, err
		}
	}
	return &Call{Fn: fn, Args: converted, T: sig.Result, At: at}, nil
}

// describe tells a typing rule about the arguments.
func describe(args []Expr) []udf.Arg {
	out := make([]udf.Arg, len(args))
	for i, a := range args {
		out[i] = udf.Arg{Type: a.Type()}
		switch a := a.(type) {
		case *Literal:
			out[i].Const, out[i].IsConst = a.Value, true
		case *Call:
			out[i].JSON = a.Fn.MakesJSON
		}
	}
	return out
}

// callError puts the function's name and the place into a typing rule's error.
func callError(fn *udf.Func, err error, at diag.Span) error {
	var e *diag.Error
	if !errors.As(err, &e) {
		return diag.Errorf(at, "%s: %w", fn.Name, err)
	}
	c := *e
	if c.Span.IsZero() {
		c.Span = at
	}
	if !errors.Is(err, diag.ErrUnsupported) && !strings.HasPrefix(c.Msg, fn.Name+" ") {
		c.Msg = fn.Name + ": " + c.Msg
	}
	if c.Hint == "" {
		c.Hint = "usage: " + fn.Syntax
	}
	return &c
}

func unknownFunction(reg *udf.Registry, name string, at diag.Span) error {
	e := diag.Errorf(at, "unknown function %s", name)
	if near := reg.Nearest(name); near != "" {
		return e.WithHint("did you mean %s?", near)
	}
	return e.WithHint("SHOW FUNCTIONS lists the functions there are")
}

// NewCast converts explicitly; a conversion that the CAST matrix forbids is a
// *diag.Error.
func NewCast(x Expr, to types.Type, try bool, at diag.Span) (Expr, error) {
	from := x.Type()
	if !types.Castable(from, to) {
		e := diag.Errorf(at, "a value of type %s cannot be cast to %s", from.WithNull(), to.WithNull())
		switch {
		case from.IsNumeric() && to.IsTimestamp():
			return nil, e.WithHint("use TO_TIMESTAMP_LTZ(x, 3) for milliseconds since 1970, or 0 for seconds")
		case from.IsTimestamp() && to.IsNumeric():
			return nil, e.WithHint("use UNIX_TIMESTAMP(CAST(x AS STRING)) for seconds since 1970")
		}
		return nil, e
	}
	to = to.WithNullIf(from.Nullable() || try)
	if l, ok := x.(*Literal); ok && l.Value == nil {
		return &Literal{T: to.WithNull(), At: at}, nil
	}
	if from.Equal(to) {
		return x, nil
	}
	return &Cast{X: x, T: to, Try: try, At: at}, nil
}

// ImplicitCast converts as INSERT and UNION do: only where no cast has to be written.
// The result has to's type, but admits NULL where x does.
func ImplicitCast(x Expr, to types.Type) (Expr, error) {
	if !types.Assignable(x.Type(), to) {
		if t, ok := types.Common(x.Type(), to); !ok || !t.EqualIgnoringNull(to) {
			return nil, diag.Errorf(x.Span(), "a value of type %s does not fit %s", x.Type().WithNull(), to.WithNull()).
				WithHint("convert it with CAST(… AS %s)", to.WithNull())
		}
	}
	return convert(x, to)
}

// convert makes x a value of type to, which the caller knows to be possible. Literals are
// converted at once.
func convert(x Expr, to types.Type) (Expr, error) {
	from := x.Type()
	to = to.WithNullIf(from.Nullable())
	if sameLayout(from, to) {
		return x, nil
	}
	if !types.Castable(from, to) {
		return nil, diag.Errorf(x.Span(), "a value of type %s cannot be used as %s", from.WithNull(), to.WithNull())
	}
	l, isLiteral := x.(*Literal)
	if isLiteral && l.Value == nil {
		return &Literal{T: to, At: l.At}, nil
	}
	c := &Cast{X: x, T: to, Implicit: true, At: x.Span()}
	if isLiteral && !dependsOnZone(from, to) {
		return Fold(c, &udf.Env{})
	}
	return c, nil
}

// sameLayout reports whether a value of one type is one of the other as it is: strings
// of any length, and what differs in nullability only.
func sameLayout(from, to types.Type) bool {
	if from.IsString() && to.IsString() {
		return to.Length == types.MaxLength || from.Kind == to.Kind && from.Length == to.Length ||
			to.Kind == types.VarChar && from.Length <= to.Length
	}
	if from.IsBinary() && to.IsBinary() {
		return to.Length == types.MaxLength || from.Length == to.Length
	}
	return from.EqualIgnoringNull(to)
}

// dependsOnZone reports whether a conversion needs the session's time zone.
func dependsOnZone(from, to types.Type) bool {
	return (from.Kind == types.TimestampLTZ) != (to.Kind == types.TimestampLTZ)
}

// NewCase makes the searched CASE; els nil is NULL. Branches are converted to their
// common type.
func NewCase(whens []When, els Expr, at diag.Span) (Expr, error) {
	if els == nil {
		els = &Literal{T: types.New(types.Null), At: at}
	}
	branches := make([]types.Type, 0, len(whens)+1)
	for _, w := range whens {
		if k := w.Cond.Type().Kind; k != types.Boolean && k != types.Null {
			return nil, diag.Errorf(w.Cond.Span(), "a CASE condition must be a boolean, but is %s", w.Cond.Type().WithNull())
		}
		branches = append(branches, w.Then.Type())
	}
	t, ok := types.Common(append(branches, els.Type())...)
	if !ok {
		return nil, diag.Errorf(at, "the branches of CASE have no common type: %s", typeNames(append(branches, els.Type()))).
			WithHint("convert them with CAST")
	}
	c := &Case{T: t, At: at, Whens: make([]When, len(whens))}
	var err error
	for i, w := range whens {
		if c.Whens[i].Cond, err = convert(w.Cond, types.New(types.Boolean)); err != nil {
			return nil, err
		}
		if c.Whens[i].Then, err = convert(w.Then, t); err != nil {
			return nil, err
		}
	}
	if c.Else, err = convert(els, t); err != nil {
		return nil, err
	}
	return c, nil
}

func typeNames(ts []types.Type) string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = t.WithNull().String()
	}
	return strings.Join(names, ", ")
}

// NewField reads the field called name of a row.
func NewField(x Expr, name string, at diag.Span) (Expr, error) {
	t := x.Type()
	if t.Kind != types.Row && t.Kind != types.Structured {
		return nil, diag.Errorf(at, "a value of type %s has no field '%s'", t.WithNull(), name)
	}
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		if f.Name == name {
			return NewFieldAt(x, i, at), nil
		}
		names[i] = f.Name
	}
	return nil, diag.Errorf(at, "unknown field '%s'", name).WithHint("the row has the fields %s", strings.Join(names, ", "))
}

// NewFieldAt reads the i-th field of a row, counted from 0.
func NewFieldAt(x Expr, i int, at diag.Span) Expr {
	t := x.Type().Fields[i].Type
	return &Field{X: x, Index: i, T: t.WithNullIf(t.Nullable() || x.Type().Nullable()), At: at}
}

// And joins conditions; nil for none.
func And(conds []Expr) Expr {
	var out Expr
	for _, c := range conds {
		if out == nil {
			out = c
			continue
		}
		t := types.New(types.Boolean).WithNullIf(out.Type().Nullable() || c.Type().Nullable())
		out = &Call{Fn: andFunc, Args: []Expr{out, c}, T: t, At: out.Span().Cover(c.Span())}
	}
	return out
}

// andFunc is AND as And makes it; the compiler evaluates it itself.
var andFunc = &udf.Func{Name: "AND", Family: "logical", Syntax: "a AND b"}
