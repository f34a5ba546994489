package ast

// How tightly queries bind, loosest first.
const (
	precWith = iota
	precOrdered
	precUnion
	precIntersect
	precTerm
)

func queryPrecedence(q Query) int {
	switch q := q.(type) {
	case *With:
		return precWith
	case *Ordered:
		return precOrdered
	case *SetOp:
		if q.Op == "INTERSECT" {
			return precIntersect
		}
		return precUnion
	}
	return precTerm
}

// query writes q, in brackets if it binds looser than wanted.
func (p *printer) query(q Query, wanted int) {
	if queryPrecedence(q) < wanted {
		p.subquery(q)
		return
	}
	switch q := q.(type) {
	case *With:
		p.withQuery(q)
	case *Ordered:
		p.ordered(q)
	case *SetOp:
		prec := queryPrecedence(q)
		p.query(q.L, prec)
		p.WriteString(" " + q.Op + " ")
		if q.All {
			p.WriteString("ALL ")
		}
		p.query(q.R, prec+1)
	case *Values:
		p.WriteString("VALUES ")
		p.list(len(q.Rows), func(i int) {
			p.WriteByte('(')
			p.exprs(q.Rows[i])
			p.WriteByte(')')
		})
	case *TableQuery:
		p.WriteString("TABLE ")
		p.name(q.Name)
	case *Select:
		p.selectQuery(q)
	}
}

func (p *printer) withQuery(q *With) {
	p.WriteString("WITH ")
	p.list(len(q.CTEs), func(i int) {
		c := q.CTEs[i]
		p.ident(c.Name)
		if len(c.Columns) > 0 {
			p.WriteByte(' ')
			p.idents(c.Columns)
		}
		p.WriteString(" AS ")
		p.subquery(c.Query)
	})
	p.WriteByte(' ')
	p.query(q.Body, precOrdered)
}

func (p *printer) ordered(q *Ordered) {
	p.query(q.Body, precUnion)
	if len(q.OrderBy) > 0 {
		p.WriteString(" ORDER BY ")
		p.orderItems(q.OrderBy)
	}
	if q.Limit != nil {
		p.WriteString(" LIMIT ")
		p.expr(q.Limit, precPrimary)
	}
	if q.Offset != nil {
		p.WriteString(" OFFSET ")
		p.expr(q.Offset, precPrimary)
	}
}

func (p *printer) selectQuery(q *Select) {
	p.WriteString("SELECT")
	p.hints(q.Hints)
	p.option(q.Distinct, "DISTINCT")
	p.WriteByte(' ')
	p.list(len(q.Items), func(i int) {
		p.expr(q.Items[i].X, precOr)
		if q.Items[i].Alias.Name != "" {
			p.WriteString(" AS ")
			p.ident(q.Items[i].Alias)
		}
	})
	if q.From != nil {
		p.WriteString(" FROM ")
		p.tableRef(q.From)
	}
	if q.Where != nil {
		p.WriteString(" WHERE ")
		p.expr(q.Where, precOr)
	}
	if q.GroupBy != nil {
		p.groupBy(q.GroupBy)
	}
	if q.Having != nil {
		p.WriteString(" HAVING ")
		p.expr(q.Having, precOr)
	}
	if len(q.Windows) > 0 {
		p.WriteString(" WINDOW ")
		p.list(len(q.Windows), func(i int) {
			p.ident(q.Windows[i].Name)
			p.WriteString(" AS ")
			p.window(&q.Windows[i].Spec)
		})
	}
	if q.Qualify != nil {
		p.WriteString(" QUALIFY ")
		p.expr(q.Qualify, precOr)
	}
}

func (p *printer) groupBy(g *GroupBy) {
	p.WriteString(" GROUP BY ")
	if g.Distinct {
		p.WriteString("DISTINCT ")
	}
	p.list(len(g.Items), func(i int) { p.groupItem(g.Items[i]) })
}

func (p *printer) groupItem(g GroupItem) {
	if g.Kind == "" {
		p.expr(g.Sets[0][0], precOr)
		return
	}
	p.WriteString(g.Kind + " (")
	p.list(len(g.Sets)+len(g.Nested), func(i int) {
		if i >= len(g.Sets) {
			p.groupItem(g.Nested[i-len(g.Sets)])
			return
		}
		p.WriteByte('(')
		p.exprs(g.Sets[i])
		p.WriteByte(')')
	})
	p.WriteByte(')')
}
