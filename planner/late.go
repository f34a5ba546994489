package planner

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/planner/bind"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
	"github.com/weirstream/weir/sql/types"
)

// lateRouter sends the rows that operators drop as late to the tables that 'weir.late-rows.table' names. It works on
// the optimised plan: the columns that such a table wants are carried, behind all others, from where rows
// begin up to the operator, which sees them with each row that it drops.
type lateRouter struct {
	t      *task
	tables []*lateTable
	done   map[*logical.Block]bool
	of     map[logical.Node]*logical.LateRows // by the operator
}

// lateTable is a table that gets late rows.
type lateTable struct {
	name   string
	at     diag.Span
	spec   *logical.SinkSpec
	target []catalog.Column
	ins    []logical.Node // the rows of each operator, as the table takes them
	// carried says where in a shared block the table's columns begin.
	carried map[*logical.Block]int
}

// The columns of a table for late rows that are not the rows' own.
const (
	lateWatermark = "late_watermark"
	lateBy        = "late_by"
	lateKind      = "late_kind"
	lateOperator  = "late_operator"
)

func isLateColumn(name string) bool {
	return name == lateWatermark || name == lateBy || name == lateKind || name == lateOperator
}

// routeLate gives the sinks of a job, and those of its late rows.
func (t *task) routeLate(sinks []logical.Node) ([]logical.Node, error) {
	r := &lateRouter{t: t, done: map[*logical.Block]bool{}, of: map[logical.Node]*logical.LateRows{}}
	out := make([]logical.Node, len(sinks))
	for i, s := range sinks {
		var err error
		if out[i], err = r.visit(s); err != nil {
			return nil, err
		}
	}
	if len(r.tables) == 0 {
		return sinks, nil
	}
	narrowed := map[*logical.Block]bool{}
	for i := range out {
		out[i] = r.narrow(out[i], narrowed)
	}
	for _, table := range r.tables {
		in := table.ins[0]
		if len(table.ins) > 1 {
			in = logical.NewUnionAll(table.ins)
		}
		sink, err := t.binder.LateFinish(table.spec, table.target, in)
		if err != nil {
			return nil, err
		}
		out = append(out, sink)
	}
	return out, nil
}

// visit rewrites the operators below n that drop late rows.
func (r *lateRouter) visit(n logical.Node) (logical.Node, error) {
	if s, ok := n.(*logical.Shared); ok {
		if r.done[s.Block] {
			return n, nil
		}
		r.done[s.Block] = true
		root, err := r.visit(s.Block.Root)
		s.Block.Root = root
		return n, err
	}
	var err error
	n = logical.MapChildren(n, func(c logical.Node) logical.Node {
		out, e := r.visit(c)
		if e != nil && err == nil {
			err = e
		}
		if e != nil {
			return c
		}
		return out
	})
	if err != nil {
		return nil, err
	}
	if time, ok := dropsLate(n); ok {
		return r.route(n, time)
	}
	return n, nil
}

// dropsLate reports whether an operator drops late rows, and by which column of its input they are late, -1 where that
// is not one.
func dropsLate(n logical.Node) (timeCol int, ok bool) {
	switch n := n.(type) {
	case *logical.WindowAggregate:
		return n.Window.TimeCol, !n.Window.ProcTime
	case *logical.WindowTVF:
		return n.Window.TimeCol, n.Window.Kind.String() == "SESSION" && !n.Window.ProcTime
	case *logical.Over:
		return n.TimeCol(), n.WaitsForTime()
	case *logical.Sort:
		return n.Order[0].Column, true
	case *logical.Rank:
		if n.Form() == logical.FirstRow {
			return n.Order[0].Column, n.WaitsForTime()
		}
		return n.Input.Schema().RowtimeIndex(), n.WaitsForTime()
	}
	return -1, false
}

// route has the late rows of n sent to the table that is named for them, if any.
func (r *lateRouter) route(n logical.Node, timeCol int) (logical.Node, error) {
	table, err := r.tableOf(n)
	if err != nil || table == nil {
		return n, err
	}
	in := n.Children()[0]
	width := len(in.Schema())
	carried, err := r.carry(table, in)
	if err != nil {
		return nil, err
	}
	var wider logical.Node
	if w, ok := n.(*logical.WindowTVF); ok {
		wider = w.Over(carried)
	} else {
		wider = n.WithChildren([]logical.Node{carried})
	}
	late := logical.NewLateRows(wider, timeCol)
	r.of[wider] = late
	rows, err := table.rows(late, width, operatorName(n))
	if err != nil {
		return nil, err
	}
	table.ins = append(table.ins, rows)
	if len(wider.Schema()) == len(n.Schema()) {
		return wider, nil
	}
	// The input's columns come first in what the operator gives: the carried ones are taken out again.
	extra := len(carried.Schema()) - width
	keep := make([]int, len(n.Schema()))
	for i := range keep {
		keep[i] = i
		if i >= width {
			keep[i] = i + extra
		}
	}
	return logical.Select(wider, keep), nil
}

// operatorName is what plans and metrics call the operator of a node.
func operatorName(n logical.Node) string {
	r, ok := n.(*logical.Rank)
	switch {
	case ok && r.Form() == logical.FirstRow:
		return "Deduplicate"
	case ok:
		return "WindowTopN"
	}
	return n.Name()
}

// rows makes what a table takes of the late rows of an operator, whose own columns are the first width.
func (l *lateTable) rows(late *logical.LateRows, width int, operator string) (logical.Node, error) {
	s := late.Schema()
	special := len(s) - 3
	xs, names := make([]expr.Expr, len(l.target)), make([]string, len(l.target))
	next := width
	for i, c := range l.target {
		var x expr.Expr
		switch c.Name {
		case lateWatermark:
			x = logical.ColumnOf(late, special)
		case lateBy:
			x = logical.ColumnOf(late, special+1)
		case lateKind:
			x = logical.ColumnOf(late, special+2)
		case lateOperator:
			x = expr.NewLiteral(operator, types.String().WithoutNull(), l.at)
		default:
			x = logical.ColumnOf(late, next)
			next++
		}
		var err error
		if xs[i], err = l.fit(x, &c); err != nil {
			return nil, err
		}
		names[i] = c.Name
	}
	return logical.NewProject(late, xs, names), nil
}

// fit converts a value to a column of the table.
func (l *lateTable) fit(x expr.Expr, c *catalog.Column) (expr.Expr, error) {
	out, err := bind.Store(x, c.Type)
	if err != nil {
		return nil, diag.Errorf(l.at, "'%s' = '%s': column '%s' is %s there, and %s in the late rows", settings.LateRows, l.name, c.Name,
			c.Type.WithNull(), x.Type().WithNull()).WithHint("give it the type %s", x.Type().WithNull())
	}
	return out, nil
}

// tableOf finds the table for the late rows of n: that which the sources of its rows name, else that which is SET.
func (r *lateRouter) tableOf(n logical.Node) (*lateTable, error) {
	var name string
	var at diag.Span
	var from string
	conflict := error(nil)
	seen := false
	var visit func(n logical.Node)
	visit = func(n logical.Node) {
		switch n := n.(type) {
		case *logical.Shared:
			visit(n.Block.Root)
			return
		case *logical.Scan:
			other, place := r.t.binder.LateTable(n.Table)
			if seen && other != name {
				conflict = diag.Errorf(place, "late rows of tables '%s' and '%s' come together in one operator, and are to go to different tables", from, n.Table.Path.Name).
					WithHint("give both the same '%s'", settings.LateRows)
			}
			name, at, from, seen = other, place, n.Table.Path.Name, true
			return
		}
		for _, c := range n.Children() {
			visit(c)
		}
	}
	for _, c := range n.Children() {
		visit(c)
	}
	if !seen {
		name, at = r.t.binder.LateTable(nil)
	}
	if conflict != nil || name == "" {
		return nil, conflict
	}
	for _, t := range r.tables {
		if t.name == name {
			return t, nil
		}
	}
	t := &lateTable{name: name, at: at, carried: map[*logical.Block]int{}}
	var err error
	if t.spec, t.target, err = r.t.binder.LateSink(name, at); err != nil {
		return nil, err
	}
	r.tables = append(r.tables, t)
	return t, nil
}

// wanted are the columns that late rows bring along.
func (l *lateTable) wanted() []catalog.Column {
	return slices.DeleteFunc(slices.Clone(l.target), func(c catalog.Column) bool { return isLateColumn(c.Name) })
}

// missing says that rows do not have a column that the table has.
func (l *lateTable) missing(column, rows string, have []string) error {
	return diag.Errorf(l.at, "'%s' = '%s': that table has the column '%s', which %s do not have", settings.LateRows, l.name, column, rows).
		WithHint("they have %s, and every late row has %s, %s, %s and %s", strings.Join(have, ", "), lateWatermark, lateBy, lateOperator, lateKind)
}
