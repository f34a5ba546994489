// Package blackhole is the connector that takes rows and drops them, for measuring what
// comes before. Enter at Connector.
package blackhole

import (
	"context"
	"sync/atomic"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// Connector describes the connector 'blackhole'. The rows that all its tables take are
// added to rows, which may be nil.
func Connector(rows *atomic.Int64) connectors.Connector {
	if rows == nil {
		rows = new(atomic.Int64)
	}
	return connectors.Connector{
		Name: "blackhole",
		Doc:  "Takes rows and drops them; of updates, as in Flink, the rows after them.",
		Sink: func(*connectors.Table) (connectors.Sink, error) { return sink{rows}, nil },
	}
}

type sink struct{ rows *atomic.Int64 }

func (s sink) Accepts() connectors.ChangeSet          { return connectors.Upsert }
func (s sink) NeedsNoKey()                            {}
func (s sink) Guarantee() connectors.Guarantee        { return connectors.NoGuarantee }
func (s sink) Commit(context.Context, [][]byte) error { return nil }

func (s sink) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return writer(s), nil
}

type writer struct{ rows *atomic.Int64 }

func (w writer) Write(b *vec.Batch) error       { w.rows.Add(int64(b.Rows())); return nil }
func (w writer) Prepare(bool) ([][]byte, error) { return nil, nil }
func (w writer) Close() error                   { return nil }
