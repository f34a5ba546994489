package parse

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
	"github.com/weirstream/weir/sql/types"
)

// typ reads a data type with [NOT NULL | NULL].
func (p *parser) typ() types.Type {
	p.enter()
	defer p.leave()
	t := p.baseType()
	for p.ok() {
		switch {
		case p.accept("NOT NULL"):
			t.NotNull = true
		case !p.at("NULL ON") && p.accept("NULL"): // not the NULL ON EMPTY of a JSON function
			t.NotNull = false
		case p.accept("ARRAY"):
			t = types.ArrayOf(t)
		case p.accept("MULTISET"):
			t = types.MultisetOf(t)
		default:
			return t
		}
	}
	return types.Type{}
}

// simpleTypes take no arguments.
var simpleTypes = map[string]types.Type{
	"BOOLEAN": types.New(types.Boolean), "TINYINT": types.New(types.TinyInt), "SMALLINT": types.New(types.SmallInt),
	"INT": types.New(types.Int), "INTEGER": types.New(types.Int), "BIGINT": types.New(types.BigInt),
	"FLOAT": types.New(types.Float), "DATE": types.New(types.Date), "STRING": types.String(), "BYTES": types.Bytes(),
	"VARIANT": types.New(types.Variant), "BITMAP": types.New(types.Bitmap), "DESCRIPTOR": types.New(types.Descriptor),
	"NULL": types.New(types.Null),
}

// typeNames are what a misspelt type is compared with.
var typeNames = strings.Fields(`BOOLEAN TINYINT SMALLINT INT INTEGER BIGINT FLOAT DATE STRING BYTES VARIANT BITMAP DOUBLE
	DECIMAL NUMERIC CHAR VARCHAR BINARY VARBINARY TIME TIMESTAMP TIMESTAMP_LTZ INTERVAL ARRAY MULTISET MAP ROW RAW
	STRUCTURED`)

// foreignTypes are types of other dialects, with what to write instead.
var foreignTypes = map[string]string{
	"TEXT": "STRING", "NVARCHAR": "VARCHAR", "INT64": "BIGINT", "INT32": "INT", "LONG": "BIGINT", "INT8": "BIGINT",
	"REAL": "FLOAT", "FLOAT8": "DOUBLE", "FLOAT64": "DOUBLE", "BOOL": "BOOLEAN", "DATETIME": "TIMESTAMP(3)",
	"TIMESTAMPTZ": "TIMESTAMP_LTZ", "BLOB": "BYTES", "BYTEA": "BYTES", "JSON": "STRING", "SIGNED": "BIGINT",
	"STRUCT": "ROW", "SERIAL": "BIGINT", "UUID": "STRING", "NUMBER": "DECIMAL", "OBJECT": "ROW",
}

func (p *parser) baseType() types.Type {
	t := p.peek()
	if t.Kind != token.Word {
		p.unexpected("a data type")
		return types.Type{}
	}
	word := strings.ToUpper(t.Text)
	if simple, ok := simpleTypes[word]; ok {
		p.next()
		return simple
	}
	p.next()
	switch word {
	case "DOUBLE":
		p.accept("PRECISION")
		return types.New(types.Double)
	case "DECIMAL", "NUMERIC", "DEC":
		return p.decimal()
	case "CHAR", "CHARACTER":
		return p.sized(types.Char, types.VarChar)
	case "VARCHAR":
		return types.Type{Kind: types.VarChar, Length: p.length(types.MaxLength)}
	case "BINARY":
		return p.sized(types.Binary, types.VarBinary)
	case "VARBINARY":
		return types.Type{Kind: types.VarBinary, Length: p.length(types.MaxLength)}
	case "TIME":
		return p.timeType()
	case "TIMESTAMP":
		return p.timestampType()
	case "TIMESTAMP_LTZ":
		return types.TimestampLTZOf(p.fraction(types.DefaultTimestampPrecision))
	case "INTERVAL":
		return p.intervalType()
	}
	return p.nestedType(t, word)
}

// nestedType reads the types that are made of others; word was taken.
func (p *parser) nestedType(t *token.Token, word string) types.Type {
	switch word {
	case "ARRAY", "MULTISET":
		p.expect("<")
		elem := p.typ()
		p.expect(">")
		if word == "ARRAY" {
			return types.ArrayOf(elem)
		}
		return types.MultisetOf(elem)
	case "MAP":
		p.expect("<")
		key := p.typ()
		p.expect(",")
		value := p.typ()
		p.expect(">")
		return types.MapOf(key, value)
	case "ROW":
		return p.rowType()
	case "RAW":
		p.expect("(")
		raw := types.Type{Kind: types.Raw, Name: p.str("a class name")}
		p.expect(",")
		raw.Serializer = p.str("a serializer snapshot")
		p.expect(")")
		return raw
	case "STRUCTURED":
		return p.structuredType()
	}
	err := diag.Errorf(t.At, "unknown data type %s", t.Text)
	if other := foreignTypes[word]; other != "" {
		err = err.WithHint("did you mean %s?", other)
	} else if k := closest(word, typeNames); k != "" {
		err = err.WithHint("did you mean %s?", k)
	}
	p.fail(err)
	return types.Type{}
}

// decimal reads [(p[, s])].
func (p *parser) decimal() types.Type {
	t := types.DecimalOf(types.DefaultDecimalPrecision, 0)
	start := p.start()
	if !p.accept("(") {
		return t
	}
	t.Precision = p.number("a number of digits", types.MaxDecimalPrecision)
	if p.accept(",") {
		t.Scale = p.number("a number of digits", types.MaxDecimalPrecision)
	}
	p.expect(")")
	if at := p.since(start).At; p.ok() && (t.Precision < 1 || t.Scale > t.Precision) {
		p.fail(diag.Errorf(at, "a DECIMAL has 1 to %d digits, and no more of them behind the point than in all", types.MaxDecimalPrecision))
	}
	return t
}

// sized reads [VARYING] [(n)] behind CHAR and BINARY.
func (p *parser) sized(fixed, varying types.Kind) types.Type {
	if p.accept("VARYING") {
		return types.Type{Kind: varying, Length: p.length(types.MaxLength)}
	}
	return types.Type{Kind: fixed, Length: p.length(1)}
}

// length reads [(n)].
func (p *parser) length(none int) int {
	if !p.accept("(") {
		return none
	}
	t := p.peek()
	n := p.number("a length", types.MaxLength)
	if p.ok() && n == 0 {
		p.fail(diag.Errorf(t.At, "a length is at least 1"))
	}
	p.expect(")")
	return n
}

// fraction reads [(p)], a number of digits of a second.
func (p *parser) fraction(none int) int {
	if !p.accept("(") {
		return none
	}
	n := p.number("a number of digits from 0 to 9", 9)
	p.expect(")")
	return n
}

func (p *parser) timeType() types.Type {
	t := types.Type{Kind: types.Time, Precision: p.fraction(0)}
	p.accept("WITHOUT TIME ZONE")
	p.refuseTimeZone()
	return t
}

func (p *parser) timestampType() types.Type {
	n := p.fraction(types.DefaultTimestampPrecision)
	if p.accept("WITH LOCAL TIME ZONE") {
		return types.TimestampLTZOf(n)
	}
	p.accept("WITHOUT TIME ZONE")
	p.refuseTimeZone()
	return types.TimestampOf(n)
}

func (p *parser) refuseTimeZone() {
	if t := p.peek(); p.at("WITH TIME ZONE") {
		p.fail(diag.Errorf(t.At, "Flink SQL has no type WITH TIME ZONE").WithHint("write TIMESTAMP_LTZ for an instant"))
	}
}

// intervalType reads unit[(p)] [TO unit[(s)]] behind INTERVAL; only whether it counts months
// or milliseconds is kept.
func (p *parser) intervalType() types.Type {
	from := p.oneUnit(intervalUnits, "a unit such as SECOND or MONTH")
	if p.accept("(") {
		p.number("the number of digits", 99)
		if p.accept(",") {
			p.number("the number of digits", 99)
		}
		p.expect(")")
	}
	if p.accept("TO") {
		p.oneUnit(intervalUnits, "a unit such as SECOND or MONTH")
		if p.accept("(") {
			p.number("the number of digits", 99)
			p.expect(")")
		}
	}
	switch from {
	case "YEAR", "QUARTER", "MONTH":
		return types.New(types.IntervalMonth)
	}
	return types.New(types.IntervalMilli)
}

// rowType reads <n t 'comment', …> or (n t, …).
func (p *parser) rowType() types.Type {
	start := p.start()
	if p.accept("<>") {
		return types.RowOf()
	}
	open, end := p.expectAny("<", "("), ">"
	if open == "(" {
		end = ")"
	}
	var fields []types.Field
	if !p.at(end) {
		p.list(func() { fields = append(fields, p.field()) })
	}
	p.expect(end)
	for i, f := range fields {
		if slices.ContainsFunc(fields[:i], func(g types.Field) bool { return g.Name == f.Name }) {
			p.fail(diag.Errorf(p.since(start).At, "the row has two fields '%s'", f.Name))
		}
	}
	return types.RowOf(fields...)
}

// field reads name type ['comment'].
func (p *parser) field() types.Field {
	f := types.Field{Name: p.ident("a field name").Name, Type: p.typ()}
	if p.peek().Kind == token.String {
		f.Comment = p.str("a comment")
	}
	return f
}

// structuredType reads <'class', n t, …>.
func (p *parser) structuredType() types.Type {
	p.expect("<")
	t := types.Type{Kind: types.Structured, Name: p.str("a class name")}
	for p.accept(",") {
		t.Fields = append(t.Fields, p.field())
	}
	p.expect(">")
	return t
}

// placedType is typ with its place.
func (p *parser) placedType() (types.Type, ast.Place) {
	start := p.start()
	t := p.typ()
	return t, p.since(start)
}
