package planner

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/settings"
)

// Jobs gives a script's statements with its INSERTs as the jobs that they are: statement sets. All of them are one, at the
// script's end; those that stand where table.dml-sync is on are one each, at their place. A CREATE TABLE … AS stays, and its
// INSERT comes besides.
func (p *Planner) Jobs(stmts []ast.Statement) []ast.Statement {
	set := p.session.Settings.Clone()
	var out []ast.Statement
	var together []*ast.Insert
	for _, s := range stmts {
		inserts := insertsOf(s)
		if _, definition := s.(*ast.CreateTable); definition || inserts == nil {
			out = append(out, s)
			Foresee(set, s)
		}
		switch {
		case inserts == nil:
		case set.Bool(settings.DMLSync):
			out = append(out, jobOf(inserts))
		default:
			together = append(together, inserts...)
		}
	}
	if together != nil {
		out = append(out, jobOf(together))
	}
	return out
}

// Foresee changes settings as a SET or RESET will. One that is wrong changes nothing: that is told when it is run.
func Foresee(set *settings.Settings, s ast.Statement) {
	switch s := s.(type) {
	case *ast.Set:
		_, _ = set.Set(s.Key, s.Value)
	case *ast.Reset:
		if s.Key == "" {
			set.ResetAll()
			return
		}
		_ = set.Reset(s.Key)
	}
}

// insertsOf gives the INSERTs of a statement; nil where it has none.
func insertsOf(s ast.Statement) []*ast.Insert {
	switch s := s.(type) {
	case *ast.Insert:
		return []*ast.Insert{s}
	case *ast.StatementSet:
		return s.Inserts
	case *ast.CreateTable:
		if s.AsQuery != nil {
			return []*ast.Insert{insertOf(s)}
		}
	}
	return nil
}

func jobOf(inserts []*ast.Insert) *ast.StatementSet {
	return &ast.StatementSet{Place: inserts[0].Place, Inserts: inserts}
}
