package agg

import "github.com/weirstream/weir/runtime/vec"

// single is implemented by accumulators whose state of a lone row can be had without adding it up: it is the
// row's argument, or one.
type single interface {
	// Single gives the state's only column for groups that are a row each, of all n rows of the batch
	// that args come from; nil where it has to be computed after all. The vector is the
	// argument itself or the accumulator's, valid until the next call.
	Single(args []*vec.Vector, n int) *vec.Vector
}

// Singles appends to out the state of groups that are one row each, for all rows of the batch, in the layout
// of AppendState: out then shares the batch's columns. It reports false where that cannot be had so.
func (a *Accumulators) Singles(b *vec.Batch, out []*vec.Vector) ([]*vec.Vector, bool) {
	for i := range a.calls {
		s, ok := a.accs[i].(single)
		if !ok || a.calls[i].Filter >= 0 || a.calls[i].distinct() {
			return nil, false
		}
		v := s.Single(a.argsOf(i, b.Cols), b.Len())
		if v == nil {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

// Single gives ones, if no row is passed over.
func (c *count) Single(args []*vec.Vector, n int) *vec.Vector {
	for _, a := range args {
		if a.Valid() != nil {
			return nil
		}
	}
	if c.ones == nil {
		c.ones = vec.New(c.State()[0].Type)
	}
	if from := c.ones.Len(); from < n {
		c.ones.Resize(n)
		for i := range vec.Values[int64](c.ones)[from:] {
			vec.Values[int64](c.ones)[from+i] = 1
		}
	}
	c.ones.Resize(n)
	return c.ones
}

// Single gives the argument: the greatest and the least of one value.
func (e *extreme[T]) Single(args []*vec.Vector, _ int) *vec.Vector { return args[0] }

// Single gives the argument: the greatest and the least of one value.
func (e *extremeRow) Single(args []*vec.Vector, _ int) *vec.Vector { return args[0] }

// Single gives the argument: the sum of one value.
func (s *sum[T]) Single(args []*vec.Vector, _ int) *vec.Vector {
	if s.retract {
		return nil
	}
	return args[0]
}
