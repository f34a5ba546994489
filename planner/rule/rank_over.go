package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
)

// countAsRank makes a ROW_NUMBER() in the order of time, which no condition bounds, a count of the rows so
// far.
func countAsRank(_ *Context, n logical.Node) (logical.Node, error) {
	r, ok := n.(*logical.Rank)
	if !ok || r.Function != "ROW_NUMBER" || r.From != 1 || r.To != 0 || !r.Number || !logical.AppendOnly(r.Input) {
		return nil, nil
	}
	count := agg.RowsCall()
	count.Name, count.Text = r.Schema()[len(r.Schema())-1].Name, "ROW_NUMBER()"
	over := logical.NewOver(r.Input, logical.OverSpec{
		Partition: r.Partition, Order: r.Order, Frame: plan.Frame{Rows: true, Preceding: plan.Unbounded}, Calls: []agg.Call{count}, At: r.At,
	})
	if over.TimeCol() < 0 {
		return nil, nil
	}
	return over, nil
}
