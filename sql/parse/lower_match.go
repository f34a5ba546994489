package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// matchClause is a MATCH_RECOGNIZE whose expressions are those of a table reference.
type matchClause struct {
	match     ast.MatchRecognize // but for the expressions
	partition []int
	order     orderKeys
	measures  []int
	within    int // -1 for none
	define    []int
}

// matchRecognize reads MATCH_RECOGNIZE ( … ) if it stands at the cursor, else gives nil.
func (r *tableReader) matchRecognize() *matchClause {
	start := r.start()
	if !r.accept("MATCH_RECOGNIZE") {
		return nil
	}
	c := &matchClause{within: -1}
	m := &c.match
	r.expect("(")
	if r.accept("PARTITION BY") {
		r.list(func() { c.partition = append(c.partition, r.exprArg()) })
	}
	if r.accept("ORDER BY") {
		r.list(func() {
			k := orderKey{index: r.exprArg()}
			k.desc, k.nulls = r.direction()
			c.order = append(c.order, k)
		})
	}
	if r.accept("MEASURES") {
		r.list(func() { r.measure(c) })
	}
	r.matchRows(m)
	r.expect("PATTERN")
	r.expect("(")
	m.Pattern = r.patternAlt()
	r.expect(")")
	if r.accept("WITHIN") {
		c.within = r.exprArg()
	}
	r.matchVariables(c)
	r.expect(")")
	m.Place = r.since(start)
	return c
}

// matchRows reads which rows a match gives and where the next one is looked for.
func (r *tableReader) matchRows(m *ast.MatchRecognize) {
	if rows := r.acceptAny("ONE ROW PER MATCH", "ALL ROWS PER MATCH"); rows != "" {
		m.RowsWritten, m.AllRows = true, rows == "ALL ROWS PER MATCH"
	}
	if r.accept("AFTER MATCH") {
		r.afterMatch(m)
	}
}

// matchVariables reads SUBSET and DEFINE.
func (r *tableReader) matchVariables(c *matchClause) {
	m := &c.match
	if r.accept("SUBSET") {
		r.list(func() {
			s := ast.Subset{Name: r.ident("a name for the union of variables")}
			r.expect("=")
			s.Vars = r.idents("a pattern variable")
			m.Subsets = append(m.Subsets, s)
		})
	}
	r.expect("DEFINE")
	r.list(func() {
		d := ast.Define{Name: r.ident("a pattern variable")}
		r.expect("AS")
		c.define = append(c.define, r.exprArg())
		m.Define = append(m.Define, d)
	})
}

// measure reads [RUNNING|FINAL] expr AS name.
func (r *tableReader) measure(c *matchClause) {
	var m ast.Measure
	if t := r.ahead(1); !t.Is("(") && !t.Is(".") && !t.Is("AS") {
		m.Semantics = r.acceptAny("RUNNING", "FINAL")
	}
	c.measures = append(c.measures, r.exprArg())
	r.expect("AS")
	m.Name = r.ident("a name for the measure")
	c.match.Measures = append(c.match.Measures, m)
}

// afterMatch reads SKIP … behind AFTER MATCH.
func (r *tableReader) afterMatch(m *ast.MatchRecognize) {
	r.expect("SKIP")
	switch {
	case r.accept("PAST LAST ROW"):
		m.After = "PAST LAST ROW"
	case r.accept("TO NEXT ROW"):
		m.After = "TO NEXT ROW"
	default:
		r.expect("TO")
		m.After = "TO"
		if t := r.ahead(1); t.Kind == token.Word || t.Kind == token.Quoted {
			if which := r.acceptAny("FIRST", "LAST"); which != "" {
				m.After += " " + which
			}
		}
		m.AfterVar = r.ident("a pattern variable")
	}
}

// build makes the clause from the raised expressions; nil stays nil.
func (c *matchClause) build(a []ast.Expr) *ast.MatchRecognize {
	if c == nil {
		return nil
	}
	m := c.match
	m.PartitionBy, m.OrderBy, m.Within = pickAll(c.partition, a), c.order.items(a), pickOne(c.within, a)
	m.Measures, m.Define = nil, nil
	for i, x := range c.match.Measures {
		x.X = a[c.measures[i]]
		m.Measures = append(m.Measures, x)
	}
	for i, d := range c.match.Define {
		d.Cond = a[c.define[i]]
		m.Define = append(m.Define, d)
	}
	return &m
}

// patternAlt reads a | b | c.
func (p *parser) patternAlt() ast.Pattern {
	p.enter()
	defer p.leave()
	start := p.start()
	items := []ast.Pattern{p.patternSeq()}
	for p.accept("|") {
		items = append(items, p.patternSeq())
	}
	if len(items) == 1 {
		return items[0]
	}
	return &ast.PatternAlt{Place: p.since(start), Items: items}
}

// patternSeq reads a b c.
func (p *parser) patternSeq() ast.Pattern {
	start := p.start()
	items := []ast.Pattern{p.patternRepeat()}
	for p.ok() && (p.at("(") || p.at("{") || p.at("PERMUTE") || p.peek().IsName()) {
		items = append(items, p.patternRepeat())
	}
	if len(items) == 1 {
		return items[0]
	}
	return &ast.PatternSeq{Place: p.since(start), Items: items}
}

// patternRepeat reads one element with its quantifier: A+, A*, A?, A{2}, A{2,}, A{,3}, and
// reluctant with ? behind.
func (p *parser) patternRepeat() ast.Pattern {
	start := p.start()
	x := p.patternElement()
	q := &ast.PatternRepeat{X: x, Max: -1}
	switch p.acceptAny("+", "*", "?", "{") {
	case "+":
		q.Min = 1
	case "*":
	case "?":
		q.Max = 1
	case "{":
		if p.at("-") { // {- … -} is the next element
			p.pos--
			return x
		}
		p.repeatCounts(q)
	default:
		return x
	}
	q.Reluctant = p.accept("?")
	q.Place = p.since(start)
	return q
}

// repeatCounts reads n}, n,}, ,m} or n,m}.
func (p *parser) repeatCounts(q *ast.PatternRepeat) {
	const limit = 1 << 30
	start := p.start()
	hasMin := p.peek().Kind == token.Number
	if hasMin {
		q.Min = p.number("a number of repetitions", limit)
		q.Max = q.Min
	}
	if p.accept(",") {
		q.Max = -1
		if p.peek().Kind == token.Number {
			q.Max = p.number("a number of repetitions", limit)
		} else if !hasMin {
			p.unexpected("a number of repetitions")
		}
	} else if !hasMin {
		p.unexpected("a number of repetitions")
	}
	if at := p.since(start).At; p.ok() && (q.Max == 0 || q.Max > 0 && q.Max < q.Min) {
		p.fail(diag.Errorf(at, "a pattern cannot repeat at least %d and at most %d times", q.Min, q.Max))
	}
	p.expect("}")
}

// patternElement reads a variable, ( … ), {- … -} or PERMUTE(…).
func (p *parser) patternElement() ast.Pattern {
	start := p.start()
	switch {
	case p.accept("("):
		x := p.patternAlt()
		p.expect(")")
		return x
	case p.accept("{ -"):
		x := p.patternAlt()
		p.expect("- }")
		return &ast.PatternExclude{Place: p.since(start), X: x}
	case p.accept("PERMUTE"):
		var items []ast.Pattern
		p.parens(func() { items = append(items, p.patternAlt()) })
		return &ast.PatternPermute{Place: p.since(start), Items: items}
	}
	v := p.ident("a pattern variable")
	return &ast.PatternVar{Place: v.Place, Name: v.Name}
}
