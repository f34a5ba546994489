package task

import (
	"time"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

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
		// A delete by key has no other column.
		if col.IsNull(i) && !(s.byKey && s.made.Kind(i) == vec.Delete) {
			name := s.plan.Schema[s.plan.Rowtime].Name
			return diag.Errorf(diag.Span{}, "the rowtime column %s is NULL in row %d of the split", name, first+int64(i)+1).
				WithHint("rows without event time cannot be read; declare the rowtime as a computed column that gives them one, such as COALESCE(%s, …)", name)
		}
	}
	return nil
}

// emitWith passes on a batch whose rows have the watermarks marks (nil: none).
func (s *source) emitWith(p *split, marks *vec.Vector) error {
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
	p.stats.Advance(wm)
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
	b.Narrow(s.rows.span(sel, from, to))
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

// active notes that a split has given rows.
func (s *source) active(p *split) error {
	p.waiting, p.quiet = false, time.Time{}
	if !p.idle {
		return nil
	}
	p.idle = false
	p.stats.SetIdle(time.Time{})
	s.marks.setIdle(p.mark, false)
	return s.settle(false) // before the rows
}

// tick sends the periodic watermark and finds splits that have become idle.
func (s *source) tick(now time.Time) error {
	if s.over {
		return nil
	}
	for _, splits := range [][]*split{s.open, s.drained} {
		for _, p := range splits {
			s.checkIdle(p, now)
		}
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
