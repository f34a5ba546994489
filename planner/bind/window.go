package bind

import (
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// windowParams are the parameters of the window table functions behind DATA and TIMECOL,
// in order; the last is optional but for SESSION's.
var windowParams = map[string][]string{
	"TUMBLE":   {"SIZE", "OFFSET"},
	"HOP":      {"SLIDE", "SIZE", "OFFSET"},
	"CUMULATE": {"STEP", "SIZE", "OFFSET"},
	"SESSION":  {"GAP"},
}

var windowKinds = map[string]plan.WindowKind{"TUMBLE": plan.Tumble, "HOP": plan.Hop, "CUMULATE": plan.Cumulate, "SESSION": plan.Session}

// tableFunc binds a table function in FROM.
func (b *Binder) tableFunc(r *ast.TableFunc) (logical.Node, *scope, error) {
	name := functionName(r.Call)
	if u, err := b.elementsOf(r); err != nil {
		return nil, nil, err
	} else if u != nil {
		return b.unnestAlone(u)
	}
	switch {
	case r.Match != nil:
		return nil, nil, diag.Unsupported(r.Match.Span(), "MATCH_RECOGNIZE")
	case windowParams[name] == nil:
		return nil, nil, diag.Unsupported(r.Call.Name.Span(), "the table function %s", name)
	case r.Lateral:
		return nil, nil, diag.Errorf(r.Span(), "%s is no function of the rows to its left: LATERAL makes no sense", name)
	}
	n, err := b.windowTVF(name, r.Call)
	if err != nil {
		return nil, nil, err
	}
	return aliased(n, nil, r.Alias, r.Span())
}

// windowCall are the arguments of a window table function by the name of their parameter.
type windowCall struct {
	name string
	at   diag.Span
	args map[string]ast.Expr
}

func (b *Binder) windowTVF(name string, c *ast.Call) (logical.Node, error) {
	w, err := windowArguments(name, c)
	if err != nil {
		return nil, err
	}
	data, ok := w.args["DATA"].(*ast.TableArg)
	if q, query := w.args["DATA"].(*ast.Subquery); query {
		data, ok = &ast.TableArg{Place: q.Place, Query: q.Query}, true
	}
	if !ok {
		return nil, diag.Errorf(w.args["DATA"].Span(), "the first argument of %s is a table", name).WithHint("write TABLE t")
	}
	in, sc, err := b.tableArg(name, data)
	if err != nil {
		return nil, err
	}
	win, err := b.timeColumn(w, in, sc)
	if err != nil {
		return nil, err
	}
	if err := b.lengths(w, &win); err != nil {
		return nil, err
	}
	if win.Kind == plan.Session {
		return b.session(in, sc, win, data.PartitionBy)
	}
	return logical.NewWindowTVF(in, win), nil
}

// windowArguments sorts positional and named arguments to the parameters.
func windowArguments(name string, c *ast.Call) (*windowCall, error) {
	params := append([]string{"DATA", "TIMECOL"}, windowParams[name]...)
	w := &windowCall{name: name, at: c.Span(), args: map[string]ast.Expr{}}
	named := 0
	for i, a := range c.Args {
		n, isNamed := a.(*ast.NamedArg)
		if !isNamed {
			if named > 0 {
				return nil, diag.Errorf(a.Span(), "%s: positional arguments go before named ones", name)
			}
			if i >= len(params) {
				return nil, diag.Errorf(a.Span(), "%s takes %s", name, strings.Join(params, ", "))
			}
			w.args[params[i]] = a
			continue
		}
		named++
		p := strings.ToUpper(n.Name.Name)
		known := false
		for _, q := range params {
			known = known || p == q
		}
		switch {
		case !known:
			return nil, withHint(diag.Errorf(n.Name.Span(), "%s has no parameter %s", name, n.Name.Name), diag.DidYouMean(p, params))
		case w.args[p] != nil:
			return nil, diag.Errorf(n.Name.Span(), "%s is given twice", p)
		}
		w.args[p] = n.Value
	}
	for _, p := range params {
		if w.args[p] == nil && p != "OFFSET" {
			return nil, diag.Errorf(c.Span(), "%s needs the argument %s", name, p).WithHint("the arguments are %s", strings.Join(params, ", "))
		}
	}
	return w, nil
}

// tableArg binds TABLE t or a query as the data of a window table function.
func (b *Binder) tableArg(name string, a *ast.TableArg) (logical.Node, *scope, error) {
	if len(a.OrderBy) > 0 {
		return nil, nil, diag.Errorf(a.Span(), "%s takes no ORDER BY in its TABLE argument", name)
	}
	if len(a.PartitionBy) > 0 && name != "SESSION" {
		return nil, nil, diag.Errorf(a.Span(), "%s takes no PARTITION BY in its TABLE argument", name).WithHint("group by the columns instead")
	}
	if a.Query != nil {
		n, err := b.query(a.Query)
		if err != nil {
			return nil, nil, err
		}
		n = rename(n, uniqueNames(n.Schema().Names()))
		return n, scopeOf(n), nil
	}
	n, path, err := b.named(a.Table, a.Hints)
	if err != nil {
		return nil, nil, err
	}
	return n, scopeOf(n, path...), nil
}

// timeColumn finds the time attribute that DESCRIPTOR names.
func (b *Binder) timeColumn(w *windowCall, in logical.Node, sc *scope) (plan.Window, error) {
	d, ok := w.args["TIMECOL"].(*ast.Descriptor)
	if !ok || len(d.Columns) != 1 {
		return plan.Window{}, diag.Errorf(w.args["TIMECOL"].Span(), "the second argument of %s is DESCRIPTOR(column)", w.name)
	}
	col := d.Columns[0]
	x, err := sc.resolve(ast.Name{Place: col.Place, Parts: []ast.Ident{col}})
	if err != nil {
		return plan.Window{}, err
	}
	return timeWindow(w.name, in, x, col.Span())
}

// timeWindow begins the window over the time attribute x.
func timeWindow(name string, in logical.Node, x expr.Expr, at diag.Span) (plan.Window, error) {
	c, ok := x.(*expr.Column)
	if !ok || in.Schema()[c.Index].Time == logical.NoTime {
		return plan.Window{}, diag.Errorf(at, "%s needs a time attribute, %s is %s", name, x.String(), x.Type().WithNull()).
			WithHint("declare WATERMARK FOR %s AS … in its table; behind a GROUP BY, window_time is one", x.String())
	}
	return plan.Window{
		Kind: windowKinds[name], TimeCol: c.Index, Local: c.T.Kind == types.TimestampLTZ,
		ProcTime: in.Schema()[c.Index].Time == logical.Proctime,
	}, nil
}

// lengths reads size, slide and offset and checks them against each other.
func (b *Binder) lengths(w *windowCall, win *plan.Window) error {
	var err error
	read := func(param string, into *int64) {
		if x := w.args[param]; x != nil && err == nil {
			*into, err = b.millis(w.name, param, x)
		}
	}
	read("SIZE", &win.Size)
	read("GAP", &win.Size)
	read("SLIDE", &win.Slide)
	read("STEP", &win.Slide)
	read("OFFSET", &win.Offset)
	if err != nil {
		return err
	}
	return checkWindow(w.name, w.at, win)
}

func checkWindow(name string, at diag.Span, win *plan.Window) error {
	switch {
	case win.Size <= 0:
		return diag.Errorf(at, "%s: the window's length must be positive", name)
	case win.Kind == plan.Tumble && (win.Offset >= win.Size || win.Offset <= -win.Size):
		return diag.Errorf(at, "TUMBLE: the offset must be less than the window's size")
	case win.Kind != plan.Hop && win.Kind != plan.Cumulate:
		return nil
	case win.Slide <= 0:
		return diag.Errorf(at, "%s: the %s must be positive", name, strings.ToLower(windowParams[name][0]))
	case win.Slide > win.Size && win.Kind == plan.Hop, win.Size%win.Slide != 0:
		return diag.Errorf(at, "%s: the size must be a multiple of the %s", name, strings.ToLower(windowParams[name][0])).
			WithHint("%s comes before the size", strings.ToLower(windowParams[name][0]))
	}
	return nil
}

// millis reads a constant INTERVAL of days to seconds.
func (b *Binder) millis(name, param string, x ast.Expr) (int64, error) {
	e := &exprs{b: b, scope: &scope{}, clause: name}
	bound, err := e.bind(x)
	if err != nil {
		return 0, err
	}
	folded, err := expr.Fold(bound, &udf.Env{Zone: e.zone()})
	if err != nil {
		return 0, err
	}
	lit, ok := folded.(*expr.Literal)
	if !ok || lit.T.Kind != types.IntervalMilli {
		return 0, diag.Errorf(x.Span(), "%s: %s is a constant INTERVAL of days to seconds", name, param).WithHint("for example INTERVAL '10' MINUTE")
	}
	return lit.Value.(int64), nil
}
