package task

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// source is what one subtask does of a plan.Source: it opens the splits that it is given,
// reads them in turns, computes columns and watermarks, filters, and passes rows on.
type source struct {
	plan    *plan.Source
	task    *task
	splits  *assigner
	subtask int
	out     outlet
	over    bool // has ended

	open []*split
	// drained are splits that were read to their end and hold event time back until what continues them is open. A checkpoint
	// has them as begun, at their end.
	drained  []*split
	finished []string // splits that are done with since the last barrier
	epoch    int64    // the last barrier

	turn  int // the split that was read last
	reads int
	pace  *paced // nil where subtasks need not keep together

	rows     *rowMaker
	decoded  vec.Schema // of batch
	batch    *vec.Batch // what readers fill
	made     vec.Batch  // header of what is passed on
	byKey    bool       // changes come by key: a delete may have no other column
	limit    int
	interval time.Duration

	marks  *merger
	emitAt time.Time // when a watermark that waits is due; zero: none waits

	stats *metrics.Source
	op    *metrics.Operator
	place string        // what a report of a panic calls it
	away  time.Duration // spent downstream in this step
}

func (s *source) doing() string { return "reading table " + s.plan.Table }

// step reads one batch, if there is one to be had. It reports whether it got anywhere.
func (s *source) step() (bool, error) {
	s.task.running = s.place
	start := time.Now()
	s.away = 0
	progress, err := s.advanceOne()
	s.op.Busy.Add(int64(time.Since(start) - s.away))
	return progress, err
}

func (s *source) advanceOne() (bool, error) {
	if err := s.fetch(); err != nil || s.over {
		return s.over, err
	}
	p, low := s.choose()
	if s.pace != nil {
		if p == nil {
			s.pace.leave()
		} else if until, wait := s.pace.hold(low, s.task.job.clock.Now); wait {
			s.task.timers.at(until)
			return false, nil
		}
	}
	if p == nil {
		return false, nil
	}
	return true, s.read(p)
}

// fairTurn is how often splits are read in turns instead of the one that is furthest behind.
const fairTurn = 64

// choose gives the split to read next: of those that have rows, the one that is furthest behind
// in event time, so that windows need not stay open for it. Now and then just the next one
// has its turn, lest a split whose time stands still keeps the others from being read.
//
// It also gives where the one that is furthest behind is.
func (s *source) choose() (best *split, low int64) {
	s.reads++
	low = op.MaxWatermark
	last, fair := s.turn, s.reads%fairTurn == 0
	for k := range s.open {
		i := (last + 1 + k) % len(s.open)
		p := s.open[i]
		if !p.ready() {
			continue
		}
		at := s.marks.inputs[p.mark].wm
		if best == nil || (at < low && !fair) {
			best, s.turn = p, i
		}
		low = min(low, at)
	}
	return best, low
}

// fetch opens splits that the assigner has for this subtask, and ends the source when
// there will be no more.
func (s *source) fetch() error {
	if err := s.openDealt(); err != nil {
		return err
	}
	s.release()
	for len(s.open) == 0 {
		next, ok, over := s.splits.next(s.subtask, s.epoch)
		if !ok {
			if over && len(s.open)+len(s.drained) == 0 {
				return s.end(true)
			}
			break
		}
		if err := s.openSplit(next); err != nil {
			return err
		}
	}
	return s.settle(false)
}

// openDealt opens what the assigner has dealt to this subtask. Splits that a checkpoint had begun come to their watermarks
// when all of them are open: the first to be opened must not take event time beyond where the others are.
func (s *source) openDealt() error {
	before := len(s.open)
	for {
		next, ok := s.splits.fetch(s.subtask, s.epoch)
		if !ok {
			break
		}
		if err := s.openSplit(next); err != nil {
			return err
		}
	}
	for _, p := range s.open[before:] {
		if from, begun := s.splits.begun(p.id); begun && from.Watermark != nil {
			s.advance(p, *from.Watermark)
		}
	}
	return nil
}

func (s *source) openSplit(sp connectors.Split) error {
	p := &split{id: sp.ID, stats: s.stats.Split(sp.ID, s.subtask), quiet: s.task.job.clock.Now()}
	wake := s.task.notify
	before, _ := s.splits.begun(sp.ID)
	r, err := s.plan.Source.Open(s.task.job.reading, connectors.ReadRequest{
		Split:    sp,
		Position: before.Position,
		Restored: s.splits.restored,
		Columns:  s.plan.Columns,
		Wake:     func() { p.woken.Store(true); wake() },
		Rejected: s.stats.Reject,
		Clock:    s.task.job.clock,
	})
	if err != nil {
		if s.task.job.isStopping() {
			return nil // interrupted
		}
		return within(fmt.Sprintf("%s, split %s", s.doing(), sp.ID), err)
	}
	p.reader, p.mark, p.rows = r, s.marks.add(), before.Rows
	s.open = append(s.open, p)
	s.splits.opened(sp.ID)
	return nil
}

// read reads one batch of a split and passes it on.
func (s *source) read(p *split) error {
	p.woken.Store(false)
	s.batch.Reset()
	err := p.reader.Read(s.batch, s.limit)
	switch {
	case err == nil:
		if s.batch.Len() > 0 {
			err = s.process(p, s.batch)
		}
		if vec.Invariants {
			vec.Scribble(s.batch)
		}
	case errors.Is(err, io.EOF):
		return s.finish(p)
	case errors.Is(err, connectors.ErrNoData):
		s.wait(p)
		return nil
	case s.task.job.isStopping():
		return nil // the reader was interrupted
	}
	if err != nil {
		return within(fmt.Sprintf("%s, split %s", s.doing(), p.id), err)
	}
	return nil
}

// computing says where an expression of the table could not be computed. The rows of b
// came behind the first rows of the split.
func (s *source) computing(p *split, first int64, schema vec.Schema, b *vec.Batch, err error) error {
	var bad *vec.RowError
	if !errors.As(err, &bad) {
		return err
	}
	at := fmt.Sprintf("%s, split %s, row %d", s.doing(), p.id, first+int64(bad.Row)+1)
	return within(at+onRow(err, schema, b, s.task.job.env.Zone), err)
}

// finish closes a split that has been read to its end.
func (s *source) finish(p *split) error {
	s.open = slices.DeleteFunc(s.open, func(o *split) bool { return o == p })
	s.turn = 0
	p.end = p.reader.Position()
	if err := p.reader.Close(); err != nil {
		return within(fmt.Sprintf("closing split %s of table %s", p.id, s.plan.Table), err)
	}
	s.splits.read(s.subtask, p.id, s.epoch, s.marks.inputs[p.mark].wm)
	// Splits that waited for this one hold event time back before it ceases to.
	if err := s.openDealt(); err != nil {
		return err
	}
	p.woken.Store(false)
	s.wait(p)
	s.drained = append(s.drained, p)
	s.release()
	return nil
}

// release lets drained splits go for which nothing waits any more.
func (s *source) release() {
	s.drained = slices.DeleteFunc(s.drained, func(p *split) bool {
		if s.splits.awaited(p.id) {
			return false
		}
		s.stats.Finished(p.id)
		s.marks.remove(p.mark)
		if s.task.job.durable() {
			s.finished = append(s.finished, p.id)
		}
		return true
	})
}

// process computes what the plan sees of a batch, and passes it on.
func (s *source) process(p *split, b *vec.Batch) error {
	if err := s.active(p); err != nil {
		return err
	}
	first := p.rows
	n := b.Len()
	p.rows += int64(n)
	p.stats.Read(int64(n), s.task.job.clock.Now())
	s.stats.Rows.Add(int64(n))
	s.stats.Bytes.Add(int64(b.Size()))
	if err := s.rows.columns(b, &s.made); err != nil {
		return s.computing(p, first, s.decoded, b, err)
	}
	if err := s.checkRowtime(p, first); err != nil {
		return err
	}
	marks, err := s.rows.watermarks(&s.made)
	if err != nil {
		return s.computing(p, first, s.plan.Schema, &s.made, err)
	}
	if err := s.rows.filter(&s.made); err != nil {
		return s.computing(p, first, s.plan.Schema, &s.made, err)
	}
	return s.emitWith(p, marks)
}

// end ends the source: drained at its end, otherwise because the job is to stop.
func (s *source) end(drained bool) error {
	s.over = true
	if s.pace != nil {
		s.pace.leave()
	}
	return s.out.end(drained)
}

// close releases the readers that are still open.
func (s *source) close() error {
	var errs []error
	for _, p := range s.open {
		if err := p.reader.Close(); err != nil {
			errs = append(errs, within(fmt.Sprintf("closing split %s of table %s", p.id, s.plan.Table), err))
		}
	}
	s.open = nil
	return errors.Join(errs...)
}
