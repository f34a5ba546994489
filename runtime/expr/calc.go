package expr

import (
	"slices"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf"
)

// Calc is a condition and expressions for the rows that it holds for, in one program: what the
// condition has computed of a row is not computed again. It owns scratch memory: one a goroutine.
type Calc struct {
	cond   *Predicate
	passed *scope
	cells  []*cell
	outs   []*vec.Vector
}

// CompileCalc binds a BOOLEAN expression as CompilePredicate does, and exprs behind it.
func CompileCalc(cond Expr, exprs []Expr, env *udf.Env) (*Calc, error) {
	c := newCompiler(env)
	p, passed, err := c.predicate(cond)
	if err != nil {
		return nil, err
	}
	cells, err := c.all(exprs, passed)
	if err != nil {
		return nil, err
	}
	return &Calc{cond: p, passed: passed, cells: cells, outs: make([]*vec.Vector, len(exprs))}, nil
}

// Select is Predicate.Select.
func (c *Calc) Select(b *vec.Batch, dst []int32) ([]int32, error) { return c.cond.Select(b, dst) }

// Eval computes the expressions for rows, of which there is at least one: those that the last Select gave, or
// nil where it gave all rows of a batch without a selection. The vectors are as those of Program.Eval, and valid
// till the next Select.
func (c *Calc) Eval(rows []int32) ([]*vec.Vector, error) {
	c.passed.sel = rows
	return evalAll(c.cells, c.outs)
}

// HaveCommon reports whether a Calc of cond and exprs may compute less than the two by themselves: a
// deterministic part that is more than a column, a field or a constant stands in both.
func HaveCommon(cond Expr, exprs []Expr) bool {
	k := newKeys()
	in := map[int]bool{}
	Walk(cond, func(e Expr) bool {
		if n, deterministic := k.of(e); deterministic && !IsTrivial(e) {
			in[n] = true
		}
		return true
	})
	return slices.ContainsFunc(exprs, func(e Expr) bool {
		found := false
		Walk(e, func(e Expr) bool {
			n, deterministic := k.of(e)
			found = found || deterministic && in[n]
			return !found
		})
		return found
	})
}
