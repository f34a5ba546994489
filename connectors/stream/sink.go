package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// sink writes the rows of a table to a stream, each as a record. Rows are stored as they come, and
// all of them before a checkpoint is complete; a job that goes on from a checkpoint stores those
// since then once more.
type sink struct {
	name     string // of the stream
	encoding *format.Encoding
	keys     keying
	limits   outboxLimits
	connect  func(ctx context.Context) (backend, error)

	mu      sync.Mutex
	backend backend // nil before the first use
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

// Guarantee is at-least-once: see sink.
func (s *sink) Guarantee() connectors.Guarantee { return connectors.AtLeastOnce }

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
	w.out = newOutbox(ctx, r.Clock, s.limits, b.put)
	return w, nil
}

// Commit has nothing to do: what a writer has prepared is stored.
func (s *sink) Commit(context.Context, [][]byte) error { return nil }

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
	out     *outbox
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

// Prepare is connectors.Writer's: it waits until all rows are stored. There is nothing to commit.
func (w *writer) Prepare(bool) ([][]byte, error) { return nil, w.wrap(w.out.flush()) }

// Close is connectors.Writer's.
func (w *writer) Close() error {
	w.out.close()
	return nil
}
