package task

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		precision int
		values    []any
		each      []int64
		highest   int64
	}{
		{3, []any{int64(5), int64(-7), int64(9)}, []int64{5, -7, 9}, 9},
		{3, []any{int64(5), nil, int64(2)}, []int64{5, op.MinWatermark, 2}, 5},
		{3, []any{nil, nil}, []int64{op.MinWatermark, op.MinWatermark}, op.MinWatermark},
		{6, []any{int64(-1), int64(-1000), int64(1999)}, []int64{-1, -1, 1}, 1},
		{9, []any{int64(-5_000_001), nil}, []int64{-6, op.MinWatermark}, -6},
		{3, []any{int64(op.MaxWatermark)}, []int64{op.MaxWatermark - 1}, op.MaxWatermark - 1},
	} {
		v, err := vec.Of(types.TimestampOf(c.precision), c.values...)
		if err != nil {
			t.Fatal(err)
		}
		m := &rowMaker{unit: vec.UnitOf(c.precision)}
		if d := cmp.Diff(c.each, m.each(v)); d != "" {
			t.Errorf("TIMESTAMP(%d) %v: %s", c.precision, c.values, d)
		}
		if got := m.highest(v); got != c.highest {
			t.Errorf("TIMESTAMP(%d) %v: highest %d", c.precision, c.values, got)
		}
	}
}
