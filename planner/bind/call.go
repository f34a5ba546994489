package bind

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// overOnly are functions that make sense in OVER only.
var overOnly = []string{"ROW_NUMBER", "RANK", "DENSE_RANK", "LEAD", "LAG", "NTILE", "CUME_DIST", "PERCENT_RANK"}

// batchOnly are those that depend on rows behind the present one.
var batchOnly = []string{"LEAD", "NTILE", "CUME_DIST", "PERCENT_RANK"}

// windowFunctions are what legacy group windows bring along.
var windowFunctions = []string{
	"TUMBLE_START", "TUMBLE_END", "TUMBLE_ROWTIME", "TUMBLE_PROCTIME", "HOP_START", "HOP_END", "HOP_ROWTIME", "HOP_PROCTIME",
	"SESSION_START", "SESSION_END", "SESSION_ROWTIME", "SESSION_PROCTIME",
}

// functionName gives a call's name in upper case; qualified names are those of users'
// functions in catalogs.
func functionName(x *ast.Call) string { return strings.ToUpper(x.Name.Last().Name) }

// call binds a scalar function.
func (e *exprs) call(x *ast.Call) (expr.Expr, error) {
	name := functionName(x)
	if err := e.misplaced(x, name); err != nil {
		return nil, err
	}
	args, err := e.arguments(x.Args)
	if err != nil {
		return nil, err
	}
	switch name {
	case "CURRENT_DATABASE":
		if len(args) == 0 {
			return expr.NewLiteral(e.b.currentDatabase(), types.String().WithNullIf(false), x.Span()), nil
		}
	case "CURRENT_WATERMARK":
		if e.clause == "ON" {
			return nil, diag.Errorf(x.Span(), "CURRENT_WATERMARK may not stand in ON").WithHint("it can stand in SELECT, WHERE and HAVING")
		}
		if len(args) == 1 && !e.isEventTime(args[0]) {
			return nil, diag.Errorf(args[0].Span(), "CURRENT_WATERMARK takes a column of event time").WithHint("that is the column of the table's WATERMARK")
		}
	case "JSON_VALUE", "JSON_QUERY", "JSON_EXISTS", "JSON_OBJECT", "JSON_ARRAY":
		return e.json(x, name, args)
	}
	return e.make(name, x.Span(), args...)
}

// misplaced says what is wrong with a call that is no scalar function here.
func (e *exprs) misplaced(x *ast.Call, name string) error {
	switch {
	case x.Over != nil && slices.Contains(batchOnly, name):
		return diag.Errorf(x.Span(), "%s needs rows that are still to come, which a stream does not have", name).
			WithHint("Flink takes it in batch jobs only; LAG, ROW_NUMBER, RANK and DENSE_RANK look back")
	case x.Over != nil:
		return diag.Unsupported(x.Span(), "%s … OVER", name)
	case len(x.Name.Parts) > 1:
		return diag.Unsupported(x.Span(), "functions in catalogs")
	case slices.Contains(overOnly, name):
		return diag.Errorf(x.Span(), "%s needs an OVER clause", name)
	case slices.Contains(groupingFunctions, name):
		return diag.Errorf(x.Span(), "%s needs a GROUP BY", name)
	case slices.Contains(windowFunctions, name):
		return diag.Errorf(x.Span(), "%s needs a GROUP BY %s(…) with the same arguments", name, name[:strings.Index(name, "_")])
	case e.b.Aggregates.Lookup(name) != nil:
		return diag.Errorf(x.Span(), "the aggregate %s may not stand in %s", name, e.clause).WithHint("%s", aggregateHint(e.clause))
	case e.b.Scalars.Lookup(name) == nil:
		near := e.b.Scalars.Nearest(name)
		if a := diag.Nearest(name, e.b.Aggregates.Names()); near == "" {
			near = a
		}
		err := diag.Errorf(x.Name.Span(), "there is no function %s", name)
		if near != "" {
			return err.WithHint("did you mean %s?", near)
		}
		return err.WithHint("SHOW FUNCTIONS lists what there is")
	case e.b.tableCall(x) && (e.clause != inTable || e.depth > 1):
		return diag.Errorf(x.Span(), "%s is a table function: it may not stand in %s", name, e.clause).WithHint("write FROM …, LATERAL TABLE(%s(…)) AS t(…)", name)
	case x.Distinct || x.Filter != nil || x.NullsMode != "" || len(x.OrderBy) > 0:
		return diag.Errorf(x.Span(), "%s is no aggregate: it takes no DISTINCT, FILTER, ORDER BY or NULLS", name)
	}
	return nil
}

func aggregateHint(clause string) string {
	switch clause {
	case "WHERE":
		return "conditions on aggregates belong into HAVING"
	case "an aggregate":
		return "aggregate in a sub-query in FROM, and its result outside"
	}
	return "aggregate in a sub-query in FROM"
}

// arguments binds a call's arguments; units of time are texts.
func (e *exprs) arguments(xs []ast.Expr) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		var err error
		switch x := x.(type) {
		case *ast.UnitArg:
			out[i] = unit(x)
		case *ast.NamedArg, *ast.DefaultArg:
			return nil, diag.Unsupported(x.Span(), "named arguments of functions")
		case *ast.TableArg, *ast.ModelArg, *ast.Descriptor:
			return nil, diag.Errorf(x.Span(), "this is an argument of table functions, which stand in FROM")
		default:
			if out[i], err = e.bind(x); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// json binds the clauses of a JSON function.
func (e *exprs) json(x *ast.Call, name string, args []expr.Expr) (expr.Expr, error) {
	var c expr.JSONClauses
	if j := x.JSON; j != nil {
		c = expr.JSONClauses{Returning: j.Returning, Wrapper: j.Wrapper, OnEmpty: j.OnEmpty, OnError: j.OnError, OnNull: j.OnNull}
		var err error
		if j.OnEmptyDefault != nil {
			if c.OnEmptyDefault, err = e.bind(j.OnEmptyDefault); err != nil {
				return nil, err
			}
		}
		if j.OnErrorDefault != nil {
			if c.OnErrorDefault, err = e.bind(j.OnErrorDefault); err != nil {
				return nil, err
			}
		}
	}
	out, err := expr.NewJSONCall(e.b.Scalars, name, args, c, x.Span())
	return out, diag.At(err, x.Span())
}
