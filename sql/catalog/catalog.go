// Package catalog holds what a session knows by name: catalogs, databases, tables and
// views, temporary objects, the current database, and the settings.
//
// Enter at Session. It applies the statements that define and show objects (Execute). What a table's
// expressions mean is not decided here: a Checker, the planner, resolves them when a
// table or view is defined or described.
package catalog

import (
	"sort"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/option"
	"github.com/weirstream/weir/sql/types"
)

// Names of the catalog and database that every session begins with.
const (
	DefaultCatalog  = "default_catalog"
	DefaultDatabase = "default_database"
)

// Path is the full name of an object.
type Path struct{ Catalog, Database, Name string }

// String gives catalog.database.name.
func (p Path) String() string { return p.Catalog + "." + p.Database + "." + p.Name }

// Quoted gives the name as SQL.
func (p Path) Quoted() string {
	return types.QuoteIdent(p.Catalog) + "." + types.QuoteIdent(p.Database) + "." + types.QuoteIdent(p.Name)
}

// Table is a table or a view. It is never changed after it was made: ALTER puts another one
// in its place.
type Table struct {
	Path          Path
	Temporary     bool
	Columns       []Column
	Watermark     *ast.Watermark // nil for none
	PrimaryKey    []string
	KeyName       string // of the constraint, "" where it was not named
	KeyAt         diag.Span
	PartitionedBy []ast.Ident
	Distribution  *ast.Distribution
	Comment       string
	Options       []ast.Option
	View          *View // set for views: then there are no columns
	// At is the table's name in the statement that made it, Text what that was part of; nil where
	// nobody said (Session.Text).
	At   diag.Span
	Text *diag.Text
}

// Column is a column of a table. The type of a computed column is not known here.
type Column struct {
	Name     string
	At       diag.Span
	Type     types.Type // of physical and metadata columns
	Computed ast.Expr   // name AS expr
	Metadata string     // the metadata key, "" for no metadata column
	// FromKey is set where the metadata key was written (METADATA FROM 'key').
	FromKey bool
	Virtual bool // METADATA VIRTUAL: not part of what INSERT writes
	Comment string
}

// Physical reports whether the column is part of the payload.
func (c *Column) Physical() bool { return c.Computed == nil && c.Metadata == "" }

// Persisted reports whether INSERT writes the column.
func (c *Column) Persisted() bool { return c.Computed == nil && !(c.Metadata != "" && c.Virtual) }

// View is the definition of a view: a query whose names are looked up from where it was
// made.
type View struct {
	Query             ast.Query
	Columns           []ast.Ident // names of the columns, nil for the query's own
	Catalog, Database string      // current when it was made
}

// Kind gives "TABLE" or "VIEW".
func (t *Table) Kind() string {
	if t.View != nil {
		return "VIEW"
	}
	return "TABLE"
}

// Column finds a column by name, or gives nil.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// ColumnNames gives the names of the columns.
func (t *Table) ColumnNames() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Option gives the value of a WITH option.
func (t *Table) Option(key string) (string, bool) {
	for _, o := range t.Options {
		if o.Key == key {
			return o.Value, true
		}
	}
	return "", false
}

// ConnectorOptions gives the WITH options with their places.
func (t *Table) ConnectorOptions() *option.Options {
	values, spans := map[string]string{}, map[string]diag.Span{}
	for _, o := range t.Options {
		values[o.Key], spans[o.Key] = o.Value, o.Span()
	}
	return option.New(values, spans)
}

// Database is a set of tables.
type Database struct {
	Comment string
	Options []ast.Option
	tables  map[string]*Table
}

// Catalog is a set of databases.
type Catalog struct {
	Comment         string
	Options         []ast.Option
	defaultDatabase string
	databases       map[string]*Database
}

func newDatabase() *Database { return &Database{tables: map[string]*Table{}} }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
