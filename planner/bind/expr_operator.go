package bind

import (
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func (e *exprs) unary(x *ast.Unary) (expr.Expr, error) {
	if lit, ok := x.X.(*ast.Literal); ok && x.Op == "-" && lit.Kind == ast.NumberLit {
		return parsed(negative, lit.Text, x.Span())
	}
	switch x.Op {
	case "-":
		return e.apply("NEG", x.Span(), x.X)
	case "NOT":
		return e.apply("NOT", x.Span(), x.X)
	}
	bound, err := e.bind(x.X)
	if err == nil && !bound.Type().IsNumeric() && !bound.Type().IsInterval() {
		return nil, diag.Errorf(x.Span(), "+ takes a number, not %s", bound.Type().WithNull())
	}
	return bound, err
}

// negative reads a number behind a minus. The sign is part of the literal, or else the least
// BIGINT could not be written; it does not count as a digit of a DECIMAL.
func negative(text string) (any, types.Type, error) {
	v, t, err := expr.ParseNumber("-" + text)
	if err == nil && t.Kind == types.Decimal {
		_, t, err = expr.ParseNumber(text)
	}
	return v, t, err
}

// binary binds an infix operator. Long chains of one operator lean to the left: they are
// taken apart in a loop, so that their length does not count as depth.
func (e *exprs) binary(x *ast.Binary) (expr.Expr, error) {
	var chain []*ast.Binary
	left := ast.Expr(x)
	for {
		next, ok := left.(*ast.Binary)
		if !ok {
			break
		}
		if e.hook != nil && next != x {
			if bound, err := e.hook(next); err != nil {
				return nil, err
			} else if bound != nil {
				return e.climb(bound, chain)
			}
		}
		chain = append(chain, next)
		left = next.L
	}
	bound, err := e.bind(left)
	if err != nil {
		return nil, err
	}
	return e.climb(bound, chain)
}

// climb applies the operators of a chain, the innermost, which is the last, first.
func (e *exprs) climb(left expr.Expr, chain []*ast.Binary) (expr.Expr, error) {
	for i := len(chain) - 1; i >= 0; i-- {
		x := chain[i]
		right, err := e.bind(x.R)
		if err != nil {
			return nil, err
		}
		if left, err = e.make(x.Op, x.Span(), left, right); err != nil {
			return nil, err
		}
	}
	return left, nil
}

func (e *exprs) is(x *ast.Is) (expr.Expr, error) {
	name := "IS "
	if x.Not {
		name += "NOT "
	}
	what := x.What
	if what == "UNKNOWN" {
		bound, err := e.condition(x.X)
		if err != nil {
			return nil, err
		}
		return e.make(name+"NULL", x.Span(), bound)
	}
	return e.apply(name+what, x.Span(), x.X)
}

func (e *exprs) not(x expr.Expr, not bool, at diag.Span) (expr.Expr, error) {
	if !not {
		return x, nil
	}
	return e.make("NOT", at, x)
}

// between binds x BETWEEN low AND high as the two comparisons that it means.
func (e *exprs) between(x *ast.Between) (expr.Expr, error) {
	bound, err := e.all([]ast.Expr{x.X, x.Low, x.High})
	if err != nil {
		return nil, err
	}
	out, err := e.within(bound[0], bound[1], bound[2], x.Span())
	if err != nil {
		return nil, err
	}
	if x.Symmetric {
		other, err := e.within(bound[0], bound[2], bound[1], x.Span())
		if err != nil {
			return nil, err
		}
		if out, err = e.make("OR", x.Span(), out, other); err != nil {
			return nil, err
		}
	}
	return e.not(out, x.Not, x.Span())
}

func (e *exprs) within(x, low, high expr.Expr, at diag.Span) (expr.Expr, error) {
	l, err := e.make(">=", at, x, low)
	if err != nil {
		return nil, err
	}
	h, err := e.make("<=", at, x, high)
	if err != nil {
		return nil, err
	}
	return e.make("AND", at, l, h)
}

func (e *exprs) like(x *ast.Like) (expr.Expr, error) {
	name := "LIKE"
	if x.Similar {
		name = "SIMILAR TO"
	}
	args := []ast.Expr{x.X, x.Pattern}
	if x.Escape != nil {
		args = append(args, x.Escape)
	}
	out, err := e.apply(name, x.Span(), args...)
	if err != nil {
		return nil, err
	}
	return e.not(out, x.Not, x.Span())
}

// in binds x IN (a, b) and x IN (query).
func (e *exprs) in(x *ast.In) (expr.Expr, error) {
	list, err := e.members(x.List, x.Query, "IN")
	if err != nil {
		return nil, err
	}
	out, err := e.apply("IN", x.Span(), append([]ast.Expr{x.X}, list...)...)
	if err != nil {
		return nil, err
	}
	return e.not(out, x.Not, x.Span())
}

// quantified binds x > ALL (a, b) as x > a AND x > b, with OR for ANY. = ANY is IN, and <> ALL is NOT IN.
func (e *exprs) quantified(x *ast.Quantified) (expr.Expr, error) {
	quantifier, connective := "ANY", "OR"
	if x.All {
		quantifier, connective = "ALL", "AND"
	}
	list, err := e.members(x.List, x.Query, quantifier)
	if err != nil {
		return nil, err
	}
	if x.Op == "=" && !x.All || x.Op == "<>" && x.All {
		return e.in(&ast.In{Place: x.Place, X: x.X, List: list, Not: x.All})
	}
	bound, err := e.all(append([]ast.Expr{x.X}, list...))
	if err != nil {
		return nil, err
	}
	var out expr.Expr
	for _, member := range bound[1:] {
		comparison, err := e.make(x.Op, x.Span(), bound[0], member)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = comparison
		} else if out, err = e.make(connective, x.Span(), out, comparison); err != nil {
			return nil, err
		}
	}
	return out, nil
}
