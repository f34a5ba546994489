package bind

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
)

// from binds what stands in FROM.
func (b *Binder) from(ref ast.TableRef) (logical.Node, *scope, error) {
	switch r := ref.(type) {
	case *ast.Table:
		return b.table(r)
	case *ast.Derived:
		return b.derived(r)
	case *ast.TableFunc:
		return b.tableFunc(r)
	case *ast.Unnest:
		return b.unnestAlone(r)
	case *ast.Join:
		if u, ok := r.R.(*ast.Unnest); ok {
			return b.unnestJoin(r, u)
		}
		if f, ok := r.R.(*ast.TableFunc); ok {
			return b.lateralJoin(r, f)
		}
		return nil, nil, diag.Unsupported(r.Span(), "%s", joinName(r))
	}
	return nil, nil, diag.Unsupported(ref.Span(), "this in FROM")
}

func joinName(j *ast.Join) string {
	if f, ok := j.R.(*ast.TableFunc); ok && f.Lateral {
		return "LATERAL TABLE"
	}
	if t, ok := j.R.(*ast.Table); ok && t.AsOf != nil {
		return "FOR SYSTEM_TIME AS OF (temporal and lookup joins)"
	}
	return j.Kind + " JOIN"
}

func (b *Binder) table(r *ast.Table) (logical.Node, *scope, error) {
	switch {
	case r.AsOf != nil:
		return nil, nil, diag.Unsupported(r.AsOf.Span(), "FOR SYSTEM_TIME AS OF")
	case r.Match != nil:
		return nil, nil, diag.Unsupported(r.Match.Span(), "MATCH_RECOGNIZE")
	}
	n, path, err := b.named(r.Name, r.Hints)
	if err != nil {
		return nil, nil, err
	}
	return aliased(n, path, r.Alias, r.Span())
}

func (b *Binder) derived(r *ast.Derived) (logical.Node, *scope, error) {
	switch {
	case r.Match != nil:
		return nil, nil, diag.Unsupported(r.Match.Span(), "MATCH_RECOGNIZE")
	case r.Lateral:
		return nil, nil, diag.Unsupported(r.Span(), "LATERAL")
	}
	n, err := b.query(r.Query)
	if err != nil {
		return nil, nil, err
	}
	names := n.Schema().Names()
	n, sc, err := aliased(rename(n, uniqueNames(names)), nil, r.Alias, r.Span())
	if err == nil && len(r.Alias.Columns) == 0 {
		sc.relations[0].fields = renamed(sc.relations[0].fields, names)
	}
	return n, sc, err
}

// renamed gives a schema with other names, of which several may be the same: one that is said then is ambiguous.
func renamed(s logical.Schema, names []string) logical.Schema {
	s = slices.Clone(s)
	for i := range s {
		s[i].Name = names[i]
	}
	return s
}

// aliased applies AS t(a, b) and makes the scope of a relation.
func aliased(n logical.Node, path []string, a ast.TableAlias, at diag.Span) (logical.Node, *scope, error) {
	if a.Name.Name != "" {
		path = []string{a.Name.Name}
	}
	if len(a.Columns) > 0 {
		var err error
		if n, err = columnAliases(n, a.Columns, at); err != nil {
			return nil, nil, err
		}
	}
	return n, scopeOf(n, path...), nil
}

// named binds a table, view or common table expression by its name, and gives the parts of
// the name that columns may be qualified with.
func (b *Binder) named(n ast.Name, hints []ast.Hint) (logical.Node, []string, error) {
	if *b.tables++; *b.tables > maxTables {
		return nil, nil, diag.Errorf(n.Span(), "the query expands to more than %d tables", maxTables).
			WithHint("views and common table expressions that use each other twice double it each time")
	}
	if len(n.Parts) == 1 {
		for s := b.ctes; s != nil; s = s.outer {
			if s.cte.Name.Name == n.Parts[0].Name {
				node, err := b.cte(s)
				return node, n.Strings(), err
			}
		}
	}
	t, err := b.lookup(n)
	if err != nil {
		return nil, nil, err
	}
	path := []string{t.Path.Catalog, t.Path.Database, t.Path.Name}
	if t.View != nil {
		if len(hints) > 0 {
			return nil, nil, diag.Errorf(hints[0].Span(), "hints belong to tables, '%s' is a view", t.Path.Name)
		}
		node, err := b.expand(t, n.Span())
		return node, path, err
	}
	t, err = b.hinted(t, hints)
	if err != nil {
		return nil, nil, err
	}
	node, err := b.scan(t, n.Span())
	return node, path, err
}

// lookup finds a table or view; names of common table expressions are suggested too.
func (b *Binder) lookup(n ast.Name) (*catalog.Table, error) {
	t, err := b.Session.Table(n)
	if err == nil || len(n.Parts) > 1 {
		return t, err
	}
	var names []string
	for s := b.ctes; s != nil; s = s.outer {
		names = append(names, s.cte.Name.Name)
	}
	if near := diag.DidYouMean(n.Parts[0].Name, names); near != "" {
		return nil, withHint(diag.Errorf(n.Span(), "there is no table or view '%s'", n.Parts[0].Name), near)
	}
	return nil, err
}

// expand binds a view's query with the names of where it was made. Places within it are of
// another text, so that errors are moved to where the view is used.
func (b *Binder) expand(v *catalog.Table, at diag.Span) (logical.Node, error) {
	for _, p := range b.views {
		if p == v.Path {
			return nil, diag.Errorf(at, "view '%s' is defined by itself", v.Path.Name)
		}
	}
	inner := *b
	inner.ctes, inner.foreign = nil, b.foreign || v.Text != b.Session.Text
	inner.database = b.currentDatabase()
	inner.Session = b.Session.At(v.View.Catalog, v.View.Database)
	inner.views = append(append([]catalog.Path(nil), b.views...), v.Path)
	n, err := inner.viewQuery(v)
	if err != nil {
		return nil, inView(err, v, at)
	}
	return n, nil
}

func (b *Binder) viewQuery(v *catalog.Table) (logical.Node, error) {
	n, err := b.query(v.View.Query)
	if err != nil {
		return nil, err
	}
	if name := twice(n.Schema().Names()); name != "" && len(v.View.Columns) == 0 {
		return nil, diag.Errorf(v.View.Query.Span(), "the view has two columns '%s'", name).WithHint("name its columns: CREATE VIEW %s (a, b) AS …", v.Path.Name)
	}
	return columnAliases(n, v.View.Columns, v.At)
}
