package ast

func (p *printer) tableRef(t TableRef) {
	switch t := t.(type) {
	case *Table:
		p.name(t.Name)
		p.hints(t.Hints)
		p.tableTail(t.AsOf, t.Match, t.Alias)
	case *Derived:
		if t.Lateral {
			p.WriteString("LATERAL ")
		}
		p.subquery(t.Query)
		p.tableTail(nil, t.Match, t.Alias)
	case *TableFunc:
		if t.Lateral {
			p.WriteString("LATERAL ")
		}
		if t.Wrapped {
			p.WriteString("TABLE(")
			p.tableFunction(t.Call)
			p.WriteByte(')')
		} else {
			p.tableFunction(t.Call)
		}
		p.tableTail(t.AsOf, t.Match, t.Alias)
	case *Unnest:
		p.WriteString("UNNEST(")
		p.expr(t.X, precOr)
		p.WriteByte(')')
		p.option(t.Ordinality, "WITH ORDINALITY")
		p.tableTail(nil, nil, t.Alias)
	case *Join:
		p.join(t)
	}
}

// tableTail writes what may follow a table.
func (p *printer) tableTail(asOf Expr, m *MatchRecognize, a TableAlias) {
	if asOf != nil {
		p.WriteString(" FOR SYSTEM_TIME AS OF ")
		p.expr(asOf, precOr)
	}
	if m != nil {
		p.match(m)
	}
	if a.Name.Name == "" {
		return
	}
	p.WriteString(" AS ")
	p.ident(a.Name)
	if len(a.Columns) > 0 {
		p.WriteByte(' ')
		p.idents(a.Columns)
	}
}

func (p *printer) join(j *Join) {
	if j.Comma {
		p.tableRef(j.L)
		p.WriteString(", ")
		p.joinSide(j.R, isComma(j.R))
		return
	}
	p.joinSide(j.L, isComma(j.L))
	if j.Natural {
		p.WriteString(" NATURAL")
	}
	if j.Kind != "INNER" {
		p.WriteString(" " + j.Kind)
	}
	p.WriteString(" JOIN ")
	_, nested := j.R.(*Join)
	p.joinSide(j.R, nested)
	if j.On != nil {
		p.WriteString(" ON ")
		p.expr(j.On, precOr)
	}
	if len(j.Using) > 0 {
		p.WriteString(" USING ")
		p.idents(j.Using)
	}
}

func isComma(t TableRef) bool {
	j, ok := t.(*Join)
	return ok && j.Comma
}

func (p *printer) joinSide(t TableRef, brackets bool) {
	if !brackets {
		p.tableRef(t)
		return
	}
	p.WriteByte('(')
	p.tableRef(t)
	p.WriteByte(')')
}

func (p *printer) match(m *MatchRecognize) {
	p.WriteString(" MATCH_RECOGNIZE (")
	if len(m.PartitionBy) > 0 {
		p.words("PARTITION BY ")
		p.exprs(m.PartitionBy)
	}
	if len(m.OrderBy) > 0 {
		p.words("ORDER BY ")
		p.orderItems(m.OrderBy)
	}
	if len(m.Measures) > 0 {
		p.words("MEASURES ")
		p.list(len(m.Measures), func(i int) {
			if s := m.Measures[i].Semantics; s != "" {
				p.WriteString(s + " ")
			}
			p.expr(m.Measures[i].X, precOr)
			p.WriteString(" AS ")
			p.ident(m.Measures[i].Name)
		})
	}
	if m.RowsWritten {
		rows := "ONE ROW PER MATCH"
		if m.AllRows {
			rows = "ALL ROWS PER MATCH"
		}
		p.words(rows)
	}
	if m.After != "" {
		p.words("AFTER MATCH SKIP", m.After)
		if m.AfterVar.Name != "" {
			p.space()
			p.ident(m.AfterVar)
		}
	}
	p.words("PATTERN (")
	p.pattern(m.Pattern)
	p.WriteByte(')')
	if m.Within != nil {
		p.words("WITHIN ")
		p.expr(m.Within, precOr)
	}
	p.matchVariables(m)
	p.WriteByte(')')
}

// matchVariables writes SUBSET and DEFINE.
func (p *printer) matchVariables(m *MatchRecognize) {
	if len(m.Subsets) > 0 {
		p.words("SUBSET ")
		p.list(len(m.Subsets), func(i int) {
			p.ident(m.Subsets[i].Name)
			p.WriteString(" = ")
			p.idents(m.Subsets[i].Vars)
		})
	}
	p.words("DEFINE ")
	p.list(len(m.Define), func(i int) {
		p.ident(m.Define[i].Name)
		p.WriteString(" AS ")
		p.expr(m.Define[i].Cond, precOr)
	})
}

func (p *printer) pattern(x Pattern) {
	switch x := x.(type) {
	case *PatternVar:
		p.WriteString(quoteIdent(x.Name))
	case *PatternSeq:
		for i, item := range x.Items {
			if i > 0 {
				p.WriteByte(' ')
			}
			_, seq := item.(*PatternSeq)
			p.subpattern(item, seq || isAlt(item))
		}
	case *PatternAlt:
		for i, item := range x.Items {
			if i > 0 {
				p.WriteString(" | ")
			}
			p.subpattern(item, isAlt(item))
		}
	case *PatternRepeat:
		switch x.X.(type) {
		case *PatternVar, *PatternPermute, *PatternExclude:
			p.pattern(x.X)
		default:
			p.subpattern(x.X, true)
		}
		p.quantifier(x)
	case *PatternPermute:
		p.WriteString("PERMUTE")
		p.brackets(len(x.Items), func(i int) { p.pattern(x.Items[i]) })
	case *PatternExclude:
		p.WriteString("{- ")
		p.pattern(x.X)
		p.WriteString(" -}")
	}
}

func isAlt(x Pattern) bool {
	_, ok := x.(*PatternAlt)
	return ok
}

func (p *printer) subpattern(x Pattern, brackets bool) {
	if !brackets {
		p.pattern(x)
		return
	}
	p.WriteByte('(')
	p.pattern(x)
	p.WriteByte(')')
}

func (p *printer) quantifier(x *PatternRepeat) {
	switch {
	case x.Min == 0 && x.Max == -1:
		p.WriteByte('*')
	case x.Min == 1 && x.Max == -1:
		p.WriteByte('+')
	case x.Min == 0 && x.Max == 1:
		p.WriteByte('?')
	case x.Max == -1:
		p.WriteString("{" + itoa(x.Min) + ",}")
	case x.Min == x.Max:
		p.WriteString("{" + itoa(x.Min) + "}")
	default:
		p.WriteString("{" + itoa(x.Min) + "," + itoa(x.Max) + "}")
	}
	if x.Reluctant {
		p.WriteByte('?')
	}
}
