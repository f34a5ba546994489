package task

import (
	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf"
)

// rowMaker computes what the plan sees of a source's rows: columns, watermarks, the filter.
type rowMaker struct {
	exprs     *expr.Program   // nil: the decoded columns as they are
	watermark *expr.Program   // nil: none
	unit      int64           // of the watermark's values: how many make a second
	cond      *expr.Predicate // nil: none

	marks []int64
	kept  []int32
	run   []int32
}

func newRowMaker(s *plan.Source, env *udf.Env) (m *rowMaker, err error) {
	m = &rowMaker{}
	if s.Exprs != nil {
		if m.exprs, err = expr.Compile(s.Exprs, env); err != nil {
			return nil, err
		}
	}
	if s.Watermark != nil {
		m.unit = vec.UnitOf(s.Watermark.Type().Precision)
		if m.watermark, err = expr.Compile([]expr.Expr{s.Watermark}, env); err != nil {
			return nil, err
		}
	}
	if s.Filter != nil {
		if m.cond, err = expr.CompilePredicate(s.Filter, env); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// columns makes out a batch of the columns that the plan sees of the decoded batch b.
func (m *rowMaker) columns(b, out *vec.Batch) (err error) {
	out.Cols, out.Kinds, out.Sel = b.Cols, b.Kinds, b.Sel
	out.SetLen(b.Len())
	if m.exprs != nil {
		out.Cols, err = m.exprs.Eval(b)
	}
	return err
}

// watermarks gives the watermark of every row; nil where the source has none. NULL lifts
// nothing.
func (m *rowMaker) watermarks(b *vec.Batch) (*vec.Vector, error) {
	if m.watermark == nil {
		return nil, nil
	}
	v, err := m.watermark.Eval(b)
	if err != nil {
		return nil, err
	}
	return v[0], nil
}

// filter narrows the selection of b to the rows that the plan wants.
func (m *rowMaker) filter(b *vec.Batch) (err error) {
	if m.cond == nil {
		return nil
	}
	m.kept, err = m.cond.Select(b, m.kept[:0])
	if len(m.kept) < b.Rows() {
		b.Narrow(m.kept)
	}
	return err
}

// span gives the rows from (inclusive) to (exclusive) that are in sel (nil: all rows).
func (m *rowMaker) span(sel []int32, from, to int32) []int32 {
	m.run = m.run[:0]
	if sel == nil {
		for i := from; i < to; i++ {
			m.run = append(m.run, i)
		}
		return m.run
	}
	for _, i := range sel {
		if i >= from && i < to {
			m.run = append(m.run, i)
		}
	}
	return m.run
}

// each converts the values of the watermark expression to milliseconds, op.MinWatermark for
// NULL.
func (m *rowMaker) each(v *vec.Vector) []int64 {
	m.marks = m.marks[:0]
	for i, x := range vec.Values[int64](v) {
		if v.IsNull(i) {
			m.marks = append(m.marks, op.MinWatermark)
		} else {
			m.marks = append(m.marks, m.millis(x))
		}
	}
	return m.marks
}

// highest gives the highest watermark in milliseconds, op.MinWatermark where all are NULL.
func (m *rowMaker) highest(v *vec.Vector) int64 {
	top, some := int64(op.MinWatermark), v.Valid() == nil
	if some {
		for _, x := range vec.Values[int64](v) {
			top = max(top, x)
		}
		return m.millis(top)
	}
	for i, x := range vec.Values[int64](v) {
		if !v.IsNull(i) {
			top, some = max(top, x), true
		}
	}
	if !some {
		return op.MinWatermark
	}
	return m.millis(top)
}

// millis converts a value of the watermark expression. The maximum watermark is kept for
// the end of the input.
func (m *rowMaker) millis(x int64) int64 {
	if per := m.unit / 1000; per > 1 {
		x = civil.FloorDiv(x, per)
	}
	return min(x, op.MaxWatermark-1)
}
