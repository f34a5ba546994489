package bind

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// scope says what names mean in a clause: the columns of the relations in FROM.
type scope struct {
	relations []relation
}

// relation is one entry of FROM. Its columns are those of the input from first on.
type relation struct {
	// path is what may stand before a column: catalog, database, table; or the alias alone.
	path   []string
	first  int
	fields logical.Schema
}

// scopeOf makes the scope of a node as one relation.
func scopeOf(n logical.Node, path ...string) *scope {
	return &scope{relations: []relation{{path: path, fields: n.Schema()}}}
}

// name is the relation's own name.
func (r *relation) name() string {
	if len(r.path) == 0 {
		return ""
	}
	return r.path[len(r.path)-1]
}

// called reports whether a relation has this name. Those without one may be several.
func (s *scope) called(name string) bool {
	return name != "" && slices.ContainsFunc(s.relations, func(r relation) bool { return r.name() == name })
}

// qualifiedBy reports whether the relation may be called by these parts: t, d.t, c.d.t.
func (r *relation) qualifiedBy(parts []string) bool {
	if len(parts) == 0 || len(parts) > len(r.path) {
		return false
	}
	tail := r.path[len(r.path)-len(parts):]
	for i, p := range parts {
		if p != tail[i] {
			return false
		}
	}
	return true
}

// resolve finds a column by its name, perhaps qualified, perhaps with fields of a row
// behind it. A qualified reading goes before one with fields, the longest first.
func (s *scope) resolve(n ast.Name) (expr.Expr, error) {
	parts := n.Strings()
	for q := min(3, len(parts)-1); q >= 0; q-- {
		found, err := s.find(parts[:q], parts[q], n.Span())
		if err != nil {
			return nil, err
		}
		if found != nil {
			return fields(found, n.Parts[q+1:])
		}
	}
	return nil, s.unknown(n)
}

// find looks a column up under a qualifier; nil where there is none.
func (s *scope) find(qualifier []string, name string, at diag.Span) (expr.Expr, error) {
	var found expr.Expr
	var in string
	for i := range s.relations {
		r := &s.relations[i]
		if len(qualifier) > 0 && !r.qualifiedBy(qualifier) {
			continue
		}
		for j, f := range r.fields {
			if f.Name != name {
				continue
			}
			if found != nil {
				return nil, ambiguous(name, in, r.name(), at)
			}
			found, in = &expr.Column{Index: r.first + j, Name: name, T: f.Type, At: at}, r.name()
		}
	}
	return found, nil
}

// timeOf says what kind of time attribute a column of the input is.
func (s *scope) timeOf(column int) logical.Time {
	for i := range s.relations {
		r := &s.relations[i]
		if j := column - r.first; j >= 0 && j < len(r.fields) {
			return r.fields[j].Time
		}
	}
	return logical.NoTime
}

func ambiguous(name, a, b string, at diag.Span) error {
	e := diag.Errorf(at, "column '%s' is ambiguous", name)
	if a != "" && b != "" && a != b {
		e = e.WithHint("write %s.%s or %s.%s", a, name, b, name)
	}
	return e
}

// fields reads fields of a row, one behind the other.
func fields(x expr.Expr, path []ast.Ident) (expr.Expr, error) {
	for _, f := range path {
		var err error
		if x, err = expr.NewField(x, f.Name, x.Span().Cover(f.Span())); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// unknown makes the error for a name that means nothing here.
func (s *scope) unknown(n ast.Name) error {
	parts := n.Strings()
	if len(parts) > 1 {
		for i := range s.relations {
			if r := &s.relations[i]; r.qualifiedBy(parts[:len(parts)-1]) {
				return withHint(diag.Errorf(n.Last().Span(), "'%s' has no column '%s'", strings.Join(parts[:len(parts)-1], "."), n.Last().Name),
					diag.DidYouMean(n.Last().Name, r.fields.Names()))
			}
		}
	}
	if len(parts) > 1 {
		if err := s.unknownTable(n, parts[:len(parts)-1]); err != nil {
			return err
		}
	}
	hint := diag.DidYouMean(n.Last().Name, s.columnNames())
	return withHint(diag.Errorf(n.Span(), "there is no column '%s'", strings.Join(parts, ".")), hint)
}

// unknownTable makes the error for a column of a table that is not in FROM; nil where the
// column would be there without the qualifier's being a table.
func (s *scope) unknownTable(n ast.Name, qualifier []string) error {
	names := s.relationNames()
	hint := diag.DidYouMean(qualifier[len(qualifier)-1], names)
	if hint == "" && len(names) == 1 && names[0] != "" && diag.Nearest(n.Last().Name, s.columnNames()) == n.Last().Name {
		hint = "the table here is called '" + names[0] + "'"
	}
	if hint == "" {
		return nil
	}
	return withHint(diag.Errorf(n.Span(), "there is no table '%s' in FROM", strings.Join(qualifier, ".")), hint)
}

func (s *scope) columnNames() []string {
	var names []string
	for _, r := range s.relations {
		names = append(names, r.fields.Names()...)
	}
	return names
}

func (s *scope) relationNames() []string {
	var names []string
	for i := range s.relations {
		names = append(names, s.relations[i].name())
	}
	return names
}

// star gives the columns that * or t.* stands for.
func (s *scope) star(st *ast.Star) ([]*expr.Column, error) {
	q := st.Qualifier.Strings()
	var out []*expr.Column
	for i := range s.relations {
		r := &s.relations[i]
		if len(q) > 0 && !r.qualifiedBy(q) {
			continue
		}
		if name := twice(r.fields.Names()); name != "" {
			return nil, ambiguous(name, r.name(), r.name(), st.Span())
		}
		for j, f := range r.fields {
			out = append(out, &expr.Column{Index: r.first + j, Name: f.Name, T: f.Type, At: st.Span()})
		}
	}
	switch {
	case out == nil && len(q) > 0:
		x, err := s.resolve(st.Qualifier)
		switch {
		case err == nil:
			return nil, diag.Errorf(st.Span(), "'%s' has no fields: it is %s", strings.Join(q, "."), x.Type().WithNull())
		case len(q) > 1:
			return nil, err // a row's fields were meant
		}
		return nil, withHint(diag.Errorf(st.Span(), "there is no table '%s' in FROM", strings.Join(q, ".")), diag.DidYouMean(q[len(q)-1], s.relationNames()))
	case out == nil:
		return nil, diag.Errorf(st.Span(), "* needs a FROM")
	}
	return out, nil
}

// rowOf gives the row whose fields x.* stands for; nil where x is none, or is a relation.
func (s *scope) rowOf(st *ast.Star) expr.Expr {
	q := st.Qualifier.Strings()
	if len(q) == 0 || slices.ContainsFunc(s.relations, func(r relation) bool { return r.qualifiedBy(q) }) {
		return nil
	}
	x, err := s.resolve(st.Qualifier)
	if err != nil || x.Type().Kind != types.Row {
		return nil
	}
	return x
}

func withHint(e *diag.Error, hint string) error {
	e.Hint = hint
	return e
}
