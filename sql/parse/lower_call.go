package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// pick makes a node from the raised arguments of an operand.
type pick func(args []ast.Expr) ast.Expr

// callReader collects a function call whose name is read already.
type callReader struct {
	*operandArgs
	*lowering
	call   ast.Call // Args, OrderBy, Filter and Over are filled in when it is raised
	items  []pick
	order  orderKeys
	filter int // index of the FILTER condition, -1 for none
	over   *windowSpec
	// onEmpty and onError are the indexes of the DEFAULTs of JSON functions, -1 for none.
	onEmpty, onError int
}

func (l *lowering) startCall(start int, name ast.Name) *callReader {
	return &callReader{
		operandArgs: l.open(start), lowering: l, call: ast.Call{Name: name}, filter: -1, onEmpty: -1, onError: -1,
	}
}

// call reads the arguments of a function and what follows them.
func (l *lowering) call(start int, name ast.Name) int {
	c := l.startCall(start, name)
	c.expect("(")
	if !c.accept(")") {
		if c.accept("DISTINCT") {
			c.call.Distinct = true
		} else {
			c.accept("ALL")
		}
		c.list(c.argument)
		if c.accept("ORDER BY") {
			c.order = c.orderBy()
		}
		c.expect(")")
	}
	return c.tail()
}

// argument reads one argument of a call.
func (c *callReader) argument() {
	t, start := c.peek(), c.start()
	switch {
	case c.ahead(1).Is("=>") && (t.Kind == token.Word || t.Kind == token.Quoted):
		name := c.ident("an argument's name")
		c.expect("=>")
		value := c.argumentValue()
		at := c.since(start)
		c.items = append(c.items, func(a []ast.Expr) ast.Expr {
			return &ast.NamedArg{Place: at, Name: name, Value: value(a)}
		})
	default:
		c.items = append(c.items, c.argumentValue())
	}
}

func (c *callReader) argumentValue() pick {
	switch {
	case c.at("TABLE"), c.at("(") && c.startsQuery(c.pos+1) && c.partitioned():
		return c.tableArg()
	case c.at("*"):
		i := c.arg()
		c.star()
		return func(a []ast.Expr) ast.Expr { return a[i] }
	case c.at("MODEL") && c.ahead(1).IsName():
		start := c.start()
		c.expect("MODEL")
		name := c.objectName("a model name")
		at := c.since(start)
		return func([]ast.Expr) ast.Expr { return &ast.ModelArg{Place: at, Name: name} }
	}
	return c.plain()
}

// plain reads an expression as an argument.
func (c *callReader) plain() pick {
	i := c.exprArg()
	return func(a []ast.Expr) ast.Expr { return a[i] }
}

// partitioned reports that PARTITION BY or ORDER BY follows the query in brackets at the
// cursor, which makes it a table argument.
func (c *callReader) partitioned() bool {
	after := c.closing(c.pos) + 1
	return c.match(after, "PARTITION BY") > 0 || c.match(after, "ORDER BY") > 0
}

// tableArg reads TABLE t or a query, with PARTITION BY and ORDER BY.
func (c *callReader) tableArg() pick {
	start := c.start()
	arg := ast.TableArg{}
	query := -1
	c.accept("TABLE")
	if c.at("(") && c.startsQuery(c.pos+1) {
		c.expect("(")
		query = c.queryArg()
		c.expect(")")
	} else {
		arg.Table = c.objectName("a table name")
		arg.Hints = c.hints()
	}
	var partition []int
	if c.accept("PARTITION BY") { // (a, b) or a: a comma ends the argument
		partition = []int{c.exprArg()}
	}
	var order orderKeys
	if c.accept("ORDER BY") {
		order = c.orderByOne()
	}
	arg.Place = c.since(start)
	return func(a []ast.Expr) ast.Expr {
		out := arg
		if query >= 0 {
			out.Query = a[query].(*ast.Subquery).Query
		}
		for _, x := range pickAll(partition, a) {
			out.PartitionBy = append(out.PartitionBy, set(x)...)
		}
		out.OrderBy = order.items(a)
		return &out
	}
}

// tail reads what may follow a call's arguments, in Calcite's order, and closes the call.
func (c *callReader) tail() int {
	if nulls := c.acceptAny("IGNORE NULLS", "RESPECT NULLS"); nulls != "" {
		c.call.NullsMode = nulls
	}
	if t := c.peek(); c.accept("WITHIN GROUP") {
		if c.order != nil {
			c.fail(diag.Errorf(t.At, "the arguments are ordered twice"))
		}
		c.expect("(")
		c.expect("ORDER BY")
		c.order = c.orderBy()
		c.expect(")")
	}
	if c.accept("FILTER") {
		c.expect("(")
		c.expect("WHERE")
		c.filter = c.exprArg()
		c.expect(")")
	}
	if c.accept("OVER") {
		c.over = c.window()
	}
	return c.close(c.build)
}

func (c *callReader) build(at ast.Place, a []ast.Expr) ast.Expr {
	call := c.call
	call.Place = at
	for _, item := range c.items {
		call.Args = append(call.Args, item(a))
	}
	call.OrderBy = c.order.items(a)
	if c.filter >= 0 {
		call.Filter = a[c.filter]
	}
	if c.over != nil {
		call.Over = c.over.build(a)
	}
	if call.JSON != nil {
		json := *call.JSON
		json.OnEmptyDefault, json.OnErrorDefault = pickOne(c.onEmpty, a), pickOne(c.onError, a)
		call.JSON = &json
	}
	return &call
}

func pickOne(i int, a []ast.Expr) ast.Expr {
	if i < 0 {
		return nil
	}
	return a[i]
}

func pickAll(indexes []int, a []ast.Expr) []ast.Expr {
	var out []ast.Expr
	for _, i := range indexes {
		out = append(out, a[i])
	}
	return out
}

// orderKeys are ORDER BY items whose expressions are arguments.
type orderKeys []orderKey

type orderKey struct {
	index int
	desc  bool
	nulls string
}

func (k orderKeys) items(a []ast.Expr) []ast.OrderItem {
	var out []ast.OrderItem
	for _, key := range k {
		out = append(out, ast.OrderItem{X: a[key.index], Desc: key.desc, Nulls: key.nulls})
	}
	return out
}

// orderBy reads the items behind ORDER BY.
func (a *operandArgs) orderBy() (out orderKeys) {
	a.l.list(func() {
		k := orderKey{index: a.exprArg()}
		k.desc, k.nulls = a.l.direction()
		out = append(out, k)
	})
	return out
}

// direction reads [ASC|DESC] [NULLS FIRST|LAST].
func (p *parser) direction() (desc bool, nulls string) {
	desc = p.acceptAny("ASC", "DESC") == "DESC"
	if p.accept("NULLS") {
		nulls = p.expectAny("FIRST", "LAST")
	}
	return desc, nulls
}

// orderByOne reads one item, or several in brackets.
func (a *operandArgs) orderByOne() (out orderKeys) {
	if !a.l.at("(") {
		k := orderKey{index: a.exprArg()}
		k.desc, k.nulls = a.l.direction()
		return orderKeys{k}
	}
	a.l.expect("(")
	out = a.orderBy()
	a.l.expect(")")
	return out
}

// partitionBy reads the expressions behind PARTITION BY.
func (a *operandArgs) partitionBy() (out []int) {
	a.l.list(func() { out = append(out, a.exprArg()) })
	return out
}
