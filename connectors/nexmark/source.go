package nexmark

import (
	"context"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/internal/blocks"
)

// source is the events of one table. Its splits take blocks of events in turns, so that
// all of them go through event time together.
type source struct {
	*config
	block     int64
	generator func() *generator // made when the first reader is opened

	mu    sync.Mutex
	start time.Time // when the event at baseTime is due; zero before the first reader is opened
}

// blockRows is about how many rows a block of events gives: those of one batch.
const blockRows = 4096

func newSource(t *connectors.Table) (connectors.Source, error) {
	c, err := parseConfig(t.Options)
	if err != nil {
		return nil, err
	}
	if t.RowWatermarks {
		c.splits = 1
	}
	physical := make([]connectors.Column, 0, len(t.Columns))
	for _, col := range t.Columns {
		if col.Metadata == "" {
			physical = append(physical, col)
		}
	}
	if _, err := c.bind(physical); err != nil {
		return nil, err
	}
	block := int64(blockRows)
	if share := c.share(c.table); share > 0 {
		block = blockRows * c.total() / share
	}
	if c.paced && c.splits > 1 { // no split falls back by more than 10 ms
		block = min(max(c.rate/100, 1), block)
	}
	return &source{config: c, block: block, generator: sync.OnceValue(func() *generator { return newGenerator(c) })}, nil
}

func (s *source) Bounded() bool                 { return s.events < maxEvents }
func (s *source) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (s *source) DiscoverEvery() time.Duration  { return 0 }
func (s *source) Concurrent() bool              { return true }

func (s *source) dealing() blocks.Dealing {
	return blocks.Dealing{Rows: s.events, Block: s.block, Splits: s.splits}
}

// Splits gives the splits that have events.
func (s *source) Splits(context.Context) ([]connectors.Split, error) { return s.dealing().List(), nil }

// Open starts at a position, which is the number of the next event.
func (s *source) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	next, err := s.dealing().Start(r)
	if err != nil {
		return nil, err
	}
	cols, err := s.bind(r.Columns)
	if err != nil {
		return nil, err
	}
	rd := &reader{source: s, generator: s.generator(), cols: cols, next: next}
	if s.paced {
		rd.pace(r, s.startAt(r, next))
	}
	return rd, nil
}

// startAt gives when the first event is due. A job that goes on from a checkpoint goes on at
// the pace, and does not catch up.
func (s *source) startAt(r connectors.ReadRequest, next int64) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.IsZero() {
		s.start = r.Clock.Now()
		if len(r.Position) > 0 {
			ms, _ := s.generator().time(next)
			s.start = s.start.Add(-time.Duration(ms-s.baseTime) * time.Millisecond)
		}
	}
	return s.start
}
