package physical

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// rank makes the operator of a Rank: behind a hash exchange by its partition, or in one subtask without
// one.
func (b *builder) rank(n *logical.Rank, before bool) (plan.Node, error) {
	if err := rankable(n); err != nil {
		return nil, err
	}
	in, err := b.build(n.Input, wantsBefore(n, before))
	if err != nil {
		return nil, err
	}
	parallelism := b.parallelism(n.Partition)
	rowtime := in.Properties().Rowtime
	in = b.byKey(in, n.Partition, parallelism)
	changes := n.Changes()
	if !before {
		changes &^= 1 << vec.UpdateBefore
	}
	props := b.props(n, n.Name(), parallelism, changes, rowtime)
	out, err := b.rankOperator(n, props, in, before)
	if err != nil {
		return nil, err
	}
	if parallelism > 1 {
		b.dist[out] = distribution{n.Partition}
	}
	return out, nil
}

// rankable refuses what nothing bounds.
func rankable(n *logical.Rank) error {
	switch {
	case n.Function != "ROW_NUMBER" && n.Function != "":
		return diag.Unsupported(n.At, "%s() over a stream, otherwise than by all rows in the order of time", n.Function).
			WithHint("Flink refuses it too; ROW_NUMBER() … WHERE rn <= N gives the first N rows")
	case n.To == 0:
		return diag.Unsupported(n.At, "ROW_NUMBER() that is not bounded by a condition such as WHERE rn <= 10")
	}
	return nil
}

func (b *builder) rankOperator(n *logical.Rank, props plan.Props, in plan.Node, before bool) (plan.Node, error) {
	switch form := n.Form(); form {
	case logical.FirstRow, logical.LastRow:
		k := n.Order[0]
		proctime := n.Input.Schema()[k.Column].Time == logical.Proctime
		if n.WaitsForTime() && props.Rowtime < 0 {
			return nil, fmt.Errorf("planning: no watermark reaches the deduplication %s", props.ID)
		}
		if proctime && form == logical.LastRow {
			var err error
			if in, err = b.gathered(in, props.ID); err != nil {
				return nil, err
			}
		}
		return &plan.Deduplicate{
			Props: props, Input: in, Keys: n.Partition, TimeCol: k.Column, ProcTime: proctime, Last: form == logical.LastRow, UpdateBefore: before,
		}, nil
	case logical.WindowTopN:
		w, start, end := n.Window() // watermarks come with it, whether its time is passed on or not
		return &plan.WindowTopN{
			Props: props, Input: in, Window: w, Start: start, End: end, Partition: n.Partition, Order: n.Order, From: n.From, To: n.To,
			Number: n.Number, Newest: n.KeepsNewest(),
		}, nil
	case logical.TopN:
		retract := in.Properties().Changes != connectors.InsertOnly
		out := &plan.TopN{
			Props: props, Input: in, Partition: n.Partition, Order: n.Order, From: n.From, To: n.To, Number: n.Number, UpdateBefore: before,
			InputRetract: retract,
		}
		if keys := n.Input.Keys(); retract && len(keys) > 0 {
			out.RowKey = append([]int{}, keys[0]...)
		}
		return out, nil
	}
	return nil, fmt.Errorf("planning: no operator for %s", n.Name())
}

// rankCulprit names a Rank that makes updates of inserts.
func rankCulprit(n *logical.Rank) (what, way string) {
	switch {
	case n.Function == "":
		return "the ORDER BY … LIMIT", "leave ORDER BY out"
	case n.Form() == logical.LastRow:
		return "the ROW_NUMBER() that keeps the last row of each key", "keep the first one (ORDER BY time ascending)"
	}
	return "the Top-N", "rank within a window (PARTITION BY window_start, window_end), whose results are final"
}

// sort makes the operator of a Sort: one subtask sorts all.
func (b *builder) sort(n *logical.Sort) (plan.Node, error) {
	if !logical.AppendOnly(n.Input) {
		what, _ := culprit(n.Input)
		return nil, diag.Errorf(n.At, "only inserts can be sorted by time, but there are updates: they come from %s", what).
			WithHint("with a LIMIT a changelog can be ordered")
	}
	in, err := b.build(n.Input, false)
	if err != nil {
		return nil, err
	}
	rowtime := in.Properties().Rowtime
	if rowtime < 0 {
		return nil, fmt.Errorf("planning: no watermark reaches the sort")
	}
	return &plan.Sort{Props: b.props(n, "Sort", 1, connectors.InsertOnly, rowtime), Input: b.gather(in), Order: n.Order}, nil
}

func orderPrints(keys []order.Key, in print) []string {
	var out []string
	for _, k := range keys {
		out = append(out, in.columns[k.Column], fmt.Sprint(k.Desc, k.NullsLast))
	}
	return out
}

// rankPrint prints a Rank; the order of the partition's columns does not count.
func rankPrint(n *logical.Rank, in print) print {
	parts := []string{"rank", n.Function, in.rows, fmt.Sprint(n.From, n.To, n.Number)}
	partition := make([]string, len(n.Partition))
	for i, c := range n.Partition {
		partition[i] = in.columns[c]
	}
	slices.Sort(partition)
	parts = append(parts, partition...)
	parts = append(parts, orderPrints(n.Order, in)...)
	p := print{hash(parts...), slices.Clone(in.columns)}
	if n.Number {
		p.columns = append(p.columns, hash(p.rows, "number"))
	}
	return p
}
