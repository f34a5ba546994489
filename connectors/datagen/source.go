package datagen

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
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

// Splits gives the splits that have rows.
func (s *source) Splits(context.Context) ([]connectors.Split, error) {
	n := min(s.splits, max((s.rows+s.block-1)/s.block, 1))
	out := make([]connectors.Split, n)
	for i := range out {
		out[i] = connectors.Split{ID: fmt.Sprintf("%d/%d", i, s.splits), Data: int64(i)}
	}
	return out, nil
}

// Open starts at a position, which is the number of the next row.
func (s *source) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	split, ok := r.Split.Data.(int64)
	if !ok {
		return nil, fmt.Errorf("opening split %s: it is none of the datagen source", r.Split.ID)
	}
	f, _, _, err := bind(s.table, s.seed, r.Columns)
	if err != nil {
		return nil, err
	}
	next := split * s.block
	if len(r.Position) > 0 {
		n, used := binary.Uvarint(r.Position)
		if next = int64(n); used != len(r.Position) || next < 0 || next < s.rows && next/s.block%s.splits != split {
			return nil, fmt.Errorf("opening split %s: position %x is none of it; have the options changed?", r.Split.ID, r.Position)
		}
	}
	return newReader(s, f, next, r), nil
}

// begin gives when the job began, or went on, and with which row.
func (s *source) begin(r connectors.ReadRequest) (time.Time, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.IsZero() {
		s.start = r.Clock.Now()
		if len(r.Position) > 0 {
			next, _ := binary.Uvarint(r.Position)
			s.first = int64(next)
		}
	}
	return s.start, s.first
}
