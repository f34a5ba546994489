package bind

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// grouping binds the clauses of a SELECT with aggregates. Below the aggregation stands a
// Project of the keys and of what the aggregates read; above it, expressions see nothing but keys
// and results.
type grouping struct {
	b *Binder
	// inner binds what is evaluated for each row: keys and arguments.
	inner *exprs
	keys  []expr.Expr
	asts  []ast.Expr // the keys as written; nil for those of a group window
	calls []agg.Call
	// columns are those of the Project below: keys, then arguments and filters.
	columns []expr.Expr
	window  *groupWindow
	sets    *groupingSets // nil where every group has all keys
}

// isAggregated reports whether a SELECT groups, by its clauses or by an aggregate.
func (b *Binder) isAggregated(s *ast.Select) bool {
	if s.GroupBy != nil || s.Having != nil {
		return true
	}
	for _, it := range s.Items {
		if b.hasAggregate(it.X) {
			return true
		}
	}
	return false
}

func (b *Binder) hasAggregate(x ast.Expr) bool {
	if c, ok := x.(*ast.Call); ok && c.Over == nil {
		name := functionName(c)
		if b.Aggregates.Lookup(name) != nil || slices.Contains(groupingFunctions, name) {
			return true
		}
	}
	return slices.ContainsFunc(children(x), b.hasAggregate)
}

// grouped binds the rest of a SELECT with aggregates over in.
func (b *Binder) grouped(s *ast.Select, items []item, in logical.Node, sc *scope) (logical.Node, error) {
	g := &grouping{b: b, inner: &exprs{b: b, scope: sc, clause: "GROUP BY"}}
	in, err := g.bindKeys(s.GroupBy, items, in)
	if err != nil {
		return nil, err
	}
	outer := &exprs{b: b, scope: sc, clause: "HAVING", hook: g.hook}
	var having expr.Expr
	if s.Having != nil {
		if having, err = outer.condition(s.Having); err != nil {
			return nil, err
		}
	}
	// The select list is bound before the nodes are made: it is what finds the aggregates.
	outer.clause = "the select list"
	l, err := outer.selectList(s, items, func(c *expr.Column) (expr.Expr, error) { return g.boundColumn(c, c.Name) })
	if err != nil {
		return nil, err
	}
	out := g.aggregateNode(in)
	if having != nil {
		out = logical.NewFilter(out, having)
	}
	return l.over(out), nil
}

// aggregateNode makes the aggregation over the projection of what it reads.
func (g *grouping) aggregateNode(in logical.Node) logical.Node {
	names := make([]string, len(g.columns))
	for i, c := range g.columns {
		names[i] = c.String()
		if col, ok := c.(*expr.Column); ok {
			names[i] = col.Name
		}
	}
	rows, groupBy := g.expand(logical.NewProject(in, g.columns, names))
	return logical.NewAggregate(rows, groupBy, g.calls)
}

// aliasHint explains an unknown column in GROUP BY that is a name of the select list.
func aliasHint(err error, x ast.Expr, list []item) error {
	var e *diag.Error
	ref, ok := x.(*ast.ColumnRef)
	if !ok || !errors.As(err, &e) {
		return err
	}
	for _, it := range list {
		if len(ref.Name.Parts) == 1 && it.x != nil && it.name == ref.Name.Parts[0].Name {
			return e.WithHint("names of the select list mean nothing in GROUP BY: write GROUP BY %s", ast.Format(it.x))
		}
	}
	return err
}

// flatten takes GROUP BY (a, b) apart.
func flatten(set []ast.Expr) []ast.Expr {
	var out []ast.Expr
	for _, x := range set {
		if r, ok := x.(*ast.Row); ok && r.Implicit {
			out = append(out, flatten(r.Items)...)
		} else {
			out = append(out, x)
		}
	}
	return out
}

func (g *grouping) addKey(k expr.Expr, x ast.Expr) {
	g.keys = append(g.keys, k)
	g.asts = append(g.asts, x)
	g.columns = append(g.columns, k)
}

// key gives the reference to key i in the aggregation's result.
func (g *grouping) key(i int, at diag.Span) expr.Expr {
	name := g.keys[i].String()
	if c, ok := g.keys[i].(*expr.Column); ok {
		name = c.Name
	}
	t := g.keys[i].Type()
	if g.varies(i) >= 0 {
		t = t.WithNull()
	}
	return &expr.Column{Index: i, Name: name, T: t, At: at}
}

// hook sees every node above the aggregation first: it puts in keys and results of
// aggregates, and refuses other columns. It gives nil for what is to be taken apart.
func (g *grouping) hook(x ast.Expr) (expr.Expr, error) {
	if c, ok := x.(*ast.Call); ok && c.Over == nil {
		name := functionName(c)
		if g.window != nil && slices.Contains(windowFunctions, name) {
			return g.windowProperty(c, name)
		}
		if slices.Contains(groupingFunctions, name) {
			return g.groupingFunction(c, name)
		}
		if f := g.b.Aggregates.Lookup(name); f != nil {
			return g.aggregate(f, c)
		}
	}
	if ref, ok := x.(*ast.ColumnRef); ok {
		return g.column(ref)
	}
	for i, k := range g.asts {
		if k == nil || reflect.TypeOf(k) != reflect.TypeOf(x) {
			continue
		}
		if bound, err := g.inner.bind(x); err == nil && expr.Equal(bound, g.keys[i]) {
			return g.key(i, x.Span()), nil
		}
	}
	return nil, nil
}

// column binds a column above the aggregation.
func (g *grouping) column(ref *ast.ColumnRef) (expr.Expr, error) {
	bound, err := g.inner.bind(ref)
	if err != nil {
		return nil, err
	}
	return g.boundColumn(bound, strings.Join(ref.Name.Strings(), "."))
}

// boundColumn finds the key that a column is, or that it is a field of.
func (g *grouping) boundColumn(bound expr.Expr, name string) (expr.Expr, error) {
	var path []*expr.Field
	for x := bound; ; {
		for i, k := range g.keys {
			if !expr.Equal(x, k) {
				continue
			}
			out := g.key(i, bound.Span())
			for _, f := range slices.Backward(path) {
				out = expr.NewFieldAt(out, f.Index, bound.Span())
			}
			return out, nil
		}
		f, ok := x.(*expr.Field)
		if !ok {
			return nil, g.notGrouped(name, bound.Span())
		}
		path, x = append(path, f), f.X
	}
}

func (g *grouping) notGrouped(name string, at diag.Span) error {
	err := diag.Errorf(at, "column '%s' is not in GROUP BY", name)
	for _, k := range g.asts {
		if l, ok := k.(*ast.Literal); ok && l.Kind == ast.NumberLit {
			return err.WithHint("GROUP BY %s groups by the number %s, not by a column of the select list", l.Text, l.Text)
		}
	}
	if g.window != nil {
		return err.WithHint("add it to GROUP BY, or use %s_START(…), %s_END(…) for the window's bounds", g.window.name, g.window.name)
	}
	return err.WithHint("add it to GROUP BY, or aggregate it, for example MAX(%s)", name)
}

// aggregate adds an aggregate's call and gives the reference to its result.
func (g *grouping) aggregate(f *agg.Func, c *ast.Call) (expr.Expr, error) {
	bound, err := (&exprs{b: g.b, scope: g.inner.scope, clause: "an aggregate"}).aggregateCall(f, c)
	if err != nil {
		return nil, err
	}
	name, f := f.Name, bound.fn
	call := agg.Call{Fn: f, Filter: -1, Distinct: c.Distinct && !f.Insensitive}
	ts := make([]types.Type, len(bound.args))
	for i, a := range bound.args {
		ts[i] = a.Type()
	}
	if call.Sig, err = f.Resolve(ts); err != nil {
		return nil, diag.At(err, c.Span())
	}
	for i, a := range bound.args {
		if a, err = expr.ImplicitCast(a, call.Sig.Params[i]); err != nil {
			return nil, err
		}
		call.Args = append(call.Args, g.columnFor(a))
	}
	call.Text = bound.text(name, call.Distinct)
	if c.Filter != nil {
		filter := &exprs{b: g.b, scope: g.inner.scope, clause: "FILTER"}
		cond, err := filter.condition(c.Filter)
		if err != nil {
			return nil, err
		}
		call.Filter = g.columnFor(cond)
		call.Text += " FILTER (WHERE " + cond.String() + ")"
	}
	if f.NullOnlyIfEmpty && call.Filter < 0 && len(g.keys) > 0 && !anyNull(ts) {
		call.Sig.Result = call.Sig.Result.WithoutNull() // a group has a row
	}
	call.Name = call.Text
	return &expr.Column{Index: g.width() + g.addCall(call), Name: call.Name, T: call.Sig.Result, At: c.Span()}, nil
}

func anyNull(ts []types.Type) bool { return slices.ContainsFunc(ts, types.Type.Nullable) }

// columnFor gives the column of the Project below that computes x, adding it where it is
// new.
func (g *grouping) columnFor(x expr.Expr) int {
	for i, c := range g.columns {
		if expr.Equal(c, x) && expr.IsDeterministic(x) {
			return i
		}
	}
	g.columns = append(g.columns, x)
	return len(g.columns) - 1
}

// addCall gives the position of a call; one that is there already is used again.
func (g *grouping) addCall(c agg.Call) int {
	for i, d := range g.calls {
		if sameFunction(d.Fn, c.Fn) && d.Distinct == c.Distinct && d.Filter == c.Filter && slices.Equal(d.Args, c.Args) {
			return i
		}
	}
	g.calls = append(g.calls, c)
	return len(g.calls) - 1
}

// sameFunction compares also functions that are made for a call, whose names hold what they are made of.
func sameFunction(a, b *agg.Func) bool { return a.Name == b.Name && a.Nulls == b.Nulls }
