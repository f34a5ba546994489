package physical

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// sink makes the operator that writes a table, once it is certain that the table takes
// what the query gives.
func (b *builder) sink(n *logical.Sink) (*plan.Sink, error) {
	if err := b.accepts(n); err != nil {
		return nil, err
	}
	keep := b.materializes(n)
	in, err := b.build(n.Input, keep || wantsBefore(n, false))
	if err != nil {
		return nil, diag.At(err, n.At)
	}
	// What is enforced may change the key by which rows are spread.
	in = b.towardsSink(n, b.constrain(n, in, keep), keep)
	if keep {
		in = b.materialize(n, in)
	}
	p := in.Properties()
	// What is left of -U is dropped by the sink: a +U of the same key follows.
	changes := p.Changes &^ (p.Changes &^ n.SinkSpec.Sink.Accepts() & (1 << vec.UpdateBefore))
	return &plan.Sink{
		Props: b.props(n, "Sink", p.Parallelism, changes, p.Rowtime), Input: in, Table: n.Table, Sink: n.SinkSpec.Sink, Columns: n.Columns,
		Keys: n.Key,
	}, nil
}

// constrain places the checks before a sink, where there is something to check.
func (b *builder) constrain(n *logical.Sink, in plan.Node, keep bool) plan.Node {
	p := in.Properties()
	deletes := !keep && n.Key != nil && p.Changes.Has(vec.UpdateBefore) && !n.SinkSpec.Sink.Accepts().Has(vec.UpdateBefore) &&
		(filtersUpdates(n.Input) || !sameKey(n.Input.Keys(), n.Key))
	if len(n.NotNull) == 0 && len(n.Lengths) == 0 && !deletes {
		return in
	}
	out := &plan.Constrain{
		Props: *p, Input: in, Table: shortName(n.Table), At: n.At, NotNull: n.NotNull, DropNulls: n.DropNulls,
		Lengths: n.Lengths, FailOnLength: n.FailOnLength, BeforeAsDelete: deletes,
	}
	out.ID = hash("Constrain", p.ID)
	if deletes {
		out.Changes = out.Changes&^(1<<vec.UpdateBefore) | 1<<vec.Delete
	}
	b.dist[out] = b.dist[in]
	return out
}

// filtersUpdates reports whether a +U may be missing behind its -U: because a filter stands
// between who makes updates and the sink, or because a source's own changelog comes through.
func filtersUpdates(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Shared:
		return filtersUpdates(n.Block.Root)
	case *logical.Aggregate, *logical.WindowAggregate, *logical.Rank, *logical.SetOperation, *logical.Normalize:
		return false
	case *logical.Filter, *logical.Unnest:
		if n.Children()[0].Changes().Has(vec.UpdateAfter) {
			return true
		}
	case *logical.Scan:
		return n.Filter != nil && n.Changes().Has(vec.UpdateAfter)
	}
	return slices.ContainsFunc(n.Children(), filtersUpdates)
}

// towardsSink places the exchange before a sink. The result of a query goes to one
// writer; rows of one primary key go to one writer, in order.
func (b *builder) towardsSink(n *logical.Sink, in plan.Node, keep bool) plan.Node {
	if n.Table == "" {
		return b.gather(in)
	}
	p := n.Parallelism
	if p == 0 {
		p = in.Properties().Parallelism
	}
	if n.Key != nil && (b.o.KeyedShuffle || keep) {
		return b.byKey(in, n.Key, p)
	}
	if p == in.Properties().Parallelism || in.Properties().Changes == connectors.InsertOnly {
		return b.rebalance(in, p)
	}
	// Changes of one row must not overtake each other.
	if keys := in.Properties().UpsertKeys; len(keys) > 0 {
		return b.byKey(in, keys[0], p)
	}
	return b.gather(in)
}

// accepts checks that the sink takes the kinds of changes that the query gives.
func (b *builder) accepts(n *logical.Sink) error {
	in := n.Input
	if logical.AppendOnly(in) {
		return nil
	}
	takes := n.SinkSpec.Sink.Accepts()
	if takes == connectors.InsertOnly {
		what, way := culprit(in)
		return diag.Errorf(n.At, "table '%s' takes inserts only, but the query gives updates: they come from %s", shortName(n.Table), what).
			WithHint("%s, or write to a table that takes updates (a PRIMARY KEY and a connector for upserts, or a format of changes such as 'debezium-json')", way)
	}
	if takes.Has(vec.UpdateBefore) {
		return nil
	}
	if _, ok := n.SinkSpec.Sink.(connectors.Keyless); n.Key == nil && !ok {
		return diag.Errorf(n.At, "table '%s' takes updates by key, but has no PRIMARY KEY", shortName(n.Table)).
			WithHint("declare PRIMARY KEY (…) NOT ENFORCED with the columns that identify a row of the query: %s", keyNames(in))
	}
	return nil
}

// covered reports whether some upsert key lies within the sink's key.
func covered(keys [][]int, sink []int) bool {
	return slices.ContainsFunc(keys, func(k []int) bool {
		return !slices.ContainsFunc(k, func(c int) bool { return !slices.Contains(sink, c) })
	})
}

// sameKey reports whether some upsert key is the sink's key.
func sameKey(keys [][]int, sink []int) bool {
	return slices.ContainsFunc(keys, func(k []int) bool { return len(k) == len(sink) && covered([][]int{k}, sink) })
}

// culprit names what makes updates of inserts, and the way out.
func culprit(n logical.Node) (what, way string) {
	what, way = "its input", "read inserts only"
	var find func(n logical.Node) bool
	find = func(n logical.Node) bool {
		switch n := n.(type) {
		case *logical.Shared:
			return find(n.Block.Root)
		case *logical.Scan:
			if !logical.AppendOnly(n) {
				what, way = "table '"+n.Table.Path.Name+"', whose changelog holds updates", "read another table"
				return true
			}
		case *logical.SetOperation:
			if !logical.AppendOnly(n) && logical.AppendOnly(n.Input) {
				what, way = "the EXCEPT, whose rows go when the right side gets them", "use INTERSECT, whose rows stay"
				return true
			}
		case *logical.Aggregate:
			if !logical.AppendOnly(n) {
				what, way = aggregateCulprit(n)
				return true
			}
		case *logical.Rank:
			if logical.AppendOnly(n.Input) && !logical.AppendOnly(n) {
				what, way = rankCulprit(n)
				return true
			}
		}
		return slices.ContainsFunc(n.Children(), find)
	}
	find(n)
	return what, way
}

func aggregateCulprit(n *logical.Aggregate) (what, way string) {
	way = "group by a window (TUMBLE with window_start and window_end), whose results are final"
	switch {
	case len(n.Calls) == 0:
		return "the DISTINCT", "leave DISTINCT out or distinguish within a window"
	case len(n.GroupBy) == 0:
		return "the aggregation without GROUP BY", way
	}
	keys := slices.DeleteFunc(n.Schema().Names()[:len(n.GroupBy)], func(name string) bool { return name == logical.SetColumn })
	return "the GROUP BY " + strings.Join(keys, ", "), way
}

func keyNames(n logical.Node) string {
	if len(n.Keys()) == 0 {
		return "none, its key columns are not selected"
	}
	return strings.Join(pick(n, n.Keys()[0]), ", ")
}

func pick(n logical.Node, columns []int) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = n.Schema()[c].Name
	}
	return names
}

// shortName is a table's own name.
func shortName(path string) string {
	if path == "" {
		return "result"
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}
