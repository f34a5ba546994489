package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// sink writes the rows of a table to a stream, each as a record.
//
// At least once: rows are stored as they come, and all of them before a checkpoint is complete; a job that goes on
// from a checkpoint stores those since then once more. Exactly once, in the log's own folder: rows are staged, and
// committed with the checkpoint. A job without checkpoints has nothing to go on from, and stores rows as they come.
type sink struct {
	name     string // of the stream
	exactly  bool
	encoding *format.Encoding
	keys     keying
	limits   outboxLimits
	connect  func(ctx context.Context) (backend, error)

	mu      sync.Mutex
	backend backend // nil before the first use
	job     string  // as Recover was told
	epoch   int     // of the run whose rows the writers stage
}

// box takes what a writer encodes.
type box interface {
	// add has f encode records; it may wait.
	add(f func(*chunk) error) error
	// prepare makes all of them durable, and gives what is to be committed.
	prepare() ([][]byte, error)
	close() error
}

func newSink(t *connectors.Table, formats format.List, name string, limits outboxLimits, connect func(context.Context) (backend, error)) (*sink, error) {
	f, opts, err := formats.Choose(t.Options, "format")
	if err != nil {
		return nil, err
	}
	if f.Encoding == nil {
		return nil, t.Options.Errorf("format", "the format '%s' cannot be written", f.Name)
	}
	s := &sink{name: name, limits: limits, connect: connect}
	if s.encoding, err = f.Encoding(format.Config{Options: opts, Columns: payload(t), Zone: t.Zone}); err != nil {
		return nil, diag.At(err, t.Options.Span("format"))
	}
	if s.encoding.NewEncoder == nil {
		return nil, t.Options.Errorf("format", "the format '%s' is one of files, it cannot be written to records", f.Name)
	}
	s.keys, err = readKeying(t)
	return s, err
}

func (s *sink) Accepts() connectors.ChangeSet { return s.encoding.Changes }

// Guarantee is connectors.Sink's: see sink.
func (s *sink) Guarantee() connectors.Guarantee {
	if s.exactly {
		return connectors.ExactlyOnce
	}
	return connectors.AtLeastOnce
}

func (s *sink) open(ctx context.Context) (backend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backend == nil {
		b, err := s.connect(ctx)
		if err != nil {
			return nil, err
		}
		s.backend = b
	}
	return s.backend, nil
}

// Open starts a writer.
func (s *sink) Open(ctx context.Context, r connectors.WriteRequest) (connectors.Writer, error) {
	b, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{stream: s.name}
	for i, c := range r.Columns {
		if c.Metadata == "" {
			w.payload = append(w.payload, i)
		}
	}
	w.inner.Cols = make([]*vec.Vector, len(w.payload))
	if w.keys, err = s.keys.keyer(r); err != nil {
		return nil, err
	}
	if w.enc, err = s.encoding.NewEncoder(); err != nil {
		return nil, err
	}
	if s.exactly && !r.NoCheckpoints {
		w.out, err = s.stage(b, r)
		return w, w.wrap(err)
	}
	retrying := r.Retrying
	if retrying == nil {
		retrying = func(int, error) {}
	}
	w.out = newOutbox(ctx, r.Clock, s.limits, func(ctx context.Context, c *chunk) error { return b.put(ctx, c, retrying) })
	return w, nil
}

// stage begins to stage rows in the job's current run.
func (s *sink) stage(b backend, r connectors.WriteRequest) (box, error) {
	l, ok := b.(*local)
	if !ok {
		return nil, errNoStages
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.job
	if owner == "" {
		owner = r.JobID
	}
	stage, err := l.stream.Stage(owner, fmt.Sprintf("%s/%d", r.JobID, r.Subtask))
	if err != nil {
		return nil, err
	}
	s.epoch = stage.Epoch()
	return &staged{stage: stage, limits: s.limits}, nil
}

// Recover is connectors.Recoverer's: earlier runs of the job can write no more.
func (s *sink) Recover(ctx context.Context, job string) error {
	if !s.exactly {
		return nil
	}
	b, err := s.open(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.job = job
	s.mu.Unlock()
	return b.(*local).stream.Fence(job)
}

// Commit is connectors.Sink's: rows that were staged go into the stream.
func (s *sink) Commit(ctx context.Context, committables [][]byte) error {
	if len(committables) == 0 {
		return nil
	}
	list, err := parsePrepared(committables)
	if err != nil {
		return err
	}
	b, err := s.open(ctx)
	if err != nil {
		return err
	}
	l, ok := b.(*local)
	if !ok {
		return errNoStages
	}
	s.mu.Lock()
	epoch := s.epoch
	s.mu.Unlock()
	for _, p := range list {
		commit := l.stream.Commit
		if epoch == 0 || p.Epoch < epoch { // of a run before this one
			commit = l.stream.Recommit
		}
		if err := commit(ctx, []shardlog.Prepared{p}); err != nil {
			return err
		}
	}
	return nil
}

// Close lets the stream go: the job has ended.
func (s *sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backend == nil {
		return nil
	}
	b := s.backend
	s.backend = nil
	return b.close()
}

// writer writes the rows of one subtask.
type writer struct {
	stream  string
	enc     format.Encoder
	keys    *keyer
	payload []int     // places of the columns that are in a record
	inner   vec.Batch // these columns of the batch being written
	out     box
}

// Write is connectors.Writer's.
func (w *writer) Write(b *vec.Batch) error {
	for k, i := range w.payload {
		w.inner.Cols[k] = b.Cols[i]
	}
	w.inner.Kinds, w.inner.Sel = b.Kinds, b.Sel
	w.inner.SetLen(b.Len())
	return w.wrap(w.out.add(func(c *chunk) error {
		if b.Sel == nil {
			for row := range b.Len() {
				if err := w.encode(c, b, row); err != nil {
					return err
				}
			}
			return nil
		}
		for _, row := range b.Sel {
			if err := w.encode(c, b, int(row)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// encode adds a row to a chunk.
func (w *writer) encode(c *chunk, b *vec.Batch, row int) error {
	var err error
	if c.data, err = w.enc.AppendMessage(c.data, &w.inner, row); err != nil {
		return err
	}
	c.keys = w.keys.append(c.keys, b, row)
	c.add()
	return nil
}

// wrap names the stream in errors.
func (w *writer) wrap(err error) error {
	var e *format.RecordError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		out := diag.Errorf(diag.Span{}, "writing a row to stream '%s': %w", w.stream, err)
		out.Hint = e.Hint
		return out
	}
	return fmt.Errorf("writing to stream '%s': %w", w.stream, err)
}

// Prepare is connectors.Writer's: it waits until all rows are stored or staged.
func (w *writer) Prepare(bool) ([][]byte, error) {
	c, err := w.out.prepare()
	return c, w.wrap(err)
}

// Close is connectors.Writer's.
func (w *writer) Close() error { return w.out.close() }
