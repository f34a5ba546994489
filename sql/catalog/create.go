package catalog

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// createTable makes a table. The columns of one made AS a query are in the definition already.
func (s *Session) createTable(st *ast.CreateTable, check Checker) error {
	replace := st.Replace || st.OrReplace
	path, there, err := s.newObject(st.Name, st.Temporary, st.IfNotExists || replace)
	if err != nil || there && !replace {
		return err
	}
	t, err := newTable(st)
	if err != nil {
		return err
	}
	t.Path, t.Temporary, t.At = path, st.Temporary, st.Name.Span()
	if st.Like != nil {
		base, err := s.Table(st.Like.Table)
		if err != nil {
			return err
		}
		if t, err = merge(base, t, st.Like); err != nil {
			return err
		}
	}
	return s.define(t, check)
}

// define validates a table or view and stores it.
func (s *Session) define(t *Table, check Checker) error {
	t.Text = s.Text
	if err := s.validate(t, check); err != nil {
		return err
	}
	return s.put(t)
}

// validate checks what can be checked of a definition without reading anything.
func (s *Session) validate(t *Table, check Checker) error {
	if t.View == nil {
		if err := t.validate(); err != nil {
			return err
		}
	}
	_, err := check.Resolve(t)
	return err
}

// newObject completes the name of an object to create. done says that it exists and that
// the statement is content with that.
func (s *Session) newObject(n ast.Name, temporary, ifNotExists bool) (p Path, done bool, err error) {
	if p, err = s.Resolve(n); err != nil {
		return p, false, err
	}
	if !temporary {
		if _, err := s.findDatabase(n, p.Catalog, p.Database); err != nil {
			return p, false, err
		}
	}
	old := s.permanent(p)
	if temporary {
		old = s.temporary[p]
	}
	if old == nil || ifNotExists {
		return p, old != nil, nil
	}
	kind := "table"
	if old.View != nil {
		kind = "view"
	}
	return p, false, diag.Errorf(n.Span(), "there is a %s '%s' already", kind, p.Name).
		WithHint("write IF NOT EXISTS to keep it, or DROP it first")
}

// newTable takes the parts of a CREATE TABLE over.
func newTable(st *ast.CreateTable) (*Table, error) {
	t := &Table{PartitionedBy: st.PartitionedBy, Distribution: st.Distribution, Options: st.Options}
	if st.Comment != nil {
		t.Comment = *st.Comment
	}
	if len(st.Watermarks) > 1 {
		return nil, diag.Errorf(st.Watermarks[1].Span(), "a table has at most one WATERMARK")
	}
	if len(st.Watermarks) == 1 {
		t.Watermark = &st.Watermarks[0]
	}
	for _, c := range st.Columns {
		t.Columns = append(t.Columns, newColumn(c))
	}
	return t, t.setKey(st.PrimaryKey, st.Columns)
}

func newColumn(c ast.Column) Column {
	col := Column{Name: c.Name.Name, At: c.Name.Span(), Type: c.Type, Computed: c.Computed, Virtual: c.Virtual}
	if c.Metadata {
		col.Metadata = c.Name.Name
		if c.MetaKey != nil {
			col.Metadata, col.FromKey = *c.MetaKey, true
		}
	}
	if c.Comment != nil {
		col.Comment = *c.Comment
	}
	return col
}

// setKey takes the primary key over, whether written as a constraint or at columns.
func (t *Table) setKey(pk *ast.PrimaryKey, columns []ast.Column) error {
	if pk != nil {
		if !pk.NotEnforced {
			return enforced(pk.Span())
		}
		t.KeyAt, t.KeyName = pk.Span(), pk.Constraint.Name
		for _, c := range pk.Columns {
			t.PrimaryKey = append(t.PrimaryKey, c.Name)
		}
	}
	for _, c := range columns {
		if !c.PrimaryKey {
			continue
		}
		if len(t.PrimaryKey) > 0 {
			return diag.Errorf(c.Span(), "a table has at most one PRIMARY KEY").WithHint("write PRIMARY KEY (a, b) NOT ENFORCED for a key of several columns")
		}
		t.PrimaryKey, t.KeyAt = []string{c.Name.Name}, c.Name.Span()
	}
	return nil
}

// keyName is the name of the primary key's constraint.
func (t *Table) keyName() string {
	if t.KeyName == "" {
		return "PK_" + strings.Join(t.PrimaryKey, "_")
	}
	return t.KeyName
}

func enforced(at diag.Span) error {
	return diag.Errorf(at, "a PRIMARY KEY cannot be enforced: the data is elsewhere").WithHint("write PRIMARY KEY (…) NOT ENFORCED")
}

// validate checks the parts of a table against each other and makes key columns NOT NULL.
func (t *Table) validate() error {
	seen := map[string]bool{}
	for _, c := range t.Columns {
		if seen[c.Name] {
			return diag.Errorf(c.At, "there are two columns '%s'", c.Name)
		}
		seen[c.Name] = true
	}
	if len(t.Columns) == 0 {
		return diag.Errorf(t.At, "table '%s' has no columns", t.Path.Name)
	}
	for _, p := range t.PartitionedBy {
		if c := t.Column(p.Name); c == nil {
			return t.noColumn(p.Name, p.Span())
		} else if !c.Physical() {
			return diag.Errorf(p.Span(), "partition column '%s' must be a physical column", p.Name)
		}
	}
	if t.Watermark != nil {
		n := t.Watermark.Column
		if len(n.Parts) > 1 {
			return diag.Unsupported(n.Span(), "a WATERMARK for a field of a row")
		}
		if t.Column(n.Last().Name) == nil {
			return t.noColumn(n.Last().Name, n.Span())
		}
	}
	return t.validateKey()
}

func (t *Table) validateKey() error {
	cols := append([]Column(nil), t.Columns...)
	seen := map[string]bool{}
	for _, k := range t.PrimaryKey {
		c := t.Column(k)
		switch {
		case c == nil:
			return t.noColumn(k, t.KeyAt)
		case seen[k]:
			return diag.Errorf(t.KeyAt, "column '%s' is twice in the PRIMARY KEY", k)
		case !c.Physical():
			return diag.Errorf(t.KeyAt, "column '%s' of the PRIMARY KEY must be a physical column", k)
		}
		seen[k] = true
		for i := range cols {
			if cols[i].Name == k {
				cols[i].Type = cols[i].Type.WithoutNull()
			}
		}
	}
	t.Columns = cols
	return nil
}

func (t *Table) noColumn(name string, at diag.Span) error {
	return withHint(diag.Errorf(at, "table '%s' has no column '%s'", t.Path.Name, name), diag.DidYouMean(name, t.ColumnNames()))
}

func (s *Session) createView(st *ast.CreateView, check Checker) error {
	path, done, err := s.newObject(st.Name, st.Temporary, st.IfNotExists)
	if err != nil || done {
		return err
	}
	v := &Table{
		Path: path, Temporary: st.Temporary, At: st.Name.Span(),
		View: &View{Query: st.Query, Columns: st.Columns, Catalog: s.catalog, Database: s.database},
	}
	if st.Comment != nil {
		v.Comment = *st.Comment
	}
	return s.define(v, check)
}

// memoryCatalog is the type of catalogs that there is.
const memoryCatalog = "generic_in_memory"

func (s *Session) createCatalog(st *ast.CreateCatalog) error {
	if s.catalogs[st.Name.Name] != nil {
		if st.IfNotExists {
			return nil
		}
		return diag.Errorf(st.Name.Span(), "there is a catalog '%s' already", st.Name.Name)
	}
	db := "default"
	known := false
	for _, o := range st.Options {
		switch {
		case o.Key == "type" && o.Value == memoryCatalog:
			known = true
		case o.Key == "type":
			return diag.Unsupported(o.Span(), "catalogs of type '%s'", o.Value).WithHint("'generic_in_memory' is there")
		case o.Key == "default-database":
			db = o.Value
		default:
			return withHint(diag.Errorf(o.Span(), "a catalog has no option '%s'", o.Key), diag.DidYouMean(o.Key, []string{"type", "default-database"}))
		}
	}
	if !known {
		return diag.Errorf(st.Name.Span(), "catalog '%s' needs the option 'type'", st.Name.Name).WithHint("WITH ('type' = 'generic_in_memory')")
	}
	c := &Catalog{Options: st.Options, defaultDatabase: db, databases: map[string]*Database{db: newDatabase()}}
	if st.Comment != nil {
		c.Comment = *st.Comment
	}
	s.catalogs[st.Name.Name] = c
	return nil
}

func (s *Session) createDatabase(st *ast.CreateDatabase) error {
	cat, name, err := s.databasePath(st.Name)
	if err != nil {
		return err
	}
	c := s.catalogs[cat]
	if c == nil {
		return withHint(diag.Errorf(st.Name.Span(), "there is no catalog '%s'", cat), diag.DidYouMean(cat, s.Catalogs()))
	}
	if c.databases[name] != nil {
		if st.IfNotExists {
			return nil
		}
		return diag.Errorf(st.Name.Span(), "there is a database '%s' already", name)
	}
	d := newDatabase()
	d.Options = st.Options
	if st.Comment != nil {
		d.Comment = *st.Comment
	}
	c.databases[name] = d
	return nil
}
