package catalog

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

func (s *Session) drop(st *ast.Drop) error {
	switch st.Kind {
	case "TABLE", "VIEW":
		return s.dropTable(st)
	case "DATABASE":
		return s.dropDatabase(st)
	case "CATALOG":
		return s.dropCatalog(st)
	}
	return s.dropMissing(st)
}

// dropMissing drops what no statement can create here: a function, a model, a materialized table. There is none, which IF EXISTS
// is content with.
func (s *Session) dropMissing(st *ast.Drop) error {
	p, err := s.Resolve(st.Name)
	if err != nil {
		return err
	}
	if s.catalogs[p.Catalog] == nil {
		return diag.Errorf(st.Name.Span(), "there is no catalog '%s'", p.Catalog)
	}
	if st.IfExists {
		return nil
	}
	what := strings.ToLower(st.Kind)
	if st.Temporary {
		what = "temporary " + what
	}
	e := diag.Errorf(st.Name.Span(), "there is no %s '%s' to drop", what, p.Name)
	if st.Kind == "FUNCTION" {
		return e.WithHint("functions that are built in, and those of the program, stay")
	}
	return e
}

func (s *Session) dropTable(st *ast.Drop) error {
	p, err := s.Resolve(st.Name)
	if err != nil {
		return err
	}
	t := s.permanent(p)
	if st.Temporary {
		t = s.temporary[p]
	}
	what := "table"
	if st.Kind == "VIEW" {
		what = "view"
	}
	if st.Temporary {
		what = "temporary " + what
	}
	if t == nil || t.Kind() != st.Kind {
		if st.IfExists {
			return nil
		}
		if temp := s.temporary[p]; temp != nil && temp.Kind() == st.Kind {
			return diag.Errorf(st.Name.Span(), "'%s' is temporary", p.Name).WithHint("write DROP TEMPORARY %s %s", st.Kind, p.Name)
		}
		return s.notFound(st.Name, p, what)
	}
	if !st.Temporary && s.temporary[p] != nil {
		return diag.Errorf(st.Name.Span(), "a temporary object hides '%s'", p.Name).WithHint("DROP TEMPORARY %s %s first", s.temporary[p].Kind(), p.Name)
	}
	s.remove(t)
	return nil
}

func (s *Session) dropDatabase(st *ast.Drop) error {
	cat, name, err := s.databasePath(st.Name)
	if err != nil {
		return err
	}
	d, err := s.findDatabase(st.Name, cat, name)
	if err != nil {
		if st.IfExists {
			return nil
		}
		return err
	}
	if len(d.tables) > 0 && st.Behaviour != "CASCADE" {
		return diag.Errorf(st.Name.Span(), "database '%s' is not empty", name).WithHint("DROP DATABASE %s CASCADE drops its tables too", name)
	}
	if cat == s.catalog && name == s.database {
		return diag.Errorf(st.Name.Span(), "database '%s' is in use", name).WithHint("USE another one first")
	}
	delete(s.catalogs[cat].databases, name)
	return nil
}

func (s *Session) dropCatalog(st *ast.Drop) error {
	name := st.Name.Last().Name
	if s.catalogs[name] == nil {
		if st.IfExists {
			return nil
		}
		return withHint(diag.Errorf(st.Name.Span(), "there is no catalog '%s'", name), diag.DidYouMean(name, s.Catalogs()))
	}
	if name == s.catalog {
		return diag.Errorf(st.Name.Span(), "catalog '%s' is in use", name).WithHint("USE CATALOG another one first")
	}
	delete(s.catalogs, name)
	return nil
}
