package task

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// benchSource gives the same batch again and again, rows rows a split in all.
type benchSource struct {
	fakeSource
	count int
	rows  int64
}

func (s *benchSource) Splits(context.Context) ([]connectors.Split, error) {
	var out []connectors.Split
	for i := range s.count {
		out = append(out, connectors.Split{ID: fmt.Sprint(i)})
	}
	return out, nil
}

func (s *benchSource) Open(context.Context, connectors.ReadRequest) (connectors.Reader, error) {
	return &benchReader{left: s.rows}, nil
}

type benchReader struct {
	left  int64
	batch *vec.Batch
}

func (r *benchReader) Read(b *vec.Batch, limit int) error {
	if r.left <= 0 {
		return io.EOF
	}
	if r.batch == nil {
		r.batch = vec.NewBatch(schema)
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range limit {
			vec.Append(r.batch.Cols[0], rng.Int64())
			vec.Append(r.batch.Cols[1], int64(i))
		}
		r.batch.SetLen(limit)
	}
	b.AppendRows(r.batch, nil)
	r.left -= int64(b.Len())
	return nil
}

func (r *benchReader) Position() []byte { return nil }
func (r *benchReader) Close() error     { return nil }

// hole swallows rows.
type hole struct{ fakeSink }

func (h *hole) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return holeWriter{}, nil
}

type holeWriter struct{}

func (holeWriter) Write(*vec.Batch) error         { return nil }
func (holeWriter) Prepare(bool) ([][]byte, error) { return nil, nil }
func (holeWriter) Close() error                   { return nil }

// pass is an operator that passes rows on.
type pass struct{ op.Base }

func (o *pass) Process(_ int, b *vec.Batch) error { return o.Ctx.Out.Emit(b) }

func runBench(b *testing.B, job *plan.Job, rows int64) {
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	j, err := Start(context.Background(), job, options(clock.Real{}))
	if err != nil {
		b.Fatal(err)
	}
	if err := j.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(rows)/time.Since(began).Seconds()/1e6, "Mrows/s")
}

// BenchmarkExchange moves rows of two columns over a hash exchange. An operation is a row.
func BenchmarkExchange(b *testing.B) {
	for _, p := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("2to%d", p), func(b *testing.B) {
			src := &benchSource{count: 2, rows: int64(b.N) / 2}
			job := jobOf(sinkNode(&hole{}, p, exchange(plan.Hash, p, sourceNode(src, 2))))
			runBench(b, job, int64(b.N))
		})
	}
}

// BenchmarkChain passes batches through operators that do nothing: an operation is a row, so
// that what an operator costs a batch is the difference times the batch size, by the operators.
func BenchmarkChain(b *testing.B) {
	for _, n := range []int{0, 10} {
		for _, size := range []int{1, vec.DefaultBatchSize} {
			b.Run(fmt.Sprintf("operators=%d/batch=%d", n, size), func(b *testing.B) {
				var at plan.Node = sourceNode(&benchSource{count: 1, rows: int64(b.N)}, 1)
				for range n {
					at = fake("Pass", 1, func() op.Operator { return &pass{} }, at)
				}
				job := jobOf(sinkNode(&hole{}, 1, at))
				job.Config.BatchSize = size
				runBench(b, job, int64(b.N))
			})
		}
	}
}
