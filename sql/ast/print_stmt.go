package ast

import "strings"

func (p *printer) statement(s Statement) {
	switch s := s.(type) {
	case *QueryStmt:
		p.query(s.Query, precWith)
	case *Insert:
		p.insert(s)
	case *StatementSet:
		p.words("EXECUTE STATEMENT SET BEGIN ")
		for _, x := range s.Inserts {
			p.insert(x)
			p.WriteString("; ")
		}
		p.WriteString("END")
	case *Explain:
		p.words("EXPLAIN", strings.Join(s.Details, ", "), Format(s.Stmt))
	case *Update:
		p.update(s)
	case *Delete:
		p.words("DELETE FROM ")
		p.name(s.Table)
		p.where(s.Where)
	case *Truncate:
		p.words("TRUNCATE TABLE ")
		p.name(s.Table)
	case *CompilePlan:
		p.compilePlan(s)
	case *ExecutePlan:
		p.words("EXECUTE PLAN", quoteString(s.Path))
	default:
		p.session(s)
	}
}

func (p *printer) insert(s *Insert) {
	word := "INTO "
	if s.Overwrite {
		word = "OVERWRITE "
	}
	p.WriteString("INSERT " + word)
	p.name(s.Table)
	p.hints(s.Hints)
	p.partition(s.Partition)
	if len(s.Columns) > 0 {
		p.space()
		p.names(s.Columns)
	}
	p.space()
	p.query(s.Query, precWith)
	if s.OnConflict != "" {
		p.words("ON CONFLICT DO", s.OnConflict)
	}
}

// partition writes PARTITION (a = 1, b), or nothing.
func (p *printer) partition(values []PartitionValue) {
	if len(values) == 0 {
		return
	}
	p.words("PARTITION ")
	p.brackets(len(values), func(i int) {
		p.ident(values[i].Name)
		if values[i].Value != nil {
			p.WriteString(" = ")
			p.expr(values[i].Value, precOr)
		}
	})
}

func (p *printer) update(s *Update) {
	p.words("UPDATE ")
	p.name(s.Table)
	p.words("SET ")
	p.list(len(s.Set), func(i int) {
		p.ident(s.Set[i].Column)
		p.WriteString(" = ")
		p.expr(s.Set[i].X, precOr)
	})
	p.where(s.Where)
}

func (p *printer) where(x Expr) {
	if x != nil {
		p.words("WHERE ")
		p.expr(x, precOr)
	}
}

func (p *printer) compilePlan(s *CompilePlan) {
	p.words("COMPILE")
	p.option(s.Execute, "AND EXECUTE")
	p.words("PLAN", quoteString(s.Path))
	p.option(s.IfNotExists, "IF NOT EXISTS")
	p.words("FOR", strings.TrimPrefix(Format(s.Stmt), "EXECUTE "))
}

// session writes the statements about the session, its catalog and resources.
func (p *printer) session(s Statement) {
	switch s := s.(type) {
	case *Set:
		p.words("SET")
		if s.Key != "" {
			p.words(quoteString(s.Key), "=", quoteString(s.Value))
		}
	case *Reset:
		p.words("RESET")
		if s.Key != "" {
			p.words(quoteString(s.Key))
		}
	case *Use:
		kind := s.Kind
		if kind == "DATABASE" {
			kind = ""
		}
		p.words("USE", kind)
		p.space()
		p.list(len(s.Names), func(i int) { p.name(s.Names[i]) })
	case *Load:
		word := "LOAD MODULE "
		if s.Unload {
			word = "UNLOAD MODULE "
		}
		p.words(word)
		p.ident(s.Module)
		p.with(s.Options)
	case *Jar:
		word := "ADD JAR"
		if s.Remove {
			word = "REMOVE JAR"
		}
		p.words(word, quoteString(s.Path))
	case *CallProcedure:
		p.words("CALL ")
		p.call(s.Call)
	case *StopJob:
		p.words("STOP JOB", quoteString(s.ID))
		p.option(s.Savepoint, "WITH SAVEPOINT")
		p.option(s.Drain, "WITH DRAIN")
	case *Show:
		p.show(s)
	case *Describe:
		p.describe(s)
	case *Analyze:
		p.analyze(s)
	default:
		p.ddl(s)
	}
}

func (p *printer) show(s *Show) {
	p.words("SHOW", s.What, s.Preposition)
	if len(s.From.Parts) > 0 {
		p.space()
		p.name(s.From)
	}
	p.partition(s.Partition)
	if s.LikeKind != "" {
		p.option(s.NotLike, "NOT")
		p.words(s.LikeKind, quoteString(s.Like))
	}
}

func (p *printer) describe(s *Describe) {
	p.words("DESCRIBE", s.Kind)
	p.option(s.Extended, "EXTENDED")
	if s.Kind == "JOB" {
		p.words(quoteString(s.Job))
		return
	}
	p.space()
	p.name(s.Name)
}

func (p *printer) analyze(s *Analyze) {
	p.words("ANALYZE TABLE ")
	p.name(s.Table)
	p.partition(s.Partition)
	p.words("COMPUTE STATISTICS")
	p.option(s.AllColumns, "FOR ALL COLUMNS")
	if len(s.Columns) > 0 {
		p.words("FOR COLUMNS ")
		p.list(len(s.Columns), func(i int) { p.ident(s.Columns[i]) })
	}
}
