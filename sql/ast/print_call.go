package ast

import (
	"strings"

	"github.com/weirstream/weir/sql/token"
)

// callForm is how a call's arguments are written.
type callForm uint8

const (
	formPlain     callForm = iota
	formExtract            // unit FROM x
	formFloor              // x TO unit
	formTrim               // BOTH c FROM s
	formPosition           // a IN b FROM i
	formOverlay            // a PLACING b FROM i FOR n
	formOverlaps           // (a, b) OVERLAPS (c, d)
	formKeyValue           // k VALUE v, …
	formNoBracket          // CURRENT_DATE
)

// form tells how to write a call; quote says that its name must be quoted, because unquoted it
// would be read as another form.
func form(c *Call) (f callForm, quote bool) {
	if c.NoParens {
		return formNoBracket, false
	}
	if len(c.Name.Parts) != 1 {
		return formPlain, false
	}
	name, n := c.Name.Last().Name, len(c.Args)
	word := strings.ToUpper(name)
	special := name == word && !hasCallArgument(c) // the parser writes the names of special forms in upper case
	switch word {
	case "EXTRACT":
		return formExtract, !(special && n == 2 && isUnit(c.Args[0]))
	case "FLOOR", "CEIL", "CEILING":
		if special && n == 2 && isUnit(c.Args[1]) {
			return formFloor, false
		}
		return formPlain, !special || n == 0 || c.Distinct
	case "TIMESTAMPADD", "TIMESTAMPDIFF":
		return formPlain, !(special && n == 3 && isUnit(c.Args[0]))
	case "SUBSTRING":
		return formPlain, !special || n < 2 || c.Distinct
	case "TRIM":
		return formTrim, !(special && n == 3 && isTrimSide(c.Args[0]))
	case "POSITION":
		return formPosition, !special || n < 2 || n > 3
	case "OVERLAY":
		return formOverlay, !special || n < 3 || n > 4
	case "OVERLAPS":
		return formOverlaps, !special || n != 4
	case "JSON_OBJECT", "JSON_OBJECTAGG":
		return formKeyValue, !special || n%2 != 0
	case "JSON_VALUE", "JSON_QUERY", "JSON_EXISTS":
		return formPlain, !special || n != 2
	case "JSON_ARRAY", "JSON_ARRAYAGG":
		return formPlain, !special || c.Distinct
	}
	return formPlain, !isPlain(name) || !token.Callable(word)
}

// hasCallArgument reports an argument that only plain calls take.
func hasCallArgument(c *Call) bool {
	for _, x := range c.Args {
		switch x := x.(type) {
		case *NamedArg, *TableArg, *ModelArg:
			return true
		case *Star:
			if len(x.Qualifier.Parts) == 0 {
				return true
			}
		}
	}
	return false
}

func isUnit(x Expr) bool {
	_, ok := x.(*UnitArg)
	return ok
}

func isTrimSide(x Expr) bool {
	l, ok := x.(*Literal)
	return ok && l.Kind == StringLit && (l.Text == "BOTH" || l.Text == "LEADING" || l.Text == "TRAILING")
}

func isOverlaps(c *Call) bool {
	f, quote := form(c)
	return f == formOverlaps && !quote
}

func (p *printer) call(c *Call) {
	f, quote := form(c)
	if f == formOverlaps && !quote {
		p.overlaps(c)
		return
	}
	p.callAs(c, f, quote)
}

// tableFunction writes a call in FROM, where there are no special forms.
func (p *printer) tableFunction(c *Call) {
	_, quote := form(c)
	p.callAs(c, formPlain, quote || isSpecial(c))
}

// isSpecial reports whether the name is one of a special form.
func isSpecial(c *Call) bool {
	probe := Call{Name: Name{Parts: []Ident{{Name: strings.ToLower(c.Name.Last().Name)}}}}
	_, quote := form(&probe)
	return len(c.Name.Parts) == 1 && quote
}

func (p *printer) callAs(c *Call, f callForm, quote bool) {
	if quote {
		f = formPlain
	}
	switch {
	case quote:
		p.WriteString("`" + strings.ReplaceAll(c.Name.Last().Name, "`", "``") + "`")
	case len(c.Name.Parts) == 1:
		p.WriteString(c.Name.Last().Name)
	default:
		p.name(c.Name)
	}
	if f == formNoBracket {
		return
	}
	p.WriteByte('(')
	if c.Distinct {
		p.WriteString("DISTINCT ")
	}
	p.arguments(f, c)
	if c.JSON != nil {
		p.jsonClauses(c.JSON)
	}
	p.WriteByte(')')
	p.callTail(c)
}

func (p *printer) overlaps(c *Call) {
	p.WriteByte('(')
	p.exprs(c.Args[:2])
	p.WriteString(") OVERLAPS (")
	p.exprs(c.Args[2:])
	p.WriteByte(')')
}

// separators stand between the arguments of a form; the last one repeats.
var separators = map[callForm][]string{
	formPlain: {", "}, formExtract: {" FROM "}, formFloor: {" TO "}, formPosition: {" IN ", " FROM "},
	formOverlay: {" PLACING ", " FROM ", " FOR "}, formKeyValue: {" VALUE ", ", "},
}

func (p *printer) arguments(f callForm, c *Call) {
	args := c.Args
	if f == formTrim {
		p.WriteString(args[0].(*Literal).Text + " ")
		p.expr(args[1], precOr)
		p.WriteString(" FROM ")
		p.expr(args[2], precOr)
		return
	}
	seps := separators[f]
	for i, x := range args {
		switch {
		case i == 0:
		case f == formKeyValue:
			p.WriteString(seps[(i+1)%2])
		default:
			p.WriteString(seps[min(i-1, len(seps)-1)])
		}
		wanted := precOr
		switch {
		case i > 0:
		case f == formPosition:
			wanted = precSign
		case f == formFloor:
			wanted = precPrimary // an interval at its end would take the TO as its own
			if _, interval := x.(*IntervalLit); interval {
				wanted++
			}
		}
		p.expr(x, wanted)
	}
}

func (p *printer) jsonClauses(j *JSONClauses) {
	if j.Returning != nil {
		p.words("RETURNING", j.Returning.String())
	}
	if j.Wrapper != "" {
		p.words(j.Wrapper, "ARRAY WRAPPER")
	}
	p.jsonOn(j.OnEmpty, j.OnEmptyDefault, "ON EMPTY")
	p.jsonOn(j.OnError, j.OnErrorDefault, "ON ERROR")
	if j.OnNull != "" {
		p.words(j.OnNull, "ON NULL")
	}
}

func (p *printer) jsonOn(behaviour string, x Expr, on string) {
	if behaviour == "" {
		return
	}
	p.words(behaviour)
	if x != nil {
		p.space()
		p.expr(x, precOr)
	}
	p.words(on)
}

// callTail writes what follows the brackets of a call.
func (p *printer) callTail(c *Call) {
	if c.NullsMode != "" {
		p.WriteString(" " + c.NullsMode)
	}
	if len(c.OrderBy) > 0 {
		p.WriteString(" WITHIN GROUP (ORDER BY ")
		p.orderItems(c.OrderBy)
		p.WriteByte(')')
	}
	if c.Filter != nil {
		p.WriteString(" FILTER (WHERE ")
		p.expr(c.Filter, precOr)
		p.WriteByte(')')
	}
	if c.Over != nil {
		p.WriteString(" OVER ")
		p.window(c.Over)
	}
}

func (p *printer) orderItems(items []OrderItem) {
	p.list(len(items), func(i int) {
		p.expr(items[i].X, precOr)
		if items[i].Desc {
			p.WriteString(" DESC")
		}
		if items[i].Nulls != "" {
			p.WriteString(" NULLS " + items[i].Nulls)
		}
	})
}

func (p *printer) window(w *Window) {
	if w.RefOnly {
		p.ident(w.Ref)
		return
	}
	p.WriteByte('(')
	if w.Ref.Name != "" {
		p.ident(w.Ref)
	}
	if len(w.PartitionBy) > 0 {
		p.words("PARTITION BY ")
		p.exprs(w.PartitionBy)
	}
	if len(w.OrderBy) > 0 {
		p.words("ORDER BY ")
		p.orderItems(w.OrderBy)
	}
	if f := w.Frame; f != nil {
		p.words(f.Unit)
		if f.Short {
			p.bound(f.Start)
		} else {
			p.words("BETWEEN")
			p.bound(f.Start)
			p.words("AND")
			p.bound(f.End)
		}
	}
	p.WriteByte(')')
}

func (p *printer) bound(b Bound) {
	if b.Value != nil {
		p.space()
		p.expr(b.Value, precOr)
	}
	p.words(b.Kind)
}

// tableArg writes a table argument. A comma ends it, so several keys stand in brackets.
func (p *printer) tableArg(x *TableArg) {
	p.WriteString("TABLE ")
	if x.Query != nil {
		p.subquery(x.Query)
	} else {
		p.name(x.Table)
		p.hints(x.Hints)
	}
	if len(x.PartitionBy) == 1 {
		p.WriteString(" PARTITION BY ")
		p.expr(x.PartitionBy[0], precOr)
	} else if len(x.PartitionBy) > 1 {
		p.WriteString(" PARTITION BY (")
		p.exprs(x.PartitionBy)
		p.WriteByte(')')
	}
	if len(x.OrderBy) > 0 {
		p.WriteString(" ORDER BY (")
		p.orderItems(x.OrderBy)
		p.WriteByte(')')
	}
}
