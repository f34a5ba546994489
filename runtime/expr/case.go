package expr

import (
	"github.com/weirstream/weir/runtime/vec"
)

// maxNested is how many conditions of a CASE, how many arguments of COALESCE, and how many conjuncts, share what they compute with all that come later.
// Looking for a cell goes through the scopes around it, so that scopes nested without a bound would make compiling a long list of these quadratic.
const maxNested = 64

// bindCase compiles CASE: each condition is a predicate over the rows that no earlier
// one took, each branch is evaluated for the rows that reach it. So the scope of a condition lies
// in that of the one before it, and the scope of a branch in that of its condition.
func (c *compiler) bindCase(x *cell, e *Case) error {
	n := &caseNode{merge: newMerger(e.T, len(e.Whens)+1)}
	before := x.scope
	for k, w := range e.Whens {
		open := before.inner()
		cond, passed, err := c.selector(w.Cond, open)
		if err != nil {
			return err
		}
		then, err := c.branch(w.Then, passed)
		if err != nil {
			return err
		}
		n.arms = append(n.arms, arm{scope: open, cond: cond, then: then})
		if k < maxNested {
			before = open
		}
	}
	var err error
	if n.els, err = c.branch(e.Else, before.inner()); err != nil {
		return err
	}
	x.node = n
	return nil
}

// branch compiles e in a scope that is its own.
func (c *compiler) branch(e Expr, s *scope) (branch, error) {
	x, err := c.cell(e, s)
	return branch{scope: s, cell: x}, err
}

// A branch is a value evaluated for some rows.
type branch struct {
	scope *scope
	cell  *cell
}

// eval evaluates the branch for rows, of which there is at least one.
func (b *branch) eval(rows []int32) (*vec.Vector, error) {
	b.scope.sel = rows
	return b.cell.eval()
}

type arm struct {
	scope   *scope
	cond    selector
	then    branch
	matched []int32
	rest    []int32
}

type caseNode struct {
	arms  []arm
	els   branch
	merge *merger
}

func (c *caseNode) compute(s *scope) (*vec.Vector, error) {
	rows := s.rows()
	c.merge.begin(s.f.n)
	for k := range c.arms {
		a := &c.arms[k]
		if len(rows) == 0 {
			break
		}
		a.scope.sel = rows
		var err error
		if a.matched, err = a.cond.pick(rows, a.matched[:0]); err != nil {
			return nil, err
		}
		if len(a.matched) > 0 {
			v, err := a.then.eval(a.matched)
			if err != nil {
				return nil, err
			}
			c.merge.take(v, a.matched)
		}
		a.rest = without(rows, a.matched, a.rest[:0])
		rows = a.rest
	}
	if len(rows) > 0 {
		v, err := c.els.eval(rows)
		if err != nil {
			return nil, err
		}
		c.merge.take(v, rows)
	}
	return c.merge.finish(), nil
}

// without appends the rows that are not in drop, which are some of them in the same
// order.
func without(rows, drop, dst []int32) []int32 {
	if len(drop) == 0 {
		return append(dst, rows...)
	}
	k := 0
	for _, i := range rows {
		if k < len(drop) && drop[k] == i {
			k++
			continue
		}
		dst = append(dst, i)
	}
	return dst
}
