package op

import (
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// values gives constant rows, once, in Finish. It has no input.
type values struct {
	Base
	node *plan.Values
}

func newValues(n *plan.Values) *values { return &values{node: n} }

// Process is not called.
func (v *values) Process(int, *vec.Batch) error { return nil }

func (v *values) Finish() error {
	out, one := vec.NewBatch(v.node.Schema), &vec.Batch{}
	one.SetLen(1)
	limit := batchSize(v.Ctx.Config)
	for _, row := range v.node.Rows {
		prog, err := expr.Compile(row, v.Ctx.Env)
		if err != nil {
			return err
		}
		cols, err := prog.Eval(one)
		if err != nil {
			return err
		}
		for c, x := range cols {
			out.Cols[c].AppendRow(x, 0)
		}
		out.SetLen(out.Len() + 1)
		if out.Len() == limit {
			if err := v.Ctx.Out.Emit(out); err != nil {
				return err
			}
			out.Reset()
		}
	}
	if out.Len() == 0 {
		return nil
	}
	return v.Ctx.Out.Emit(out)
}
