package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/token"
)

// specialCall gives the reader of a function whose arguments have a syntax of their own,
// or nil. The nodes that they make are described at ast.Call.
func specialCall(name string) wordReader {
	var read func(*callReader)
	switch name {
	case "EXTRACT":
		read = (*callReader).extract
	case "FLOOR", "CEIL", "CEILING":
		read = (*callReader).floor
	case "TIMESTAMPADD", "TIMESTAMPDIFF":
		read = (*callReader).timestampAdd
	case "SUBSTRING":
		read = (*callReader).substring
	case "TRIM":
		read = (*callReader).trim
	case "POSITION":
		read = (*callReader).position
	case "OVERLAY":
		read = (*callReader).overlay
	case "JSON_VALUE", "JSON_QUERY", "JSON_EXISTS":
		read = (*callReader).jsonPath
	case "JSON_OBJECT", "JSON_OBJECTAGG":
		read = (*callReader).jsonObject
	case "JSON_ARRAY", "JSON_ARRAYAGG":
		read = (*callReader).jsonArray
	default:
		return nil
	}
	return ifBracket(func(l *lowering, start int) (int, bool) {
		t := l.next()
		at := ast.Place{At: t.At}
		c := l.startCall(start, ast.Name{Place: at, Parts: []ast.Ident{{Place: at, Name: name}}})
		c.expect("(")
		read(c)
		c.expect(")")
		return c.tail(), true
	})
}

// add appends an expression as an argument.
func (c *callReader) add() { c.items = append(c.items, c.plain()) }

// addNode appends an argument that is no expression of the user's.
func (c *callReader) addNode(x ast.Expr) {
	c.items = append(c.items, func([]ast.Expr) ast.Expr { return x })
}

// unit reads a time unit as an argument.
func (c *callReader) unit() {
	start := c.start()
	u := c.timeUnit()
	c.addNode(&ast.UnitArg{Place: c.since(start), Unit: u})
}

// extract reads EXTRACT(unit FROM x).
func (c *callReader) extract() {
	c.unit()
	c.expect("FROM")
	c.add()
}

// floor reads FLOOR(x) and FLOOR(x TO unit).
func (c *callReader) floor() {
	c.add()
	if c.accept("TO") {
		c.unit()
	}
	for c.accept(",") {
		c.add()
	}
}

// timestampAdd reads TIMESTAMPADD(unit, n, x).
func (c *callReader) timestampAdd() {
	c.unit()
	for range 2 {
		c.expect(",")
		c.add()
	}
}

// substring reads SUBSTRING(s FROM i FOR n) and the form with commas.
func (c *callReader) substring() {
	c.add()
	if c.expectAny(",", "FROM") == "," {
		c.list(c.add)
		return
	}
	c.add()
	if c.accept("FOR") {
		c.add()
	}
}

// trim reads TRIM(s), TRIM(c FROM s) and TRIM(BOTH c FROM s).
func (c *callReader) trim() {
	start := c.start()
	side := c.acceptAny("BOTH", "LEADING", "TRAILING")
	at := c.since(start)
	blank := func([]ast.Expr) ast.Expr {
		return &ast.Literal{Place: at, Kind: ast.StringLit, Text: " "}
	}
	characters, from := pick(blank), side != "" && c.accept("FROM")
	text := c.plain()
	if !from && (side != "" || c.at("FROM")) {
		c.expect("FROM")
		characters, text = text, c.plain()
	}
	if side == "" {
		side = "BOTH"
	}
	c.addNode(&ast.Literal{Place: at, Kind: ast.StringLit, Text: side})
	c.items = append(c.items, characters, text)
}

// position reads POSITION(a IN b), where a is a single operand.
func (c *callReader) position() {
	i := c.arg()
	c.operand()
	c.items = append(c.items, func(a []ast.Expr) ast.Expr { return a[i] })
	c.expect("IN")
	c.add()
	if c.accept("FROM") {
		c.add()
	}
}

// overlay reads OVERLAY(a PLACING b FROM i FOR n).
func (c *callReader) overlay() {
	c.add()
	c.expect("PLACING")
	c.add()
	c.expect("FROM")
	c.add()
	if c.accept("FOR") {
		c.add()
	}
}

// jsonPath reads the arguments and clauses of JSON_VALUE, JSON_QUERY and JSON_EXISTS.
func (c *callReader) jsonPath() {
	c.add()
	c.expect(",")
	c.add()
	var j ast.JSONClauses
	if c.accept("RETURNING") {
		t := c.typ()
		j.Returning = &t
	}
	switch {
	case c.accept("WITHOUT"):
		j.Wrapper = "WITHOUT"
	case c.accept("WITH"):
		j.Wrapper = "WITH UNCONDITIONAL"
		if c.acceptAny("CONDITIONAL", "UNCONDITIONAL") == "CONDITIONAL" {
			j.Wrapper = "WITH CONDITIONAL"
		}
	}
	if j.Wrapper != "" {
		c.accept("ARRAY")
		c.expect("WRAPPER")
	}
	for c.ok() && !c.at(")") {
		behaviour, index := c.jsonBehaviour()
		c.expect("ON")
		if c.expectAny("EMPTY", "ERROR") == "EMPTY" {
			j.OnEmpty, c.onEmpty = behaviour, index
		} else {
			j.OnError, c.onError = behaviour, index
		}
	}
	c.setJSON(j)
}

// setJSON sets the clauses if there are any.
func (c *callReader) setJSON(j ast.JSONClauses) {
	if j != (ast.JSONClauses{}) {
		c.call.JSON = &j
	}
}

// jsonBehaviour reads what stands before ON EMPTY and ON ERROR.
func (c *callReader) jsonBehaviour() (behaviour string, index int) {
	behaviour = c.expectAny("NULL", "ERROR", "DEFAULT", "TRUE", "FALSE", "UNKNOWN", "EMPTY ARRAY", "EMPTY OBJECT", "EMPTY")
	switch behaviour {
	case "DEFAULT":
		return behaviour, c.exprArg()
	case "EMPTY": // of JSON_QUERY, an array
		return "EMPTY ARRAY", -1
	}
	return behaviour, -1
}

// jsonObject reads KEY 'a' VALUE 1, 'b' : 2 …; keys and values are arguments in turns.
func (c *callReader) jsonObject() {
	if !c.at(")") && !c.atOnNull() {
		c.list(func() {
			if n := c.ahead(1); c.at("KEY") && n.Kind != token.Symbol && !n.Is("VALUE") {
				c.expect("KEY")
			}
			c.add()
			c.expectAny("VALUE", ":")
			c.add()
		})
	}
	c.jsonOnNull()
}

// jsonArray reads the values of JSON_ARRAY and the one of JSON_ARRAYAGG.
func (c *callReader) jsonArray() {
	if !c.at(")") && !c.atOnNull() {
		c.list(c.add)
	}
	if c.accept("ORDER BY") {
		c.order = c.orderBy()
	}
	c.jsonOnNull()
}

func (c *callReader) atOnNull() bool { return c.at("NULL ON NULL") || c.at("ABSENT ON NULL") }

func (c *callReader) jsonOnNull() {
	if what := c.acceptAny("NULL ON NULL", "ABSENT ON NULL"); what != "" {
		c.setJSON(ast.JSONClauses{OnNull: what[:len(what)-len(" ON NULL")]})
	}
}
