// Package print is the connector that writes rows as text, one a line, in Flink's form:
// the change kind and the values, +I[1, a]. Enter at Connector.
package print

import (
	"context"
	"io"
	"strconv"
	"sync"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// Connector describes the connector 'print'. Its tables write to stdout, or to stderr where
// 'standard-error' is set, a batch in one piece.
func Connector(stdout, stderr io.Writer) connectors.Connector {
	out, errs := &shared{w: stdout}, &shared{w: stderr}
	return connectors.Connector{
		Name: "print",
		Doc:  "Writes every row to standard output as Flink's print connector does: +I[1, a].",
		Options: []connectors.Option{
			{Key: "print-identifier", Type: connectors.StringOption, Doc: "stands before every row, as 'identifier> '; with several writers 'identifier:2> '"},
			{Key: "standard-error", Type: connectors.BoolOption, Default: "false", Doc: "write to standard error"},
		},
		Sink: func(t *connectors.Table) (connectors.Sink, error) {
			toErr, err := t.Options.Bool("standard-error", false)
			if err != nil {
				return nil, err
			}
			s := &sink{out: out, identifier: t.Options.Get("print-identifier")}
			if toErr {
				s.out = errs
			}
			return s, nil
		},
	}
}

// shared is where the writers of all tables and subtasks write.
type shared struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *shared) write(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.w.Write(b)
	return err
}

type sink struct {
	out        *shared
	identifier string
}

func (s *sink) Accepts() connectors.ChangeSet          { return connectors.Retract }
func (s *sink) Guarantee() connectors.Guarantee        { return connectors.NoGuarantee }
func (s *sink) Commit(context.Context, [][]byte) error { return nil }

func (s *sink) Open(_ context.Context, w connectors.WriteRequest) (connectors.Writer, error) {
	return &writer{out: s.out, prefix: prefix(s.identifier, w.Subtask, w.Parallelism)}, nil
}

// prefix is what stands before each row: the identifier, and the subtask, counted from 1, where there
// are several.
func prefix(identifier string, subtask, parallelism int) string {
	p := identifier
	if parallelism > 1 {
		if p != "" {
			p += ":"
		}
		p += strconv.Itoa(subtask + 1)
	}
	if p != "" {
		p += "> "
	}
	return p
}

// writer renders batches. Rows are out when Write returns.
type writer struct {
	out    *shared
	prefix string
	buf    []byte
}

func (w *writer) Write(b *vec.Batch) error {
	w.buf = w.buf[:0]
	b.Each(func(row int) {
		w.buf = append(w.buf, w.prefix...)
		w.buf = appendRow(w.buf, b.Kind(row), b.Cols, row)
		w.buf = append(w.buf, '\n')
	})
	return w.out.write(w.buf)
}

func (w *writer) Prepare(bool) ([][]byte, error) { return nil, nil }
func (w *writer) Close() error                   { return nil }
