package filesystem

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
)

// source reads the files of a table.
type source struct {
	table    *connectors.Table
	format   *format.Format
	decoding *format.Decoding
	where    *location
	every    time.Duration
	stdin    io.Reader
	buffers  sync.Pool // of line readers

	mu    sync.Mutex
	known map[string][]connectors.Split // by path: a file's parts do not change once it was found
	lines map[string]*lineIndex         // by path
}

func newSource(t *connectors.Table, formats format.List, stdin io.Reader) (connectors.Source, error) {
	where, err := newLocation(t)
	if err != nil {
		return nil, err
	}
	f, opts, err := formats.Choose(t.Options, "format")
	if err != nil {
		return nil, err
	}
	if f.Decoding == nil {
		return nil, t.Options.Errorf("format", "the format '%s' cannot be read", f.Name)
	}
	s := &source{table: t, format: f, where: where, stdin: stdin, known: map[string][]connectors.Split{}, lines: map[string]*lineIndex{}}
	if s.every, err = t.Options.Duration("source.monitor-interval", 0); err != nil {
		return nil, err
	}
	if t.Options.Has("source.monitor-interval") && s.every <= 0 {
		return nil, t.Options.Errorf("source.monitor-interval", "must be longer than zero")
	}
	if s.decoding, err = f.Decoding(format.Config{Options: opts, Columns: payload(t), Zone: t.Zone}); err != nil {
		return nil, diag.At(err, t.Options.Span("format"))
	}
	if where.path == stdinPath && s.decoding.OpenBulk != nil {
		return nil, t.Options.Errorf("path", "the format '%s' needs a file, it cannot be read from standard input", f.Name)
	}
	return s, nil
}

// payload gives the columns that are in the files.
func payload(t *connectors.Table) []connectors.Column {
	var out []connectors.Column
	for _, c := range t.Columns {
		if c.Metadata == "" && !isPartition(t, c.Name) {
			out = append(out, c)
		}
	}
	return out
}

func isPartition(t *connectors.Table, name string) bool {
	for _, p := range t.PartitionedBy {
		if p == name {
			return true
		}
	}
	return false
}

func (s *source) Bounded() bool                 { return s.every == 0 }
func (s *source) Changes() connectors.ChangeSet { return s.decoding.Changes }
func (s *source) DiscoverEvery() time.Duration  { return s.every }
func (s *source) Concurrent() bool              { return false }

// Splits lists the files that are there now.
func (s *source) Splits(ctx context.Context) ([]connectors.Split, error) {
	if s.where.path == stdinPath {
		return []connectors.Split{split(part{file{path: stdinPath, pipe: true}, 0, -1}, "")}, nil
	}
	files, err := s.where.list()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []connectors.Split
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		parts, ok := s.known[f.path]
		if !ok {
			if parts, err = s.divide(f); err != nil {
				return nil, err
			}
			s.known[f.path] = parts
		}
		out = append(out, parts...)
	}
	return out, nil
}

func (s *source) divide(f file) ([]connectors.Split, error) {
	divide := !s.table.RowWatermarks
	if s.decoding.OpenBulk != nil {
		return splitBulk(f, s.decoding, divide)
	}
	return splitLines(f, divide && s.decoding.Splittable), nil
}

// Open starts reading a file or a part of one.
func (s *source) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	p, ok := r.Split.Data.(part)
	if !ok {
		return nil, fmt.Errorf("split '%s' is none of the connector 'filesystem'", r.Split.ID)
	}
	resume, err := parsePosition(r.Position)
	if err != nil {
		return nil, fmt.Errorf("opening split '%s': %w", r.Split.ID, err)
	}
	cols, err := s.columns(p.file, r.Columns)
	if err != nil {
		return nil, err
	}
	if s.decoding.OpenBulk != nil {
		return s.openBulk(p, resume, cols, r)
	}
	return s.openLines(p, resume, cols, r)
}
