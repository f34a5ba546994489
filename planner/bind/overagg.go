package bind

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// overAggregates are the aggregates with OVER of a select list, which have one window in common.
// Expressions refer to their results by columns from overAggregateColumn on.
type overAggregates struct {
	calls     []overCall
	partition []expr.Expr
	order     []orderKey
	frame     plan.Frame
	at        diag.Span
}

// overCall is SUM(v) OVER (…).
type overCall struct {
	call agg.Call // its columns are not known yet
	args []expr.Expr
}

const overAggregateColumn = overColumn << 1

// aggregates reports whether a call with OVER is an aggregate.
func (o *overs) aggregates(c *ast.Call) bool {
	name := functionName(c)
	return name == "LAG" || o.e.b.Aggregates.Lookup(name) != nil
}

// aggregate binds an aggregate with OVER; one that is there already is used again.
func (o *overs) aggregate(c *ast.Call) (expr.Expr, error) {
	lag := functionName(c) == "LAG"
	if c.Filter != nil || lag && (len(c.OrderBy) > 0 || c.NullsMode != "") {
		return nil, diag.Unsupported(c.Span(), "FILTER, ORDER BY and NULLS in aggregates with OVER")
	}
	if err := o.overWindow(c); err != nil {
		return nil, err
	}
	if lag {
		return o.lag(c)
	}
	f := o.e.b.Aggregates.Lookup(functionName(c))
	bound, err := o.e.aggregateCall(f, c)
	if err != nil {
		return nil, err
	}
	return o.add(bound, f.Name, c.Distinct && !f.Insensitive, c.Span())
}

// lag binds LAG(x, offset, default): the default stands also where the earlier value is NULL.
func (o *overs) lag(c *ast.Call) (expr.Expr, error) {
	if len(c.Args) == 0 || len(c.Args) > 3 || c.Distinct {
		return nil, diag.Errorf(c.Span(), "LAG takes a value, how many rows back, and a default")
	}
	args, err := o.e.all(c.Args)
	if err != nil {
		return nil, err
	}
	offset := int64(1)
	if len(args) > 1 {
		if offset, err = o.number(args[1], "LAG"); err != nil {
			return nil, err
		}
	}
	if offset > agg.MaxLag {
		return nil, diag.Errorf(args[1].Span(), "LAG looks back %d rows at most", agg.MaxLag)
	}
	lag := &boundAggregate{fn: agg.Lag(int(offset)), args: args[:1], texts: []string{args[0].String()}}
	x, err := o.add(lag, lag.fn.Name, false, c.Span())
	if err != nil || len(args) < 3 {
		return x, err
	}
	return o.e.make("COALESCE", c.Span(), x, args[2])
}

// add gives the reference to the result of an aggregate.
func (o *overs) add(bound *boundAggregate, name string, distinct bool, at diag.Span) (expr.Expr, error) {
	f := bound.fn
	call := overCall{call: agg.Call{Fn: f, Filter: -1, Distinct: distinct}}
	ts := make([]types.Type, len(bound.args))
	for i, a := range bound.args {
		ts[i] = a.Type()
	}
	var err error
	if call.call.Sig, err = f.Resolve(ts); err != nil {
		return nil, diag.At(err, at)
	}
	for i, a := range bound.args {
		if a, err = expr.ImplicitCast(a, call.call.Sig.Params[i]); err != nil {
			return nil, err
		}
		call.args = append(call.args, a)
	}
	if f.NullOnlyIfEmpty && !anyNull(ts) {
		call.call.Sig.Result = call.call.Sig.Result.WithoutNull() // the frame has the row itself
	}
	call.call.Text = bound.text(name, distinct)
	call.call.Name = call.call.Text
	place := slices.IndexFunc(o.aggs.calls, func(have overCall) bool {
		return sameFunction(have.call.Fn, f) && have.call.Distinct == distinct && slices.EqualFunc(have.args, call.args, expr.Equal)
	})
	if place < 0 {
		place = len(o.aggs.calls)
		o.aggs.calls = append(o.aggs.calls, call)
	}
	return &expr.Column{Index: overAggregateColumn + place, Name: call.call.Name, T: call.call.Sig.Result, At: at}, nil
}

// overWindow binds the window of an aggregate, which must be that of the others.
func (o *overs) overWindow(c *ast.Call) error {
	w, err := o.window(c.Over)
	if err != nil {
		return err
	}
	this := overAggregates{at: c.Span()}
	if this.partition, err = o.e.all(w.PartitionBy); err != nil {
		return err
	}
	if this.order, err = o.e.orderKeys(w.OrderBy); err != nil {
		return err
	}
	if this.frame, err = o.frame(w.Frame); err != nil {
		return err
	}
	if len(o.aggs.calls) == 0 {
		o.aggs = this
		return nil
	}
	same := slices.EqualFunc(this.partition, o.aggs.partition, expr.Equal) && this.frame == o.aggs.frame &&
		slices.EqualFunc(this.order, o.aggs.order, func(a, b orderKey) bool { return a.key == b.key && expr.Equal(a.x, b.x) })
	if !same {
		return diag.Unsupported(c.Span(), "two aggregates with different OVER windows in one SELECT").
			WithHint("compute one of them in a sub-query in FROM")
	}
	return nil
}

// frame binds ROWS and RANGE; without it the frame is RANGE UNBOUNDED PRECEDING.
func (o *overs) frame(f *ast.Frame) (plan.Frame, error) {
	out := plan.Frame{Preceding: plan.Unbounded}
	if f == nil {
		return out, nil
	}
	out.Rows = f.Unit == "ROWS"
	if f.End.Kind != "CURRENT ROW" {
		return out, diag.Unsupported(f.Span(), "a frame that does not end with the CURRENT ROW")
	}
	switch f.Start.Kind {
	case "UNBOUNDED PRECEDING":
		return out, nil
	case "CURRENT ROW":
		return out, diag.Unsupported(f.Span(), "a frame of the current row alone").WithHint("0 PRECEDING is the same")
	case "PRECEDING":
	default:
		return out, diag.Errorf(f.Span(), "the frame begins behind its end")
	}
	var err error
	if !out.Rows {
		if out.Preceding, err = o.e.b.millis("RANGE", "PRECEDING", f.Start.Value); err == nil && out.Preceding < 0 {
			err = diag.Errorf(f.Start.Value.Span(), "RANGE: PRECEDING must not be negative")
		}
		return out, err
	}
	x, err := o.e.bind(f.Start.Value)
	if err == nil {
		out.Preceding, err = o.number(x, "ROWS … PRECEDING")
	}
	return out, err
}

// number reads a constant that counts rows.
func (o *overs) number(x expr.Expr, what string) (int64, error) {
	folded, err := expr.Fold(x, &udf.Env{Zone: o.e.zone()})
	if err != nil {
		return 0, err
	}
	if lit, ok := folded.(*expr.Literal); ok {
		if n, ok := lit.Value.(int64); ok && n >= 0 && !lit.T.IsInterval() && !lit.T.IsTimestamp() {
			return n, nil
		}
	}
	return 0, diag.Errorf(x.Span(), "%s takes a constant number of rows", what)
}

// node puts the aggregates over in; first is the column of the first result.
func (a *overAggregates) node(in logical.Node) (out logical.Node, first int) {
	if len(a.calls) == 0 {
		return in, 0
	}
	ext := extending(in)
	s := logical.OverSpec{Frame: a.frame, At: a.at}
	for _, x := range a.partition {
		s.Partition = append(s.Partition, ext.column(x))
	}
	s.Order = ext.keys(a.order)
	for _, c := range a.calls {
		call := c.call
		for _, x := range c.args {
			call.Args = append(call.Args, ext.column(x))
		}
		s.Calls = append(s.Calls, call)
	}
	in = ext.node()
	return logical.NewOver(in, s), len(in.Schema())
}
