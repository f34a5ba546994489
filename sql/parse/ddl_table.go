package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
)

// createTable reads what follows TABLE in CREATE TABLE and REPLACE TABLE.
func (p *parser) createTable(start int, x *ast.CreateTable) ast.Statement {
	if !x.Replace {
		x.IfNotExists = p.accept("IF NOT EXISTS")
	}
	x.Name = p.objectName("a table name")
	var s tableSchema
	if p.at("(") {
		p.schema(&s)
	}
	x.Columns, x.Watermarks, x.PrimaryKey = s.columns, s.watermarks, s.primaryKey
	x.Comment = p.comment()
	x.Distribution = p.distribution()
	x.PartitionedBy = p.partitionedBy()
	if p.accept("WITH") {
		x.Options = p.options()
	}
	if p.accept("LIKE") {
		x.Like = p.like()
	} else if p.accept("AS") {
		x.AsQuery = p.query()
	}
	x.Place = p.since(start)
	if p.ok() && (x.Replace || x.OrReplace) && x.AsQuery == nil {
		p.unexpected("AS and a query, which REPLACE TABLE needs")
	}
	return x
}

// tableSchema is what stands in the brackets of CREATE TABLE.
type tableSchema struct {
	columns    []ast.Column
	watermarks []ast.Watermark
	primaryKey *ast.PrimaryKey
}

func (p *parser) schema(s *tableSchema) {
	p.expect("(")
	if p.accept(")") {
		return
	}
	p.list(func() { p.schemaItem(s) })
	p.expect(")")
}

// schemaItem reads a column, WATERMARK FOR or a PRIMARY KEY.
func (p *parser) schemaItem(s *tableSchema) {
	switch {
	case p.at("WATERMARK"):
		s.watermarks = append(s.watermarks, p.watermark())
	case p.at("CONSTRAINT"), p.at("PRIMARY"), p.at("UNIQUE"):
		k := p.primaryKey()
		if s.primaryKey != nil && p.ok() {
			p.fail(diag.Errorf(k.At, "a second PRIMARY KEY").WithHint("a key of several columns is PRIMARY KEY (a, b) NOT ENFORCED"))
		}
		s.primaryKey = k
	default:
		s.columns = append(s.columns, p.column())
	}
}

// watermark reads WATERMARK FOR column AS expr.
func (p *parser) watermark() ast.Watermark {
	start := p.start()
	p.expect("WATERMARK FOR")
	w := ast.Watermark{Column: p.name("a column name")}
	p.expect("AS")
	w.X = p.expr()
	w.Place = p.since(start)
	return w
}

// primaryKey reads [CONSTRAINT c] PRIMARY KEY (a, b) [NOT ENFORCED].
func (p *parser) primaryKey() *ast.PrimaryKey {
	start := p.start()
	k := &ast.PrimaryKey{}
	if p.accept("CONSTRAINT") {
		k.Constraint = p.ident("a name for the constraint")
	}
	p.refuseUnique()
	p.expect("PRIMARY KEY")
	k.Columns = p.idents("a column name")
	k.NotEnforced = p.notEnforced()
	k.Place = p.since(start)
	return k
}

func (p *parser) refuseUnique() {
	if t := p.peek(); t.Is("UNIQUE") {
		p.fail(diag.Unsupported(t.At, "UNIQUE constraints").WithHint("Flink knows only PRIMARY KEY … NOT ENFORCED"))
	}
}

func (p *parser) notEnforced() bool {
	if p.accept("NOT ENFORCED") {
		return true
	}
	p.accept("ENFORCED")
	return false
}

// column reads name type …, name AS expr, or, in CREATE TABLE … AS SELECT, just a name.
func (p *parser) column() ast.Column {
	start := p.start()
	c := ast.Column{Name: p.ident("a column name")}
	switch t := p.peek(); {
	case p.accept("AS"):
		c.Computed = p.expr()
	case t.Is(","), t.Is(")"):
	case t.Is("."):
		p.fail(diag.Errorf(t.At, "a column's name has one part"))
	default:
		c.Type, c.TypeAt = p.placedType()
		p.columnDetails(&c)
	}
	c.Comment = p.comment()
	c.Place = p.since(start)
	return c
}

// columnDetails reads METADATA or PRIMARY KEY behind a column's type.
func (p *parser) columnDetails(c *ast.Column) {
	if p.accept("METADATA") {
		c.Metadata = true
		if p.accept("FROM") {
			key := p.str("the metadata's key")
			c.MetaKey = &key
		}
		c.Virtual = p.accept("VIRTUAL")
		return
	}
	p.refuseUnique()
	if p.accept("CONSTRAINT") {
		p.ident("a name for the constraint")
		p.try("PRIMARY KEY")
	}
	if p.accept("PRIMARY KEY") {
		c.PrimaryKey = true
		p.notEnforced()
	}
	if t := p.peek(); t.Is("DEFAULT") {
		p.fail(diag.Errorf(t.At, "columns have no default values in Flink SQL"))
	} else if t.Kind == token.String {
		p.try("COMMENT")
	}
}

// distribution reads DISTRIBUTED BY … INTO n BUCKETS, if it is there.
func (p *parser) distribution() *ast.Distribution {
	start := p.start()
	if !p.accept("DISTRIBUTED") {
		return nil
	}
	d := p.distributedBy()
	d.Place = p.since(start)
	return d
}

// distributedBy reads [BY [HASH|RANGE] (a)] [INTO n BUCKETS].
func (p *parser) distributedBy() *ast.Distribution {
	d := &ast.Distribution{}
	switch {
	case p.accept("BY"):
		d.Kind = p.distributionKind()
		d.Columns = p.idents("a column name")
		if p.accept("INTO") {
			d.Buckets = p.buckets()
		}
	case p.accept("INTO"):
		d.Buckets = p.buckets()
	default:
		p.unexpected("BY or INTO")
	}
	return d
}

// distributionKind reads HASH or RANGE; any other name is the connector's own.
func (p *parser) distributionKind() string {
	if kind := p.acceptAny("HASH", "RANGE"); kind != "" || p.at("(") {
		return kind
	}
	p.unexpected("HASH, RANGE or (")
	return ""
}

func (p *parser) buckets() int {
	t := p.peek()
	n := p.number("a number of buckets", 1<<30)
	if p.ok() && n == 0 {
		p.fail(diag.Errorf(t.At, "a table has at least 1 bucket"))
	}
	p.expect("BUCKETS")
	return n
}

func (p *parser) partitionedBy() []ast.Ident {
	if !p.accept("PARTITIONED BY") {
		return nil
	}
	return p.idents("a column name")
}

// like reads t [( INCLUDING ALL … )].
func (p *parser) like() *ast.LikeClause {
	start := p.start()
	c := &ast.LikeClause{Table: p.objectName("a table name")}
	if p.accept("(") {
		for p.ok() && !p.accept(")") {
			o := ast.LikeOption{Merge: p.expectAny("INCLUDING", "EXCLUDING", "OVERWRITING")}
			o.What = p.expectAny("ALL", "CONSTRAINTS", "DISTRIBUTION", "GENERATED", "METADATA", "OPTIONS", "PARTITIONS", "WATERMARKS")
			c.Options = append(c.Options, o)
		}
	}
	c.Place = p.since(start)
	return c
}
