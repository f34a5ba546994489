package rule

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/types"
)

// countAsRank makes a ROW_NUMBER() in the order of time, which no condition bounds, a count of the rows so
// far, and RANK() and DENSE_RANK() aggregates of the rows' times. In processing time no two rows have the same.
func countAsRank(_ *Context, n logical.Node) (logical.Node, error) {
	r, ok := n.(*logical.Rank)
	if !ok || r.Function == "" || r.From != 1 || r.To != 0 || !r.Number || !logical.AppendOnly(r.Input) {
		return nil, nil
	}
	call := agg.RowsCall()
	if in := r.Input.Schema(); r.Function != "ROW_NUMBER" && len(r.Order) == 1 && in[r.Order[0].Column].Time == logical.Rowtime {
		call.Fn, call.Args = agg.Rank(r.Function == "DENSE_RANK"), []int{r.Order[0].Column}
		call.Sig.Params = []types.Type{in[r.Order[0].Column].Type}
	}
	call.Name, call.Text = r.Schema()[len(r.Schema())-1].Name, r.Function+"()"
	over := logical.NewOver(r.Input, logical.OverSpec{
		Partition: r.Partition, Order: r.Order, Frame: plan.Frame{Rows: true, Preceding: plan.Unbounded}, Calls: []agg.Call{call}, At: r.At,
	})
	if over.TimeCol() < 0 {
		return nil, nil
	}
	return over, nil
}
