package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// operand reads one operand with what is attached behind it ([i], .field), and gives the
// number of the slot that its MySQL text starts with.
func (l *lowering) operand() int {
	start, out := l.start(), len(l.out)
	n := l.primary()
	for depth := 0; l.ok(); depth++ {
		if depth > maxDepth {
			l.fail(diag.Errorf(l.peek().At, "this is nested more than %d levels deep", maxDepth))
		}
		switch {
		case l.at("["):
			n = l.index(start, out)
		case l.at("."):
			n = l.field(start, out)
		default:
			return n
		}
	}
	return 0
}

// index reads [i] behind the operand whose text starts at start and out.
func (l *lowering) index(start, out int) int {
	args := l.wrap(start, out)
	l.expect("[")
	args.exprArg()
	l.expect("]")
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		return &ast.Index{Place: at, X: a[0], I: a[1]}
	})
}

// field reads .f or .* behind an operand that is no plain name.
func (l *lowering) field(start, out int) int {
	args := l.wrap(start, out)
	l.expect(".")
	var f ast.Ident
	if t := l.peek(); l.accept("*") {
		f = ast.Ident{Place: ast.Place{At: t.At}, Name: "*"}
	} else {
		f = l.part("a field name")
	}
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		return &ast.FieldAccess{Place: at, X: a[0], Field: f}
	})
}

// wrap makes the operand written from offset out on the first argument of a new one.
func (l *lowering) wrap(start, out int) *operandArgs {
	n := l.newSlot(slot{})
	l.insert(out, n)
	return &operandArgs{l: l, slot: n, from: start, count: 1}
}

// primary reads an operand without what is attached behind it.
func (l *lowering) primary() int {
	start, t := l.start(), l.peek()
	switch t.Kind {
	case token.Number:
		l.next()
		return l.literal(start, ast.NumberLit, t.Text)
	case token.String:
		text := l.str("a string")
		return l.literal(start, ast.StringLit, text)
	case token.Binary:
		l.next()
		return l.literal(start, ast.BinaryLit, t.Text)
	case token.Quoted:
		return l.nameOrCall(start)
	case token.Symbol:
		return l.symbolOperand(start)
	case token.Word:
		return l.wordOperand(start)
	}
	l.unexpected("an expression")
	return 0
}

func (l *lowering) literal(start int, kind ast.LiteralKind, text string) int {
	at := l.since(start)
	return l.leaf(at, &ast.Literal{Place: at, Kind: kind, Text: text})
}

// symbolOperand reads a sign and its operand, or something in brackets.
func (l *lowering) symbolOperand(start int) int {
	t := l.peek()
	switch t.Text {
	case "-", "+":
		l.next()
		l.enter()
		defer l.leave()
		args := l.open(start)
		args.arg()
		l.operand()
		return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
			return &ast.Unary{Place: at, Op: t.Text, X: a[0]}
		})
	case "(":
		return l.inBrackets(start)
	}
	l.unexpected("an expression")
	return 0
}

// inBrackets reads (expr), a row (a, b), or (query).
func (l *lowering) inBrackets(start int) int {
	args := l.open(start)
	query := l.startsQuery(l.pos + 1)
	l.expect("(")
	if query {
		args.queryArg()
	} else {
		l.list(func() { args.exprArg() })
	}
	l.expect(")")
	return args.close(func(at ast.Place, a []ast.Expr) ast.Expr {
		switch {
		case query:
			return &ast.Subquery{Place: at, Query: a[0].(*ast.Subquery).Query}
		case len(a) == 1:
			return a[0]
		}
		return &ast.Row{Place: at, Items: a, Implicit: true}
	})
}

// wordOperand reads an operand that starts with an unquoted word.
func (l *lowering) wordOperand(start int) int {
	t := l.peek()
	if read := wordOperand(t.Keyword); read != nil {
		if n, ok := read(l, start); ok {
			return n
		}
	}
	if t.IsName() {
		return l.nameOrCall(start)
	}
	if l.ahead(1).Is("(") && token.Callable(t.Keyword) {
		return l.nameOrCall(start)
	}
	switch t.Keyword {
	case "FROM", "SELECT", "WHERE", "GROUP", "HAVING", "ON", "USING", "AS", "AND", "OR", "JOIN", "ORDER", "LIMIT", "UNION",
		"EXCEPT", "INTERSECT", "FETCH", "WHEN", "THEN", "ELSE", "END", "WITH", "INTO", "FOR", "BY":
		l.unexpected("an expression")
	default:
		l.fail(reservedWord(t, "an expression"))
	}
	return 0
}

// star reads a * that stands for all columns.
func (l *lowering) star() int {
	start := l.start()
	l.expect("*")
	at := l.since(start)
	return l.leaf(at, &ast.Star{Place: at})
}

// nameOrCall reads a column, t.*, or a function call.
func (l *lowering) nameOrCall(start int) int {
	parts := []ast.Ident{l.part("a name")}
	for l.at(".") {
		if l.ahead(1).Is("*") {
			qualifier := ast.Name{Place: l.since(start), Parts: parts}
			l.next()
			l.next()
			at := l.since(start)
			return l.leaf(at, &ast.Star{Place: at, Qualifier: qualifier})
		}
		l.next()
		parts = append(parts, l.part("a column or field name"))
	}
	name := ast.Name{Place: l.since(start), Parts: parts}
	if l.at("(") {
		return l.call(start, name)
	}
	return l.leaf(name.Place, &ast.ColumnRef{Place: name.Place, Name: name})
}
