package main

import (
	"context"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// runSQL runs a script of CREATEs and an INSERT into the table 'sums', whose connector is
// 'checksum'. Tables of the connector 'events' are those of mem.
func runSQL(ctx context.Context, mem *events, parallelism int, sql string) (result, error) {
	sum := &checksum{}
	env, err := weir.NewEnv(weir.WithParallelism(parallelism), weir.WithConnector(sum.connector()), weir.WithConnector(mem.connector()))
	if err != nil {
		return result{}, err
	}
	res, err := env.ExecuteSQL(ctx, sql)
	if err != nil {
		return result{}, err
	}
	if err := res.Job().Wait(ctx); err != nil {
		return result{}, err
	}
	return sum.total, nil
}

// checksum is a sink that adds up its rows as result.add does, and takes off those that are taken back.
type checksum struct {
	mu    sync.Mutex
	total result
}

func (s *checksum) connector() *connectors.Connector {
	return &connectors.Connector{Name: "checksum", Sink: func(*connectors.Table) (connectors.Sink, error) { return s, nil }}
}

func (s *checksum) Accepts() connectors.ChangeSet          { return connectors.Retract }
func (s *checksum) Guarantee() connectors.Guarantee        { return connectors.NoGuarantee }
func (s *checksum) Commit(context.Context, [][]byte) error { return nil }

func (s *checksum) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return &checksumWriter{sink: s, in: []int32{}, out: []int32{}}, nil // nil would be all rows of a batch
}

type checksumWriter struct {
	sink    *checksum
	res     result
	in, out []int32 // scratch
}

// Write adds up BIGINT and TIMESTAMP columns by their values, DECIMAL by its low word, and strings by their
// length and first four bytes.
func (w *checksumWriter) Write(b *vec.Batch) error {
	if b.Kinds == nil {
		w.res.rows += int64(b.Rows())
		w.res.sum += sumRows(b.Cols, b.Sel)
		return nil
	}
	w.in, w.out = w.in[:0], w.out[:0]
	for k := range b.Rows() {
		i := int32(k)
		if b.Sel != nil {
			i = b.Sel[k]
		}
		if b.Kinds[i].Retracts() {
			w.out = append(w.out, i)
		} else {
			w.in = append(w.in, i)
		}
	}
	w.res.rows += int64(len(w.in) - len(w.out))
	w.res.sum += sumRows(b.Cols, w.in) - sumRows(b.Cols, w.out)
	return nil
}

func sumRows(cols []*vec.Vector, sel []int32) (total uint64) {
	for c, v := range cols {
		var sum uint64
		switch v.Phys() {
		case vec.Int64:
			sum = sumWords(vec.Values[int64](v), sel, func(x int64) uint64 { return uint64(x) })
		case vec.Decimal:
			sum = sumWords(vec.Values[vec.Dec128](v), sel, func(x vec.Dec128) uint64 { return x.Lo })
		case vec.View:
			sum = sumWords(vec.Values[vec.StringView](v), sel, viewWord)
		}
		total += sum * weight(c)
	}
	return total
}

func viewWord(s vec.StringView) uint64 { a, _ := s.Words(); return a }

func sumWords[T any](values []T, sel []int32, word func(T) uint64) (sum uint64) {
	if sel == nil {
		for _, x := range values {
			sum += word(x)
		}
		return sum
	}
	for _, i := range sel {
		sum += word(values[i])
	}
	return sum
}

func (w *checksumWriter) Prepare(bool) ([][]byte, error) { return nil, nil }

func (w *checksumWriter) Close() error {
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	w.sink.total.rows += w.res.rows
	w.sink.total.sum += w.res.sum
	return nil
}

// memorySplits is how many splits the table in memory has. Blocks of rows go to them in turns.
const (
	memorySplits = 2
	memoryBlock  = vec.DefaultBatchSize
)

// connector makes a table of the columns few, mid, many, price and time, which a reader copies into
// the batch.
func (e *events) connector() *connectors.Connector {
	return &connectors.Connector{Name: "events", Source: func(t *connectors.Table) (connectors.Source, error) { return e, nil }}
}

const eventsTable = "CREATE TABLE events (few BIGINT, mid BIGINT, many BIGINT, price BIGINT, `time` TIMESTAMP(3), WATERMARK FOR `time` AS `time`) WITH ('connector' = 'events');\n"

func (e *events) Bounded() bool                 { return true }
func (e *events) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (e *events) DiscoverEvery() time.Duration  { return 0 }
func (e *events) Concurrent() bool              { return true }

func (e *events) Splits(context.Context) ([]connectors.Split, error) {
	out := make([]connectors.Split, memorySplits)
	for i := range out {
		out[i] = connectors.Split{ID: strconv.Itoa(i), Data: i}
	}
	return out, nil
}

func (e *events) Open(_ context.Context, req connectors.ReadRequest) (connectors.Reader, error) {
	r := &eventsReader{next: req.Split.Data.(int) * memoryBlock}
	for _, c := range req.Columns {
		r.cols = append(r.cols, map[string][]int64{"few": e.few, "mid": e.mid, "many": e.many, "price": e.price, "time": e.time}[c.Name])
	}
	r.rows = len(e.time)
	return r, nil
}

type eventsReader struct {
	cols       [][]int64
	next, rows int
}

func (r *eventsReader) Read(b *vec.Batch, limit int) error {
	if r.next >= r.rows {
		return io.EOF
	}
	blockEnd := min(r.next/memoryBlock*memoryBlock+memoryBlock, r.rows)
	end := min(blockEnd, r.next+limit)
	base := b.Len()
	for i, c := range r.cols {
		b.Cols[i].Resize(base + end - r.next)
		copy(vec.Values[int64](b.Cols[i])[base:], c[r.next:end])
	}
	b.SetLen(base + end - r.next)
	if r.next = end; end == blockEnd {
		r.next += (memorySplits - 1) * memoryBlock
	}
	return nil
}

func (r *eventsReader) Position() []byte { return []byte(strconv.Itoa(r.next)) }
func (r *eventsReader) Close() error     { return nil }
