package task

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// muted is a consumer of late rows where it stands among an operator's consumers: it takes part in watermarks,
// barriers and ends, and gets none of the operator's rows.
type muted struct{ port }

func (muted) rows(*vec.Batch) error { return nil }

// lateRows collects what an operator drops, for the consumers of a plan.LateRows. It is an op.LateRows.
type lateRows struct {
	batch   *vec.Batch // columns of the operator's input, then those of plan.LateRows
	timeCol int
	to      []port
}

func newLateRows(n *plan.LateRows) *lateRows {
	return &lateRows{batch: vec.NewBatch(n.Schema), timeCol: n.TimeCol}
}

// Take is op.LateRows'.
func (l *lateRows) Take(b *vec.Batch, row int, wm int64) {
	n := len(l.batch.Cols) - plan.LateColumns
	for c, v := range l.batch.Cols[:n] {
		v.AppendRow(b.Cols[c], row)
	}
	vec.Append(l.batch.Cols[n], wm)
	if l.timeCol < 0 || b.Cols[l.timeCol].IsNull(row) {
		l.batch.Cols[n+1].AppendNull()
	} else {
		vec.Append(l.batch.Cols[n+1], wm-vec.Values[int64](b.Cols[l.timeCol])[row])
	}
	l.batch.Cols[n+2].AppendString(b.Kind(row).String())
	l.batch.SetLen(l.batch.Len() + 1)
}

// flush passes the rows on.
func (l *lateRows) flush() error {
	if l.batch.Len() == 0 {
		return nil
	}
	for _, p := range l.to {
		if err := lend(p, l.batch); err != nil {
			return err
		}
	}
	l.batch.Reset()
	return nil
}
