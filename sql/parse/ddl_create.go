package parse

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// createStatement reads CREATE ….
func createStatement(p *parser, start int) ast.Statement {
	p.expect("CREATE")
	switch {
	case p.accept("OR REPLACE TABLE"):
		return p.createTable(start, &ast.CreateTable{OrReplace: true})
	case p.accept("OR ALTER MATERIALIZED TABLE"):
		return p.createMaterializedTable(start, &ast.CreateMaterializedTable{OrAlter: true})
	case p.at("OR REPLACE"):
		t := p.ahead(2)
		p.fail(diag.Errorf(t.At, "only a table can be created OR REPLACE").WithHint("write DROP %s IF EXISTS … first", strings.ToUpper(t.Text)))
		return nil
	}
	temporary := p.accept("TEMPORARY")
	if temporary && p.accept("SYSTEM") {
		p.expect("FUNCTION")
		return p.createFunction(start, &ast.CreateFunction{Temporary: true, System: true})
	}
	switch {
	case p.accept("TABLE"):
		return p.createTable(start, &ast.CreateTable{Temporary: temporary})
	case p.accept("VIEW"):
		return p.createView(start, &ast.CreateView{Temporary: temporary})
	case p.accept("FUNCTION"):
		return p.createFunction(start, &ast.CreateFunction{Temporary: temporary})
	case p.accept("MODEL"):
		return p.createModel(start, &ast.CreateModel{Temporary: temporary})
	case temporary:
		p.unexpected("TABLE, VIEW, FUNCTION, SYSTEM FUNCTION or MODEL")
	case p.accept("MATERIALIZED TABLE"):
		return p.createMaterializedTable(start, &ast.CreateMaterializedTable{})
	case p.accept("CATALOG"):
		return p.createCatalog(start)
	case p.accept("DATABASE"):
		return p.createDatabase(start)
	default:
		p.unexpected("what to create, such as TABLE or VIEW")
	}
	return nil
}

// replaceStatement reads REPLACE TABLE … AS query.
func replaceStatement(p *parser, start int) ast.Statement {
	p.expect("REPLACE TABLE")
	return p.createTable(start, &ast.CreateTable{Replace: true})
}

func (p *parser) createView(start int, x *ast.CreateView) ast.Statement {
	x.IfNotExists = p.accept("IF NOT EXISTS")
	x.Name = p.objectName("a view name")
	if p.at("(") {
		x.Columns = p.idents("a column name")
	}
	x.Comment = p.comment()
	p.expect("AS")
	x.Query = p.query()
	x.Place = p.since(start)
	return x
}

func (p *parser) createCatalog(start int) ast.Statement {
	x := &ast.CreateCatalog{IfNotExists: p.accept("IF NOT EXISTS")}
	x.Name = p.ident("a catalog name")
	x.Comment = p.comment()
	if p.accept("WITH") {
		x.Options = p.options()
	}
	x.Place = p.since(start)
	return x
}

func (p *parser) createDatabase(start int) ast.Statement {
	x := &ast.CreateDatabase{IfNotExists: p.accept("IF NOT EXISTS")}
	x.Name = p.objectName("a database name")
	x.Comment = p.comment()
	if p.accept("WITH") {
		x.Options = p.options()
	}
	x.Place = p.since(start)
	return x
}

func (p *parser) createFunction(start int, x *ast.CreateFunction) ast.Statement {
	x.IfNotExists = p.accept("IF NOT EXISTS")
	x.Name = p.objectName("a function name")
	p.expect("AS")
	x.Class = p.str("a class or function")
	x.Language = p.language()
	if p.accept("USING") {
		p.list(func() {
			x.Using = append(x.Using, ast.Resource{
				Kind: p.expectAny("JAR", "FILE", "ARTIFACT"), Path: p.str("a file name"),
			})
		})
	}
	if p.accept("WITH") {
		x.Options = p.options()
	}
	x.Place = p.since(start)
	return x
}

// language reads [LANGUAGE word].
func (p *parser) language() string {
	if !p.accept("LANGUAGE") {
		return ""
	}
	return strings.ToUpper(p.part("a language").Name)
}

func (p *parser) createModel(start int, x *ast.CreateModel) ast.Statement {
	x.IfNotExists = p.accept("IF NOT EXISTS")
	x.Name = p.objectName("a model name")
	if p.accept("INPUT") {
		x.Input = p.modelColumns()
	}
	if p.accept("OUTPUT") {
		x.Output = p.modelColumns()
	}
	x.Comment = p.comment()
	if p.accept("WITH") {
		x.Options = p.options()
	}
	if p.accept("AS") {
		x.AsQuery = p.query()
	}
	x.Place = p.since(start)
	return x
}

func (p *parser) modelColumns() (out []ast.Column) {
	p.parens(func() {
		start := p.start()
		c := ast.Column{Name: p.ident("a column name")}
		c.Type, c.TypeAt = p.placedType()
		c.Comment = p.comment()
		c.Place = p.since(start)
		out = append(out, c)
	})
	return out
}

func (p *parser) createMaterializedTable(start int, x *ast.CreateMaterializedTable) ast.Statement {
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
	x.Freshness = p.freshness()
	x.RefreshMode = p.refreshMode()
	p.expect("AS")
	x.Query = p.query()
	x.Place = p.since(start)
	return x
}

// freshness reads FRESHNESS = interval, or gives nil.
func (p *parser) freshness() ast.Expr {
	if p.accept("FRESHNESS") {
		p.expect("=")
		if lit := p.interval(); lit != nil {
			return lit
		}
	}
	return nil
}

// refreshMode reads REFRESH_MODE = mode, or gives "".
func (p *parser) refreshMode() string {
	if !p.accept("REFRESH_MODE") {
		return ""
	}
	p.expect("=")
	return p.expectAny("CONTINUOUS", "FULL")
}
