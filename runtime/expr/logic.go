package expr

import (
	"github.com/weirstream/weir/runtime/vec"
)

// bindLogic compiles AND and OR. The right side is evaluated only for rows that the left
// does not decide, unless it is so cheap that the narrowing would cost more.
func (c *compiler) bindLogic(x *cell, e *Call) error {
	left, err := c.cell(e.Args[0], x.scope)
	if err != nil {
		return err
	}
	for _, a := range e.Args[1:] {
		n := &logicNode{left: left, or: e.Fn.Name == "OR", out: vec.New(e.T), inner: x.scope.inner()}
		if n.right, err = c.cell(a, n.inner); err != nil {
			return err
		}
		cheap := left.cheap && n.right.cheap
		left = &cell{node: n, e: x.e, scope: x.scope, cheap: cheap}
	}
	x.node, x.cheap = left.node, left.cheap
	return nil
}

// logicNode is AND, or OR, of two columns.
type logicNode struct {
	left, right *cell
	inner       *scope // of the right side
	or          bool
	out         *vec.Vector
	open        []int32
}

func (l *logicNode) compute(s *scope) (*vec.Vector, error) {
	a, err := l.left.eval()
	if err != nil {
		return nil, err
	}
	if l.right.cheap {
		l.inner.sel = s.sel
	} else {
		l.open = undecided(a, s.rows(), l.or, l.open[:0])
		if len(l.open) == 0 {
			return a, nil
		}
		l.inner.sel = l.open
	}
	b, err := l.right.eval()
	if err != nil {
		return nil, err
	}
	n := s.f.n
	l.out.Reset()
	l.out.Resize(n)
	if l.or {
		orWords(a, b, l.out, n)
	} else {
		andWords(a, b, l.out, n)
	}
	return l.out, nil
}

// undecided appends the rows that the left side leaves open: not FALSE for AND, not
// TRUE for OR.
func undecided(v *vec.Vector, rows []int32, or bool, dst []int32) []int32 {
	bits := v.Bits()
	for _, i := range rows {
		if vec.Bit(bits, int(i)) != or || v.IsNull(int(i)) {
			dst = append(dst, i)
		}
	}
	return dst
}

// validWord gives word i of a validity bitmap that may be missing.
func validWord(valid []uint64, i int) uint64 {
	if valid == nil {
		return ^uint64(0)
	}
	return valid[i]
}

// andWords is three-valued AND: what the left side decides does not depend on the
// right, which may hold anything there.
func andWords(a, b, out *vec.Vector, n int) {
	av, bv := a.Valid(), b.Valid()
	x, y, o := a.Bits(), b.Bits(), out.Bits()
	if av == nil && bv == nil {
		for i := range o[:vec.WordsFor(n)] {
			o[i] = x[i] & y[i]
		}
		return
	}
	valid := out.EnsureValid()
	for i := range o[:vec.WordsFor(n)] {
		xv, yv := validWord(av, i), validWord(bv, i)
		o[i] = x[i] & xv & y[i] & yv
		valid[i] = o[i] | ^x[i]&xv | ^y[i]&yv
	}
}

// orWords is three-valued OR.
func orWords(a, b, out *vec.Vector, n int) {
	av, bv := a.Valid(), b.Valid()
	x, y, o := a.Bits(), b.Bits(), out.Bits()
	if av == nil && bv == nil {
		for i := range o[:vec.WordsFor(n)] {
			o[i] = x[i] | y[i]
		}
		return
	}
	valid := out.EnsureValid()
	for i := range o[:vec.WordsFor(n)] {
		xv, yv := validWord(av, i), validWord(bv, i)
		o[i] = x[i]&xv | y[i]&yv
		valid[i] = o[i] | ^x[i]&xv & ^y[i] & yv
	}
}
