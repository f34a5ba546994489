package ast

import (
	"strconv"
	"strings"

	"github.com/weirstream/weir/sql/token"
)

// Format prints a node as SQL that parses to the same tree. It takes any Expr, Query,
// TableRef, Statement or Pattern, and *Window; for nil it gives "".
func Format(n Node) string {
	var p printer
	p.node(n)
	return p.String()
}

// printer collects the text.
type printer struct{ strings.Builder }

func (p *printer) node(n Node) {
	switch n := n.(type) {
	case Expr:
		p.expr(n, precOr)
	case Query:
		p.query(n, precWith)
	case TableRef:
		p.tableRef(n)
	case Statement:
		p.statement(n)
	case Pattern:
		p.pattern(n)
	case *Window:
		p.window(n)
	}
}

// words writes its arguments with a blank in front of each but at the start of the text
// and behind an opening bracket; empty ones are left out.
func (p *printer) words(ws ...string) {
	for _, w := range ws {
		if w == "" {
			continue
		}
		if s := p.String(); s != "" && !strings.HasSuffix(s, "(") {
			p.WriteByte(' ')
		}
		p.WriteString(w)
	}
}

// option writes the word if set.
func (p *printer) option(set bool, w string) {
	if set {
		p.words(w)
	}
}

// space separates what follows from what is there.
func (p *printer) space() {
	if s := p.String(); s != "" && !strings.HasSuffix(s, "(") {
		p.WriteByte(' ')
	}
}

// list writes n items separated by commas.
func (p *printer) list(n int, item func(i int)) {
	for i := range n {
		if i > 0 {
			p.WriteString(", ")
		}
		item(i)
	}
}

// brackets writes ( a, b ).
func (p *printer) brackets(n int, item func(i int)) {
	p.WriteByte('(')
	p.list(n, item)
	p.WriteByte(')')
}

// quoteIdent quotes a name unless it needs no quotes.
func quoteIdent(s string) string {
	if isPlain(s) && !token.Known(strings.ToUpper(s)) {
		return s
	}
	return "`" + strings.ReplaceAll(s, "`", "``") + "`"
}

// isPlain reports whether s is a word that the tokenizer takes as one.
func isPlain(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func itoa(n int) string { return strconv.Itoa(n) }

func (p *printer) ident(i Ident) { p.WriteString(quoteIdent(i.Name)) }

func (p *printer) name(n Name) {
	for i, part := range n.Parts {
		if i > 0 {
			p.WriteByte('.')
		}
		p.ident(part)
	}
}

func (p *printer) idents(ids []Ident) {
	p.brackets(len(ids), func(i int) { p.ident(ids[i]) })
}

func (p *printer) names(names []Name) {
	p.brackets(len(names), func(i int) { p.name(names[i]) })
}

// options writes ('k' = 'v', …).
func (p *printer) options(opts []Option) {
	p.brackets(len(opts), func(i int) {
		p.WriteString(quoteString(opts[i].Key) + " = " + quoteString(opts[i].Value))
	})
}

// with writes WITH ('k' = 'v', …), or nothing.
func (p *printer) with(opts []Option) {
	if len(opts) > 0 {
		p.words("WITH ")
		p.options(opts)
	}
}

func (p *printer) keys(keys []string) {
	p.brackets(len(keys), func(i int) { p.WriteString(quoteString(keys[i])) })
}

func (p *printer) comment(c *string) {
	if c != nil {
		p.words("COMMENT", quoteString(*c))
	}
}

// hints writes /*+ A('k' = 'v'), B(t) */, or nothing.
func (p *printer) hints(hints []Hint) {
	if len(hints) == 0 {
		return
	}
	p.words("/*+ ")
	p.list(len(hints), func(i int) {
		p.WriteString(quoteHint(hints[i].Name))
		args := hints[i].Args
		if len(args) == 0 {
			return
		}
		p.brackets(len(args), func(i int) {
			switch a := args[i]; {
			case a.Value != nil:
				p.WriteString(quoteString(a.Key) + " = " + quoteString(*a.Value))
			case isPlain(a.Key):
				p.WriteString(quoteIdent(a.Key))
			default:
				p.WriteString(quoteString(a.Key))
			}
		})
	})
	p.WriteString(" */")
}

// quoteHint quotes the name of a hint; keywords need no quotes there.
func quoteHint(s string) string {
	if isPlain(s) {
		return s
	}
	return quoteIdent(s)
}
