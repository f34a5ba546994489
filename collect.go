package weir

import (
	"context"
	"sync"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// collector is the sink of a SELECT: its writers copy batches into a bounded channel,
// from which the Result reads them. A reader that goes away (stop) lets the
// writers fail with errAbandoned instead of blocking.
type collector struct {
	batches chan *vec.Batch
	gone    chan struct{}
	once    sync.Once
}

func newCollector() *collector {
	return &collector{batches: make(chan *vec.Batch, 4), gone: make(chan struct{})}
}

func (c *collector) stop() { c.once.Do(func() { close(c.gone) }) }

func (c *collector) Accepts() connectors.ChangeSet   { return connectors.Retract }
func (c *collector) Guarantee() connectors.Guarantee { return connectors.NoGuarantee }

func (c *collector) Commit(context.Context, [][]byte) error { return nil }

func (c *collector) Open(ctx context.Context, w connectors.WriteRequest) (connectors.Writer, error) {
	schema := make(vec.Schema, len(w.Columns))
	for i, col := range w.Columns {
		schema[i] = vec.Field{Name: col.Name, Type: col.Type}
	}
	return &collectWriter{ctx: ctx, sink: c, schema: schema}, nil
}

type collectWriter struct {
	ctx    context.Context
	sink   *collector
	schema vec.Schema
}

// Write copies the batch: the result's reader keeps it for as long as it likes.
func (w *collectWriter) Write(b *vec.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	out := vec.NewBatch(w.schema)
	out.AppendRows(b, nil)
	select {
	case w.sink.batches <- out:
		return nil
	case <-w.sink.gone:
		return context.Canceled
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

func (w *collectWriter) Prepare(bool) ([][]byte, error) { return nil, nil }
func (w *collectWriter) Close() error                   { return nil }
