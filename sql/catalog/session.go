package catalog

import (
	"maps"
	"sort"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
)

// Session is the state of one session. It is not safe for concurrent use.
type Session struct {
	Settings *settings.Settings
	// Text is the SQL that the statements being run are part of. Places in tables that other texts
	// created are told apart by it.
	Text *diag.Text

	catalogs map[string]*Catalog
	// temporary objects hide others of the same name and end with the session.
	temporary map[Path]*Table
	catalog   string
	database  string
}

// NewSession makes a session with an empty default catalog and database.
func NewSession() *Session {
	return &Session{
		Settings: settings.New(),
		catalogs: map[string]*Catalog{DefaultCatalog: {
			defaultDatabase: DefaultDatabase,
			databases:       map[string]*Database{DefaultDatabase: newDatabase()},
		}},
		temporary: map[Path]*Table{},
		catalog:   DefaultCatalog,
		database:  DefaultDatabase,
	}
}

// Clone copies the session; what is done to the copy leaves the original as it was.
func (s *Session) Clone() *Session {
	c := &Session{
		Settings: s.Settings.Clone(), catalogs: map[string]*Catalog{}, temporary: maps.Clone(s.temporary),
		catalog: s.catalog, database: s.database, Text: s.Text,
	}
	for name, cat := range s.catalogs {
		cc := &Catalog{
			Comment: cat.Comment, Options: cat.Options, defaultDatabase: cat.defaultDatabase, databases: map[string]*Database{},
		}
		for dbName, db := range cat.databases {
			cc.databases[dbName] = &Database{Comment: db.Comment, Options: db.Options, tables: maps.Clone(db.tables)}
		}
		c.catalogs[name] = cc
	}
	return c
}

// Current gives the current catalog and database.
func (s *Session) Current() (catalog, database string) { return s.catalog, s.database }

// At gives a view of the session in which another database is current; both share all
// objects. Views are expanded in it.
func (s *Session) At(catalog, database string) *Session {
	c := *s
	c.catalog, c.database = catalog, database
	return &c
}

// Resolve completes a name of one to three parts with the current catalog and database.
func (s *Session) Resolve(n ast.Name) (Path, error) {
	p := n.Strings()
	switch len(p) {
	case 1:
		return Path{s.catalog, s.database, p[0]}, nil
	case 2:
		return Path{s.catalog, p[0], p[1]}, nil
	case 3:
		return Path{p[0], p[1], p[2]}, nil
	}
	return Path{}, diag.Errorf(n.Span(), "a table's name has at most three parts: catalog.database.table")
}

// Lookup finds a table or view by its full name, temporary ones first; nil for none.
func (s *Session) Lookup(p Path) *Table {
	if t := s.temporary[p]; t != nil {
		return t
	}
	return s.permanent(p)
}

func (s *Session) permanent(p Path) *Table {
	if c := s.catalogs[p.Catalog]; c != nil {
		if d := c.databases[p.Database]; d != nil {
			return d.tables[p.Name]
		}
	}
	return nil
}

// Table finds a table or view by a name in the user's SQL; the error says what was
// probably meant.
func (s *Session) Table(n ast.Name) (*Table, error) {
	p, err := s.Resolve(n)
	if err != nil {
		return nil, err
	}
	if t := s.Lookup(p); t != nil {
		return t, nil
	}
	return nil, s.notFound(n, p, "table or view")
}

func (s *Session) notFound(n ast.Name, p Path, what string) error {
	if c, ok := s.catalogs[p.Catalog]; !ok {
		return withHint(diag.Errorf(n.Span(), "there is no catalog '%s'", p.Catalog), diag.DidYouMean(p.Catalog, s.Catalogs()))
	} else if c.databases[p.Database] == nil {
		return withHint(diag.Errorf(n.Span(), "there is no database '%s' in catalog '%s'", p.Database, p.Catalog),
			diag.DidYouMean(p.Database, sortedKeys(c.databases)))
	}
	if t := s.Lookup(p); t != nil {
		return diag.Errorf(n.Span(), "there is no %s '%s'", what, p.Name).WithHint("'%s' is a %s", p.Name, strings.ToLower(t.Kind()))
	}
	names := s.tableNames(p.Catalog, p.Database)
	return withHint(diag.Errorf(n.Span(), "there is no %s '%s'", what, p.Name), diag.DidYouMean(p.Name, names))
}

func withHint(e *diag.Error, hint string) error {
	e.Hint = hint
	return e
}

// Catalogs gives the names of the catalogs, sorted.
func (s *Session) Catalogs() []string { return sortedKeys(s.catalogs) }

// tableNames gives the names of the tables and views of a database, temporary ones
// included, sorted.
func (s *Session) tableNames(catalog, database string) []string {
	var names []string
	if c := s.catalogs[catalog]; c != nil && c.databases[database] != nil {
		names = sortedKeys(c.databases[database].tables)
	}
	for p := range s.temporary {
		if p.Catalog == catalog && p.Database == database && s.permanent(p) == nil {
			names = append(names, p.Name)
		}
	}
	sort.Strings(names)
	return names
}

// Tables gives all tables and views of the current database, sorted by name.
func (s *Session) Tables() []*Table {
	var out []*Table
	for _, n := range s.tableNames(s.catalog, s.database) {
		out = append(out, s.Lookup(Path{s.catalog, s.database, n}))
	}
	return out
}

// put stores a table, temporary or not, under its path.
func (s *Session) put(t *Table) error {
	if t.Temporary {
		s.temporary[t.Path] = t
		return nil
	}
	c := s.catalogs[t.Path.Catalog]
	if c == nil || c.databases[t.Path.Database] == nil {
		return s.notFound(ast.Name{Place: ast.Place{At: t.At}}, t.Path, "table")
	}
	c.databases[t.Path.Database].tables[t.Path.Name] = t
	return nil
}

// remove takes a table away.
func (s *Session) remove(t *Table) {
	if t.Temporary {
		delete(s.temporary, t.Path)
		return
	}
	delete(s.catalogs[t.Path.Catalog].databases[t.Path.Database].tables, t.Path.Name)
}
