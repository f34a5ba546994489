package parse

import (
	"strconv"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// Clauses as slots hold them: what MySQL has no word for. The expressions of a clause are
// written behind its placeholder, and come back in order.
type (
	// selectClause is written as the first select item.
	selectClause struct {
		at       diag.Span
		hints    []ast.Hint
		distinct bool
	}
	// nestedQuery is a query in brackets as the side of a set operation, written as
	// SELECT w0, (query).
	nestedQuery struct{}
	// valuesClause is written as the first row.
	valuesClause struct{ at diag.Span }
	// cteClause is written as the name of a common table expression.
	cteClause struct {
		cte    ast.CTE // but for its query
		withAt int     // offset of WITH
	}
	// orderClause is written as the first ORDER BY item.
	orderClause struct {
		keys          []orderKey
		limit, offset ast.Expr
		end           int // offset of the end of the query
	}
	// windowClause and qualifyClause are written as the name of a window whose PARTITION BY
	// holds their expressions.
	windowClause struct {
		name ast.Ident
		spec *windowSpec
	}
	qualifyClause struct{}
)

// queryBody reads [WITH …] query [ORDER BY …] [LIMIT …] [OFFSET …] [FETCH …].
func (l *lowering) queryBody() {
	l.enter()
	defer l.leave()
	if l.at("WITH") {
		l.with()
	}
	l.setOperations()
	l.orderAndLimit()
}

// with reads WITH a (columns) AS (query), ….
func (l *lowering) with() {
	withAt := l.start()
	l.expect("WITH")
	if t := l.peek(); t.Is("RECURSIVE") {
		l.fail(diag.Unsupported(t.At, "recursive queries"))
	}
	l.write("WITH ")
	sep := ""
	l.list(func() {
		l.write(sep)
		sep = ", "
		start := l.start()
		c := ast.CTE{Name: l.ident("a name for the query")}
		if l.at("(") {
			c.Columns = l.idents("a column name")
		}
		l.expect("AS")
		n := l.newSlot(slot{})
		l.writeSlot(n)
		l.write(" AS ")
		l.expect("(")
		l.bracketed(l.queryBody)
		l.expect(")")
		c.Place = l.since(start)
		l.slots[n].clause = cteClause{cte: c, withAt: withAt}
	})
	l.write(" ")
}

// setOperations reads queries joined by UNION and its like.
func (l *lowering) setOperations() {
	l.term()
	for l.ok() {
		op := l.acceptAny("UNION", "EXCEPT", "INTERSECT", "MINUS")
		switch op {
		case "":
			return
		case "MINUS":
			op = "EXCEPT"
		}
		l.write(" " + op + " ")
		if l.acceptAny("ALL", "DISTINCT") == "ALL" {
			l.write("ALL ")
		}
		l.term()
	}
}

// term reads one side of a set operation.
func (l *lowering) term() {
	switch start := l.start(); {
	case l.at("SELECT"):
		l.selectQuery()
	case l.at("VALUES"):
		l.values()
	case l.accept("TABLE"):
		q := &ast.TableQuery{Name: l.objectName("a table name")}
		q.Place = l.since(start)
		l.write("TABLE ")
		l.writeSlot(l.newSlot(slot{at: q.At, clause: q}))
	case l.at("("):
		l.expect("(")
		l.write("SELECT ")
		n := l.newSlot(slot{clause: nestedQuery{}})
		l.writeSlot(n)
		l.write(", ")
		l.bracketed(l.queryBody)
		l.expect(")")
		l.slots[n].at = l.since(start).At
	default:
		l.try("SELECT")
		l.unexpected("a query (SELECT, VALUES, WITH)")
	}
}

// values reads VALUES (1, 'a'), (2, 'b'); a row of one column needs no brackets.
func (l *lowering) values() {
	start := l.start()
	l.expect("VALUES")
	n := l.newSlot(slot{})
	l.write("VALUES ROW(")
	l.writeSlot(n)
	l.write(")")
	l.list(func() {
		l.write(", ROW(")
		if l.accept("ROW") && !l.at("(") {
			l.unexpected("(")
		}
		l.expression()
		l.write(")")
	})
	at := l.since(start).At
	l.slots[n].at, l.slots[n].clause = at, valuesClause{at}
}

// selectQuery reads SELECT … up to QUALIFY.
func (l *lowering) selectQuery() {
	start := l.start()
	l.expect("SELECT")
	l.write("SELECT ")
	c := selectClause{hints: l.hints()}
	c.distinct = l.acceptAny("DISTINCT", "ALL") == "DISTINCT"
	n := l.newSlot(slot{})
	l.writeSlot(n)
	l.list(func() {
		l.write(", ")
		l.selectItem()
	})
	if l.accept("FROM") {
		l.write(" FROM ")
		l.tableRefs()
		l.fromClauses()
	} else if t := l.peek(); t.Is("WHERE") || t.Is("GROUP") || t.Is("HAVING") {
		l.fail(diag.Errorf(t.At, "%s needs a FROM clause before it", t.Keyword))
	}
	c.at = l.since(start).At
	l.slots[n].at, l.slots[n].clause = c.at, c
}

// selectItem reads an expression with its alias.
func (l *lowering) selectItem() {
	if l.at("*") {
		l.star()
		return
	}
	l.expression()
	if name, ok := l.alias("a name for the column"); ok {
		l.write(" AS ")
		l.writeSlot(l.newSlot(slot{at: name.At, clause: name}))
	}
}

// alias reads [AS] name, if there is one.
func (l *lowering) alias(what string) (ast.Ident, bool) {
	switch t := l.peek(); {
	case l.accept("AS"):
		return l.ident(what), true
	case t.IsName():
		l.bareAlias = l.pos
		return l.ident(what), true
	case t.Kind == token.String:
		l.fail(diag.Errorf(t.At, "a string cannot be %s", what).WithHint("quote names with backticks: `%s`", t.Text))
	}
	return ast.Ident{}, false
}

// fromClauses reads what may follow FROM.
func (l *lowering) fromClauses() {
	if l.accept("WHERE") {
		l.write(" WHERE ")
		l.expression()
	}
	if l.accept("GROUP BY") {
		l.write(" GROUP BY ")
		l.groupBy()
	}
	if l.accept("HAVING") {
		l.write(" HAVING ")
		l.expression()
	}
	sep := " WINDOW "
	if l.accept("WINDOW") {
		l.list(func() {
			l.write(sep)
			sep = ", "
			l.namedWindow()
		})
	}
	if l.accept("QUALIFY") {
		l.write(sep)
		l.writeSlot(l.newSlot(slot{clause: qualifyClause{}}))
		l.write(" AS (PARTITION BY ")
		l.expression()
		l.write(")")
	}
}

// namedWindow reads name AS (…).
func (l *lowering) namedWindow() {
	name := l.ident("a window's name")
	l.expect("AS")
	n := l.newSlot(slot{})
	l.writeSlot(n)
	l.write(" AS (PARTITION BY ")
	args := l.open(l.start())
	if !l.at("(") {
		l.unexpected("(")
	}
	spec := args.window()
	args.close(func(at ast.Place, a []ast.Expr) ast.Expr { return &ast.Row{Place: at, Items: a} })
	l.write(")")
	l.slots[n].clause = windowClause{name, spec}
}

// orderAndLimit reads what may follow a whole query.
func (l *lowering) orderAndLimit() {
	if !l.at("ORDER") && !l.at("LIMIT") && !l.at("OFFSET") && !l.at("FETCH") {
		l.try("ORDER BY")
		l.try("LIMIT")
		return
	}
	var c orderClause
	n := l.newSlot(slot{})
	l.write(" ORDER BY ")
	l.writeSlot(n)
	if l.accept("ORDER BY") {
		l.list(func() {
			l.write(", ")
			l.expression()
			k := orderKey{index: len(c.keys) + 1}
			k.desc, k.nulls = l.direction()
			c.keys = append(c.keys, k)
		})
	}
	l.limits(&c)
	c.end = l.since(0).At.End
	l.slots[n].clause = c
}

// limits reads LIMIT or FETCH, and OFFSET, in any order.
func (l *lowering) limits(c *orderClause) {
	limited := false
	for l.ok() {
		switch {
		case !limited && l.accept("LIMIT"):
			limited = true
			if !l.accept("ALL") {
				c.limit = l.rowCount()
			}
			l.refuseLimitPair()
		case c.offset == nil && l.accept("OFFSET"):
			c.offset = l.rowCount()
			l.acceptAny("ROWS", "ROW")
		case !limited && l.accept("FETCH"):
			limited = true
			l.expectAny("FIRST", "NEXT")
			c.limit = l.rowCount()
			l.expectAny("ROWS", "ROW")
			l.expect("ONLY")
		default:
			return
		}
	}
}

// rowCount reads the number of LIMIT, OFFSET and FETCH.
func (l *lowering) rowCount() ast.Expr {
	t := l.peek()
	n := l.number("a number of rows", 1<<53)
	if !l.ok() {
		return nil
	}
	return &ast.Literal{Place: ast.Place{At: t.At}, Kind: ast.NumberLit, Text: strconv.Itoa(n)}
}

// refuseLimitPair refuses LIMIT 5, 10.
func (l *lowering) refuseLimitPair() {
	if t := l.peek(); t.Is(",") && l.ahead(1).Kind == token.Number {
		l.fail(diag.Errorf(t.At, "LIMIT takes one number").
			WithHint("write LIMIT %s OFFSET %s", l.ahead(1).Text, l.ahead(-1).Text))
	}
}
