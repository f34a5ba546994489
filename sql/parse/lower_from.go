package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// tableRefs reads what stands in FROM. A comma binds looser than JOIN, in Flink as in MySQL.
func (l *lowering) tableRefs() {
	l.joined()
	for l.accept(",") {
		l.write(", ")
		l.joined()
	}
}

// joined reads tables with JOIN between them. Every kind of join is written as
// JOIN … ON w0(condition), where w0 holds the kind; so joins group from the left, as
// Calcite's grammar has it.
func (l *lowering) joined() {
	l.tablePrimary()
	for l.ok() {
		j, ok := l.joinKind()
		if !ok {
			return
		}
		l.write(" JOIN ")
		l.tablePrimary()
		l.write(" ON ")
		l.joinCondition(j)
	}
}

// joinKind reads the words up to and including JOIN.
func (l *lowering) joinKind() (*ast.Join, bool) {
	start := l.start()
	j := &ast.Join{Natural: l.accept("NATURAL")}
	switch {
	case l.accept("JOIN"), l.accept("INNER JOIN"):
		j.Kind = "INNER"
	case !j.Natural && l.accept("CROSS JOIN"):
		j.Kind = "CROSS"
	case l.at("OUTER JOIN"):
		l.fail(diag.Errorf(l.peek().At, "an OUTER JOIN needs its kind").WithHint("write LEFT, RIGHT or FULL OUTER JOIN"))
	default:
		j.Kind = l.acceptAny("LEFT", "RIGHT", "FULL")
		if j.Kind == "" {
			if j.Natural {
				l.unexpected("JOIN")
			}
			return nil, false
		}
		if t := l.peek(); t.Kind == token.Word && (t.Text == "SEMI" || t.Text == "ANTI") {
			l.fail(diag.Errorf(t.At, "there is no %s JOIN in Flink SQL", t.Text).WithHint("write WHERE … IN (…) or EXISTS (…)"))
		}
		l.accept("OUTER")
		l.expect("JOIN")
	}
	j.Place = l.since(start)
	return j, true
}

// joinCondition reads ON or USING. The join's place, so far that of its keywords, is where
// a missing condition is reported.
func (l *lowering) joinCondition(j *ast.Join) {
	args := l.open(j.At.Start)
	switch {
	case l.accept("ON"):
		if j.Kind == "CROSS" || j.Natural {
			l.fail(diag.Errorf(j.At, "a CROSS or NATURAL JOIN takes no condition").WithHint("write JOIN … ON"))
			break
		}
		args.exprArg()
	case l.accept("USING"):
		j.Using = l.idents("a column name")
	case j.Kind != "CROSS" && !j.Natural:
		if l.peek().Kind == token.EOF || !token.Callable(l.peek().Keyword) || l.at(";") || l.at(")") || l.at(",") {
			l.fail(diag.Errorf(j.At, "this JOIN has no condition").WithHint("write ON a.x = b.y behind it, or CROSS JOIN"))
			break
		}
		l.unexpected("ON or USING")
	}
	n := args.close(nil)
	l.slots[n].build, l.slots[n].join = nil, j
}

// tableReader collects a table reference while its expressions are written as the items of
// (SELECT w0, …) AS w0.
type tableReader struct {
	*lowering
	from  int // offset in the user's text
	slot  int
	out   int // offset in the MySQL text
	count int // expressions so far
}

// tablePrimary reads one table reference.
func (l *lowering) tablePrimary() {
	l.enter()
	defer l.leave()
	if l.at("(") && !l.startsQuery(l.pos+1) {
		l.joinInBrackets()
		return
	}
	r := &tableReader{lowering: l, from: l.start(), slot: l.newSlot(slot{}), out: len(l.out)}
	lateral := l.accept("LATERAL")
	switch {
	case l.at("("):
		r.derived(lateral)
	case l.at("UNNEST"):
		r.unnest()
	case l.at("TABLE ("):
		r.wrapped(lateral)
	case lateral:
		l.unexpected("TABLE(…) or a query in brackets")
	case l.at("VALUES") || l.at("SELECT"):
		l.fail(diag.Errorf(l.peek().At, "a query in FROM stands in brackets").WithHint("write FROM (%s …) AS t", l.peek().Keyword))
	default:
		r.named()
	}
}

// joinInBrackets reads (a JOIN b ON …).
func (l *lowering) joinInBrackets() {
	l.expect("(")
	l.bracketed(l.tableRefs)
	l.expect(")")
	if t := l.peek(); t.Is("AS") || t.IsName() {
		l.fail(diag.Errorf(t.At, "a join in brackets takes no alias").WithHint("write (SELECT * FROM …) AS %s", l.ahead(1).Text))
	}
}

// arg begins another expression of the table reference and gives its index.
func (r *tableReader) arg() int {
	if r.count == 0 {
		r.write("(SELECT ")
		r.writeSlot(r.slot)
	}
	r.write(", ")
	r.count++
	return r.count - 1
}

func (r *tableReader) exprArg() int {
	n := r.arg()
	r.expression()
	return n
}

// close ends the table reference.
func (r *tableReader) close(table func(at ast.Place, args []ast.Expr) ast.TableRef) {
	if r.count > 0 {
		r.write(") AS ")
	}
	r.writeSlot(r.slot)
	at := r.since(r.from)
	r.slots[r.slot].at = at.At
	r.slots[r.slot].table = func(args []ast.Expr) ast.TableRef { return table(at, args) }
}

// derived reads (query) AS t(a, b).
func (r *tableReader) derived(lateral bool) {
	n := r.arg()
	r.expect("(")
	r.bracketed(r.queryBody)
	r.expect(")")
	match := r.matchRecognize()
	alias := r.tableAlias()
	r.close(func(at ast.Place, a []ast.Expr) ast.TableRef {
		return &ast.Derived{
			Place: at, Query: a[n].(*ast.Subquery).Query, Lateral: lateral, Match: match.build(a), Alias: alias,
		}
	})
}

// unnest reads UNNEST(x) [WITH ORDINALITY] AS t(a, b).
func (r *tableReader) unnest() {
	r.expect("UNNEST")
	r.expect("(")
	n := r.exprArg()
	if t := r.peek(); t.Is(",") {
		r.fail(diag.Unsupported(t.At, "UNNEST of several values"))
	}
	r.expect(")")
	ordinality := r.accept("WITH ORDINALITY")
	alias := r.tableAlias()
	r.close(func(at ast.Place, a []ast.Expr) ast.TableRef {
		return &ast.Unnest{Place: at, X: a[n], Ordinality: ordinality, Alias: alias}
	})
}

// wrapped reads TABLE(f(…)).
func (r *tableReader) wrapped(lateral bool) {
	r.expect("TABLE")
	r.expect("(")
	start, n := r.start(), r.arg()
	t := r.peek()
	if t.Kind != token.Quoted && t.Kind != token.Word || !token.Callable(t.Keyword) {
		r.unexpected("a table function")
	}
	r.functionCall(start)
	r.expect(")")
	r.tableFunc(n, &ast.TableFunc{Lateral: lateral, Wrapped: true})
}

// functionCall reads a call of a table function.
func (r *tableReader) functionCall(start int) {
	parts := []ast.Ident{r.part("a function's name")}
	for r.accept(".") {
		parts = append(parts, r.part("a function's name"))
	}
	name := ast.Name{Place: r.since(start), Parts: parts}
	if !r.at("(") {
		r.unexpected("( and the function's arguments")
	}
	r.call(start, name)
}

// tableFunc reads what may follow a table function; its call is argument n.
func (r *tableReader) tableFunc(n int, f *ast.TableFunc) {
	asOf := r.asOf()
	match := r.matchRecognize()
	f.Alias = r.tableAlias()
	r.close(func(at ast.Place, a []ast.Expr) ast.TableRef {
		out := *f
		out.Place, out.Call, out.AsOf, out.Match = at, a[n].(*ast.Call), pickOne(asOf, a), match.build(a)
		return &out
	})
}

// named reads a table by its name, or a table function that stands in FROM by itself.
func (r *tableReader) named() {
	if r.isCall() {
		start, n := r.start(), r.arg()
		r.functionCall(start)
		r.tableFunc(n, &ast.TableFunc{})
		return
	}
	t := &ast.Table{Name: r.objectName("a table name")}
	t.Hints = r.hints()
	asOf := r.asOf()
	match := r.matchRecognize()
	t.Alias = r.tableAlias()
	if h := r.peek(); r.ok() && h.Kind == token.Hint {
		r.fail(diag.Errorf(h.At, "a table's hints stand before its alias").WithHint("write the hint behind the table's name"))
	}
	r.close(func(at ast.Place, a []ast.Expr) ast.TableRef {
		out := *t
		out.Place, out.AsOf, out.Match = at, pickOne(asOf, a), match.build(a)
		return &out
	})
}

// isCall reports whether a function's name followed by ( stands at the cursor.
func (r *tableReader) isCall() bool {
	i := 1
	for r.ahead(i).Is(".") {
		i += 2
	}
	t := r.peek()
	return r.ahead(i).Is("(") && (t.Kind == token.Quoted || t.Kind == token.Word && token.Callable(t.Keyword))
}

// asOf reads FOR SYSTEM_TIME AS OF x and gives the argument's index, or -1.
func (r *tableReader) asOf() int {
	if !r.accept("FOR SYSTEM_TIME AS OF") {
		return -1
	}
	return r.exprArg()
}

// tableAlias reads [AS] t [(a, b)], if it is there.
func (l *lowering) tableAlias() (a ast.TableAlias) {
	var ok bool
	if a.Name, ok = l.alias("a name for the table"); ok && l.at("(") {
		a.Columns = l.idents("a column name")
	}
	if t := l.peek(); t.Is("TABLESAMPLE") {
		l.fail(diag.Unsupported(t.At, "TABLESAMPLE"))
	}
	return a
}
