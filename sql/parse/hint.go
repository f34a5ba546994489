package parse

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/token"
)

// hints reads /*+ A('k' = 'v'), B(t) */, if it stands at the cursor.
func (p *parser) hints() (out []ast.Hint) {
	for p.accept("/*+") {
		out = append(out, p.hintItem())
		for p.ok() && !p.at("*/") {
			p.accept(",")
			out = append(out, p.hintItem())
		}
		p.expect("*/")
	}
	return out
}

func (p *parser) hintItem() ast.Hint {
	start := p.start()
	h := ast.Hint{Name: strings.ToUpper(p.part("a hint's name").Name)}
	if p.accept("(") {
		if !p.at(")") {
			p.list(func() { h.Args = append(h.Args, p.hintArg()) })
		}
		p.expect(")")
	}
	h.Place = p.since(start)
	return h
}

// hintArg reads 'key' = 'value', or a bare name, number or string.
func (p *parser) hintArg() ast.HintArg {
	var a ast.HintArg
	switch t := p.peek(); t.Kind {
	case token.String:
		a.Key = p.str("a key")
	case token.Number:
		a.Key = p.next().Text
	default:
		parts := []string{p.part("a key or a table's name").Name}
		for p.accept(".") {
			parts = append(parts, p.part("a name").Name)
		}
		a.Key = strings.Join(parts, ".")
	}
	if p.accept("=") {
		v := p.str("the hint's value")
		a.Value = &v
	}
	return a
}
