package ast

import "github.com/weirstream/weir/sql/types"

func (p *printer) ddl(s Statement) {
	switch s := s.(type) {
	case *CreateTable:
		p.createTable(s)
	case *CreateView:
		p.create(s.Temporary, false, "VIEW", s.IfNotExists, s.Name)
		if len(s.Columns) > 0 {
			p.space()
			p.idents(s.Columns)
		}
		p.comment(s.Comment)
		p.asQuery(s.Query)
	case *CreateCatalog:
		p.create(false, false, "CATALOG", s.IfNotExists, Name{Parts: []Ident{s.Name}})
		p.comment(s.Comment)
		p.with(s.Options)
	case *CreateDatabase:
		p.create(false, false, "DATABASE", s.IfNotExists, s.Name)
		p.comment(s.Comment)
		p.with(s.Options)
	case *CreateFunction:
		p.create(s.Temporary, s.System, "FUNCTION", s.IfNotExists, s.Name)
		p.words("AS", quoteString(s.Class))
		p.language(s.Language)
		for i, r := range s.Using {
			word := "USING"
			if i > 0 {
				p.WriteByte(',')
				word = ""
			}
			p.words(word, r.Kind, quoteString(r.Path))
		}
		p.with(s.Options)
	case *CreateModel:
		p.createModel(s)
	case *CreateMaterializedTable:
		p.createMaterializedTable(s)
	case *Drop:
		p.words("DROP")
		p.option(s.Temporary, "TEMPORARY")
		p.option(s.System, "SYSTEM")
		p.words(s.Kind)
		p.option(s.IfExists, "IF EXISTS")
		p.space()
		p.name(s.Name)
		p.words(s.Behaviour)
	default:
		p.alter(s)
	}
}

// create writes CREATE … name.
func (p *printer) create(temporary, system bool, kind string, ifNotExists bool, name Name) {
	p.words("CREATE")
	p.option(temporary, "TEMPORARY")
	p.option(system, "SYSTEM")
	p.words(kind)
	p.option(ifNotExists, "IF NOT EXISTS")
	p.space()
	p.name(name)
}

func (p *printer) asQuery(q Query) {
	p.words("AS ")
	p.query(q, precWith)
}

func (p *printer) language(l string) {
	if l != "" {
		p.words("LANGUAGE", quoteHint(l))
	}
}

func (p *printer) createTable(s *CreateTable) {
	switch {
	case s.Replace:
		p.words("REPLACE TABLE ")
		p.name(s.Name)
	case s.OrReplace:
		p.create(false, false, "OR REPLACE TABLE", s.IfNotExists, s.Name)
	default:
		p.create(s.Temporary, false, "TABLE", s.IfNotExists, s.Name)
	}
	p.schema(s.Columns, s.Watermarks, s.PrimaryKey)
	p.comment(s.Comment)
	p.distribution(s.Distribution)
	p.partitionedBy(s.PartitionedBy)
	p.with(s.Options)
	if s.Like != nil {
		p.like(s.Like)
	}
	if s.AsQuery != nil {
		p.asQuery(s.AsQuery)
	}
}

// schema writes the brackets of CREATE TABLE, or nothing.
func (p *printer) schema(columns []Column, watermarks []Watermark, key *PrimaryKey) {
	n := len(columns) + len(watermarks)
	if key != nil {
		n++
	}
	if n == 0 {
		return
	}
	p.space()
	p.brackets(n, func(i int) {
		switch {
		case i < len(columns):
			p.column(columns[i])
		case i < len(columns)+len(watermarks):
			p.watermark(watermarks[i-len(columns)])
		default:
			p.primaryKey(key)
		}
	})
}

func (p *printer) column(c Column) {
	p.ident(c.Name)
	switch {
	case c.Computed != nil:
		p.words("AS ")
		p.expr(c.Computed, precOr)
	case c.Type.Kind != types.Invalid:
		p.words(c.Type.String())
	}
	if c.Metadata {
		p.words("METADATA")
		if c.MetaKey != nil {
			p.words("FROM", quoteString(*c.MetaKey))
		}
		p.option(c.Virtual, "VIRTUAL")
	}
	p.option(c.PrimaryKey, "PRIMARY KEY NOT ENFORCED")
	p.comment(c.Comment)
}

func (p *printer) watermark(w Watermark) {
	p.WriteString("WATERMARK FOR ")
	p.name(w.Column)
	p.WriteString(" AS ")
	p.expr(w.X, precOr)
}

func (p *printer) primaryKey(k *PrimaryKey) {
	if k.Constraint.Name != "" {
		p.WriteString("CONSTRAINT ")
		p.ident(k.Constraint)
		p.WriteByte(' ')
	}
	p.WriteString("PRIMARY KEY ")
	p.idents(k.Columns)
	p.option(k.NotEnforced, "NOT ENFORCED")
}

func (p *printer) distribution(d *Distribution) {
	if d != nil {
		p.words("DISTRIBUTED")
		p.distributedBy(d)
	}
}

func (p *printer) distributedBy(d *Distribution) {
	if len(d.Columns) > 0 {
		p.words("BY", d.Kind)
		p.space()
		p.idents(d.Columns)
	}
	if d.Buckets > 0 {
		p.words("INTO", itoa(d.Buckets), "BUCKETS")
	}
}

func (p *printer) partitionedBy(columns []Ident) {
	if len(columns) > 0 {
		p.words("PARTITIONED BY ")
		p.idents(columns)
	}
}

func (p *printer) like(l *LikeClause) {
	p.words("LIKE ")
	p.name(l.Table)
	if len(l.Options) == 0 {
		return
	}
	p.words("(")
	for _, o := range l.Options {
		p.words(o.Merge, o.What)
	}
	p.WriteByte(')')
}

func (p *printer) createModel(s *CreateModel) {
	p.create(s.Temporary, false, "MODEL", s.IfNotExists, s.Name)
	if len(s.Input) > 0 {
		p.words("INPUT ")
		p.brackets(len(s.Input), func(i int) { p.column(s.Input[i]) })
	}
	if len(s.Output) > 0 {
		p.words("OUTPUT ")
		p.brackets(len(s.Output), func(i int) { p.column(s.Output[i]) })
	}
	p.comment(s.Comment)
	p.with(s.Options)
	if s.AsQuery != nil {
		p.asQuery(s.AsQuery)
	}
}

func (p *printer) createMaterializedTable(s *CreateMaterializedTable) {
	kind := "MATERIALIZED TABLE"
	if s.OrAlter {
		kind = "OR ALTER " + kind
	}
	p.create(false, false, kind, false, s.Name)
	p.schema(s.Columns, s.Watermarks, s.PrimaryKey)
	p.comment(s.Comment)
	p.distribution(s.Distribution)
	p.partitionedBy(s.PartitionedBy)
	p.with(s.Options)
	p.refresh(s.Freshness, s.RefreshMode)
	p.asQuery(s.Query)
}

// refresh writes how fresh a materialized table is kept, and how, where they are given.
func (p *printer) refresh(freshness Expr, mode string) {
	if freshness != nil {
		p.words("FRESHNESS = ")
		p.expr(freshness, precPrimary)
	}
	if mode != "" {
		p.words("REFRESH_MODE =", mode)
	}
}
