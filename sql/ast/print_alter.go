package ast

func (p *printer) alter(s Statement) {
	switch s := s.(type) {
	case *AlterTable:
		p.words("ALTER TABLE")
		p.option(s.IfExists, "IF EXISTS")
		p.space()
		p.name(s.Name)
		p.alterTable(s)
	case *AlterView:
		p.words("ALTER VIEW ")
		p.name(s.Name)
		p.renameTo(s.RenameTo)
		if s.Query != nil {
			p.asQuery(s.Query)
		}
	case *AlterDatabase:
		p.words("ALTER DATABASE ")
		p.name(s.Name)
		p.setOrReset(s.Set, nil)
	case *AlterCatalog:
		p.words("ALTER CATALOG ")
		p.ident(s.Name)
		p.setOrReset(s.Set, s.Reset)
		p.comment(s.Comment)
	case *AlterFunction:
		p.words("ALTER")
		p.option(s.Temporary, "TEMPORARY")
		p.option(s.System, "SYSTEM")
		p.words("FUNCTION")
		p.option(s.IfExists, "IF EXISTS")
		p.space()
		p.name(s.Name)
		p.words("AS", quoteString(s.Class))
		p.language(s.Language)
	case *AlterModel:
		p.words("ALTER MODEL")
		p.option(s.IfExists, "IF EXISTS")
		p.space()
		p.name(s.Name)
		p.setOrReset(s.Set, s.Reset)
		p.renameTo(s.RenameTo)
	case *AlterMaterializedTable:
		p.alterMaterializedTable(s)
	}
}

func (p *printer) alterMaterializedTable(s *AlterMaterializedTable) {
	p.words("ALTER MATERIALIZED TABLE ")
	p.name(s.Name)
	switch {
	case s.Action == "RESET":
		p.setOrReset(nil, s.Reset)
	case s.Action == "SET" && s.Options != nil:
		p.setOrReset(s.Options, nil)
	default:
		p.words(s.Action)
		p.refresh(s.Freshness, s.RefreshMode)
		p.with(s.Options)
	}
	p.partition(s.Partition)
	if s.Query != nil {
		p.space()
		p.query(s.Query, precWith)
	}
}

// setOrReset writes SET (…) or RESET (…), whichever is not nil.
func (p *printer) setOrReset(set []Option, reset []string) {
	if set != nil {
		p.words("SET ")
		p.options(set)
	}
	if reset != nil {
		p.words("RESET ")
		p.keys(reset)
	}
}

func (p *printer) renameTo(n *Name) {
	if n != nil {
		p.words("RENAME TO ")
		p.name(*n)
	}
}

func (p *printer) alterTable(s *AlterTable) {
	p.setOrReset(s.Set, s.Reset)
	p.renameTo(s.RenameTo)
	if s.Rename != nil {
		p.words("RENAME ")
		p.name(s.Rename.From)
		p.words("TO ")
		p.name(s.Rename.To)
	}
	if s.Add != nil {
		p.words("ADD ")
		p.alterColumns(s.Add)
	}
	if s.Modify != nil {
		p.words("MODIFY ")
		p.alterColumns(s.Modify)
	}
	if s.Drop != nil {
		p.alterDrop(s.Drop)
	}
	for i, a := range s.AddParts {
		if i == 0 {
			p.words("ADD")
			p.option(a.IfNotExists, "IF NOT EXISTS")
		}
		p.partition(a.Spec)
		p.with(a.Options)
	}
}

func (p *printer) alterColumns(a *AlterColumns) {
	var items []func()
	for _, c := range a.Columns {
		items = append(items, func() {
			p.column(c.Column)
			p.option(c.First, "FIRST")
			if len(c.After.Parts) > 0 {
				p.words("AFTER ")
				p.name(c.After)
			}
		})
	}
	if a.Watermark != nil {
		items = append(items, func() { p.watermark(*a.Watermark) })
	}
	if a.PrimaryKey != nil {
		items = append(items, func() { p.primaryKey(a.PrimaryKey) })
	}
	if a.Distribution != nil {
		items = append(items, func() {
			p.WriteString("DISTRIBUTION")
			p.distributedBy(a.Distribution)
		})
	}
	if a.Parens {
		p.brackets(len(items), func(i int) { items[i]() })
	} else {
		items[0]()
	}
}

func (p *printer) alterDrop(d *AlterDrop) {
	p.words("DROP")
	switch {
	case d.PrimaryKey:
		p.words("PRIMARY KEY")
	case d.Constraint.Name != "":
		p.words("CONSTRAINT ")
		p.ident(d.Constraint)
	case d.Watermark:
		p.words("WATERMARK")
	case d.Distribution:
		p.words("DISTRIBUTION")
	case len(d.Partitions) > 0:
		p.option(d.IfExists, "IF EXISTS")
		for i, spec := range d.Partitions {
			if i > 0 {
				p.WriteByte(',')
			}
			p.partition(spec)
		}
	case len(d.Columns) == 1:
		p.space()
		p.name(d.Columns[0])
	default:
		p.space()
		p.names(d.Columns)
	}
}
