package op

import (
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// project computes columns. It keeps no state, and selection and change kinds as they are;
// a column that is only renamed or moved is not copied.
type project struct {
	watching
	node *plan.Project
	prog *expr.Program
	out  vec.Batch
}

func newProject(n *plan.Project) *project { return &project{node: n} }

func (p *project) Open(ctx *Context) (err error) {
	p.prog, err = expr.Compile(p.node.Exprs, p.env(ctx))
	if err != nil {
		return err
	}
	return p.Base.Open(ctx)
}

func (p *project) Process(_ int, b *vec.Batch) error {
	cols, err := p.prog.Eval(b)
	if err != nil {
		return err
	}
	p.out = vec.Batch{Cols: cols, Kinds: b.Kinds, Sel: b.Sel}
	p.out.SetLen(b.Len())
	return p.Ctx.Out.Emit(&p.out)
}
