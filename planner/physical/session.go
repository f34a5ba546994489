package physical

import (
	"fmt"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
)

// session makes the operator that gives rows their sessions, behind an exchange by the partition.
func (b *builder) session(n *logical.WindowTVF, in plan.Node) (plan.Node, error) {
	if err := sessionInput(n.Input); err != nil {
		return nil, err
	}
	rowtime := -1
	if !n.Window.ProcTime {
		if in.Properties().Rowtime < 0 {
			return nil, fmt.Errorf("planning: no watermark reaches the sessions of %s", n.Input.Name())
		}
		rowtime = n.Schema().RowtimeIndex()
	}
	parallelism := b.parallelism(n.Partition)
	out := &plan.WindowTableFunction{
		Props: b.props(n, "WindowTableFunction", parallelism, connectors.InsertOnly, rowtime), Input: b.byKey(in, n.Partition, parallelism),
		Window: n.Window, Keys: n.Partition,
	}
	if parallelism > 1 {
		b.dist[out] = distribution{n.Partition}
	}
	return out, nil
}

// sessionInput refuses updates: what a row that is taken back has joined cannot be parted.
func sessionInput(in logical.Node) error {
	if logical.AppendOnly(in) {
		return nil
	}
	what, _ := culprit(in)
	return diag.Unsupported(diag.Span{}, "SESSION windows over updates, which come from %s", what)
}

// sessionCalls refuses aggregates that cannot be merged session by session.
func sessionCalls(calls []agg.Call) error {
	for _, c := range calls {
		if c.Distinct {
			return diag.Unsupported(diag.Span{}, "%s in a SESSION window", c.Text)
		}
	}
	return nil
}

// sessionGroups says why an aggregation and its SESSION could not become one.
func sessionGroups(n *logical.Aggregate) error {
	err := diag.Unsupported(diag.Span{}, "SESSION windows whose rows are filtered or grouped otherwise than by the PARTITION BY of the TABLE argument")
	if !n.Window.ByGroup {
		return err.WithHint("group by window_start, window_end and just those columns; filter in a sub-query: SESSION(TABLE (SELECT … WHERE …) PARTITION BY …)")
	}
	return err
}
