package bind

import (
	"strings"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// boundAggregate is the call of an aggregate with its arguments bound.
type boundAggregate struct {
	fn    *agg.Func
	args  []expr.Expr
	texts []string // the arguments as they are written, constants among them
	nulls string   // a clause on NULLs that is not the default
}

// aggregateCall binds an aggregate's arguments and the clauses behind them; COUNT(*) has none. Arguments that must be
// constants become a part of the function.
func (e *exprs) aggregateCall(f *agg.Func, c *ast.Call) (*boundAggregate, error) {
	if len(c.OrderBy) > 0 {
		return nil, diag.Unsupported(c.Span(), "ORDER BY in aggregates")
	}
	if len(c.Args) == 0 {
		return nil, diag.Errorf(c.Span(), "%s needs an argument", functionName(c))
	}
	a := &boundAggregate{fn: f}
	if err := a.clause(c); err != nil {
		return nil, err
	}
	if st, ok := c.Args[0].(*ast.Star); ok && len(c.Args) == 1 {
		if functionName(c) != "COUNT" {
			return nil, diag.Errorf(st.Span(), "only COUNT takes *")
		}
		if len(st.Qualifier.Parts) > 0 {
			return nil, diag.Errorf(st.Span(), "COUNT takes *, but not %s.*", strings.Join(st.Qualifier.Strings(), ".")).WithHint("COUNT(*) counts rows, COUNT(x) those in which x is not NULL")
		}
		if c.Distinct {
			return nil, diag.Errorf(c.Span(), "COUNT(DISTINCT *) makes no sense").WithHint("name the columns that are to be distinct")
		}
		return a, nil
	}
	var err error
	if a.args, err = e.arguments(c.Args); err != nil {
		return nil, err
	}
	for _, x := range a.args {
		a.texts = append(a.texts, x.String())
	}
	if a.fn.JSON {
		if err := a.asJSON(e); err != nil {
			return nil, err
		}
	}
	return a, a.takeConstants(e, c)
}

// clause chooses the function that treats NULLs as the call says.
func (a *boundAggregate) clause(c *ast.Call) error {
	clause := c.NullsMode
	if c.JSON != nil && c.JSON.OnNull != "" {
		clause = c.JSON.OnNull + " ON NULL"
	}
	switch {
	case clause == "" || clause == a.fn.Nulls:
	case a.fn.OtherNulls != nil && a.fn.OtherNulls.Nulls == clause:
		a.fn, a.nulls = a.fn.OtherNulls, clause
	default:
		return diag.Errorf(c.Span(), "%s takes no %s", a.fn.Name, clause)
	}
	return nil
}

// asJSON makes the last argument a JSON text; what a JSON function gives is one.
func (a *boundAggregate) asJSON(e *exprs) error {
	last := len(a.args) - 1
	x := a.args[last]
	if call, ok := x.(*expr.Call); ok && call.Fn.MakesJSON {
		return nil
	}
	if x.Type().Kind == types.Null {
		return diag.Errorf(x.Span(), "NULL has no type").WithHint("write CAST(NULL AS …)")
	}
	var err error
	a.args[last], err = e.make("JSON_STRING", x.Span(), x)
	return err
}

// takeConstants makes the function of the arguments that must be constants.
func (a *boundAggregate) takeConstants(e *exprs, c *ast.Call) error {
	if len(a.fn.Constants) == 0 {
		return nil
	}
	var values []any
	for k, i := range a.fn.Constants {
		i -= k // those before are taken out
		if i >= len(a.args) {
			return diag.Errorf(c.Span(), "%s needs more arguments: %s", a.fn.Name, a.fn.Syntax)
		}
		v, err := a.constant(e, a.args[i])
		if err != nil {
			return err
		}
		values = append(values, v)
		a.args = append(a.args[:i:i], a.args[i+1:]...)
	}
	var err error
	a.fn, err = a.fn.With(values)
	return diag.At(err, c.Span())
}

// constant gives the value of a constant number, as a float64, or of an ARRAY of them.
func (a *boundAggregate) constant(e *exprs, x expr.Expr) (any, error) {
	t := types.New(types.Double)
	if x.Type().Kind == types.Array {
		t = types.ArrayOf(t)
	}
	number, err := expr.NewCast(x, t, false, x.Span())
	if err != nil {
		return nil, diag.At(err, x.Span())
	}
	folded, err := expr.Fold(number, &udf.Env{Zone: e.zone()})
	if err != nil {
		return nil, err
	}
	if lit, ok := folded.(*expr.Literal); ok && lit.Value != nil {
		return lit.Value, nil
	}
	return nil, diag.Errorf(x.Span(), "%s takes a constant here", a.fn.Name)
}

// text gives the call as SQL.
func (a *boundAggregate) text(name string, distinct bool) string {
	text := strings.Join(a.texts, ", ")
	switch {
	case len(a.texts) == 0:
		text = "*"
	case distinct:
		text = "DISTINCT " + text
	}
	if a.nulls != "" && a.fn.JSON {
		return name + "(" + text + " " + a.nulls + ")"
	}
	text = name + "(" + text + ")"
	if a.nulls != "" {
		text += " " + a.nulls
	}
	return text
}
