package expr

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// Predicate narrows selections by a condition. It owns scratch memory: one a goroutine.
type Predicate struct {
	root *scope
	sel  selector
}

// CompilePredicate binds a BOOLEAN expression. Its conjuncts narrow the selection one
// after the other, left to right: a later one is evaluated for the rows that are left.
func CompilePredicate(e Expr, env *udf.Env) (*Predicate, error) {
	p, _, err := newCompiler(env).predicate(e)
	return p, err
}

// predicate compiles a condition for all rows, and gives the scope of those that it holds for.
func (c *compiler) predicate(e Expr) (*Predicate, *scope, error) {
	if k := e.Type().Kind; k != types.Boolean && k != types.Null {
		return nil, nil, diag.Errorf(e.Span(), "a condition must be a boolean, but is %s", e.Type().WithNull())
	}
	sel, passed, err := c.selector(e, c.root)
	if err != nil {
		return nil, nil, err
	}
	return &Predicate{root: c.root, sel: sel}, passed, nil
}

// Select appends to dst the rows, among those of b that count, for which the condition
// is TRUE. The result is never nil: as a selection that would mean all rows. Errors are
// those of Program.Eval.
func (p *Predicate) Select(b *vec.Batch, dst []int32) ([]int32, error) {
	if dst == nil {
		dst = []int32{}
	}
	p.root.f.begin(b)
	p.root.sel = b.Sel
	return p.sel.pick(b.Sel, dst)
}

// A selector appends to dst the rows (nil: all) for which a condition is TRUE. The
// scope that it was compiled in has the same rows.
type selector interface {
	pick(rows []int32, dst []int32) ([]int32, error)
}

// selector compiles a condition for the rows of s. passed is a scope for those that it holds for: what it has
// computed of them is shared.
func (c *compiler) selector(e Expr, s *scope) (sel selector, passed *scope, err error) {
	conds := Conjuncts(e)
	if len(conds) == 1 {
		sel, err = c.oneSelector(e, s)
		return sel, s.inner(), err
	}
	and := &andSelector{f: s.f}
	before := s
	for i, cond := range conds {
		if i > 0 {
			s = before.inner()
		}
		sel, err := c.oneSelector(cond, s)
		if err != nil {
			return nil, nil, err
		}
		and.steps = append(and.steps, andStep{scope: s, sel: sel})
		if i < maxNested {
			before = s
		}
	}
	return and, s.inner(), nil
}

func (c *compiler) oneSelector(e Expr, s *scope) (selector, error) {
	x, err := c.cell(e, s)
	if err != nil {
		return nil, err
	}
	bits := &bitSelector{cell: x}
	if call, ok := e.(*Call); ok {
		if cmp := c.comparison(call, s); cmp != nil {
			cmp.dense = bits
			return cmp, nil
		}
	}
	return bits, nil
}

// andSelector narrows step by step.
type andSelector struct {
	f     *frame
	steps []andStep
}

type andStep struct {
	scope *scope
	sel   selector
	out   []int32
}

func (a *andSelector) pick(rows, dst []int32) ([]int32, error) {
	last := len(a.steps) - 1
	for k := range a.steps {
		st := &a.steps[k]
		if k > 0 {
			st.scope.sel = rows
		}
		if k == last {
			return st.sel.pick(rows, dst)
		}
		var err error
		if st.out, err = st.sel.pick(rows, st.out[:0]); err != nil {
			return dst, err
		}
		if rows = st.out; len(rows) == 0 {
			return dst, nil
		}
	}
	return dst, nil
}

// bitSelector evaluates the condition to a column and picks its TRUEs.
type bitSelector struct {
	cell  *cell
	words []uint64
}

func (b *bitSelector) pick(rows, dst []int32) ([]int32, error) {
	v, err := b.cell.eval()
	if err != nil {
		return dst, err
	}
	bits, valid := v.Bits(), v.Valid()
	if rows == nil {
		if valid == nil {
			return vec.AppendSet(dst, bits, b.cell.scope.f.n), nil
		}
		b.words = b.words[:0]
		for i, w := range valid {
			b.words = append(b.words, w&bits[i])
		}
		return vec.AppendSet(dst, b.words, b.cell.scope.f.n), nil
	}
	if valid == nil {
		for _, i := range rows {
			if vec.Bit(bits, int(i)) {
				dst = append(dst, i)
			}
		}
		return dst, nil
	}
	for _, i := range rows {
		if vec.Bit(bits, int(i)) && vec.Bit(valid, int(i)) {
			dst = append(dst, i)
		}
	}
	return dst, nil
}
