package parse

import "github.com/weirstream/weir/sql/ast"

// alterStatement reads ALTER ….
func alterStatement(p *parser, start int) ast.Statement {
	p.expect("ALTER")
	switch {
	case p.accept("TABLE"):
		return p.alterTable(start)
	case p.accept("VIEW"):
		return p.alterView(start)
	case p.accept("DATABASE"):
		return p.alterDatabase(start)
	case p.accept("CATALOG"):
		return p.alterCatalog(start)
	case p.accept("MODEL"):
		return p.alterModel(start)
	case p.accept("MATERIALIZED TABLE"):
		return p.alterMaterializedTable(start)
	case p.accept("FUNCTION"):
		return p.alterFunction(start, &ast.AlterFunction{})
	case p.accept("TEMPORARY SYSTEM FUNCTION"):
		return p.alterFunction(start, &ast.AlterFunction{Temporary: true, System: true})
	case p.accept("TEMPORARY FUNCTION"):
		return p.alterFunction(start, &ast.AlterFunction{Temporary: true})
	}
	p.unexpected("what to alter, such as TABLE or VIEW")
	return nil
}

// alterTable reads [IF EXISTS] t and one action.
func (p *parser) alterTable(start int) ast.Statement {
	x := &ast.AlterTable{IfExists: p.accept("IF EXISTS")}
	x.Name = p.objectName("a table name")
	switch {
	case p.at("ADD PARTITION"), p.at("ADD IF"):
		p.expect("ADD")
		x.AddParts = p.addPartitions()
	case p.accept("ADD"):
		x.Add = p.alterColumns()
	case p.accept("MODIFY"):
		x.Modify = p.alterColumns()
	case p.accept("DROP"):
		x.Drop = p.alterDrop()
	case p.accept("RENAME TO"):
		n := p.objectName("a table name")
		x.RenameTo = &n
	case p.accept("RENAME"):
		r := ast.AlterRename{From: p.name("a column name")}
		p.expect("TO")
		r.To = p.name("a column name")
		x.Rename = &r
	case p.accept("SET"):
		x.Set = p.options()
	case p.accept("RESET"):
		x.Reset = p.keys()
	default:
		p.unexpected("ADD, MODIFY, DROP, RENAME, SET or RESET")
	}
	x.Place = p.since(start)
	return x
}

// addPartitions reads [IF NOT EXISTS] PARTITION (…) [WITH (…)] ….
func (p *parser) addPartitions() (out []ast.AddPartition) {
	exists := p.accept("IF NOT EXISTS")
	p.expect("PARTITION")
	for {
		a := ast.AddPartition{IfNotExists: exists, Spec: p.partition()}
		if p.accept("WITH") {
			a.Options = p.options()
		}
		out = append(out, a)
		if !p.accept("PARTITION") {
			return out
		}
	}
}

// alterColumns reads one item of ADD or MODIFY, or several in brackets.
func (p *parser) alterColumns() *ast.AlterColumns {
	x := &ast.AlterColumns{Parens: p.at("(")}
	if x.Parens {
		p.parens(func() { p.alterColumn(x) })
	} else {
		p.alterColumn(x)
	}
	return x
}

func (p *parser) alterColumn(x *ast.AlterColumns) {
	start := p.start()
	switch {
	case p.at("WATERMARK") && x.Watermark == nil:
		w := p.watermark()
		x.Watermark = &w
	case (p.at("CONSTRAINT") || p.at("PRIMARY") || p.at("UNIQUE")) && x.PrimaryKey == nil:
		x.PrimaryKey = p.primaryKey()
	case x.Distribution == nil && (p.accept("DISTRIBUTION") || p.accept("DISTRIBUTED")):
		x.Distribution = p.distributedBy()
		x.Distribution.Place = p.since(start)
	default:
		p.accept("COLUMN")
		c := ast.AlterColumn{Column: p.column()}
		if p.accept("FIRST") {
			c.First = true
		} else if p.accept("AFTER") {
			c.After = p.name("a column name")
		}
		x.Columns = append(x.Columns, c)
	}
}

// alterDrop reads what follows ALTER TABLE t DROP.
func (p *parser) alterDrop() *ast.AlterDrop {
	x := &ast.AlterDrop{}
	switch {
	case p.accept("PRIMARY KEY"):
		x.PrimaryKey = true
	case p.accept("CONSTRAINT"):
		x.Constraint = p.ident("a constraint's name")
	case p.accept("WATERMARK"):
		x.Watermark = true
	case p.accept("DISTRIBUTION"):
		x.Distribution = true
	case p.at("PARTITION"), p.at("IF EXISTS PARTITION"):
		x.IfExists = p.accept("IF EXISTS")
		p.expect("PARTITION")
		x.Partitions = append(x.Partitions, p.partition())
		for p.accept(",") {
			p.expect("PARTITION")
			x.Partitions = append(x.Partitions, p.partition())
		}
	case p.at("("):
		x.Columns = p.names("a column name")
	default:
		p.accept("COLUMN")
		x.Columns = []ast.Name{p.name("what to drop: a column, PRIMARY KEY, WATERMARK, DISTRIBUTION or PARTITION")}
	}
	return x
}

func (p *parser) alterView(start int) ast.Statement {
	x := &ast.AlterView{Name: p.objectName("a view name")}
	if p.accept("RENAME TO") {
		n := p.objectName("a view name")
		x.RenameTo = &n
	} else {
		p.expect("AS")
		x.Query = p.query()
	}
	x.Place = p.since(start)
	return x
}

func (p *parser) alterDatabase(start int) ast.Statement {
	x := &ast.AlterDatabase{Name: p.objectName("a database name")}
	p.expect("SET")
	x.Set = p.options()
	x.Place = p.since(start)
	return x
}

func (p *parser) alterCatalog(start int) ast.Statement {
	x := &ast.AlterCatalog{Name: p.ident("a catalog name")}
	switch p.expectAny("SET", "RESET", "COMMENT") {
	case "SET":
		x.Set = p.options()
	case "RESET":
		x.Reset = p.keys()
	case "COMMENT":
		s := p.str("a comment")
		x.Comment = &s
	}
	x.Place = p.since(start)
	return x
}

func (p *parser) alterFunction(start int, x *ast.AlterFunction) ast.Statement {
	x.IfExists = p.accept("IF EXISTS")
	x.Name = p.objectName("a function name")
	p.expect("AS")
	x.Class = p.str("a class or function")
	x.Language = p.language()
	x.Place = p.since(start)
	return x
}

func (p *parser) alterModel(start int) ast.Statement {
	x := &ast.AlterModel{IfExists: p.accept("IF EXISTS")}
	x.Name = p.objectName("a model name")
	switch p.expectAny("SET", "RESET", "RENAME TO") {
	case "SET":
		x.Set = p.options()
	case "RESET":
		x.Reset = p.keys()
	case "RENAME TO":
		n := p.objectName("a model name")
		x.RenameTo = &n
	}
	x.Place = p.since(start)
	return x
}

func (p *parser) alterMaterializedTable(start int) ast.Statement {
	x := &ast.AlterMaterializedTable{Name: p.objectName("a table name")}
	x.Action = p.expectAny("SUSPEND", "RESUME", "REFRESH", "SET", "RESET", "AS")
	switch x.Action {
	case "SET":
		p.setMaterialized(x)
	case "RESET":
		x.Reset = p.keys()
	case "RESUME":
		if p.accept("WITH") {
			x.Options = p.options()
		}
	case "REFRESH":
		if p.accept("PARTITION") {
			x.Partition = p.partition()
		}
	case "AS":
		x.Query = p.query()
	}
	x.Place = p.since(start)
	return x
}

// setMaterialized reads FRESHNESS = interval, REFRESH_MODE = mode or (options).
func (p *parser) setMaterialized(x *ast.AlterMaterializedTable) {
	switch {
	case p.at("FRESHNESS"):
		x.Freshness = p.freshness()
	case p.at("REFRESH_MODE"):
		x.RefreshMode = p.refreshMode()
	default:
		x.Options = p.options()
	}
}

// dropStatement reads DROP ….
func dropStatement(p *parser, start int) ast.Statement {
	p.expect("DROP")
	x := &ast.Drop{Temporary: p.accept("TEMPORARY")}
	switch {
	case x.Temporary && p.accept("SYSTEM"):
		x.System = true
		x.Kind = p.expectAny("FUNCTION")
	case x.Temporary:
		x.Kind = p.expectAny("TABLE", "VIEW", "FUNCTION", "MODEL")
	default:
		x.Kind = p.expectAny("TABLE", "VIEW", "FUNCTION", "MODEL", "DATABASE", "CATALOG", "MATERIALIZED TABLE")
	}
	x.IfExists = p.accept("IF EXISTS")
	x.Name = p.objectName("a name")
	if x.Kind == "DATABASE" {
		x.Behaviour = p.acceptAny("RESTRICT", "CASCADE")
	}
	x.Place = p.since(start)
	return x
}
