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
	"github.com/weirstream/weir/sql/diag"
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

	open  []*split
	turn  int // the split that was read last
	reads int
	pace  *paced // nil where subtasks need not keep together

	rows     *rowMaker
	decoded  vec.Schema // of batch
	batch    *vec.Batch // what readers fill
	made     vec.Batch  // header of what is passed on
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
	for len(s.open) == 0 || s.plan.Source.Concurrent() {
		next, ok, over := s.splits.next(s.subtask)
		if !ok {
			if over && len(s.open) == 0 {
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

func (s *source) openSplit(sp connectors.Split) error {
	p := &split{id: sp.ID, stats: s.stats.Split(sp.ID, s.subtask), quiet: s.task.job.clock.Now()}
	wake := s.task.notify
	r, err := s.plan.Source.Open(s.task.job.reading, connectors.ReadRequest{
		Split:    sp,
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
	p.reader, p.mark = r, s.marks.add()
	s.open = append(s.open, p)
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

// wait notes that a split has nothing now.
func (s *source) wait(p *split) {
	p.waiting = true
	if p.quiet.IsZero() {
		p.quiet = s.task.job.clock.Now()
	}
	if s.plan.IdleTimeout > 0 && !p.idle {
		s.task.timers.at(p.quiet.Add(s.plan.IdleTimeout))
	}
}

// finish closes a split that has been read to its end.
func (s *source) finish(p *split) error {
	s.marks.remove(p.mark)
	s.open = slices.DeleteFunc(s.open, func(o *split) bool { return o == p })
	s.turn = 0
	s.stats.Finished(p.id)
	s.splits.read(s.subtask, p.id)
	if err := p.reader.Close(); err != nil {
		return within(fmt.Sprintf("closing split %s of table %s", p.id, s.plan.Table), err)
	}
	return nil
}

// process computes what the plan sees of a batch, and passes it on.
func (s *source) process(p *split, b *vec.Batch) error {
	p.waiting, p.quiet = false, time.Time{}
	if p.idle {
		p.idle = false
		s.marks.setIdle(p.mark, false)
		p.stats.SetIdle(time.Time{})
		if err := s.settle(false); err != nil { // before the rows
			return err
		}
	}
	first := p.rows
	n := b.Len()
	p.rows += int64(n)
	p.stats.Rows.Add(int64(n))
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
	if marks != nil && (s.plan.Emit == plan.EmitOnEvent || s.interval == 0) {
		return s.emitEach(p, s.rows.each(marks))
	}
	if err := s.emit(&s.made); err != nil {
		return err
	}
	if marks != nil {
		s.advance(p, s.rows.highest(marks))
	}
	return s.settle(false)
}

func (s *source) emit(b *vec.Batch) error {
	s.op.RowsOut.Add(int64(b.Rows()))
	start := time.Now()
	err := s.out.Emit(b)
	s.away += time.Since(start)
	return err
}

// advance lifts a split's watermark.
func (s *source) advance(p *split, wm int64) {
	s.marks.advance(p.mark, wm)
	if wm > p.stats.Watermark.Load() {
		p.stats.Watermark.Store(wm)
	}
}

// emitEach sends a watermark behind every row that lifts it.
func (s *source) emitEach(p *split, marks []int64) error {
	b := s.made // rows come out in runs that end with a row that lifts the split's watermark
	sel, from := b.Sel, int32(0)
	top := s.marks.inputs[p.mark].wm
	for row, wm := range marks {
		last := row == len(marks)-1
		if wm <= top && !last {
			continue
		}
		top = max(top, wm)
		if err := s.emitRun(&b, sel, from, int32(row)+1); err != nil {
			return err
		}
		from = int32(row) + 1
		s.advance(p, wm)
		if err := s.settle(true); err != nil {
			return err
		}
	}
	return nil
}

// emitRun sends the rows from (inclusive) to (exclusive) that are in sel.
func (s *source) emitRun(b *vec.Batch, sel []int32, from, to int32) error {
	b.Sel = s.rows.span(sel, from, to)
	return s.emit(b)
}

// settle sends the merged watermark when it is due: at once where now is set, or event time
// has moved on by more than the interval, or the source has become idle; otherwise within
// the interval. Then it tells about idleness where it has changed.
func (s *source) settle(now bool) error {
	wm := s.marks.wm
	if err := s.out.activity(s.marks.idle, false); err != nil {
		return err
	}
	if wm > s.out.wm {
		idle := s.marks.idle && !s.out.idle
		if now || idle || s.out.wm == op.MinWatermark || wm-s.out.wm > s.interval.Milliseconds() {
			s.emitAt = time.Time{}
			s.op.Watermark.Store(wm)
			if err := s.out.EmitWatermark(wm); err != nil {
				return err
			}
		} else if s.emitAt.IsZero() {
			s.emitAt = s.task.job.clock.Now().Add(s.interval)
			s.task.timers.at(s.emitAt)
		}
	}
	return s.out.activity(s.marks.idle, true)
}

// tick sends the periodic watermark and finds splits that have become idle.
func (s *source) tick(now time.Time) error {
	if s.over {
		return nil
	}
	for _, p := range s.open {
		s.checkIdle(p, now)
	}
	due := !s.emitAt.IsZero() && !now.Before(s.emitAt)
	if !due && !s.emitAt.IsZero() {
		s.task.timers.at(s.emitAt)
	}
	return s.settle(due)
}

// checkIdle makes a split idle whose time is up. One that has woken is about to be read.
func (s *source) checkIdle(p *split, now time.Time) {
	if s.plan.IdleTimeout <= 0 || p.idle || p.ready() {
		return
	}
	at := p.quiet.Add(s.plan.IdleTimeout)
	if now.Before(at) {
		s.task.timers.at(at)
		return
	}
	p.idle = true
	p.stats.SetIdle(p.quiet)
	s.marks.setIdle(p.mark, true)
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

// checkRowtime refuses rows without event time. First is the number of rows that were read
// before the batch.
func (s *source) checkRowtime(p *split, first int64) error {
	if s.plan.Rowtime < 0 {
		return nil
	}
	col := s.made.Cols[s.plan.Rowtime]
	if col.Valid() == nil {
		return nil
	}
	for i := range col.Len() {
		if col.IsNull(i) {
			name := s.plan.Schema[s.plan.Rowtime].Name
			return diag.Errorf(diag.Span{}, "the rowtime column %s is NULL in row %d of the split", name, first+int64(i)+1).
				WithHint("rows without event time cannot be read; declare the rowtime as a computed column that gives them one, such as COALESCE(%s, …)", name)
		}
	}
	return nil
}
