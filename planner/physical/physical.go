// Package physical turns an optimised logical plan into what the runtime runs: it places
// exchanges, chooses parallelism and the phases of aggregations, infers which kinds of
// changes flow where, and gives every operator its fingerprint.
//
// Enter at Build.
package physical

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
)

// Options steer the choice of operators.
type Options struct {
	Parallelism  int
	OnePhase     bool // table.optimizer.agg-phase-strategy = ONE_PHASE
	RowByRow     bool // every row's own changelog: no merging before an exchange
	MiniBatch    MiniBatch
	KeyedShuffle bool // spread rows by a sink's key
	Materialize  Materialization
}

// Build makes the job of the sinks, as package rule leaves them. fired is told the name of
// each choice worth showing.
func Build(sinks []logical.Node, o Options, fired func(string)) (*plan.Job, error) {
	b := &builder{o: o, fired: fired, blocks: map[*logical.Block]plan.Node{}, dist: map[plan.Node]distribution{}, prints: newFingerprints()}
	b.before = beforeWanted(sinks)
	b.late = lateWanted(sinks)
	job := &plan.Job{}
	for _, s := range sinks {
		n, err := b.sink(s.(*logical.Sink))
		if err != nil {
			return nil, err
		}
		job.Sinks = append(job.Sinks, n)
	}
	uniqueIDs(job)
	return job, nil
}

type builder struct {
	o      Options
	fired  func(string)
	blocks map[*logical.Block]plan.Node
	// before says for which blocks some consumer wants -U.
	before map[*logical.Block]bool
	dist   map[plan.Node]distribution
	prints *fingerprints
	// late says whose late rows somebody wants, and holds their operators once they are made.
	late map[logical.Node]plan.Node
}

// distribution says how rows are spread over a node's subtasks: by the hash of columns, or
// (keys nil) in no way that could be relied on.
type distribution struct{ keys []int }

// build makes the operators of n; before says whether somebody above wants -U.
func (b *builder) build(n logical.Node, before bool) (plan.Node, error) {
	out, err := b.operators(n, before)
	if _, wanted := b.late[n]; wanted && err == nil {
		b.late[n] = out
	}
	return out, err
}

func (b *builder) operators(n logical.Node, before bool) (plan.Node, error) {
	switch n := n.(type) {
	case *logical.LateRows:
		return b.lateRows(n)
	case *logical.Shared:
		return b.shared(n)
	case *logical.Scan:
		return b.scan(n), nil
	case *logical.Values:
		return &plan.Values{Props: b.props(n, "Values", 1, connectors.InsertOnly, -1), Rows: n.Rows}, nil
	case *logical.UnionAll:
		return b.union(n, before)
	case *logical.Aggregate:
		if n.Window != nil {
			return nil, diag.Unsupported(diag.Span{}, "a window aggregation that reads the window's columns in its aggregates or in expressions of its keys")
		}
		return b.groupAggregate(n, before)
	case *logical.WindowAggregate:
		return b.windowAggregate(n)
	case *logical.SetOperation:
		return b.setOperation(n)
	case *logical.Over:
		return b.over(n)
	case *logical.Rank:
		return b.rank(n, before)
	case *logical.Normalize:
		return b.normalize(n, before)
	case *logical.Sort:
		return b.sort(n)
	}
	children := n.Children()
	if len(children) != 1 {
		return nil, fmt.Errorf("planning: no operator for %s", n.Name())
	}
	in, err := b.build(children[0], wantsBefore(n, before))
	if err != nil {
		return nil, err
	}
	return b.rowWise(n, in)
}

// rowWise makes the operators that take each row by itself.
func (b *builder) rowWise(n logical.Node, in plan.Node) (plan.Node, error) {
	ip := in.Properties()
	props := b.props(n, n.Name(), ip.Parallelism, ip.Changes, ip.Rowtime)
	switch n := n.(type) {
	case *logical.Filter:
		out := &plan.Filter{Props: props, Input: in, Cond: n.Cond}
		b.dist[out] = b.dist[in]
		return out, nil
	case *logical.Project:
		props.Rowtime = rowtimeBehind(n, ip.Rowtime)
		out := b.projection(n, in, props)
		b.dist[out] = distribution{moveKeys(n.Exprs, b.dist[in].keys)}
		return out, nil
	case *logical.Expand:
		out := &plan.Expand{Props: props, Input: in, Vary: n.Vary, Sets: n.Sets}
		b.dist[out] = b.dist[in]
		return out, nil
	case *logical.Unnest:
		if ip.Rowtime >= 0 {
			if props.Rowtime = slices.Index(n.Keep, ip.Rowtime); props.Rowtime < 0 {
				props.Rowtime = n.Schema().RowtimeIndex()
			}
		}
		out := &plan.Unnest{Props: props, Input: in, Column: n.Column, Keep: n.Keep, Ordinality: n.Ordinality, Outer: n.Outer, On: n.On}
		b.dist[out] = distribution{allPassedOn(n.Keep, b.dist[in].keys)}
		return out, nil
	case *logical.WindowTVF:
		if n.Window.Kind == plan.Session {
			return b.session(n, in)
		}
		props.Rowtime = -1
		if ip.Rowtime >= 0 {
			props.Rowtime = n.Schema().RowtimeIndex()
		}
		out := &plan.WindowTableFunction{Props: props, Input: in, Window: n.Window}
		b.dist[out] = b.dist[in]
		return out, nil
	}
	return nil, fmt.Errorf("planning: no operator for %s", n.Name())
}

// rowtimeBehind finds the event-time attribute behind a projection. Where it is projected
// away, watermarks flow on with another rowtime column, or end.
func rowtimeBehind(p *logical.Project, rowtime int) int {
	if rowtime < 0 {
		return -1
	}
	for i, x := range p.Exprs {
		if c, ok := x.(*expr.Column); ok && c.Index == rowtime {
			return i
		}
	}
	return p.Schema().RowtimeIndex()
}

// allPassedOn gives the places of columns, nil where one is lost.
func allPassedOn(keep, columns []int) []int {
	var out []int
	for _, c := range columns {
		i := slices.Index(keep, c)
		if i < 0 {
			return nil
		}
		out = append(out, i)
	}
	return out
}

// moveKeys follows hash columns through a projection; nil where one is lost.
func moveKeys(xs []expr.Expr, keys []int) []int {
	var out []int
	for _, k := range keys {
		at := -1
		for i, x := range xs {
			if c, ok := x.(*expr.Column); ok && c.Index == k && at < 0 {
				at = i
			}
		}
		if at < 0 {
			return nil
		}
		out = append(out, at)
	}
	return out
}

// props gives the properties of the operator for n.
func (b *builder) props(n logical.Node, kind string, parallelism int, changes connectors.ChangeSet, rowtime int) plan.Props {
	return plan.Props{
		ID: b.prints.id(kind, n), Schema: n.Schema().Vec(), Parallelism: parallelism, Changes: changes, UpsertKeys: n.Keys(), Rowtime: rowtime,
	}
}

func (b *builder) shared(n *logical.Shared) (plan.Node, error) {
	if done := b.blocks[n.Block]; done != nil {
		return done, nil
	}
	out, err := b.build(n.Block.Root, b.before[n.Block])
	if err != nil {
		return nil, err
	}
	b.blocks[n.Block] = out
	return out, nil
}

func (b *builder) scan(n *logical.Scan) plan.Node {
	p := b.o.Parallelism
	if n.Parallelism > 0 {
		p = n.Parallelism
	}
	if n.Changes() != connectors.InsertOnly && !n.Source.Concurrent() {
		p = 1 // a changelog that lies in one file after the other keeps its order
	}
	out := &plan.Source{
		Props: b.props(n, "Source", p, n.Changes(), -1), Table: n.Table.Path.String(), Source: n.Source, Columns: n.Columns, Filter: n.Filter,
	}
	if !passThrough(n) {
		out.Exprs = n.Exprs
	}
	if w := n.Watermark; w != nil {
		out.Watermark, out.Emit, out.IdleTimeout, out.Rowtime = w.X, w.Emit, w.IdleTimeout, w.Column
	}
	return out
}

// passThrough reports whether a scan gives just what is decoded.
func passThrough(n *logical.Scan) bool {
	if len(n.Exprs) != len(n.Columns) {
		return false
	}
	for i, x := range n.Exprs {
		if c, ok := x.(*expr.Column); !ok || c.Index != i {
			return false
		}
	}
	return true
}

// union brings all inputs to one parallelism.
func (b *builder) union(n *logical.UnionAll, before bool) (plan.Node, error) {
	ins := make([]plan.Node, len(n.Inputs))
	parallelism, rowtime := 1, true
	var changes connectors.ChangeSet
	for i, in := range n.Inputs {
		var err error
		if ins[i], err = b.build(in, before); err != nil {
			return nil, err
		}
		p := ins[i].Properties()
		parallelism = max(parallelism, p.Parallelism)
		changes |= p.Changes
		rowtime = rowtime && p.Rowtime >= 0
	}
	at := -1
	if rowtime {
		at = n.Schema().RowtimeIndex()
	}
	for i, in := range ins {
		ins[i] = b.rebalance(in, parallelism)
	}
	return &plan.UnionAll{Props: b.props(n, "UnionAll", parallelism, changes, at), Ins: ins}, nil
}
