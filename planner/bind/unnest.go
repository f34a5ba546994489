package bind

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// unnestJoin binds t CROSS JOIN UNNEST(x), t, UNNEST(x), t JOIN and LEFT JOIN UNNEST(x) ON …: the
// collection may be made of the columns to the left.
func (b *Binder) unnestJoin(j *ast.Join, u *ast.Unnest) (logical.Node, *scope, error) {
	outer := j.Kind == "LEFT"
	switch {
	case j.Kind != "CROSS" && j.Kind != "INNER" && !outer:
		return nil, nil, diag.Errorf(j.Span(), "%s JOIN UNNEST: a collection belongs to a row on its left", j.Kind).
			WithHint("CROSS JOIN and LEFT JOIN … ON TRUE take UNNEST")
	case j.Natural || len(j.Using) > 0:
		return nil, nil, diag.Unsupported(j.Span(), "NATURAL and USING with UNNEST")
	}
	in, sc, err := b.from(j.L)
	if err != nil {
		return nil, nil, err
	}
	n, r, err := b.unnest(u, in, sc, outer)
	if err != nil {
		return nil, nil, err
	}
	if sc.called(r.name()) {
		return nil, nil, diag.Errorf(u.Span(), "there are two tables '%s' in FROM", r.name()).WithHint("give one of them another name: AS …")
	}
	joined := &scope{relations: append(append([]relation(nil), sc.relations...), r)}
	if j.On == nil {
		return n, joined, nil
	}
	on, err := (&exprs{b: b, scope: joined, clause: "ON"}).condition(j.On)
	if err != nil {
		return nil, nil, err
	}
	if !outer {
		return logical.NewFilter(n, on), joined, nil
	}
	if lit, ok := on.(*expr.Literal); ok && lit.Value == true {
		return n, joined, nil
	}
	return n.WithOn(on), joined, nil
}

// inTable is the clause in which a table function stands.
const inTable = "LATERAL TABLE"

// unnestAlone binds FROM UNNEST(x), where x has no columns to read.
func (b *Binder) unnestAlone(u *ast.Unnest) (logical.Node, *scope, error) {
	n, r, err := b.unnest(u, oneRow(u.Span()), &scope{}, false)
	if err != nil {
		return nil, nil, err
	}
	return n, &scope{relations: []relation{r}}, nil
}

// oneRow is what a query without FROM reads.
func oneRow(at diag.Span) logical.Node {
	t := types.New(types.Int).WithoutNull()
	row := []expr.Expr{expr.NewLiteral(int64(0), t, at)}
	return logical.NewValues(logical.Schema{{Name: "ZERO", Type: t}}, [][]expr.Expr{row})
}

// unnest puts the elements of a collection behind the columns of in; the relation is that of the
// elements.
func (b *Binder) unnest(u *ast.Unnest, in logical.Node, sc *scope, outer bool) (*logical.Unnest, relation, error) {
	e := &exprs{b: b, scope: sc, clause: "UNNEST"}
	if b.tableCall(u.X) {
		e.clause = inTable
	}
	x, err := e.bind(u.X)
	if err != nil {
		return nil, relation{}, err
	}
	names := elementNames(x.Type(), u)
	if names == nil {
		return nil, relation{}, diag.Errorf(u.X.Span(), "UNNEST takes an ARRAY, a MAP or a MULTISET, not %s", x.Type().WithNull())
	}
	if err := renameElements(names, u.Alias, u.Span()); err != nil {
		return nil, relation{}, err
	}
	keep := make([]int, len(in.Schema()))
	xs := make([]expr.Expr, len(keep))
	for i := range keep {
		keep[i], xs[i] = i, logical.ColumnOf(in, i)
	}
	column, ok := x.(*expr.Column)
	if !ok {
		column = &expr.Column{Index: len(xs)}
		in = logical.NewProject(in, append(xs, x), append(in.Schema().Names(), x.String()))
	}
	n := logical.NewUnnest(in, column.Index, keep, u.Ordinality, outer, names)
	r := relation{first: len(keep), fields: n.Schema()[len(keep):]}
	if name := u.Alias.Name.Name; name != "" {
		r.path = []string{name}
	}
	return n, r, nil
}

// elementNames gives the names of the columns of a collection's elements, and of their ordinality; nil
// for what is no collection. A single value is called like the relation.
func elementNames(t types.Type, u *ast.Unnest) []string {
	var names []string
	switch {
	case logical.ElementTypes(t) == nil:
		return nil
	case t.Kind == types.Map:
		names = []string{"KEY", "VALUE"}
	case t.Elem.Kind == types.Row:
		for _, f := range t.Elem.Fields {
			names = append(names, f.Name)
		}
	case u.Alias.Name.Name != "":
		names = []string{u.Alias.Name.Name}
	default:
		names = []string{"EXPR$0"}
	}
	if u.Ordinality {
		names = append(names, "ORDINALITY")
	}
	return names
}

// renameElements applies AS t(a, b).
func renameElements(names []string, a ast.TableAlias, at diag.Span) error {
	if len(a.Columns) == 0 {
		return nil
	}
	if len(a.Columns) != len(names) {
		return diag.Errorf(at, "%d column names for %d columns", len(a.Columns), len(names))
	}
	seen := map[string]bool{}
	for i, c := range a.Columns {
		if seen[c.Name] {
			return diag.Errorf(c.Span(), "there are two columns '%s'", c.Name)
		}
		names[i], seen[c.Name] = c.Name, true
	}
	return nil
}
