package expr

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// A merger puts a column together from rows of several: the branches of CASE and
// COALESCE.
type merger struct {
	out    *vec.Vector
	nested bool
	n      int
	from   []*vec.Vector // nested: the sources, and which one each row is of
	which  []uint16
}

func newMerger(t types.Type, sources int) *merger {
	return &merger{out: vec.New(t), nested: t.IsNested(), from: make([]*vec.Vector, 0, sources)}
}

func (m *merger) begin(n int) {
	m.n = n
	m.out.Reset()
	if !m.nested {
		m.out.Resize(n)
		return
	}
	m.from = m.from[:0]
	if cap(m.which) < n {
		m.which = make([]uint16, n)
	}
	m.which = m.which[:n]
	clear(m.which)
}

// take copies rows of v. Nested values are copied in finish, in the order of rows.
func (m *merger) take(v *vec.Vector, rows []int32) {
	if !m.nested {
		m.out.CopyRows(v, rows)
		return
	}
	m.from = append(m.from, v)
	for _, i := range rows {
		m.which[i] = uint16(len(m.from))
	}
}

func (m *merger) finish() *vec.Vector {
	if m.nested {
		for i, w := range m.which {
			if w == 0 {
				m.out.AppendNull()
			} else {
				m.out.AppendRow(m.from[w-1], i)
			}
		}
	}
	return m.out
}

// bindCoalesce compiles COALESCE: a later argument is evaluated where all earlier ones
// are NULL, so its scope lies in that of the one before it.
func (c *compiler) bindCoalesce(x *cell, e *Call) error {
	n := &coalesceNode{merge: newMerger(e.T, len(e.Args))}
	var err error
	if n.first, err = c.cell(e.Args[0], x.scope); err != nil {
		return err
	}
	before := x.scope
	for k, a := range e.Args[1:] {
		open := before.inner()
		b, err := c.branch(a, open)
		if err != nil {
			return err
		}
		n.rest = append(n.rest, b)
		if k < maxNested {
			before = open
		}
	}
	n.nulls = make([][]int32, len(e.Args))
	x.node = n
	return nil
}

type coalesceNode struct {
	first *cell
	rest  []branch
	merge *merger
	nulls [][]int32 // by argument: the rows where it is NULL, too
	found []int32
}

func (c *coalesceNode) compute(s *scope) (*vec.Vector, error) {
	v, err := c.first.eval()
	if err != nil {
		return nil, err
	}
	rows := s.rows()
	if c.split(v, rows, 0); len(c.nulls[0]) == 0 {
		return v, nil
	}
	c.merge.begin(s.f.n)
	c.merge.take(v, c.found)
	for k := range c.rest {
		if rows = c.nulls[k]; len(rows) == 0 {
			break
		}
		if v, err = c.rest[k].eval(rows); err != nil {
			return nil, err
		}
		c.split(v, rows, k+1)
		c.merge.take(v, c.found)
		if k == len(c.rest)-1 {
			c.merge.take(v, c.nulls[k+1])
		}
	}
	return c.merge.finish(), nil
}

// split divides rows by whether v is NULL.
func (c *coalesceNode) split(v *vec.Vector, rows []int32, k int) {
	c.nulls[k], c.found = c.nulls[k][:0], c.found[:0]
	if v.Valid() == nil {
		c.found = append(c.found, rows...)
		return
	}
	for _, i := range rows {
		if v.IsNull(int(i)) {
			c.nulls[k] = append(c.nulls[k], i)
		} else {
			c.found = append(c.found, i)
		}
	}
}
