package bind

import (
	"strings"
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
	if err := intervalDigits(x); err != nil {
		return nil, err
	}
	v, t, err := expr.ParseInterval(x.Text, string(x.From), string(x.To), x.Negative)
	if err != nil {
		return nil, diag.At(err, x.Span())
	}
	return expr.NewLiteral(v, t, x.Span()), nil
}

// The digits that the first field of an interval may have: as many as stand in brackets behind its unit, or two. Seconds have six after
// the point, where nothing is said.
const (
	leadingDigits    = 2
	mostDigits       = 10
	fractionalDigits = 6
	milliDigits      = 3 // that count
)

// intervalDigits refuses a literal with more digits than its type takes. Flink refuses it, too.
func intervalDigits(x *ast.IntervalLit) error {
	lead, fraction := x.Precision, x.Fractions
	if lead < 0 {
		lead = leadingDigits
	}
	if fraction < 0 {
		fraction = fractionalDigits
	}
	if lead < 1 || lead > mostDigits {
		return diag.Errorf(x.Span(), "%s takes 1 to %d digits, not %d", x.From, mostDigits, lead)
	}
	text := strings.TrimLeft(x.Text, " +-0")
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	if end > mostDigits {
		return diag.Errorf(x.Span(), "INTERVAL '%s' is too long", x.Text).WithHint("the first unit takes %d digits", mostDigits)
	}
	if end > lead {
		return diag.Errorf(x.Span(), "%s of INTERVAL '%s' has more than %d digits", x.From, x.Text, lead).
			WithHint("write %s(%d)", x.From, end)
	}
	if _, digits, ok := strings.Cut(x.Text, "."); ok && len(strings.TrimSpace(digits)) > fraction {
		e := diag.Errorf(x.Span(), "INTERVAL '%s' has more than %d digits of a second", x.Text, fraction)
		if fraction < milliDigits {
			return e.WithHint("SECOND(2, 3) takes three")
		}
		return e.WithHint("intervals count milliseconds")
	}
	return nil
}

// unit makes a time unit an argument: EXTRACT('YEAR', x).
func unit(x *ast.UnitArg) expr.Expr {
	return expr.NewLiteral(string(x.Unit), types.Type{Kind: types.Char, Length: len(x.Unit)}, x.Span())
}
