package expr

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// columnNode reads an input column.
type columnNode int

func (n columnNode) compute(s *scope) (*vec.Vector, error) { return s.f.batch.Cols[n], nil }

// literalNode repeats a constant; the vector is filled once and cut to each batch.
type literalNode struct {
	value any
	out   *vec.Vector
}

func (l *literalNode) compute(s *scope) (*vec.Vector, error) {
	switch n, have := s.f.n, l.out.Len(); {
	case n == have:
	case n < have && !l.out.Type().IsNested():
		l.out.Resize(n)
	case n < have:
		l.out.Reset()
		fallthrough
	default:
		for l.out.Len() < n {
			if err := l.out.AppendValue(l.value); err != nil {
				return nil, err
			}
		}
	}
	return l.out, nil
}

// callNode runs a kernel over its arguments.
type callNode struct {
	args            []*cell
	vecs            []*vec.Vector
	kernel          udf.Kernel
	total, nullCall bool
	out             *vec.Vector
	valid           []int32
}

func (c *callNode) compute(s *scope) (*vec.Vector, error) {
	for i, a := range c.args {
		v, err := a.eval()
		if err != nil {
			return nil, err
		}
		c.vecs[i] = v
	}
	n := s.f.n
	c.out.Reset()
	if !c.out.Type().IsNested() {
		c.out.Resize(n)
	}
	var sel []int32
	if !c.total {
		sel = s.rows()
		if !c.nullCall {
			sel = c.withoutNulls(sel)
		}
	}
	if err := c.kernel(c.vecs, sel, n, c.out); err != nil {
		return nil, err
	}
	if !c.nullCall {
		for _, v := range c.vecs {
			c.out.AndValidity(v.Valid())
		}
	}
	return c.out, nil
}

// withoutNulls drops the rows that have a NULL argument.
func (c *callNode) withoutNulls(sel []int32) []int32 {
	for _, v := range c.vecs {
		valid := v.Valid()
		if valid == nil {
			continue
		}
		kept := c.valid[:0]
		for _, i := range sel {
			if vec.Bit(valid, int(i)) {
				kept = append(kept, i)
			}
		}
		sel, c.valid = kept, kept
	}
	return sel
}

// relabelNode gives a column another type that keeps its values as they lie in memory.
type relabelNode struct {
	arg   *cell
	as    types.Type
	alias vec.Vector
}

func (r *relabelNode) compute(*scope) (*vec.Vector, error) {
	v, err := r.arg.eval()
	if err != nil {
		return nil, err
	}
	r.alias.AliasOf(v)
	r.alias.Relabel(r.as)
	return &r.alias, nil
}

// fieldNode reads a field; a NULL row has NULL fields.
type fieldNode struct {
	row   *cell
	index int
	alias vec.Vector
}

func (f *fieldNode) compute(*scope) (*vec.Vector, error) {
	row, err := f.row.eval()
	if err != nil {
		return nil, err
	}
	field := row.Child(f.index)
	valid := row.Valid()
	if valid == nil {
		return field, nil
	}
	f.alias.AliasOf(field)
	f.alias.AndValidity(valid)
	return &f.alias, nil
}
