package catalog

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
	"github.com/weirstream/weir/sql/types"
)

// Result is what a statement gives that is no job. Values are boxed: string, bool, nil.
type Result struct {
	Columns  []ResultColumn // nil for a statement that just succeeds
	Rows     [][]any
	Warnings []string
}

// ResultColumn names and types a column of a Result.
type ResultColumn struct {
	Name string
	Type types.Type
}

// Resolved is a column of a table or view as a reader sees it.
type Resolved struct {
	Name string
	Type types.Type
	// Time is "ROWTIME" or "PROCTIME" for time attributes.
	Time string
}

// Checker resolves the expressions of tables and views. The planner is one.
type Checker interface {
	// Resolve gives the columns of a table or view, in order, or says what is wrong with its
	// definition.
	Resolve(t *Table) ([]Resolved, error)
	// Functions lists the functions that exist, sorted.
	Functions() []string
}

// Execute applies a statement that defines, changes or shows objects or settings. Errors
// are *diag.Error with a place.
func (s *Session) Execute(stmt ast.Statement, check Checker) (*Result, error) {
	switch st := stmt.(type) {
	case *ast.CreateTable:
		return &Result{}, s.createTable(st, check)
	case *ast.CreateView:
		return &Result{}, s.createView(st, check)
	case *ast.CreateCatalog:
		return &Result{}, s.createCatalog(st)
	case *ast.CreateDatabase:
		return &Result{}, s.createDatabase(st)
	case *ast.Drop:
		return &Result{}, s.drop(st)
	case *ast.AlterTable:
		return &Result{}, s.alterTable(st, check)
	case *ast.AlterView:
		return &Result{}, s.alterView(st, check)
	case *ast.AlterDatabase:
		return &Result{}, s.alterDatabase(st)
	case *ast.AlterCatalog:
		return &Result{}, s.alterCatalog(st)
	case *ast.Use:
		return &Result{}, s.use(st)
	case *ast.Set:
		return s.set(st)
	case *ast.Reset:
		return &Result{}, s.reset(st)
	case *ast.Show:
		return s.show(st, check)
	case *ast.Describe:
		return s.describe(st, check)
	}
	return nil, diag.Unsupported(stmt.Span(), "%s", statementName(stmt))
}

func (s *Session) set(st *ast.Set) (*Result, error) {
	if st.Key == "" {
		r := text("key", "value")
		values := s.Settings.Values()
		for _, k := range sortedKeys(values) {
			if settings.Secret(k) {
				values[k] = "******"
			}
			r.Rows = append(r.Rows, []any{k, values[k]})
		}
		return r, nil
	}
	at := st.KeyAt.Span()
	if at.IsZero() {
		at = st.Span()
	}
	warning, err := s.Settings.Set(st.Key, st.Value)
	if err != nil {
		return nil, diag.At(err, at)
	}
	r := &Result{}
	if warning != "" {
		r.Warnings = []string{warning}
	}
	return r, nil
}

func (s *Session) reset(st *ast.Reset) error {
	if st.Key == "" {
		s.Settings.ResetAll()
		return nil
	}
	return diag.At(s.Settings.Reset(st.Key), st.Span())
}

func (s *Session) use(st *ast.Use) error {
	switch {
	case st.Kind == "MODULES":
		if len(st.Names) == 1 && st.Names[0].Last().Name == "core" {
			return nil
		}
		return diag.Unsupported(st.Span(), "modules other than core")
	case len(st.Names) != 1:
		return diag.Errorf(st.Span(), "USE takes one name")
	}
	n := st.Names[0]
	parts := n.Strings()
	if st.Kind == "CATALOG" {
		c := s.catalogs[parts[0]]
		if len(parts) != 1 || c == nil {
			return withHint(diag.Errorf(n.Span(), "there is no catalog '%s'", parts[0]), diag.DidYouMean(parts[0], s.Catalogs()))
		}
		s.catalog, s.database = parts[0], c.defaultDatabase
		return nil
	}
	cat, db, err := s.databasePath(n)
	if err != nil {
		return err
	}
	if _, err := s.findDatabase(n, cat, db); err != nil {
		return err
	}
	s.catalog, s.database = cat, db
	return nil
}

// databasePath completes the name of a database.
func (s *Session) databasePath(n ast.Name) (catalog, database string, err error) {
	p := n.Strings()
	switch len(p) {
	case 1:
		return s.catalog, p[0], nil
	case 2:
		return p[0], p[1], nil
	}
	return "", "", diag.Errorf(n.Span(), "a database's name has at most two parts: catalog.database")
}

func (s *Session) findDatabase(n ast.Name, catalog, database string) (*Database, error) {
	c := s.catalogs[catalog]
	if c == nil {
		return nil, withHint(diag.Errorf(n.Span(), "there is no catalog '%s'", catalog), diag.DidYouMean(catalog, s.Catalogs()))
	}
	d := c.databases[database]
	if d == nil {
		return nil, withHint(diag.Errorf(n.Span(), "there is no database '%s' in catalog '%s'", database, catalog),
			diag.DidYouMean(database, sortedKeys(c.databases)))
	}
	return d, nil
}

// text makes an empty result of STRING columns.
func text(names ...string) *Result {
	r := &Result{}
	for _, n := range names {
		r.Columns = append(r.Columns, ResultColumn{n, types.String()})
	}
	return r
}
