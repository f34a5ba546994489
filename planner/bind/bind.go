// Package bind turns the syntax tree into a logical plan: it looks up tables, columns and
// functions, gives every expression its type, and says what is wrong with a query where
// the user can see it.
//
// Enter at Binder.Query and Binder.Insert. FROM is in from.go, window table functions in
// window.go, SELECT in select.go, grouping in group.go, expressions in expr*.go, tables of
// the catalog in table.go and source.go, INSERT in insert.go.
package bind

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// Binder binds statements in one session. It keeps nothing between two calls.
type Binder struct {
	Session    *catalog.Session
	Scalars    *udf.Registry
	Aggregates *agg.Registry
	Connectors []*connectors.Connector
	BaseDir    string
	// SchemaOnly binds for the sake of names and types: connectors are not asked for sources, and
	// tables' options are not looked at.
	SchemaOnly bool
	// Sources holds the sources that were made for a job, so that a table that is read twice has one;
	// nil makes a new one each time.
	Sources map[string]connectors.Source

	tables *int // how many tables, views and CTEs the statement has expanded to so far
	// whole is set for the query of a statement, not for those within it; sorting for a SELECT that is
	// ordered.
	whole   bool
	sorting *sorting

	ctes  *cteScope
	views []catalog.Path // being expanded, outermost first
	// database, within a view, is the one that is current outside.
	database string
	// foreign is set within a view that another text made than the one being run.
	foreign bool
}

// cteScope is a chain of common table expressions, the innermost first.
type cteScope struct {
	cte   *ast.CTE
	outer *cteScope // what the CTE's own query sees
}

// maxTables bounds what a statement may expand to: each view or CTE that uses another one twice
// doubles it.
const maxTables = 10_000

// begin makes a binder for one statement.
func (b *Binder) begin() *Binder {
	c := *b
	c.tables, c.whole = new(int), true
	return &c
}

// currentDatabase is the one that the statement is run in.
func (b *Binder) currentDatabase() string {
	if b.database != "" {
		return b.database
	}
	_, name := b.Session.Current()
	return name
}

// Query binds a query. The names of the result's columns are unique.
func (b *Binder) Query(q ast.Query) (logical.Node, error) {
	n, err := b.begin().query(q)
	if err != nil {
		return nil, err
	}
	for _, f := range n.Schema() {
		if f.Type.Kind == types.Null {
			return nil, diag.Errorf(q.Span(), "column '%s' is NULL and has no type", f.Name).WithHint("write CAST(NULL AS …)")
		}
	}
	return rename(n, uniqueNames(n.Schema().Names())), nil
}

// query binds any query.
func (b *Binder) query(q ast.Query) (logical.Node, error) {
	whole := b.whole
	if whole || b.sorting != nil {
		inner := *b
		inner.whole, inner.sorting = false, nil
		b = &inner
	}
	switch q := q.(type) {
	case *ast.Select:
		return b.selectQuery(q)
	case *ast.With:
		return b.with(q, whole)
	case *ast.Values:
		return b.values(q)
	case *ast.SetOp:
		return b.setOp(q)
	case *ast.TableQuery:
		n, _, err := b.named(q.Name, nil)
		return n, err
	case *ast.Ordered:
		return b.ordered(q, whole)
	}
	return nil, diag.Unsupported(q.Span(), "this query")
}

// with binds WITH a AS (…), …: each CTE sees the ones before it, the body all of them.
func (b *Binder) with(q *ast.With, whole bool) (logical.Node, error) {
	inner := *b
	seen := map[string]bool{}
	for i := range q.CTEs {
		c := &q.CTEs[i]
		if seen[c.Name.Name] {
			return nil, diag.Errorf(c.Name.Span(), "there are two common table expressions '%s'", c.Name.Name)
		}
		seen[c.Name.Name] = true
		// Bound here once for its errors, whether it is used or not, as Flink does.
		if _, err := inner.cte(&cteScope{cte: c, outer: inner.ctes}); err != nil {
			return nil, err
		}
		inner.ctes = &cteScope{cte: c, outer: inner.ctes}
	}
	inner.whole = whole
	return inner.query(q.Body)
}

// cte binds a common table expression in the scope that it was written in.
func (b *Binder) cte(s *cteScope) (logical.Node, error) {
	inner := *b
	inner.ctes = s.outer
	n, err := inner.query(s.cte.Query)
	if err != nil {
		return nil, err
	}
	if name := twice(n.Schema().Names()); name != "" && len(s.cte.Columns) == 0 {
		return nil, diag.Errorf(s.cte.Query.Span(), "%s has two columns '%s'", s.cte.Name.Name, name).WithHint("name its columns: WITH %s (a, b) AS …", s.cte.Name.Name)
	}
	return columnAliases(n, s.cte.Columns, s.cte.Span())
}

// columnAliases renames the columns of n; none are given where names is empty.
func columnAliases(n logical.Node, names []ast.Ident, at diag.Span) (logical.Node, error) {
	if len(names) == 0 {
		return rename(n, uniqueNames(n.Schema().Names())), nil
	}
	if len(names) != len(n.Schema()) {
		return nil, diag.Errorf(at, "%d column names for %d columns", len(names), len(n.Schema()))
	}
	out := make([]string, len(names))
	seen := map[string]bool{}
	for i, c := range names {
		if seen[c.Name] {
			return nil, diag.Errorf(c.Span(), "there are two columns '%s'", c.Name)
		}
		out[i], seen[c.Name] = c.Name, true
	}
	return rename(n, out), nil
}

// rename gives n with other column names; n itself where they are the same.
func rename(n logical.Node, names []string) logical.Node {
	same := true
	xs := make([]expr.Expr, len(names))
	for i, f := range n.Schema() {
		same = same && f.Name == names[i]
		xs[i] = logical.ColumnOf(n, i)
	}
	if same {
		return n
	}
	if p, ok := n.(*logical.Project); ok {
		return logical.NewProject(p.Input, p.Exprs, names)
	}
	return logical.NewProject(n, xs, names)
}
