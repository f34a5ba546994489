package parse

import "github.com/weirstream/weir/sql/ast"

// windowSpec is a window specification whose expressions are arguments of an operand.
type windowSpec struct {
	window     ast.Window // but for the expressions
	partition  []int
	order      orderKeys
	start, end int // arguments of the frame's bounds, -1 for none
}

// window reads what follows OVER, or AS in the WINDOW clause: a name or ( … ).
func (a *operandArgs) window() *windowSpec {
	l, start := a.l, a.l.start()
	w := &windowSpec{start: -1, end: -1}
	if !l.at("(") {
		w.window.Ref = l.ident("a window's name or (")
		w.window.RefOnly = true
		w.window.Place = l.since(start)
		return w
	}
	l.expect("(")
	if l.peek().IsName() {
		w.window.Ref = l.ident("a window's name")
	}
	if l.accept("PARTITION BY") {
		w.partition = a.partitionBy()
	}
	if l.accept("ORDER BY") {
		w.order = a.orderBy()
	}
	if unit := l.acceptAny("ROWS", "RANGE"); unit != "" {
		w.window.Frame = a.frame(w, unit)
	}
	l.expect(")")
	w.window.Place = l.since(start)
	return w
}

// frame reads what follows ROWS or RANGE.
func (a *operandArgs) frame(w *windowSpec, unit string) *ast.Frame {
	l := a.l
	f := &ast.Frame{Unit: unit}
	start := l.toks[l.pos-1].At.Start
	if l.accept("BETWEEN") {
		f.Start.Kind, w.start = a.bound()
		l.expect("AND")
		f.End.Kind, w.end = a.bound()
	} else {
		f.Short = true
		f.Start.Kind, w.start = a.bound()
		f.End.Kind = "CURRENT ROW"
	}
	f.Place = l.since(start)
	return f
}

// bound reads one end of a frame; its expression's index is -1 where it has none.
func (a *operandArgs) bound() (kind string, index int) {
	l := a.l
	if kind := l.acceptAny("UNBOUNDED PRECEDING", "UNBOUNDED FOLLOWING", "CURRENT ROW"); kind != "" {
		return kind, -1
	}
	index = a.exprArg()
	return l.expectAny("PRECEDING", "FOLLOWING"), index
}

// build makes the window from the raised arguments.
func (w *windowSpec) build(a []ast.Expr) *ast.Window {
	out := w.window
	out.PartitionBy, out.OrderBy = pickAll(w.partition, a), w.order.items(a)
	if out.Frame != nil {
		f := *out.Frame
		f.Start.Value, f.End.Value = pickOne(w.start, a), pickOne(w.end, a)
		out.Frame = &f
	}
	return &out
}
