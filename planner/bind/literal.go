package bind

import (
	"time"

	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// literal binds a constant as it is written.
func (e *exprs) literal(x *ast.Literal) (expr.Expr, error) {
	at := x.Span()
	switch x.Kind {
	case ast.NullLit:
		return expr.NewLiteral(nil, types.New(types.Null), at), nil
	case ast.BoolLit:
		return expr.NewLiteral(x.Bool, types.New(types.Boolean), at), nil
	case ast.StringLit:
		return expr.NewLiteral(x.Text, types.Type{Kind: types.Char, Length: len([]rune(x.Text))}, at), nil
	case ast.BinaryLit:
		return expr.NewLiteral([]byte(x.Text), types.Type{Kind: types.Binary, Length: len(x.Text)}, at), nil
	case ast.NumberLit:
		return parsed(expr.ParseNumber, x.Text, at)
	case ast.DateLit:
		return parsed(expr.ParseDate, x.Text, at)
	case ast.TimeLit:
		return parsed(expr.ParseTime, x.Text, at)
	case ast.TimestampLit:
		return parsed(expr.ParseTimestamp, x.Text, at)
	case ast.TimestampLTZLit:
		return parsed(func(s string) (any, types.Type, error) { return expr.ParseTimestampLTZ(s, e.zone()) }, x.Text, at)
	}
	return nil, diag.Unsupported(at, "this kind of literal")
}

func (e *exprs) zone() *time.Location { return e.b.Session.Settings.Zone() }

// parsed makes a literal of what one of expr's Parse functions reads in text.
func parsed(parse func(string) (any, types.Type, error), text string, at diag.Span) (expr.Expr, error) {
	v, t, err := parse(text)
	if err != nil {
		return nil, diag.At(err, at)
	}
	return expr.NewLiteral(v, t, at), nil
}

func interval(x *ast.IntervalLit) (expr.Expr, error) {
	v, t, err := expr.ParseInterval(x.Text, string(x.From), string(x.To), x.Negative)
	if err != nil {
		return nil, diag.At(err, x.Span())
	}
	return expr.NewLiteral(v, t, x.Span()), nil
}

// unit makes a time unit an argument: EXTRACT('YEAR', x).
func unit(x *ast.UnitArg) expr.Expr {
	return expr.NewLiteral(string(x.Unit), types.Type{Kind: types.Char, Length: len(x.Unit)}, x.Span())
}
