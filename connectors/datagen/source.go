package datagen

import (
	"context"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/internal/blocks"
)

// source is the rows of one table. Its splits take blocks of rows in turns.
type source struct {
	*config
	table *connectors.Table

	mu    sync.Mutex
	start time.Time // when the first rows are due; zero before the first reader is opened
	first int64     // the number of rows that came before start
}

func newSource(t *connectors.Table) (connectors.Source, error) {
	c, err := parseConfig(t)
	if err != nil {
		return nil, err
	}
	var cols []connectors.Column
	for _, col := range t.Columns {
		if col.Metadata == "" {
			cols = append(cols, col)
		}
	}
	_, rows, options, err := bind(t, c.seed, cols)
	if err != nil {
		return nil, err
	}
	if err := options.unknown(); err != nil {
		return nil, err
	}
	if rows < maxRows {
		c.rows, c.bounded = min(c.rows, rows), true
	}
	return &source{config: c, table: t}, nil
}

func (s *source) Bounded() bool                 { return s.bounded }
func (s *source) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (s *source) DiscoverEvery() time.Duration  { return 0 }
func (s *source) Concurrent() bool              { return true }

func (s *source) dealing() blocks.Dealing {
	return blocks.Dealing{Rows: s.rows, Block: s.block, Splits: s.splits}
}

// Splits gives the splits that have rows.
func (s *source) Splits(context.Context) ([]connectors.Split, error) { return s.dealing().List(), nil }

// Open starts at a position, which is the number of the next row.
func (s *source) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	next, err := s.dealing().Start(r)
	if err != nil {
		return nil, err
	}
	f, _, _, err := bind(s.table, s.seed, r.Columns)
	if err != nil {
		return nil, err
	}
	return newReader(s, f, next, r), nil
}

// begin gives when the job began, or went on, and with which row; next is the reader's.
func (s *source) begin(r connectors.ReadRequest, next int64) (time.Time, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.IsZero() {
		s.start = r.Clock.Now()
		if len(r.Position) > 0 {
			s.first = next
		}
	}
	return s.start, s.first
}
