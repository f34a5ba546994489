package parse

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// intervalUnits are the units of intervals, in singular and plural.
var intervalUnits = []string{
	"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND",
	"YEARS", "QUARTERS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS",
}

// timeUnits are what EXTRACT, FLOOR … TO and TIMESTAMPADD take besides.
var timeUnits = append([]string{
	"DOW", "DOY", "ISODOW", "ISOYEAR", "EPOCH", "CENTURY", "DECADE", "MILLENNIUM", "MICROSECOND", "MILLISECOND",
	"NANOSECOND",
}, intervalUnits...)

// timeUnit reads a unit; plurals and SQL_TSI_… give the singular.
func (p *parser) timeUnit() ast.TimeUnit {
	if t := p.peek(); t.Kind == token.Word {
		if u, ok := strings.CutPrefix(strings.ToUpper(t.Text), "SQL_TSI_"); ok {
			p.next()
			return ast.TimeUnit(u)
		}
	}
	return p.oneUnit(timeUnits, "a time unit such as DAY")
}

func (p *parser) oneUnit(units []string, what string) ast.TimeUnit {
	u := p.acceptAny(units...)
	if u == "" {
		p.unexpected(what)
	}
	return ast.TimeUnit(strings.TrimSuffix(u, "S"))
}

// interval reads INTERVAL '1 10' DAY TO HOUR; nil after an error.
func (p *parser) interval() *ast.IntervalLit {
	start := p.start()
	x := &ast.IntervalLit{Precision: -1, Fractions: -1}
	p.expect("INTERVAL")
	x.Negative = p.acceptAny("-", "+") == "-"
	if t := p.peek(); t.Kind == token.Number {
		p.fail(diag.Errorf(t.At, "the length of an interval stands in quotes").WithHint("write INTERVAL '%s'", t.Text))
		return nil
	}
	x.Text = p.str("the length of the interval")
	if t := p.peek(); p.ok() && strings.HasPrefix(strings.ToUpper(t.Text), "MILLISECOND") {
		p.fail(diag.Errorf(t.At, "there are no intervals of milliseconds").WithHint("write parts of a second: INTERVAL '0.5' SECOND"))
		return nil
	}
	x.From = p.oneUnit(intervalUnits, "a unit such as SECOND, MINUTE or DAY")
	if p.accept("(") {
		x.Precision = p.number("the number of digits", 99)
		if x.From == "SECOND" && p.accept(",") {
			x.Fractions = p.number("the number of digits", 99)
		}
		p.expect(")")
	}
	if p.accept("TO") {
		x.To = p.oneUnit(intervalUnits, "a unit such as SECOND, MINUTE or MONTH")
		if x.To == "SECOND" && p.accept("(") {
			x.Fractions = p.number("the number of digits", 99)
			p.expect(")")
		}
	}
	x.Place = p.since(start)
	if p.ok() && x.To != "" && !slices.Contains(intervalRanges[x.From], x.To) {
		p.fail(diag.Errorf(x.At, "there is no interval %s TO %s", x.From, x.To).
			WithHint("intervals are YEAR TO MONTH, or from DAY, HOUR or MINUTE to a smaller unit down to SECOND"))
	}
	if !p.ok() {
		return nil
	}
	return x
}

// intervalRanges are the units that may follow TO.
var intervalRanges = map[ast.TimeUnit][]ast.TimeUnit{
	"YEAR": {"MONTH"}, "DAY": {"HOUR", "MINUTE", "SECOND"}, "HOUR": {"MINUTE", "SECOND"}, "MINUTE": {"SECOND"},
}
