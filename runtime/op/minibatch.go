package op

import (
	"time"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// miniBatch gathers rows for the operator behind it, which merges the changes that a batch makes to a key: it gives them
// as one batch when there are as many as table.exec.mini-batch.size, when the first of them has waited for
// table.exec.mini-batch.allow-latency, before a barrier, and at the end. The borders of batches do not count, so that the
// changelog of one task depends on the rows alone, as long as the time does not run out.
//
// Watermarks wait with the rows before them, the newest counts; where no rows wait they pass at once.
//
// State: none; at a barrier everything is given. Memory: the rows that wait. Cost: a copy of each row.
type miniBatch struct {
	Base
	node  *plan.MiniBatch
	held  *vec.Batch
	part  []int32   // scratch: rows of the input
	wm    int64     // the newest watermark that waits
	until time.Time // when the rows that are held leave
}

func newMiniBatch(n *plan.MiniBatch) *miniBatch {
	return &miniBatch{node: n, held: vec.NewBatch(n.Schema), wm: MinWatermark}
}

func (m *miniBatch) Process(_ int, b *vec.Batch) error {
	m.part = m.part[:0]
	b.Each(func(i int) { m.part = append(m.part, int32(i)) })
	for rest := m.part; len(rest) > 0; {
		if m.held.Len() == 0 {
			m.until = m.Ctx.Clock.Now().Add(m.node.Wait)
			m.Ctx.WakeAt(m.until)
		}
		n := min(m.node.Rows-m.held.Len(), len(rest))
		m.held.AppendRows(b, rest[:n])
		rest = rest[n:]
		if m.held.Len() == m.node.Rows {
			if err := m.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush gives the rows that wait, then the watermark that came behind some of them.
func (m *miniBatch) flush() error {
	if m.held.Len() > 0 {
		if err := m.Ctx.Out.Emit(m.held); err != nil {
			return err
		}
		m.held.Reset()
	}
	if m.wm == MinWatermark {
		return nil
	}
	wm := m.wm
	m.wm = MinWatermark
	return m.Ctx.Out.EmitWatermark(wm)
}

func (m *miniBatch) Watermark(wm int64) error {
	m.wm = wm
	if m.held.Len() > 0 && wm < MaxWatermark {
		return nil
	}
	return m.flush()
}

// Tick gives what has waited long enough: the rows of an earlier request may be gone, and others wait.
func (m *miniBatch) Tick(now time.Time) error {
	if m.held.Len() == 0 {
		return nil
	}
	if now.Before(m.until) {
		m.Ctx.WakeAt(m.until)
		return nil
	}
	return m.flush()
}

// Finish gives what is left.
func (m *miniBatch) Finish() error { return m.flush() }

// Snapshot gives everything, so that there is nothing to keep.
func (m *miniBatch) Snapshot() (state.Frozen, error) {
	if err := m.flush(); err != nil {
		return state.Frozen{}, err
	}
	return m.Base.Snapshot()
}
