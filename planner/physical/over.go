package physical

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
)

// over makes the operator of OVER aggregates: behind a hash exchange by its partition, or in one subtask
// without one.
func (b *builder) over(n *logical.Over) (plan.Node, error) {
	if err := overable(n); err != nil {
		return nil, err
	}
	in, err := b.build(n.Input, false)
	if err != nil {
		return nil, err
	}
	rowtime := in.Properties().Rowtime
	if n.WaitsForTime() && rowtime < 0 {
		return nil, fmt.Errorf("planning: no watermark reaches the OVER aggregation")
	}
	parallelism := b.parallelism(n.Partition)
	out := &plan.Over{
		Props: b.props(n, n.Name(), parallelism, connectors.InsertOnly, rowtime), Input: b.byKey(in, n.Partition, parallelism),
		Partition: n.Partition, TimeCol: n.TimeCol(), ProcTime: !n.WaitsForTime(), Frame: n.Frame, Calls: n.Calls,
	}
	if parallelism > 1 {
		b.dist[out] = distribution{n.Partition}
	}
	return out, nil
}

// overable refuses orders and inputs for which rows would not be final.
func overable(n *logical.Over) error {
	if len(n.Order) != 1 || n.TimeCol() < 0 {
		return diag.Unsupported(n.At, "OVER with an order other than one ascending time attribute").
			WithHint("ORDER BY the column of the table's WATERMARK, or a column AS PROCTIME()")
	}
	if !logical.AppendOnly(n.Input) {
		what, way := culprit(n.Input)
		return diag.Errorf(n.At, "OVER takes inserts only, but there are updates: they come from %s", what).WithHint("%s", way)
	}
	if n.Frame.Bounded() {
		for _, c := range n.Calls {
			if c.Fn.AppendOnly {
				return diag.Unsupported(n.At, "%s over rows that leave the frame", c.Text)
			}
		}
	}
	return nil
}

// overPrint prints OVER aggregates; which other columns are passed on does not count.
func overPrint(n *logical.Over, in print) print {
	var partition, order []string
	for _, c := range n.Partition {
		partition = append(partition, in.columns[c])
	}
	slices.Sort(partition)
	for _, k := range n.Order {
		order = append(order, in.columns[k.Column])
	}
	p := aggregate(hash(append(append([]string{"over", n.Frame.String()}, partition...), order...)...), in, nil, n.Calls)
	return print{p.rows, append(slices.Clone(in.columns), p.columns...)}
}
