package bind

import (
	"slices"
	"strconv"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/udf"
)

// sorting is the ORDER BY of the SELECT that is being bound, and what its keys are: columns of its
// result, of which those from visible on are there for the order only.
type sorting struct {
	items   []ast.OrderItem
	keys    []order.Key
	visible int
}

// ordered binds ORDER BY, LIMIT and OFFSET. Without a LIMIT an order means something for the whole query
// only: as in Flink, that of a sub-query is dropped.
func (b *Binder) ordered(q *ast.Ordered, whole bool) (logical.Node, error) {
	limit, err := b.rowCount("LIMIT", q.Limit)
	if err != nil {
		return nil, err
	}
	offset, err := b.rowCount("OFFSET", q.Offset)
	if err != nil {
		return nil, err
	}
	in, s, err := b.sorted(q)
	switch {
	case err != nil:
		return nil, err
	case q.Limit == nil && offset > 0:
		return nil, diag.Errorf(q.Offset.Span(), "OFFSET needs a LIMIT: a stream has no end").WithHint("write LIMIT n OFFSET %d", offset)
	case q.Limit != nil && limit == 0:
		return logical.NewValues(noTimes(in.Schema()[:s.visible]), nil), nil
	case q.Limit != nil:
		in = logical.NewRank(in, logical.RankSpec{Order: s.keys, From: offset + 1, To: offset + limit, At: q.Span()})
	case whole && len(s.keys) > 0:
		if in, err = sortByTime(in, s.keys, q.OrderBy[0].X.Span()); err != nil {
			return nil, err
		}
	}
	return firstColumns(in, s.visible), nil
}

// sorted binds the query that is ordered, and ORDER BY. A SELECT may be ordered by what its list does not
// hold; other queries by their columns only.
func (b *Binder) sorted(q *ast.Ordered) (logical.Node, *sorting, error) {
	s := &sorting{items: q.OrderBy}
	if sel, ok := q.Body.(*ast.Select); ok {
		inner := *b
		inner.sorting = s
		n, err := inner.selectQuery(sel)
		return n, s, err
	}
	n, err := b.query(q.Body)
	if err != nil {
		return nil, nil, err
	}
	s.visible = len(n.Schema())
	e := &exprs{b: b, scope: scopeOf(n), clause: "ORDER BY"}
	ext := extending(n)
	for _, it := range s.items {
		k, err := s.key(it, e, ext.names, ext.xs)
		if err != nil {
			return nil, nil, err
		}
		s.keys = append(s.keys, ext.keys([]orderKey{k})...)
	}
	return ext.node(), s, nil
}

// key binds one entry of ORDER BY: a number counts columns of the result, a name is first one of those, and
// anything else is an expression of e.
func (s *sorting) key(it ast.OrderItem, e *exprs, names []string, xs []expr.Expr) (orderKey, error) {
	if l, ok := it.X.(*ast.Literal); ok && l.Kind == ast.NumberLit {
		n, err := strconv.Atoi(l.Text)
		if err != nil || n < 1 || n > s.visible {
			return orderKey{}, diag.Errorf(l.Span(), "ORDER BY %s: the query has %d columns", l.Text, s.visible)
		}
		return orderKeyOf(xs[n-1], it)
	}
	i, err := s.named(it.X, names)
	switch {
	case err != nil:
		return orderKey{}, err
	case i >= 0:
		return orderKeyOf(xs[i], it)
	}
	x, err := e.bind(it.X)
	if err != nil {
		return orderKey{}, err
	}
	return orderKeyOf(x, it)
}

// named gives the column of the result that x is the name of; -1 for none. It is an error where there are two.
func (s *sorting) named(x ast.Expr, names []string) (int, error) {
	ref, ok := x.(*ast.ColumnRef)
	if !ok || len(ref.Name.Parts) != 1 {
		return -1, nil
	}
	name := ref.Name.Parts[0].Name
	i := slices.Index(names[:s.visible], name)
	if i >= 0 && slices.Contains(names[i+1:s.visible], name) {
		return 0, ambiguous(name, "", "", x.Span())
	}
	return i, nil
}

// order adds the keys of ORDER BY to a select list.
func (s *sorting) order(e *exprs, l *selectList, distinct bool) error {
	s.visible = len(l.xs)
	outer := *e
	outer.clause = "ORDER BY"
	outer.hook = func(x ast.Expr) (expr.Expr, error) {
		switch i, err := s.named(x, l.names); {
		case err != nil:
			return nil, err
		case i >= 0:
			return l.xs[i], nil
		}
		if e.hook == nil {
			return nil, nil
		}
		return e.hook(x)
	}
	for _, it := range s.items {
		k, err := s.key(it, &outer, l.names, l.xs)
		if err != nil {
			return err
		}
		if expr.IsConstant(k.x) {
			continue
		}
		k.key.Column = l.column(k.x)
		if distinct && k.key.Column >= s.visible {
			return diag.Errorf(it.X.Span(), "SELECT DISTINCT can be ordered by its columns only")
		}
		s.keys = append(s.keys, k.key)
	}
	return nil
}

// column gives the place of x in the list, adding it behind.
func (l *selectList) column(x expr.Expr) int {
	for i, y := range l.xs {
		if expr.Equal(x, y) && expr.IsDeterministic(x) {
			return i
		}
	}
	l.xs, l.names = append(l.xs, x), append(l.names, x.String())
	return len(l.xs) - 1
}

// rowCount reads the number of a LIMIT or OFFSET; 0 for none.
func (b *Binder) rowCount(clause string, x ast.Expr) (int64, error) {
	if x == nil {
		return 0, nil
	}
	e := &exprs{b: b, scope: &scope{}, clause: clause}
	bound, err := e.bind(x)
	if err != nil {
		return 0, err
	}
	folded, err := expr.Fold(bound, &udf.Env{Zone: e.zone()})
	if err != nil {
		return 0, err
	}
	const most = 1 << 31
	if l, ok := folded.(*expr.Literal); ok {
		if n, ok := l.Value.(int64); ok && n >= 0 && n < most {
			return n, nil
		}
	}
	return 0, diag.Errorf(x.Span(), "%s takes a number of rows, less than %d", clause, most)
}

// sortByTime sorts a whole stream, which can only be done by time: a row is given when none before
// it can come any more.
func sortByTime(in logical.Node, keys []order.Key, at diag.Span) (logical.Node, error) {
	first := keys[0]
	time := in.Schema()[first.Column].Time
	if time == logical.NoTime || first.Desc {
		return nil, diag.Errorf(at, "a stream can only be sorted by a time attribute, ascending: it has no end at which all rows would be there").
			WithHint("with a LIMIT it can be ordered by anything")
	}
	if time == logical.Proctime {
		if len(keys) > 1 {
			return nil, diag.Unsupported(at, "ORDER BY processing time and further columns")
		}
		return in, nil // as rows come
	}
	return logical.NewSort(in, keys, at), nil
}

// firstColumns drops the columns from n on.
func firstColumns(in logical.Node, n int) logical.Node {
	if n == len(in.Schema()) {
		return in
	}
	columns := make([]int, n)
	for i := range columns {
		columns[i] = i
	}
	return logical.Select(in, columns)
}

// noTimes gives a schema without time attributes.
func noTimes(s logical.Schema) logical.Schema {
	out := make(logical.Schema, len(s))
	for i, f := range s {
		f.Time = logical.NoTime
		out[i] = f
	}
	return out
}
