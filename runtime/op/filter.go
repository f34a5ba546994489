package op

import (
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// filter passes on the rows for which a condition is TRUE, with their change kinds: a row
// may first appear as +U and vanish as -U. It keeps no state. Rows are not moved, the
// selection is narrowed; only when few are left they are copied together, so that what
// follows does not work on the dead ones.
type filter struct {
	watching
	node *plan.Filter
	cond *expr.Predicate
	sel  []int32
	out  vec.Batch  // a header over the input's columns
	few  *vec.Batch // copied rows
}

// sparse is how many rows of a batch there must be for one that is left, to copy it.
const sparse = 8

func newFilter(n *plan.Filter) *filter { return &filter{node: n, few: vec.NewBatch(n.Schema)} }

func (f *filter) Open(ctx *Context) (err error) {
	f.cond, err = expr.CompilePredicate(f.node.Cond, f.env(ctx))
	if err != nil {
		return err
	}
	return f.Base.Open(ctx)
}

func (f *filter) Process(_ int, b *vec.Batch) (err error) {
	f.sel, err = f.cond.Select(b, f.sel[:0])
	switch {
	case err != nil:
		return err
	case len(f.sel) == 0:
		return nil
	case len(f.sel) == b.Rows():
		return f.Ctx.Out.Emit(b)
	case sparse*len(f.sel) < b.Len():
		f.few.Reset()
		f.few.AppendRows(b, f.sel)
		return f.Ctx.Out.Emit(f.few)
	}
	f.out = vec.Batch{Cols: b.Cols, Kinds: b.Kinds, Sel: f.sel}
	f.out.SetLen(b.Len())
	return f.Ctx.Out.Emit(&f.out)
}
