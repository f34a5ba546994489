package bind

import (
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// groupWindow is a legacy window, GROUP BY TUMBLE(ts, …). It is bound as the window table
// function over the rows that GROUP BY sees, grouped by the window's columns.
type groupWindow struct {
	name string
	win  plan.Window
	key  int // window_start among the keys; window_end and window_time follow
}

func isGroupWindow(c *ast.Call) bool {
	switch functionName(c) {
	case "TUMBLE", "HOP", "SESSION":
		return true
	}
	return false
}

func (g *grouping) groupWindow(c *ast.Call, in logical.Node) (logical.Node, error) {
	name := functionName(c)
	win, err := g.legacyWindow(name, c, in)
	if err != nil {
		return nil, err
	}
	tvf := logical.NewWindowTVF(in, win)
	if win.Kind == plan.Session {
		tvf = logical.NewSessionTVF(in, win, nil, true)
	}
	g.window = &groupWindow{name: name, win: win, key: len(g.keys)}
	for i := len(in.Schema()); i < len(tvf.Schema()); i++ {
		g.addKey(logical.ColumnOf(tvf, i), nil)
	}
	return tvf, nil
}

// legacyWindow reads TUMBLE(ts, size), HOP(ts, slide, size), SESSION(ts, gap).
func (g *grouping) legacyWindow(name string, c *ast.Call, in logical.Node) (plan.Window, error) {
	lengths := windowParams[name]
	if name != "SESSION" {
		lengths = lengths[:len(lengths)-1] // no OFFSET here
	}
	if len(c.Args) != 1+len(lengths) {
		return plan.Window{}, diag.Errorf(c.Span(), "%s in GROUP BY takes a time attribute and %s", name, strings.Join(lengths, ", "))
	}
	x, err := g.inner.bind(c.Args[0])
	if err != nil {
		return plan.Window{}, err
	}
	win, err := timeWindow(name, in, x, c.Args[0].Span())
	if err != nil {
		return plan.Window{}, err
	}
	w := &windowCall{name: name, at: c.Span(), args: map[string]ast.Expr{}}
	for i, p := range lengths {
		w.args[p] = c.Args[1+i]
	}
	return win, g.b.lengths(w, &win)
}

// windowProperty binds TUMBLE_START(ts, …) and the like to the window's column.
func (g *grouping) windowProperty(c *ast.Call, name string) (expr.Expr, error) {
	kind, what, _ := strings.Cut(name, "_")
	if kind != g.window.name {
		return nil, diag.Errorf(c.Span(), "%s needs a GROUP BY %s(…), this is %s", name, kind, g.window.name)
	}
	if len(c.Args) != len(windowParams[kind]) && !(kind == "SESSION" && len(c.Args) == 2) {
		return nil, diag.Errorf(c.Span(), "%s takes the arguments of %s in GROUP BY", name, kind)
	}
	// The time column must be the same; its attribute is gone behind the window, so only the index counts.
	x, err := g.inner.bind(c.Args[0])
	if err != nil {
		return nil, err
	}
	if col, ok := x.(*expr.Column); !ok || col.Index != g.window.win.TimeCol {
		return nil, g.otherWindow(c, name)
	}
	probe := &windowCall{name: kind, at: c.Span(), args: map[string]ast.Expr{}}
	for i, a := range c.Args[1:] {
		probe.args[windowParams[kind][i]] = a
	}
	win := g.window.win
	if err := g.b.lengths(probe, &win); err != nil {
		return nil, err
	}
	if win != g.window.win {
		return nil, g.otherWindow(c, name)
	}
	switch what {
	case "START":
		return g.key(g.window.key, c.Span()), nil
	case "END":
		return g.key(g.window.key+1, c.Span()), nil
	}
	if (what == "PROCTIME") != g.window.win.ProcTime {
		return nil, diag.Errorf(c.Span(), "%s does not fit the window's time attribute", name)
	}
	attr := g.key(g.window.key+2, c.Span()).(*expr.Column)
	if what == "ROWTIME" {
		attr.T = attr.T.WithNull() // as Flink declares it, though a window always has one
	}
	return attr, nil
}

func (g *grouping) otherWindow(c *ast.Call, name string) error {
	return diag.Errorf(c.Span(), "the arguments of %s differ from those of %s in GROUP BY", name, g.window.name)
}
