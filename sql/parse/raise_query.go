package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// fieldList raises the items of a lowered SELECT that holds nothing but expressions.
func (r *raising) fieldList(n mysqlNode) []ast.Expr {
	s, ok := n.(*mysqlSelect)
	if !ok {
		r.fault("unexpected %T", n)
		return nil
	}
	var out []ast.Expr
	for _, f := range s.Fields.Fields {
		out = append(out, r.expr(f.Expr))
	}
	return out
}

// query raises a query; it is not nil, and after an error of no use.
func (r *raising) query(n mysqlNode) ast.Query {
	switch n := n.(type) {
	case *mysqlSelect:
		return r.with(n.With, r.ordered(n.OrderBy, r.term(n)))
	case *mysqlSetOp:
		return r.with(n.With, r.ordered(n.OrderBy, r.setOperation(n)))
	}
	r.fault("unexpected %T", n)
	return &ast.Select{}
}

// with puts WITH around a query.
func (r *raising) with(w *mysqlWith, body ast.Query) ast.Query {
	if w == nil {
		return body
	}
	out := &ast.With{Body: body}
	for i, cte := range w.CTEs {
		c, ok := r.slot(cte.Name.O).clause.(cteClause)
		if !ok {
			r.fault("a common table expression without its name")
			return out
		}
		if i == 0 {
			out.At = diag.Span{Start: c.withAt, End: body.Span().End}
		}
		c.cte.Query = r.query(cte.Query.Query)
		out.CTEs = append(out.CTEs, c.cte)
	}
	return out
}

// ordered puts ORDER BY and LIMIT around a query.
func (r *raising) ordered(o *mysqlOrder, body ast.Query) ast.Query {
	if o == nil {
		return body
	}
	var args []ast.Expr
	var c orderClause
	for i, item := range o.Items {
		if column, ok := item.Expr.(*mysqlColumn); ok && i == 0 {
			c, _ = r.slot(column.Name.Name.O).clause.(orderClause)
			args = append(args, nil)
			continue
		}
		args = append(args, r.expr(item.Expr))
	}
	if r.err != nil || len(args) != len(c.keys)+1 {
		r.fault("ORDER BY without its place")
		return body
	}
	if len(c.keys) == 0 && c.limit == nil && c.offset == nil { // LIMIT ALL
		return body
	}
	return &ast.Ordered{
		Place: ast.Place{At: diag.Span{Start: body.Span().Start, End: c.end}}, Body: body,
		OrderBy: orderKeys(c.keys).items(args), Limit: c.limit, Offset: c.offset,
	}
}

// setOperation raises UNION and its like, which MySQL gives as a flat list. INTERSECT
// binds tighter than the others, which group from the left.
func (r *raising) setOperation(n *mysqlSetOp) ast.Query {
	var sides []ast.Query // joined by operators that are no INTERSECT
	var ops []ast.SetOp
	for i, node := range n.SelectList.Selects {
		s, ok := node.(*mysqlSelect)
		if !ok || i > 0 && s.AfterSetOperator == nil {
			r.fault("unexpected %T as the side of a set operation", node)
			return &ast.Select{}
		}
		q := r.term(s)
		if i == 0 {
			sides = append(sides, q)
			continue
		}
		op := setOps[s.AfterSetOperator.String()]
		if op.Op == "INTERSECT" {
			last := len(sides) - 1
			sides[last] = setOp(op, sides[last], q)
			continue
		}
		sides, ops = append(sides, q), append(ops, op)
	}
	out := sides[0]
	for i, op := range ops {
		out = setOp(op, out, sides[i+1])
	}
	return out
}

// setOps are the set operations by MySQL's names.
var setOps = map[string]ast.SetOp{
	"UNION": {Op: "UNION"}, "UNION ALL": {Op: "UNION", All: true},
	"EXCEPT": {Op: "EXCEPT"}, "EXCEPT ALL": {Op: "EXCEPT", All: true},
	"INTERSECT": {Op: "INTERSECT"}, "INTERSECT ALL": {Op: "INTERSECT", All: true},
}

func setOp(op ast.SetOp, l, right ast.Query) ast.Query {
	op.At, op.L, op.R = l.Span().Cover(right.Span()), l, right
	return &op
}

// term raises one side of a set operation: SELECT, VALUES, TABLE t or a query in brackets.
func (r *raising) term(n *mysqlSelect) ast.Query {
	if r.err != nil {
		return &ast.Select{}
	}
	switch {
	case n.Lists != nil:
		return r.values(n)
	case n.Fields == nil || len(n.Fields.Fields) == 0 || n.Fields.Fields[0].WildCard != nil:
		if table, ok := n.From.TableRefs.Left.(*mysqlTable); ok {
			if name, ok := table.Source.(*mysqlTableName); ok {
				if q, ok := r.slot(name.Name.O).clause.(*ast.TableQuery); ok {
					return q
				}
			}
		}
		r.fault("a SELECT without items")
		return &ast.Select{}
	}
	marker, ok := n.Fields.Fields[0].Expr.(*mysqlColumn)
	if !ok {
		r.fault("a SELECT without its place")
		return &ast.Select{}
	}
	switch c := r.slot(marker.Name.Name.O).clause.(type) {
	case nestedQuery:
		if sub, ok := r.expr(n.Fields.Fields[1].Expr).(*ast.Subquery); ok {
			return sub.Query
		}
	case selectClause:
		return r.selectQuery(n, c)
	}
	r.fault("a SELECT without its place")
	return &ast.Select{}
}

func (r *raising) values(n *mysqlSelect) ast.Query {
	out := &ast.Values{}
	for i, row := range n.Lists {
		if i == 0 {
			c, _ := r.slot(row.Values[0].(*mysqlColumn).Name.Name.O).clause.(valuesClause)
			out.At = c.at
			continue
		}
		items := r.exprs(row.Values)
		if row, ok := items[0].(*ast.Row); ok && row.Implicit {
			items = row.Items
		}
		out.Rows = append(out.Rows, items)
	}
	return out
}

// selectQuery raises a SELECT whose clause is at hand.
func (r *raising) selectQuery(n *mysqlSelect, c selectClause) ast.Query {
	out := &ast.Select{Place: ast.Place{At: c.at}, Hints: c.hints, Distinct: c.distinct}
	for _, f := range n.Fields.Fields[1:] {
		x := r.operation(f.Expr)
		item := ast.SelectItem{Place: ast.Place{At: x.at}, X: x.x}
		if f.AsName.O != "" {
			item.Alias, _ = r.slot(f.AsName.O).clause.(ast.Ident)
			item.At = item.At.Cover(item.Alias.At)
		}
		out.Items = append(out.Items, item)
	}
	if n.From != nil {
		out.From = r.tableRef(n.From.TableRefs)
	}
	if n.Where != nil {
		out.Where = r.expr(n.Where)
	}
	if n.GroupBy != nil {
		out.GroupBy = r.groupBy(n)
	}
	if n.Having != nil {
		out.Having = r.expr(n.Having.Expr)
	}
	r.windows(n, out)
	return out
}

func (r *raising) groupBy(n *mysqlSelect) *ast.GroupBy {
	items := n.GroupBy.Items
	marker, ok := items[0].Expr.(*mysqlColumn)
	if !ok {
		r.fault("GROUP BY without its place")
		return nil
	}
	c, _ := r.slot(marker.Name.Name.O).clause.(groupClause)
	args := []ast.Expr{nil}
	for _, item := range items[1:] {
		args = append(args, r.expr(item.Expr))
	}
	if r.err != nil {
		return nil
	}
	return c.build(args)
}

// windows raises the WINDOW clause, in which QUALIFY comes, too.
func (r *raising) windows(n *mysqlSelect, out *ast.Select) {
	for _, w := range n.WindowSpecs {
		x := r.expr(w.PartitionBy.Items[0].Expr)
		if r.err != nil {
			return
		}
		switch c := r.slot(w.Name.O).clause.(type) {
		case qualifyClause:
			out.Qualify = x
		case windowClause:
			out.Windows = append(out.Windows, ast.NamedWindow{Name: c.name, Spec: *c.spec.build(x.(*ast.Row).Items)})
		}
	}
}

// tableRef raises what stands in FROM.
func (r *raising) tableRef(n mysqlNode) ast.TableRef {
	switch n := n.(type) {
	case *mysqlJoin:
		return r.join(n)
	case *mysqlTable:
		return r.table(n)
	}
	r.fault("unexpected %T in FROM", n)
	return &ast.Table{}
}

func (r *raising) join(n *mysqlJoin) ast.TableRef {
	left := r.tableRef(n.Left)
	if n.Right == nil {
		return left
	}
	right := r.tableRef(n.Right)
	at := left.Span().Cover(right.Span())
	if n.On == nil {
		return &ast.Join{Place: ast.Place{At: at}, Kind: "CROSS", Comma: true, L: left, R: right}
	}
	call, ok := n.On.Expr.(*mysqlCall)
	if !ok {
		r.fault("a JOIN without its place")
		return left
	}
	s := r.slot(call.FnName.O)
	if s.join == nil {
		r.fault("a JOIN without its place")
		return left
	}
	j := *s.join
	j.At, j.L, j.R = at.Cover(s.at), left, right
	if len(call.Args) > 0 {
		j.On = r.expr(call.Args[0])
	}
	return &j
}

func (r *raising) table(n *mysqlTable) ast.TableRef {
	var args []ast.Expr
	name := n.AsName.O
	switch source := n.Source.(type) {
	case *mysqlTableName:
		name = source.Name.O
	case *mysqlSelect:
		for _, f := range source.Fields.Fields[1:] {
			args = append(args, r.expr(f.Expr))
		}
	default:
		r.fault("unexpected %T as a table", source)
	}
	s := r.slot(name)
	if r.err != nil || s.table == nil {
		r.fault("a table without its place")
		return &ast.Table{}
	}
	return s.table(args)
}
