package parse

import "github.com/weirstream/weir/sql/ast"

// groupClause is a GROUP BY whose expressions are written behind its placeholder.
type groupClause struct {
	at       ast.Place
	distinct bool
	items    []groupShape
}

// groupShape is a group item over the clause's expressions, which are counted from 1.
type groupShape struct {
	at     ast.Place
	kind   string
	exprs  []int // 0 for ()
	nested []groupShape
}

// groupBy reads what follows GROUP BY.
func (l *lowering) groupBy() {
	start := l.toks[l.pos-2].At.Start
	n := l.newSlot(slot{})
	l.writeSlot(n)
	c := groupClause{}
	if l.acceptAny("DISTINCT", "ALL") == "DISTINCT" {
		c.distinct = true
	}
	count := 0
	l.list(func() { c.items = append(c.items, l.groupItem(&count)) })
	c.at = l.since(start)
	l.slots[n].clause = c
}

// groupItem reads an expression, (), GROUPING SETS, ROLLUP or CUBE; count is the number of
// expressions written so far.
func (l *lowering) groupItem(count *int) groupShape {
	l.enter()
	defer l.leave()
	start := l.start()
	var g groupShape
	switch kind := l.acceptAny("GROUPING SETS", "ROLLUP", "CUBE"); {
	case kind != "":
		g.kind = kind
		l.parens(func() {
			item := l.groupItem(count)
			if item.kind == "" {
				g.exprs = append(g.exprs, item.exprs...)
			} else {
				g.nested = append(g.nested, item)
			}
		})
	case l.at("( )"):
		l.expect("(")
		l.expect(")")
		g.exprs = []int{0}
	default:
		l.write(", ")
		l.expression()
		*count++
		g.exprs = []int{*count}
	}
	g.at = l.since(start)
	return g
}

// build makes the clause from its raised expressions, the first being the placeholder.
func (c groupClause) build(a []ast.Expr) *ast.GroupBy {
	out := &ast.GroupBy{Place: c.at, Distinct: c.distinct}
	for _, g := range c.items {
		if g.kind == "" && len(g.exprs) == 1 && g.exprs[0] > 0 {
			for _, x := range set(a[g.exprs[0]]) {
				out.Items = append(out.Items, ast.GroupItem{Place: g.at, Sets: [][]ast.Expr{{x}}})
			}
			continue
		}
		out.Items = append(out.Items, g.build(a))
	}
	return out
}

func (g groupShape) build(a []ast.Expr) ast.GroupItem {
	out := ast.GroupItem{Place: g.at, Kind: g.kind}
	if g.kind == "" { // GROUP BY () is one empty set
		out.Kind = "GROUPING SETS"
	}
	for _, i := range g.exprs {
		var s []ast.Expr
		if i > 0 {
			s = set(a[i])
		}
		out.Sets = append(out.Sets, s)
	}
	for _, n := range g.nested {
		out.Nested = append(out.Nested, n.build(a))
	}
	return out
}

// set gives the members of (a, b), brackets in brackets opened, or the expression itself.
func set(x ast.Expr) []ast.Expr {
	row, ok := x.(*ast.Row)
	if !ok || !row.Implicit {
		return []ast.Expr{x}
	}
	var out []ast.Expr
	for _, item := range row.Items {
		out = append(out, set(item)...)
	}
	return out
}
