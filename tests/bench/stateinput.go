package main

import (
	"context"
	"io"
	"math/bits"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// keyed is a table (k, v, t) that is computed as it is read, so that it takes no memory. Its rows come in blocks that go to two
// splits in turns.
type keyed struct {
	keys, rows int
	random     bool // the key of each row is any; else all come in turns
	new        int  // from this row on every other is of a key that has not come; 0: none
	windows    int  // of 10 s, that the times of the rows span
	open       bool // after the last row it waits for more, which does not come

	limit atomic.Int64 // rows up to which it reads for now
	next  [memorySplits]atomic.Int64
	mu    sync.Mutex
	wake  []func()
}

const keyedWindowMS = 10_000

// keyedTable has watermarks 2 ms behind its rows: a row exactly one gap after another is in its session, whenever a watermark comes.
const keyedTable = "CREATE TABLE keyed (k BIGINT, v BIGINT, t TIMESTAMP(3), WATERMARK FOR t AS t - INTERVAL '0.002' SECOND) WITH ('connector' = 'keyed');\n"

func (s *keyed) connector() *connectors.Connector {
	return &connectors.Connector{Name: "keyed", Source: func(*connectors.Table) (connectors.Source, error) { return s, nil }}
}

// release lets rows up to n be read.
func (s *keyed) release(n int) {
	s.limit.Store(int64(n))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, wake := range s.wake {
		wake()
	}
}

func (s *keyed) Bounded() bool                 { return !s.open }
func (s *keyed) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (s *keyed) DiscoverEvery() time.Duration  { return 0 }
func (s *keyed) Concurrent() bool              { return true }

func (s *keyed) Splits(context.Context) ([]connectors.Split, error) {
	out := make([]connectors.Split, memorySplits)
	for i := range out {
		out[i] = connectors.Split{ID: strconv.Itoa(i), Data: i}
	}
	return out, nil
}

func (s *keyed) Open(_ context.Context, req connectors.ReadRequest) (connectors.Reader, error) {
	r := &keyedReader{keyed: s, next: req.Split.Data.(int) * memoryBlock}
	if req.Position != nil {
		var err error
		if r.next, err = strconv.Atoi(string(req.Position)); err != nil {
			return nil, err
		}
	}
	for _, c := range req.Columns {
		r.columns = append(r.columns, map[string]func(int) int64{"k": s.key, "v": s.value, "t": s.time}[c.Name])
	}
	r.split = req.Split.Data.(int)
	s.next[r.split].Store(int64(r.next))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake = append(s.wake, req.Wake)
	return r, nil
}

// read reports whether the first n rows have been read.
func (s *keyed) read(n int) bool {
	for i := range s.next {
		if s.next[i].Load() < int64(n) {
			return false
		}
	}
	return true
}

// key scatters the numbers of keys: neighbours in time are none in the order of keys.
func (s *keyed) key(i int) int64 {
	n := uint64(i) % uint64(s.keys)
	switch {
	case s.new > 0 && i >= s.new && i%2 == 1:
		n = uint64(i)
	case s.random:
		n, _ = bits.Mul64(random(uint64(i)), uint64(s.keys))
	}
	return int64(n * 0x9e3779b1 % (1 << 40))
}

func (s *keyed) value(i int) int64 { return int64(random(uint64(i)) % 1000) }

func (s *keyed) time(i int) int64 {
	return baseTime + int64(float64(i)/float64(s.rows)*float64(s.windows)*keyedWindowMS)
}

type keyedReader struct {
	*keyed
	columns []func(int) int64
	split   int
	next    int
}

func (r *keyedReader) Read(b *vec.Batch, limit int) error {
	switch {
	case r.next >= r.rows && !r.open:
		return io.EOF
	case r.next >= min(r.rows, int(r.limit.Load())):
		return connectors.ErrNoData
	}
	blockEnd := min(r.next/memoryBlock*memoryBlock+memoryBlock, r.rows, int(r.limit.Load()))
	end := min(blockEnd, r.next+limit)
	base := b.Len()
	for c, of := range r.columns {
		b.Cols[c].Resize(base + end - r.next)
		values := vec.Values[int64](b.Cols[c])[base:]
		for k := range values {
			values[k] = of(r.next + k)
		}
	}
	b.SetLen(base + end - r.next)
	if r.next = end; end%memoryBlock == 0 {
		r.next += (memorySplits - 1) * memoryBlock
	}
	r.keyed.next[r.split].Store(int64(r.next))
	return nil
}

func (r *keyedReader) Position() []byte { return []byte(strconv.Itoa(r.next)) }
func (r *keyedReader) Close() error     { return nil }
