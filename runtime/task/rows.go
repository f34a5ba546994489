package task

import (
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

func newRowMaker(s *plan.Source, env *udf.Env) (*rowMaker, error) {
	m, err := &rowMaker{}, error(nil)
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

// watermarks gives the watermark of every row, in milliseconds, op.MinWatermark for NULL; nil
// where the source has none.
func (m *rowMaker) watermarks(b *vec.Batch) ([]int64, error) {
	if m.watermark == nil {
		return nil, nil
	}
	v, err := m.watermark.Eval(b)
	if err != nil {
		return nil, err
	}
	m.marks = appendMarks(m.marks[:0], v[0], m.unit)
	return m.marks, nil
}

// filter narrows the selection of b to the rows that the plan wants.
func (m *rowMaker) filter(b *vec.Batch) (err error) {
	if m.cond == nil {
		return nil
	}
	m.kept, err = m.cond.Select(b, m.kept[:0])
	if len(m.kept) < b.Rows() {
		b.Sel = m.kept
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

// appendMarks converts the values of a watermark expression to milliseconds. Unit is how
// many units of the values make a second. The maximum watermark is kept for the end of
// the input.
func appendMarks(dst []int64, v *vec.Vector, unit int64) []int64 {
	values := vec.Values[int64](v)
	per := unit / 1000
	for i, x := range values {
		switch {
		case v.IsNull(i):
			x = op.MinWatermark
		case per > 1:
			x = floorDiv(x, per)
		}
		dst = append(dst, min(x, op.MaxWatermark-1))
	}
	return dst
}

func floorDiv(x, y int64) int64 {
	q := x / y
	if x%y != 0 && x < 0 {
		q--
	}
	return q
}

// highest gives the highest watermark.
func highest(marks []int64) int64 {
	top := int64(op.MinWatermark)
	for _, wm := range marks {
		top = max(top, wm)
	}
	return top
}
