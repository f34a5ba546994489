package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// ident reads an identifier; what says what it names ("a column name").
func (p *parser) ident(what string) ast.Ident {
	t := p.peek()
	if t.IsName() {
		p.pos++
		return ast.Ident{Place: ast.Place{At: t.At}, Name: t.Text}
	}
	switch {
	case t.Kind == token.Word && !startsClause(t):
		p.fail(reservedWord(t, what))
	case t.Kind == token.String:
		p.fail(diag.Errorf(t.At, "expected %s, found %s", what, describe(t)).
			WithHint("names are quoted with backticks: `%s`", shorten(t.Text)))
	default:
		p.unexpected(what)
	}
	return ast.Ident{}
}

// reservedWord is the error for a reserved word where a name or a value is expected.
func reservedWord(t *token.Token, what string) *diag.Error {
	return diag.Errorf(t.At, "expected %s, found the reserved word %s", what, t.Text).
		WithHint("quote it to use it as a name: `%s`", t.Text)
}

// startsClause reports a reserved word that, where a name is missing, is more likely the
// next clause than a name that should be quoted.
func startsClause(t *token.Token) bool {
	switch t.Keyword {
	case "FROM", "SELECT", "WHERE", "GROUP", "HAVING", "ON", "AS", "AND", "OR", "JOIN", "INSERT", "CREATE", "WITH":
		return true
	}
	return false
}

// part reads the part of a dotted name behind a dot, where every word is a name.
func (p *parser) part(what string) ast.Ident {
	t := p.peek()
	apart := p.pos > 0 && p.toks[p.pos-1].Is(".") && p.toks[p.pos-1].At.End != t.At.Start
	if t.Kind == token.Word && !(apart && startsClause(t)) || t.Kind == token.Quoted { // not the FROM of "a. FROM"
		p.pos++
		return ast.Ident{Place: ast.Place{At: t.At}, Name: t.Text}
	}
	p.unexpected(what)
	return ast.Ident{}
}

// name reads a dotted name.
func (p *parser) name(what string) ast.Name {
	start := p.start()
	parts := []ast.Ident{p.ident(what)}
	for p.accept(".") {
		parts = append(parts, p.part(what))
	}
	return ast.Name{Place: p.since(start), Parts: parts}
}

// objectName reads the name of a table, view, function or model: at most catalog.database.name.
func (p *parser) objectName(what string) ast.Name {
	n := p.name(what)
	if p.ok() && len(n.Parts) > 3 {
		p.fail(diag.Errorf(n.At, "%s has at most three parts: catalog.database.name", what))
	}
	return n
}

// idents reads ( a, b, … ).
func (p *parser) idents(what string) (out []ast.Ident) {
	p.parens(func() { out = append(out, p.ident(what)) })
	return out
}

// names reads ( a.b, c, … ).
func (p *parser) names(what string) (out []ast.Name) {
	p.parens(func() { out = append(out, p.name(what)) })
	return out
}

// str reads a string literal. Strings that follow each other, each on a new line, are one.
func (p *parser) str(what string) string {
	t := p.peek()
	if t.Kind != token.String {
		if t.Kind == token.Number || startsOperand(t) {
			p.fail(diag.Errorf(t.At, "expected %s in single quotes, found %s", what, describe(t)).
				WithHint("write '%s'", shorten(t.Text)))
		}
		p.unexpected(what + " in single quotes")
		return ""
	}
	p.pos++
	text := t.Text
	for p.peek().Kind == token.String {
		n := p.peek()
		if p.text.Position(t.At.End).Line == p.text.Position(n.At.Start).Line {
			p.fail(diag.Errorf(n.At, "two strings follow each other").
				WithHint("a comma, = or || may be missing between them; '' is a quote inside of a string"))
			return ""
		}
		text += n.Text
		t = n
		p.pos++
	}
	return text
}

// number reads a whole number.
func (p *parser) number(what string, limit int) int {
	t := p.peek()
	if t.Kind != token.Number {
		p.unexpected(what)
		return 0
	}
	n := 0
	for _, c := range []byte(t.Text) {
		if c < '0' || c > '9' || n > limit {
			n = limit + 1
			break
		}
		n = n*10 + int(c-'0')
	}
	if n > limit {
		p.fail(diag.Errorf(t.At, "%s is no whole number up to %d", t.Text, limit))
		return 0
	}
	p.pos++
	return n
}

// options reads ( 'key' = 'value', … ); the brackets may be empty.
func (p *parser) options() []ast.Option {
	out := []ast.Option{}
	p.expect("(")
	if p.accept(")") {
		return out
	}
	p.list(func() {
		start := p.start()
		key := p.str("an option's key")
		p.expect("=")
		value := p.str("an option's value")
		out = append(out, ast.Option{Place: p.since(start), Key: key, Value: value})
	})
	p.expect(")")
	return out
}

// keys reads ( 'key', … ), as RESET takes them.
func (p *parser) keys() (out []string) {
	p.parens(func() { out = append(out, p.str("an option's key")) })
	return out
}

// comment reads COMMENT 'text', or gives nil.
func (p *parser) comment() *string {
	if !p.accept("COMMENT") {
		return nil
	}
	s := p.str("a comment")
	return &s
}
