package parse

import (
	"strconv"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// lowering reads a query or an expression at the cursor and writes it as MySQL text over
// placeholders. Placeholder wN stands for slots[N]:
//
//	SELECT a, SUM(b) FILTER (WHERE c > 1) AS n FROM db.t AS x GROUP BY a
//	SELECT w0, w1, w2(w3, w4 = w5) AS w6 FROM w7 GROUP BY w8, w9
//
// w0 holds what belongs to the SELECT as a whole, w2 knows that it is the call SUM with
// its FILTER as second argument, w7 is the table with its alias.
type lowering struct {
	*parser
	out   []byte
	slots []slot
}

// slot is what a placeholder stands for. One of expr, build, table, join and clause is set.
type slot struct {
	at diag.Span

	expr  ast.Expr                           // an operand that has no arguments
	build func(args []ast.Expr) ast.Expr     // an operand from its arguments
	table func(args []ast.Expr) ast.TableRef // something in FROM, from the expressions in it
	join  *ast.Join                          // a join but for its two sides and its condition
	// clause is what a clause holds besides its expressions: one of the types in
	// lower_query.go, groupClause, *ast.TableQuery, or ast.Ident for an alias.
	clause any

	infix *infix      // the operator that the user wrote in front of this operand
	nots  []diag.Span // the NOTs between that operator and the operand
}

// newSlot adds a slot and gives its number.
func (l *lowering) newSlot(s slot) int {
	l.slots = append(l.slots, s)
	return len(l.slots) - 1
}

// write appends MySQL text.
func (l *lowering) write(s string) { l.out = append(l.out, s...) }

// writeSlot appends a placeholder.
func (l *lowering) writeSlot(n int) {
	l.out = append(l.out, 'w')
	l.out = strconv.AppendInt(l.out, int64(n), 10)
}

// insert puts the placeholder and an opening bracket in front of the text from offset at on.
func (l *lowering) insert(at, slot int) {
	tail := string(l.out[at:])
	l.out = l.out[:at]
	l.writeSlot(slot)
	l.write("(" + tail)
}

// leaf writes an operand that has no arguments and covers the place.
func (l *lowering) leaf(at ast.Place, x ast.Expr) int {
	n := l.newSlot(slot{at: at.At, expr: x})
	l.writeSlot(n)
	return n
}

// operandArgs collects the arguments of an operand while they are written: w7(w8, w9).
type operandArgs struct {
	l     *lowering
	slot  int
	from  int // offset in the user's text
	count int
}

// open begins an operand with arguments whose text starts at the offset.
func (l *lowering) open(start int) *operandArgs {
	n := l.newSlot(slot{})
	l.writeSlot(n)
	l.write("(")
	return &operandArgs{l: l, slot: n, from: start}
}

// arg begins another argument and gives its index.
func (a *operandArgs) arg() int {
	if a.count > 0 {
		a.l.write(", ")
	}
	a.count++
	return a.count - 1
}

// exprArg reads an expression as the next argument.
func (a *operandArgs) exprArg() int {
	n := a.arg()
	a.l.expression()
	return n
}

// queryArg reads a query without brackets around it as the next argument, which is raised as an
// *ast.Subquery.
func (a *operandArgs) queryArg() int {
	n := a.arg()
	a.l.bracketed(a.l.queryBody)
	return n
}

// close ends the operand; build makes its node from the raised arguments, place
// being that of the whole operand.
func (a *operandArgs) close(build func(at ast.Place, args []ast.Expr) ast.Expr) int {
	a.l.write(")")
	at := a.l.since(a.from)
	s := &a.l.slots[a.slot]
	s.at = at.At
	s.build = func(args []ast.Expr) ast.Expr { return build(at, args) }
	return a.slot
}

// bracketed writes what f writes in MySQL brackets.
func (l *lowering) bracketed(f func()) {
	l.write("(")
	f()
	l.write(")")
}

// query parses a query at the cursor.
func (p *parser) query() ast.Query {
	l := &lowering{parser: p}
	l.queryBody()
	r := l.finish()
	if r == nil {
		return nil
	}
	q := r.query(r.root)
	p.raised(r)
	return q
}

// expr parses an expression at the cursor.
func (p *parser) expr() ast.Expr {
	l := &lowering{parser: p}
	l.write("SELECT ")
	l.expression()
	r := l.finish()
	if r == nil {
		return nil
	}
	x := r.fieldList(r.root)
	p.raised(r)
	if len(x) != 1 {
		return nil
	}
	return x[0]
}

// finish has the MySQL text parsed; nil after an error.
func (l *lowering) finish() *raising {
	if !l.ok() {
		return nil
	}
	if l.mysql == nil {
		l.mysql = newMySQLParser()
	}
	root, err := l.mysql.parse(string(l.out))
	if err != nil {
		l.fail(err)
		return nil
	}
	return &raising{slots: l.slots, root: root}
}

// raised takes over the error of a raising.
func (p *parser) raised(r *raising) {
	if r.err != nil {
		p.fail(r.err)
	}
}

// startsQuery reports whether a query starts at token i: SELECT, WITH, VALUES, TABLE t, or
// one in brackets that is not just an item of something larger.
func (p *parser) startsQuery(i int) bool {
	t := &p.toks[min(i, len(p.toks)-1)]
	switch {
	case t.Is("SELECT"), t.Is("WITH"), t.Is("VALUES"):
		return true
	case t.Is("TABLE"):
		return !p.toks[i+1].Is("(")
	case !t.Is("(") || !p.startsQuery(i+1):
		return false
	}
	after := p.closing(i) + 1
	if after >= len(p.toks) {
		return true
	}
	switch a := &p.toks[after]; a.Kind {
	case token.Word:
		switch a.Keyword {
		case "UNION", "EXCEPT", "INTERSECT", "MINUS", "ORDER", "LIMIT", "OFFSET", "FETCH":
			return true
		}
		return false
	default:
		return a.Is(")") || a.Is(";") || a.Kind == token.EOF
	}
}

// opensQuery reports whether token i is a query's first word, or a bracket before it.
func (p *parser) opensQuery(i int) bool {
	for i < len(p.toks)-1 && p.toks[i].Is("(") {
		i++
	}
	return p.startsQuery(i)
}

// closing is the position of the bracket that closes the one at i, or of EOF.
func (p *parser) closing(i int) int {
	depth := 0
	for ; i < len(p.toks)-1; i++ {
		switch {
		case p.toks[i].Is("("):
			depth++
		case p.toks[i].Is(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}
