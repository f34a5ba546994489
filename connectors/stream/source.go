package stream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
)

// source reads the shards of a stream.
type source struct {
	name     string // of the stream, for messages
	format   *format.Format
	decoding *format.Decoding
	initial  position
	bounded  bool
	discover time.Duration
	connect  func(ctx context.Context) (backend, error)
	listings listings

	mu      sync.Mutex
	backend backend         // nil before the first use
	first   map[string]bool // the shards that were there when the job started
	over    bool
}

// newSource reads what both connectors have in common; connect opens the stream when the job starts.
func newSource(t *connectors.Table, formats format.List, in initialOptions, connect func(context.Context) (backend, error)) (*source, error) {
	f, opts, err := formats.Choose(t.Options, "format")
	if err != nil {
		return nil, err
	}
	if f.Decoding == nil {
		return nil, t.Options.Errorf("format", "the format '%s' cannot be read", f.Name)
	}
	s := &source{format: f, initial: in.position, bounded: in.bounded, discover: in.discover, connect: connect}
	if s.decoding, err = f.Decoding(format.Config{Options: opts, Columns: payload(t), Zone: t.Zone}); err != nil {
		return nil, diag.At(err, t.Options.Span("format"))
	}
	if s.decoding.NewDecoder == nil {
		return nil, t.Options.Errorf("format", "the format '%s' is one of files, it cannot be read from records", f.Name)
	}
	return s, nil
}

func (s *source) Bounded() bool                 { return s.bounded }
func (s *source) Changes() connectors.ChangeSet { return s.decoding.Changes }
func (s *source) DiscoverEvery() time.Duration  { return s.discover }
func (s *source) Concurrent() bool              { return true }

// open connects to the stream at the first use.
func (s *source) open(ctx context.Context) (backend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil, fmt.Errorf("the job has ended")
	}
	if s.backend == nil {
		b, err := s.connect(ctx)
		if err != nil {
			return nil, err
		}
		s.backend = b
	}
	return s.backend, nil
}

// Splits lists the shards.
func (s *source) Splits(ctx context.Context) ([]connectors.Split, error) {
	b, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	n := s.listings.begin()
	shards, err := b.shards(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]connectors.Split, len(shards))
	for i, sh := range shards {
		out[i] = connectors.Split{ID: sh.id, Data: sh, After: sh.parents}
	}
	s.mu.Lock()
	if s.first == nil {
		s.first = make(map[string]bool, len(shards))
		for _, sh := range shards {
			s.first[sh.id] = true
		}
	}
	s.mu.Unlock()
	s.listings.end(n)
	return out, nil
}

// begin is where a shard without a position of a checkpoint is read from. Shards that were not there
// when the job first started are read from their beginning: all their records are new.
func (s *source) begin(id string, restored bool) position {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.initial.where == newest && (restored || !s.first[id]) {
		return position{where: oldest}
	}
	return s.initial
}

// Open starts reading a shard.
func (s *source) Open(ctx context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	b, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	id := r.Split.ID
	from := s.begin(id, r.Restored)
	if r.Position != nil {
		if from, err = parsePosition(string(r.Position)); err != nil {
			return nil, fmt.Errorf("opening %s: %w", id, err)
		}
	}
	wake := r.Wake
	if wake == nil {
		wake = func() {}
	}
	rd := &reader{source: s, shard: fmt.Sprintf("stream '%s', %s", s.name, id), cols: newColumns(r.Columns, id), wake: wake}
	if sh, ok := r.Split.Data.(shard); ok {
		rd.empty = sh.closed && from.where == newest
	}
	req := format.DecodeRequest{Columns: rd.cols.payload}
	if r.Rejected != nil {
		req.Rejected = func(row []byte, e *format.RecordError) { r.Rejected(rd.place(&rd.records[rd.at]), row, e) }
	}
	if rd.dec, err = s.decoding.NewDecoder(req); err != nil {
		return nil, err
	}
	if rd.cursor, err = b.follow(ctx, id, from, wake); err != nil {
		return nil, fmt.Errorf("opening %s: %w", rd.shard, err)
	}
	rd.pos = rd.cursor.start()
	rd.skip = from
	return rd, nil
}

// Close lets the stream go: the job has ended.
func (s *source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.backend == nil {
		return nil
	}
	b := s.backend
	s.backend = nil
	return b.close()
}
