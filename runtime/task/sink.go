package task

import (
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// sinkPort is a sink's writer at the end of a chain.
type sinkPort struct {
	plan   *plan.Sink
	task   *task
	place  string // what a report of a panic calls it
	jobID  string
	writer connectors.Writer
	stats  *metrics.Operator

	kept vec.Batch // header of a batch without the kinds that the sink does not want
	sel  []int32
}

// prepared are committables of one sink.
type prepared struct {
	sink         *plan.Sink
	committables [][]byte
}

func (s *sinkPort) open() error {
	w, err := s.plan.Sink.Open(s.task.job.ctx, connectors.WriteRequest{
		Columns:     s.plan.Columns,
		Subtask:     s.task.index,
		Parallelism: s.task.stage.parallelism,
		JobID:       s.jobID,
		Clock:       s.task.job.clock,

		NoCheckpoints: !s.task.job.durable(),
		Retrying:      s.task.job.metrics.Sink(s.plan.Properties().ID, s.plan.Table).Retrying,
	})
	s.writer = w
	return within("opening table "+s.plan.Table+" for writing", err)
}

func (s *sinkPort) rows(b *vec.Batch) error {
	return s.call(func() error { return s.write(b) })
}

// call runs a method of the writer.
func (s *sinkPort) call(f func() error) error {
	outer, start := s.task.running, time.Now()
	s.task.running = s.place
	err := f()
	s.task.running = outer
	s.stats.Busy.Add(int64(time.Since(start)))
	if err == nil {
		return nil
	}
	return within("writing to table "+s.plan.Table, err)
}

func (s *sinkPort) write(b *vec.Batch) error {
	if b.Kinds != nil && s.plan.Sink.Accepts() != connectors.Retract {
		var err error
		if b, err = s.accepted(b); err != nil {
			return err
		}
	}
	if b.Rows() == 0 {
		return nil
	}
	s.stats.RowsIn.Add(int64(b.Rows()))
	s.stats.Batches.Add(1)
	return s.writer.Write(b)
}

// accepted leaves out -U where the sink does not take it: +U for the same key follows.
func (s *sinkPort) accepted(b *vec.Batch) (*vec.Batch, error) {
	accepts := s.plan.Sink.Accepts()
	s.sel = s.sel[:0]
	var refused error
	b.Each(func(row int) {
		switch k := b.Kinds[row]; {
		case accepts.Has(k):
			s.sel = append(s.sel, int32(row))
		case k != vec.UpdateBefore:
			refused = diag.Errorf(diag.Span{}, "the sink takes %s, but got %s", accepts, k)
		}
	})
	if refused != nil || len(s.sel) == b.Rows() {
		return b, refused
	}
	s.kept = *b
	s.kept.Narrow(s.sel)
	return &s.kept, nil
}

func (s *sinkPort) watermark(wm int64) error {
	s.stats.Watermark.Store(wm)
	return nil
}

func (s *sinkPort) idle(bool) error { return nil }

func (s *sinkPort) barrier(int64) error { return s.prepare(false) }

func (s *sinkPort) end(drained bool) error {
	if drained {
		s.stats.Watermark.Store(op.MaxWatermark)
	}
	return s.prepare(true)
}

// prepare stages what the writer wants committed.
func (s *sinkPort) prepare(final bool) error {
	return s.call(func() error {
		c, err := s.writer.Prepare(final)
		if len(c) > 0 {
			s.task.staged = append(s.task.staged, prepared{s.plan, c})
		}
		return err
	})
}

func (s *sinkPort) close() error {
	if s.writer == nil {
		return nil
	}
	return within("closing table "+s.plan.Table, s.writer.Close())
}
