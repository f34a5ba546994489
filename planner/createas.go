package planner

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
	"github.com/weirstream/weir/sql/types"
)

// insertOf is the INSERT of a CREATE TABLE … AS, which is run besides the definition: each column of the query goes to that of
// its name.
func insertOf(st *ast.CreateTable) *ast.Insert {
	return &ast.Insert{Place: st.Place, Table: st.Name, Query: st.AsQuery, ByName: true}
}

// createAs gives the definition of CREATE TABLE … AS with all columns: those that it defines itself and the query does not
// give, then the query's, with the types that the definition gives them. Names alone in the brackets are the order of the
// query's columns.
func (p *Planner) createAs(st *ast.CreateTable) (*ast.CreateTable, error) {
	if st.Temporary {
		return nil, diag.Errorf(st.Name.Span(), "CREATE TABLE … AS cannot make a temporary table").WithHint("leave TEMPORARY out: tables are of the session anyway")
	}
	if err := p.mayDefine(st); err != nil {
		return nil, err
	}
	n, err := p.binder().Query(st.AsQuery)
	if err != nil {
		return nil, err
	}
	if st.Replace || st.OrReplace {
		if err := p.readsItself(st, n); err != nil {
			return nil, err
		}
	}
	given := queryColumns(n.Schema(), st.AsQuery.Span())
	table := *st
	table.AsQuery = nil
	if slices.ContainsFunc(st.Columns, bare) {
		table.Columns, err = reordered(st, given)
	} else {
		table.Columns, err = merged(st, given)
	}
	if err != nil {
		return nil, err
	}
	if err := keyGiven(st, table.Columns); err != nil {
		return nil, err
	}
	return &table, p.sameColumns(&table)
}

// sameColumns refuses to insert into a table that is there and has other columns than the definition, or the same ones in another order: by
// name or by place would give different rows.
func (p *Planner) sameColumns(st *ast.CreateTable) error {
	t, err := p.session.Table(st.Name)
	if err != nil || !st.IfNotExists || t.View != nil {
		return nil // the definition makes one, or the catalog or the INSERT says what is wrong
	}
	var has, given []string
	for i := range t.Columns {
		if t.Columns[i].Persisted() {
			has = append(has, t.Columns[i].Name)
		}
	}
	for _, c := range st.Columns {
		if c.Computed == nil && !c.Virtual {
			given = append(given, c.Name.Name)
		}
	}
	if slices.Equal(has, given) {
		return nil
	}
	name := st.Name.Last().Name
	return diag.Errorf(st.Name.Span(), "the table '%s' is there and has the columns %s, not %s", name, strings.Join(has, ", "), strings.Join(given, ", ")).
		WithHint("INSERT INTO %s (%s) SELECT … says which column is which", name, strings.Join(given, ", "))
}

// mayDefine refuses a definition that its INSERT would pass by, as a temporary object has the name, and one in the place of a
// view or of a table that INSERTs of the script may still wait to write to.
func (p *Planner) mayDefine(st *ast.CreateTable) error {
	name, replaces := st.Name.Last().Name, st.Replace || st.OrReplace
	if replaces && st.IfNotExists {
		return diag.Errorf(st.Name.Span(), "a table is replaced, or made IF NOT EXISTS, not both").WithHint("leave one of them out")
	}
	t, err := p.session.Table(st.Name)
	switch {
	case err != nil && st.Replace:
		return diag.Errorf(st.Name.Span(), "there is no table '%s' to replace", name).WithHint("write CREATE OR REPLACE TABLE")
	case err != nil:
		return nil
	case t.Temporary:
		return diag.Errorf(st.Name.Span(), "a temporary object hides '%s'", name).WithHint("DROP TEMPORARY %s %s first", t.Kind(), name)
	case replaces && t.View != nil:
		return diag.Errorf(st.Name.Span(), "'%s' is a view: a table does not replace it", name).WithHint("DROP VIEW %s first", name)
	case replaces && !p.session.Settings.Bool(settings.DMLSync):
		return diag.Errorf(st.Name.Span(), "the table '%s' is there, and INSERTs of this script might be meant for it", name).
			WithHint("SET '%s' = 'true' runs each INSERT where it stands", settings.DMLSync)
	}
	return nil
}

// readsItself refuses a query over the table that it replaces: when the query runs, its name means the new one.
func (p *Planner) readsItself(st *ast.CreateTable, query logical.Node) error {
	path, err := p.session.Resolve(st.Name)
	if err != nil {
		return err
	}
	reads := false
	logical.Walk(query, func(n logical.Node) bool {
		scan, ok := n.(*logical.Scan)
		reads = reads || ok && scan.Table.Path == path
		return true
	})
	if reads {
		return diag.Errorf(st.AsQuery.Span(), "the query reads '%s', which it is to replace", path.Name).WithHint("make a table of another name")
	}
	return nil
}

// queryColumns gives the columns of a query as a definition has them.
func queryColumns(s logical.Schema, at diag.Span) []ast.Column {
	out := make([]ast.Column, len(s))
	for i, f := range s {
		place := ast.Place{At: at}
		out[i] = ast.Column{Place: place, Name: ast.Ident{Place: place, Name: f.Name}, Type: f.Type, TypeAt: place}
	}
	return out
}

// bare reports whether a column is a name alone.
func bare(c ast.Column) bool { return c.Type.Kind == types.Invalid && c.Computed == nil }

// reordered gives the query's columns in the order of the names in brackets.
func reordered(st *ast.CreateTable, given []ast.Column) ([]ast.Column, error) {
	out := make([]ast.Column, len(st.Columns))
	for i, c := range st.Columns {
		j := slices.IndexFunc(given, func(g ast.Column) bool { return g.Name.Name == c.Name.Name })
		switch {
		case !bare(c):
			return nil, diag.Errorf(c.Span(), "names alone, which say the order of the query's columns, do not go with other columns")
		case j < 0:
			return nil, diag.Errorf(c.Span(), "the query gives no column '%s'", c.Name.Name).WithHint("a column of the table's own needs a type")
		}
		out[i] = given[j]
		out[i].Place, out[i].Name, out[i].Comment = c.Place, c.Name, c.Comment
	}
	if len(out) != len(given) {
		return nil, diag.Errorf(st.Columns[0].Span(), "%d names for the %d columns of the query", len(out), len(given))
	}
	return out, nil
}

// merged gives the columns of the table's own, and behind them the query's.
func merged(st *ast.CreateTable, given []ast.Column) ([]ast.Column, error) {
	var own []ast.Column
	for i, c := range st.Columns {
		if slices.ContainsFunc(st.Columns[:i], func(o ast.Column) bool { return o.Name.Name == c.Name.Name }) {
			return nil, diag.Errorf(c.Span(), "there are two columns '%s'", c.Name.Name)
		}
		j := slices.IndexFunc(given, func(g ast.Column) bool { return g.Name.Name == c.Name.Name })
		switch {
		case j < 0 && c.Computed == nil && !c.Metadata && !c.Type.Nullable():
			return nil, diag.Errorf(c.Span(), "column '%s' is NOT NULL, and the query does not give it", c.Name.Name)
		case j < 0:
			own = append(own, c)
		case c.Computed != nil, c.Virtual:
			return nil, diag.Errorf(c.Span(), "the query gives the column '%s', too: it cannot be computed", c.Name.Name)
		case !c.Type.Nullable() && given[j].Type.Nullable():
			return nil, diag.Errorf(c.Span(), "column '%s' is NOT NULL, and the query may give NULL", c.Name.Name)
		default:
			given[j] = c
		}
	}
	return append(own, given...), nil
}

// keyGiven refuses a PRIMARY KEY on columns that may be NULL: nobody has said of them that they are not.
func keyGiven(st *ast.CreateTable, columns []ast.Column) error {
	if st.PrimaryKey == nil {
		return nil
	}
	for _, k := range st.PrimaryKey.Columns {
		i := slices.IndexFunc(columns, func(c ast.Column) bool { return c.Name.Name == k.Name })
		if i >= 0 && columns[i].Type.Kind != types.Invalid && columns[i].Type.Nullable() {
			return diag.Errorf(k.Span(), "the query may give NULL for '%s': it cannot be a PRIMARY KEY", k.Name).
				WithHint("COALESCE(%s, …) is not NULL", k.Name)
		}
	}
	return nil
}
