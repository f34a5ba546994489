package bind

import (
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// maxDepth bounds how deep expressions nest, so that no text exhausts the stack.
const maxDepth = 2000

// exprs binds expressions in one clause.
type exprs struct {
	b     *Binder
	scope *scope
	// clause names the place for messages about what may not stand there: "WHERE".
	clause string
	// hook is asked first for every node; grouping sees to keys and aggregates here.
	hook  func(ast.Expr) (expr.Expr, error)
	depth int
}

// bind types an expression. Expressions of a view that another text made have no places.
func (e *exprs) bind(x ast.Expr) (expr.Expr, error) {
	bound, err := e.bindPlaced(x)
	if err == nil && e.depth == 0 && e.b.foreign {
		bound = unplaced(bound)
	}
	return bound, err
}

func (e *exprs) bindPlaced(x ast.Expr) (expr.Expr, error) {
	if e.depth++; e.depth > maxDepth {
		return nil, diag.Errorf(x.Span(), "the expression nests more than %d levels deep", maxDepth)
	}
	defer func() { e.depth-- }()
	if e.hook != nil {
		if bound, err := e.hook(x); bound != nil || err != nil {
			return bound, err
		}
	}
	switch x := x.(type) {
	case *ast.Literal:
		return e.literal(x)
	case *ast.IntervalLit:
		return interval(x)
	case *ast.ColumnRef:
		return e.column(x)
	case *ast.FieldAccess:
		return e.field(x)
	case *ast.Cast:
		return e.cast(x)
	case *ast.Case:
		return e.caseOf(x)
	case *ast.Call:
		return e.call(x)
	case *ast.Star:
		return nil, diag.Errorf(x.Span(), "* may stand in a select list and in COUNT(*) only")
	case *ast.Exists:
		return e.existsQuery(x)
	case *ast.Subquery:
		return e.scalarQuery(x.Query, x.Span())
	}
	return e.operator(x)
}

// operator binds what is written with operators and brackets.
func (e *exprs) operator(x ast.Expr) (expr.Expr, error) {
	switch x := x.(type) {
	case *ast.Unary:
		return e.unary(x)
	case *ast.Binary:
		return e.binary(x)
	case *ast.Is:
		return e.is(x)
	case *ast.IsDistinct:
		name := "IS DISTINCT FROM"
		if x.Not {
			name = "IS NOT DISTINCT FROM"
		}
		return e.apply(name, x.Span(), x.L, x.R)
	case *ast.Between:
		return e.between(x)
	case *ast.Like:
		return e.like(x)
	case *ast.In:
		return e.in(x)
	case *ast.Quantified:
		return e.quantified(x)
	case *ast.Index:
		return e.apply("ITEM", x.Span(), x.X, x.I)
	case *ast.Row:
		return e.apply("ROW", x.Span(), x.Items...)
	case *ast.Array:
		if x.Query != nil {
			return nil, diag.Unsupported(x.Span(), "ARRAY of a query")
		}
		return e.apply("ARRAY", x.Span(), x.Items...)
	case *ast.Map:
		if x.Query != nil {
			return nil, diag.Unsupported(x.Span(), "MAP of a query")
		}
		return e.apply("MAP", x.Span(), x.Items...)
	}
	return nil, diag.Errorf(x.Span(), "this may not stand in an expression")
}

// all binds several expressions.
func (e *exprs) all(xs []ast.Expr) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		var err error
		if out[i], err = e.bind(x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// apply binds the arguments and applies a function or operator to them.
func (e *exprs) apply(name string, at diag.Span, args ...ast.Expr) (expr.Expr, error) {
	bound, err := e.all(args)
	if err != nil {
		return nil, err
	}
	return e.make(name, at, bound...)
}

// make applies a function or operator to bound arguments.
func (e *exprs) make(name string, at diag.Span, args ...expr.Expr) (expr.Expr, error) {
	x, err := expr.NewCall(e.b.Scalars, name, args, at)
	return x, diag.At(err, at)
}

// condition binds an expression that must be BOOLEAN.
func (e *exprs) condition(x ast.Expr) (expr.Expr, error) {
	bound, err := e.bind(x)
	if err != nil {
		return nil, err
	}
	switch bound.Type().Kind {
	case types.Boolean:
		return bound, nil
	case types.Null:
		return expr.NewCast(bound, types.New(types.Boolean), false, x.Span())
	}
	return nil, diag.Errorf(x.Span(), "%s needs a condition, this is %s", e.clause, bound.Type().WithNull())
}

// column binds a name. PI is a function without brackets, where no column is called so.
func (e *exprs) column(x *ast.ColumnRef) (expr.Expr, error) {
	bound, err := e.scope.resolve(x.Name)
	if err != nil && len(x.Name.Parts) == 1 && strings.EqualFold(x.Name.Last().Name, "PI") {
		return e.make("PI", x.Span())
	}
	return bound, err
}

func (e *exprs) field(x *ast.FieldAccess) (expr.Expr, error) {
	row, err := e.bind(x.X)
	if err != nil {
		return nil, err
	}
	if x.Field.Name == "*" {
		return nil, diag.Errorf(x.Span(), "(row).* may stand in a select list only")
	}
	return fields(row, []ast.Ident{x.Field})
}

func (e *exprs) cast(x *ast.Cast) (expr.Expr, error) {
	bound, err := e.bind(x.X)
	if err != nil {
		return nil, err
	}
	out, err := expr.NewCast(bound, x.To, x.Try, x.Span())
	if err == nil && out == bound && e.isTime(bound) {
		out = &expr.Cast{X: bound, T: bound.Type(), Try: x.Try, At: x.Span()}
	}
	return out, diag.At(err, x.Span())
}

// isTime reports whether an expression is a time attribute. A cast makes a plain timestamp of it, to the same type too.
func (e *exprs) isTime(x expr.Expr) bool {
	c, ok := x.(*expr.Column)
	return isProctime(x) || ok && e.scope != nil && e.scope.timeOf(c.Index) != logical.NoTime
}

// isEventTime reports whether an expression is event time.
func (e *exprs) isEventTime(x expr.Expr) bool {
	c, ok := x.(*expr.Column)
	return ok && e.scope != nil && e.scope.timeOf(c.Index) == logical.Rowtime
}

// caseOf binds both forms; CASE x WHEN a is CASE WHEN x = a.
func (e *exprs) caseOf(x *ast.Case) (expr.Expr, error) {
	var operand, otherwise expr.Expr
	var err error
	if x.Operand != nil {
		if operand, err = e.bind(x.Operand); err != nil {
			return nil, err
		}
	}
	whens := make([]expr.When, len(x.Whens))
	cond := &exprs{b: e.b, scope: e.scope, clause: "WHEN", hook: e.hook, depth: e.depth}
	for i, w := range x.Whens {
		if operand == nil {
			whens[i].Cond, err = cond.condition(w.Cond)
		} else if whens[i].Cond, err = e.bind(w.Cond); err == nil {
			whens[i].Cond, err = e.make("=", w.Cond.Span(), operand, whens[i].Cond)
		}
		if err != nil {
			return nil, err
		}
		if whens[i].Then, err = e.bind(w.Then); err != nil {
			return nil, err
		}
	}
	if x.Else != nil {
		if otherwise, err = e.bind(x.Else); err != nil {
			return nil, err
		}
	}
	out, err := expr.NewCase(whens, otherwise, x.Span())
	return out, diag.At(err, x.Span())
}
