package task

import (
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// minLaneRows is the least number of rows that a batch of an exchange is filled with before it is
// sent, where the sender has more at hand.
const minLaneRows = 256

// maxLaneBytes sends a batch on although it has few rows.
const maxLaneBytes = 4 << 20

// sender is a subtask's end of an exchange: the port that spreads rows over the receivers'
// lanes. Rows wait in a batch per receiver until it is full, or until the task has
// nothing more at hand (flush).
type sender struct {
	task   *task
	schema vec.Schema
	kind   plan.Partition
	keys   []int
	groups int

	lanes []*lane
	fill  []*vec.Batch // per lane; nil: none
	limit int          // rows of a batch
	turn  int          // Rebalance: the next lane
	stats *metrics.Operator

	// Memory of split.
	cols   []*vec.Vector
	hashes []uint64
	owner  []uint16 // the receiver of each key group
	ends   []int32
	sel    []int32
}

// laneLimit is how many rows a batch takes. With many receivers batches are smaller, so that an
// exchange holds about the same number of rows at any parallelism.
func laneLimit(batchSize, receivers int) int {
	return max(min(batchSize, minLaneRows), batchSize/max(1, receivers/2))
}

func (s *sender) rows(b *vec.Batch) error {
	if len(s.lanes) == 1 {
		return s.add(0, b, b.Sel)
	}
	switch s.kind {
	case plan.Hash:
		return s.split(b)
	case plan.Rebalance:
		s.turn = (s.turn + 1) % len(s.lanes)
		return s.add(s.turn, b, b.Sel)
	}
	return s.add(s.task.index%len(s.lanes), b, b.Sel) // Forward
}

// split sends every row to the receiver that owns its key group.
func (s *sender) split(b *vec.Batch) error {
	n := b.Rows()
	s.cols = s.cols[:0]
	for _, k := range s.keys {
		s.cols = append(s.cols, b.Cols[k])
	}
	s.hashes = resize(s.hashes, n)
	vec.HashRows(s.cols, b.Sel, s.hashes)
	s.place(b.Sel, n)
	for r, to := range s.ends {
		if from := int32(r * n); to > from {
			if err := s.add(r, b, s.sel[from:to]); err != nil {
				return err
			}
		}
	}
	return nil
}

// place sorts the n rows by receiver, in their order: those of receiver r are s.sel from
// r*n to s.ends[r]. One pass, at the price of room for all rows at every receiver.
func (s *sender) place(sel []int32, n int) {
	if s.owner == nil {
		for g := range s.groups {
			s.owner = append(s.owner, uint16(g*len(s.lanes)/s.groups))
		}
	}
	s.sel, s.ends = resize(s.sel, n*len(s.lanes)), resize(s.ends, len(s.lanes))
	for r := range s.ends {
		s.ends[r] = int32(r * n)
	}
	groups, owner, ends, out := s.groups, s.owner, s.ends, s.sel
	if sel == nil {
		for k, h := range s.hashes {
			r := owner[vec.KeyGroup(h, groups)]
			out[ends[r]] = int32(k)
			ends[r]++
		}
		return
	}
	for k, h := range s.hashes {
		r := owner[vec.KeyGroup(h, groups)]
		out[ends[r]] = sel[k]
		ends[r]++
	}
}

// resize gives s length n; its contents are unspecified.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// add copies rows to a lane's batch and sends it when it is full.
func (s *sender) add(to int, b *vec.Batch, sel []int32) error {
	if s.fill[to] == nil {
		var err error
		if s.fill[to], err = s.lanes[to].batch(s.task.job.ctx, s.schema); err != nil {
			return err
		}
	}
	s.fill[to].PassRows(b, sel)
	if s.fill[to].Len() >= s.limit || s.fill[to].Size() >= maxLaneBytes {
		return s.send(to)
	}
	return nil
}

// send sends what waits for a lane.
func (s *sender) send(to int) error {
	b := s.fill[to]
	if b == nil || b.Len() == 0 {
		return nil
	}
	s.fill[to] = nil
	s.stats.RowsOut.Add(int64(b.Len()))
	s.stats.BytesOut.Add(int64(b.Size()))
	return s.lanes[to].put(s.task.job.ctx, element{kind: rowsElement, batch: b})
}

// flush sends whatever waits.
func (s *sender) flush() error {
	for to := range s.lanes {
		if err := s.send(to); err != nil {
			return err
		}
	}
	return nil
}

// broadcast sends an element to all receivers, behind the rows that came before it.
func (s *sender) broadcast(e element) error {
	for to, l := range s.lanes {
		if err := s.send(to); err != nil {
			return err
		}
		if err := l.put(s.task.job.ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (s *sender) watermark(wm int64) error {
	return s.broadcast(element{kind: watermarkElement, value: wm})
}

func (s *sender) idle(idle bool) error {
	if idle {
		return s.broadcast(element{kind: idleElement})
	}
	return s.broadcast(element{kind: activeElement})
}

func (s *sender) barrier(id int64) error {
	return s.broadcast(element{kind: barrierElement, value: id})
}

func (s *sender) end(drained bool) error {
	if drained {
		return s.broadcast(element{kind: endElement})
	}
	return s.broadcast(element{kind: stopElement})
}
