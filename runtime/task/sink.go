package task

import (
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

func (s *sinkPort) doing() string { return "writing to table " + s.plan.Table }

func (s *sinkPort) open() error {
	w, err := s.plan.Sink.Open(s.task.job.ctx, connectors.WriteRequest{
		Columns:     s.plan.Columns,
		Subtask:     s.task.index,
		Parallelism: s.task.stage.parallelism,
		JobID:       s.jobID,
		Clock:       s.task.job.clock,
	})
	s.writer = w
	return within("opening table "+s.plan.Table+" for writing", err)
}

func (s *sinkPort) rows(b *vec.Batch) error {
	outer := s.task.running
	s.task.running = s.plan.Name()
	err := s.write(b)
	s.task.running = outer
	return within(s.doing(), err)
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
	s.kept.Sel = s.sel
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
	outer := s.task.running
	s.task.running = s.plan.Name()
	c, err := s.writer.Prepare(final)
	s.task.running = outer
	if len(c) > 0 {
		s.task.staged = append(s.task.staged, prepared{s.plan, c})
	}
	return within(s.doing(), err)
}

func (s *sinkPort) close() error {
	if s.writer == nil {
		return nil
	}
	return within("closing table "+s.plan.Table, s.writer.Close())
}
