package rule

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
)

// computeLate computes behind a filter what the filter does not read, so that it is computed for
// the rows that are left only.
func computeLate(_ *Context, n logical.Node) (logical.Node, error) {
	switch n := n.(type) {
	case *logical.Filter:
		if p, ok := n.Input.(*logical.Project); ok {
			return lateProject(n, p), nil
		}
	case *logical.Scan:
		if n.Filter != nil {
			return lateScan(n), nil
		}
	}
	return nil, nil
}

// lateness parts expressions over some input into those that are computed before a filter and
// those that wait.
type lateness struct {
	before []expr.Expr // over the input; what waiting ones read is passed on among them
	names  []string
	after  []expr.Expr // over before: all expressions in their order
	waits  bool
	passed map[int]int // input column -> its place in before
}

// waiting parts xs; early says which must be there for the filter. Volatile expressions do not
// wait: the filter would change how often they are called.
func waiting(xs []expr.Expr, names []string, early func(int) bool, input func(int) *expr.Column) *lateness {
	l := &lateness{passed: map[int]int{}, after: make([]expr.Expr, len(xs))}
	var late []int
	for i, x := range xs {
		if !early(i) && !expr.IsTrivial(x) && expr.IsDeterministic(x) {
			late = append(late, i)
			continue
		}
		l.after[i] = &expr.Column{Index: len(l.before), Name: names[i], T: x.Type()}
		if c, ok := x.(*expr.Column); ok {
			l.passed[c.Index] = len(l.before)
		}
		l.before, l.names = append(l.before, x), append(l.names, names[i])
	}
	for _, i := range late {
		l.waits = true
		for _, c := range expr.Columns(xs[i]) {
			if _, ok := l.passed[c]; !ok {
				col := input(c)
				l.passed[c] = len(l.before)
				l.before, l.names = append(l.before, col), append(l.names, col.Name)
			}
		}
		l.after[i] = expr.Remap(xs[i], func(c int) int { return l.passed[c] })
	}
	return l
}

func lateProject(f *logical.Filter, p *logical.Project) logical.Node {
	read := noColumns(p)
	read.readAll(f.Cond)
	names := p.Schema().Names()
	l := waiting(p.Exprs, names, func(i int) bool { return read[i] != nil }, func(c int) *expr.Column { return logical.ColumnOf(p.Input, c) })
	if !l.waits {
		return nil
	}
	cond := inline(f.Cond, l.after) // it reads only what is computed before: columns for columns
	return logical.NewProject(logical.NewFilter(logical.NewProject(p.Input, l.before, l.names), cond), l.after, names)
}

func lateScan(n *logical.Scan) logical.Node {
	read := noColumns(n)
	read.readAll(n.Filter)
	if w := n.Watermark; w != nil {
		read.whole(w.Column)
		read.readAll(w.X)
	}
	names := n.Schema().Names()
	l := waiting(n.Exprs, names, func(i int) bool { return read[i] != nil }, func(c int) *expr.Column { return rawColumn(n.Columns, c) })
	if !l.waits {
		return nil
	}
	s := n.Spec()
	s.Exprs, s.Fields = l.before, nil
	for i, x := range l.before {
		s.Fields = append(s.Fields, logical.Field{Name: l.names[i], Type: x.Type()})
	}
	for i, x := range l.after {
		if c, ok := x.(*expr.Column); ok {
			s.Fields[c.Index] = n.Schema()[i]
		}
	}
	s.Filter = inline(n.Filter, l.after)
	if n.Watermark != nil {
		w := *n.Watermark
		w.X = inline(w.X, l.after)
		w.Column = l.after[w.Column].(*expr.Column).Index
		s.Watermark = &w
	}
	return logical.NewProject(logical.NewScan(s), l.after, names)
}

func rawColumn(cols []connectors.Column, c int) *expr.Column {
	return &expr.Column{Index: c, Name: cols[c].Name, T: cols[c].Type}
}
