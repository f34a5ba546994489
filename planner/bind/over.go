package bind

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// ranking functions number the rows of a partition.
var rankFunctions = map[string]bool{"ROW_NUMBER": true, "RANK": true, "DENSE_RANK": true}

// overs collects the ranking functions and aggregates with OVER of a select list and of QUALIFY. The expressions in which
// they stand refer to their results by columns that no relation has, from overColumn on, until the nodes
// that compute them are there.
type overs struct {
	e     *exprs // binds what is in OVER
	named map[string]*ast.Window
	calls []rankCall
	aggs  overAggregates
}

// rankCall is ROW_NUMBER() OVER (…).
type rankCall struct {
	name      string
	partition []expr.Expr
	order     []orderKey
	at        diag.Span
}

// orderKey is an entry of ORDER BY.
type orderKey struct {
	x   expr.Expr
	key order.Key // its column is not known yet
}

const overColumn = 1 << 24

// newOvers makes e see ranking functions and aggregates with OVER; inside of OVER, e sees them no longer.
func newOvers(e *exprs, s *ast.Select) *overs {
	inner := *e
	o := &overs{e: &inner, named: map[string]*ast.Window{}}
	for i := range s.Windows {
		o.named[s.Windows[i].Name.Name] = &s.Windows[i].Spec
	}
	outer := e.hook
	e.hook = func(x ast.Expr) (expr.Expr, error) {
		if c, ok := x.(*ast.Call); ok && c.Over != nil && rankFunctions[functionName(c)] {
			return o.call(c)
		}
		if c, ok := x.(*ast.Call); ok && c.Over != nil && o.aggregates(c) {
			return o.aggregate(c)
		}
		if outer != nil {
			return outer(x)
		}
		return nil, nil
	}
	return o
}

// call binds a ranking function; one that is there already is used again.
func (o *overs) call(c *ast.Call) (expr.Expr, error) {
	name := functionName(c)
	if len(c.Args) > 0 || c.Distinct || c.Filter != nil || c.NullsMode != "" {
		return nil, diag.Errorf(c.Span(), "%s takes no arguments", name)
	}
	w, err := o.window(c.Over)
	if err != nil {
		return nil, err
	}
	call := rankCall{name: name, at: c.Span()}
	if call.partition, err = o.e.all(w.PartitionBy); err != nil {
		return nil, err
	}
	if call.order, err = o.e.orderKeys(w.OrderBy); err != nil {
		return nil, err
	}
	if !ordersRows(call.order) {
		return nil, diag.Errorf(c.Span(), "%s needs an ORDER BY in its OVER clause, by what differs from row to row", name)
	}
	if w.Frame != nil {
		return nil, diag.Errorf(w.Frame.Span(), "%s takes no ROWS or RANGE", name)
	}
	at := len(o.calls)
	for i := range o.calls {
		if sameRank(&o.calls[i], &call) {
			at = i
		}
	}
	if at == len(o.calls) {
		o.calls = append(o.calls, call)
	}
	return &expr.Column{Index: overColumn + at, Name: "rank", T: types.New(types.BigInt).WithoutNull(), At: c.Span()}, nil
}

// window resolves OVER w and WINDOW w AS (…).
func (o *overs) window(w *ast.Window) (*ast.Window, error) {
	if w.Ref.Name == "" {
		return w, nil
	}
	base := o.named[w.Ref.Name]
	if base == nil {
		return nil, diag.Errorf(w.Ref.Span(), "there is no window '%s'", w.Ref.Name)
	}
	if !w.RefOnly && (len(w.PartitionBy) > 0 || w.Frame != nil || len(base.OrderBy) > 0 && len(w.OrderBy) > 0) {
		return nil, diag.Errorf(w.Span(), "a window that builds on '%s' may add an ORDER BY only", w.Ref.Name)
	}
	base, err := o.window(base)
	if err != nil {
		return nil, err
	}
	out := *base
	if len(w.OrderBy) > 0 {
		out.OrderBy = w.OrderBy
	}
	return &out, nil
}

// ordersRows reports whether some key is no constant.
func ordersRows(keys []orderKey) bool {
	for _, k := range keys {
		if !expr.IsConstant(k.x) {
			return true
		}
	}
	return false
}

func sameRank(a, b *rankCall) bool {
	if a.name != b.name || len(a.partition) != len(b.partition) || len(a.order) != len(b.order) {
		return false
	}
	for i, x := range a.partition {
		if !expr.Equal(x, b.partition[i]) {
			return false
		}
	}
	for i, k := range a.order {
		if !expr.Equal(k.x, b.order[i].x) || k.key != b.order[i].key {
			return false
		}
	}
	return true
}

// orderKeys binds ORDER BY. NULLs come first ascending and last descending, where nothing else is written.
func (e *exprs) orderKeys(items []ast.OrderItem) ([]orderKey, error) {
	out := make([]orderKey, len(items))
	for i, it := range items {
		x, err := e.bind(it.X)
		if err != nil {
			return nil, err
		}
		if out[i], err = orderKeyOf(x, it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func orderKeyOf(x expr.Expr, it ast.OrderItem) (orderKey, error) {
	if x.Type().IsNested() {
		return orderKey{}, diag.Errorf(it.X.Span(), "values of type %s have no order", x.Type().WithNull())
	}
	k := orderKey{x: x, key: order.Key{Desc: it.Desc, NullsLast: it.Desc}}
	if it.Nulls != "" {
		k.key.NullsLast = it.Nulls == "LAST"
	}
	return k, nil
}

// over makes the nodes of the ranking functions over in, and gives what a reference to a column is
// then: those of in stay where they are.
func (o *overs) over(in logical.Node) (logical.Node, func(int) int) {
	at := make([]int, len(o.calls))
	for i, c := range o.calls {
		ext := extending(in)
		s := logical.RankSpec{Function: c.name, From: 1, Number: true, At: c.at}
		for _, x := range c.partition {
			s.Partition = append(s.Partition, ext.column(x))
		}
		s.Order = ext.keys(c.order)
		in = logical.NewRank(ext.node(), s)
		at[i] = len(in.Schema()) - 1
	}
	in, first := o.aggs.node(in)
	return in, func(c int) int {
		if c >= overAggregateColumn {
			return first + c - overAggregateColumn
		}
		if c >= overColumn {
			return at[c-overColumn]
		}
		return c
	}
}

// extension adds columns to a node where expressions are not among them.
type extension struct {
	in    logical.Node
	xs    []expr.Expr
	names []string
}

func extending(in logical.Node) *extension {
	e := &extension{in: in}
	for i, f := range in.Schema() {
		e.xs, e.names = append(e.xs, logical.ColumnOf(in, i)), append(e.names, f.Name)
	}
	return e
}

// column gives the place of x among the columns.
func (e *extension) column(x expr.Expr) int {
	for i, y := range e.xs {
		if expr.Equal(x, y) && expr.IsDeterministic(x) {
			return i
		}
	}
	e.xs, e.names = append(e.xs, x), append(e.names, x.String())
	return len(e.xs) - 1
}

// keys gives the keys of ORDER BY; what orders nothing is left out.
func (e *extension) keys(keys []orderKey) []order.Key {
	var out []order.Key
	for _, k := range keys {
		if expr.IsConstant(k.x) {
			continue
		}
		k.key.Column = e.column(k.x)
		out = append(out, k.key)
	}
	return out
}

func (e *extension) node() logical.Node {
	if len(e.xs) == len(e.in.Schema()) {
		return e.in
	}
	return logical.NewProject(e.in, e.xs, e.names)
}
