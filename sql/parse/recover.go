package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// Wrong is a statement that could not be read.
type Wrong struct {
	Err error
	// Start is the offset of the statement.
	Start int
	// Defines is the name, without its catalog and database, of the table or view that the
	// statement would have created; "" if it is another statement.
	Defines string
	// Opaque means that what follows may depend on the statement in a way that cannot be told:
	// it may have changed a setting, the present database, a table.
	Opaque bool
}

// All parses a script as Script does, but goes on behind a wrong statement, at the next
// semicolon. A text that ends inside of a string or a comment gives its first error only: a
// quote is missing somewhere, and what is text and what is SQL cannot be told behind it.
func All(text *diag.Text) ([]ast.Statement, []Wrong) {
	p := newParser(text)
	p.recovers = true
	return p.script(), p.wrong
}

// recover notes the statement that has just failed and puts the cursor behind its semicolon.
// It reports whether to go on; if not, the error stays.
func (p *parser) recover() bool {
	if n := len(p.wrong); n == 0 || p.wrong[n-1].Err != p.err {
		start := p.toks[p.first].At.Start
		p.wrong = append(p.wrong, Wrong{Err: p.err, Start: start, Defines: p.defined(), Opaque: p.opaque()})
	}
	if !p.recovers || p.unclosedText() {
		return false
	}
	p.pos = p.failedAt
	for !p.atEnd() {
		p.next()
	}
	if !p.accept(";") {
		return false
	}
	p.err, p.depth, p.bareAlias, p.first = nil, 0, -1, p.pos
	return true
}

// unclosedText reports that the text ends inside of a string, a quoted name or a comment.
func (p *parser) unclosedText() bool {
	if len(p.toks) < 2 {
		return false
	}
	last := &p.toks[len(p.toks)-2]
	return last.Kind == token.Illegal && last.At.End == len(p.text.Body) && last.At.End > last.At.Start+1
}

// defined is the name of the table or view that the present statement creates, or "".
func (p *parser) defined() string {
	i := p.first
	skip := func(phrase string) bool {
		n := p.match(i, phrase)
		i += n
		return n > 0
	}
	if !skip("CREATE") {
		return ""
	}
	_ = skip("OR REPLACE") || skip("TEMPORARY")
	if !skip("TABLE") && !skip("VIEW") {
		return ""
	}
	skip("IF NOT EXISTS")
	name := ""
	for p.toks[i].Kind == token.Quoted || p.toks[i].Kind == token.Word {
		name = p.toks[i].Text
		if i++; !skip(".") {
			break
		}
	}
	return name
}

// opaque reports that the present statement is none of those that leave the session as it
// is, or that add one table to it.
func (p *parser) opaque() bool {
	t := &p.toks[p.first]
	if t.Is("(") {
		return false
	}
	switch t.Keyword {
	case "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "EXPLAIN", "EXECUTE", "BEGIN", "SHOW", "DESCRIBE", "DESC":
		return false
	}
	return p.defined() == ""
}
