package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// wordReader reads an operand that starts with a certain word at the offset. It gives
// false, having taken nothing, where the word turns out to be a plain name.
type wordReader func(l *lowering, start int) (int, bool)

// wordOperand gives the reader for the operands that start with a keyword and have a syntax
// of their own, or nil.
func wordOperand(keyword string) wordReader {
	switch keyword {
	case "TRUE", "FALSE":
		return boolean
	case "NULL", "UNKNOWN":
		return null
	case "INTERVAL":
		return intervalOperand
	case "DATE":
		return timeLiteral(ast.DateLit)
	case "TIME":
		return timeLiteral(ast.TimeLit)
	case "TIMESTAMP_LTZ":
		return timeLiteral(ast.TimestampLTZLit)
	case "TIMESTAMP":
		return timestampLiteral
	case "CASE":
		return caseOperand
	case "CAST", "TRY_CAST":
		return ifBracket(castOperand)
	case "EXISTS":
		return existsOperand
	case "ROW":
		return rowOperand
	case "ARRAY":
		return arrayOperand
	case "MAP":
		return mapOperand
	case "DESCRIPTOR":
		return ifBracket(descriptorOperand)
	case "DEFAULT":
		return defaultOperand
	case "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_USER",
		"SESSION_USER", "SYSTEM_USER", "USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH", "CURRENT_ROLE":
		return niladic
	}
	return specialCall(keyword)
}

// ifBracket restricts a reader to words that an opening bracket follows.
func ifBracket(read wordReader) wordReader {
	return func(l *lowering, start int) (int, bool) {
		if !l.ahead(1).Is("(") {
			return 0, false
		}
		return read(l, start)
	}
}

func boolean(l *lowering, start int) (int, bool) {
	t := l.next()
	at := l.since(start)
	return l.leaf(at, &ast.Literal{Place: at, Kind: ast.BoolLit, Bool: t.Is("TRUE")}), true
}

func null(l *lowering, start int) (int, bool) {
	l.next()
	return l.literal(start, ast.NullLit, ""), true
}

// niladic reads a function that is called without brackets, such as CURRENT_TIMESTAMP.
func niladic(l *lowering, start int) (int, bool) {
	if l.ahead(1).Is("(") || l.ahead(1).Is(".") {
		return 0, false
	}
	t := l.next()
	at := l.since(start)
	name := ast.Name{Place: at, Parts: []ast.Ident{{Place: at, Name: t.Keyword}}}
	return l.leaf(at, &ast.Call{Place: at, Name: name, NoParens: true}), true
}

// timeLiteral reads DATE '…' and its like.
func timeLiteral(kind ast.LiteralKind) wordReader {
	return func(l *lowering, start int) (int, bool) {
		if l.ahead(1).Kind != token.String {
			return 0, false
		}
		l.next()
		text := l.str("a time")
		return l.literal(start, kind, text), true
	}
}

// timestampLiteral reads TIMESTAMP '…' and TIMESTAMP WITH LOCAL TIME ZONE '…'.
func timestampLiteral(l *lowering, start int) (int, bool) {
	const local = "TIMESTAMP WITH LOCAL TIME ZONE"
	if !l.at(local) {
		return timeLiteral(ast.TimestampLit)(l, start)
	}
	l.expect(local)
	text := l.str("a timestamp")
	return l.literal(start, ast.TimestampLTZLit, text), true
}

func intervalOperand(l *lowering, start int) (int, bool) {
	if l.computedInterval() {
		return l.intervalOf(start), true
	}
	x := l.interval()
	if x == nil {
		return 0, true
	}
	return l.leaf(x.Place, x), true
}

// computedInterval reports whether what stands behind INTERVAL is a number, a name or an expression in brackets.
func (l *lowering) computedInterval() bool {
	t := l.ahead(1)
	if t.Is("-") || t.Is("+") {
		t = l.ahead(2)
	}
	return t.Kind == token.Number || t.Is("(") || t.IsName()
}

// intervalOf reads INTERVAL n DAY, which is n * INTERVAL '1' DAY.
func (l *lowering) intervalOf(start int) int {
	one := &ast.IntervalLit{Text: "1", Precision: -1, Fractions: -1}
	l.expect("INTERVAL")
	one.Negative = l.acceptAny("-", "+") == "-"
	args := l.open(start)
	args.arg()
	l.operand()
	unit := l.start()
	one.From = l.oneUnit(intervalUnits, "a unit such as SECOND, MINUTE or DAY")
	one.Place = l.since(unit)
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		return &ast.Binary{Place: at, Op: "*", OpAt: one.Place, L: a[0], R: one}
	})
}

// caseOperand reads CASE … END. CASE x WHEN a, b THEN c is WHEN a THEN c WHEN b THEN c.
func caseOperand(l *lowering, start int) (int, bool) {
	args := l.open(start)
	l.expect("CASE")
	simple := !l.at("WHEN")
	if simple {
		args.exprArg()
	}
	l.try("WHEN")
	var conds []int // of each arm
	for l.accept("WHEN") {
		n := 1
		for args.exprArg(); simple && l.accept(","); n++ {
			args.exprArg()
		}
		l.expect("THEN")
		args.exprArg()
		conds = append(conds, n)
	}
	if len(conds) == 0 {
		l.unexpected("WHEN")
	}
	hasElse := l.accept("ELSE")
	if hasElse {
		args.exprArg()
	}
	l.expect("END")
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		c := &ast.Case{Place: at}
		if simple {
			c.Operand, a = a[0], a[1:]
		}
		for _, n := range conds {
			for i := range n {
				c.Whens = append(c.Whens, ast.When{Cond: a[i], Then: a[n]})
			}
			a = a[n+1:]
		}
		if hasElse {
			c.Else = a[0]
		}
		return c
	}), true
}

// castOperand reads CAST(x AS t) and TRY_CAST(x AS t).
func castOperand(l *lowering, start int) (int, bool) {
	args := l.open(start)
	try := l.expectAny("CAST", "TRY_CAST") == "TRY_CAST"
	l.expect("(")
	args.exprArg()
	l.expect("AS")
	to := l.typ()
	l.expect(")")
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		return &ast.Cast{Place: at, X: a[0], To: to, Try: try}
	}), true
}

func existsOperand(l *lowering, start int) (int, bool) {
	args := l.open(start)
	l.expect("EXISTS")
	l.expect("(")
	if !l.startsQuery(l.pos) {
		l.unexpected("a query")
	}
	args.queryArg()
	l.expect(")")
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		return &ast.Exists{Place: at, Query: a[0].(*ast.Subquery).Query}
	}), true
}

// rowOperand reads ROW(a, b).
func rowOperand(l *lowering, start int) (int, bool) {
	args := l.open(start)
	l.expect("ROW")
	l.expect("(")
	if !l.at(")") {
		l.list(func() { args.exprArg() })
	}
	l.expect(")")
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		return &ast.Row{Place: at, Items: a}
	}), true
}

// arrayOperand reads ARRAY[a, b] and ARRAY(query).
func arrayOperand(l *lowering, start int) (int, bool) {
	args := l.open(start)
	l.expect("ARRAY")
	query := l.collection(args)
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		if query {
			return &ast.Array{Place: at, Query: a[0].(*ast.Subquery).Query}
		}
		return &ast.Array{Place: at, Items: a}
	}), true
}

// mapOperand reads MAP[k, v, …] and MAP(query).
func mapOperand(l *lowering, start int) (int, bool) {
	if !l.ahead(1).Is("[") && !(l.ahead(1).Is("(") && l.startsQuery(l.pos+2)) {
		return 0, false
	}
	args := l.open(start)
	l.expect("MAP")
	query := l.collection(args)
	if at := l.since(start); l.ok() && !query && args.count%2 != 0 {
		l.fail(diag.Errorf(at.At, "MAP takes keys and values in turns, but the last key has no value"))
	}
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		if query {
			return &ast.Map{Place: at, Query: a[0].(*ast.Subquery).Query}
		}
		return &ast.Map{Place: at, Items: a}
	}), true
}

// collection reads [a, b, …], or (query) and then gives true.
func (l *lowering) collection(args *operandArgs) (query bool) {
	if l.at("(") && l.startsQuery(l.pos+1) {
		l.expect("(")
		args.queryArg()
		l.expect(")")
		return true
	}
	l.expect("[")
	if !l.at("]") {
		l.list(func() { args.exprArg() })
	}
	l.expect("]")
	return false
}

// descriptorOperand reads DESCRIPTOR(a, b).
func descriptorOperand(l *lowering, start int) (int, bool) {
	l.expect("DESCRIPTOR")
	columns := l.idents("a column name")
	at := l.since(start)
	return l.leaf(at, &ast.Descriptor{Place: at, Columns: columns}), true
}

// defaultOperand reads DEFAULT, which stands for an argument or an inserted value.
func defaultOperand(l *lowering, start int) (int, bool) {
	l.next()
	at := l.since(start)
	return l.leaf(at, &ast.DefaultArg{Place: at}), true
}
