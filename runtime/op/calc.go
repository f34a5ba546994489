package op

import (
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// calc is a filter and the projection behind it in one, so that what the condition has computed of a row
// is not computed again. It gives the rows and kinds that the two would, and keeps no state. Rows are not moved
// unless few are left.
type calc struct {
	watching
	node *plan.Calc
	prog *expr.Calc
	sel  []int32
	out  vec.Batch  // a header over what prog computes
	few  *vec.Batch // copied rows
}

func newCalc(n *plan.Calc) *calc { return &calc{node: n, few: vec.NewBatch(n.Schema)} }

func (c *calc) Open(ctx *Context) (err error) {
	c.prog, err = expr.CompileCalc(c.node.Cond, c.node.Exprs, c.env(ctx))
	if err != nil {
		return err
	}
	return c.Base.Open(ctx)
}

func (c *calc) Process(_ int, b *vec.Batch) (err error) {
	if c.sel, err = c.prog.Select(b, c.sel[:0]); err != nil || len(c.sel) == 0 {
		return err
	}
	rows := c.sel
	if len(rows) == b.Rows() {
		rows = b.Sel
	}
	cols, err := c.prog.Eval(rows)
	if err != nil {
		return err
	}
	c.out = vec.Batch{Cols: cols, Kinds: b.Kinds, Sel: rows}
	c.out.SetLen(b.Len())
	if sparse*len(c.sel) >= b.Len() {
		return c.Ctx.Out.Emit(&c.out)
	}
	c.few.Reset()
	c.few.AppendRows(&c.out, rows)
	return c.Ctx.Out.Emit(c.few)
}
