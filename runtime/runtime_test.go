package runtime_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// The job of these tests is SELECT k, COUNT(*), MAX(ts), window_start FROM TABLE(TUMBLE(…, 1 s))
// GROUP BY k, window over rows (k BIGINT, ts TIMESTAMP(3)) in memory.
var schema = vec.Schema{{Name: "k", Type: types.New(types.BigInt)}, {Name: "ts", Type: types.TimestampOf(3)}}

// events is a source of rows that all splits repeat: key i mod keys, perMilli of them a millisecond.
type events struct{ splits, rows, keys, perMilli int }

func (e *events) Bounded() bool                 { return true }
func (e *events) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (e *events) DiscoverEvery() time.Duration  { return 0 }
func (e *events) Concurrent() bool              { return true }

func (e *events) Splits(context.Context) ([]connectors.Split, error) {
	var out []connectors.Split
	for i := range e.splits {
		out = append(out, connectors.Split{ID: fmt.Sprint(i)})
	}
	return out, nil
}

func (e *events) Open(context.Context, connectors.ReadRequest) (connectors.Reader, error) {
	return &reader{events: e}, nil
}

type reader struct {
	*events
	at int
}

func (r *reader) Read(b *vec.Batch, limit int) error {
	n := min(limit, r.rows-r.at)
	if n == 0 {
		return io.EOF
	}
	b.Cols[0].Resize(n)
	b.Cols[1].Resize(n)
	k, ts := vec.Values[int64](b.Cols[0]), vec.Values[int64](b.Cols[1])
	for i := range n {
		k[i] = int64(uint32(r.at+i)*2654435761) % int64(r.keys)
		ts[i] = int64((r.at + i) / r.perMilli)
	}
	b.SetLen(n)
	r.at += n
	return nil
}

func (r *reader) Position() []byte { return nil }
func (r *reader) Close() error     { return nil }

// table collects rows as text.
type table struct {
	mu     sync.Mutex
	rows   map[string]int
	silent bool
}

func (s *table) Accepts() connectors.ChangeSet   { return connectors.Retract }
func (s *table) Guarantee() connectors.Guarantee { return connectors.NoGuarantee }
func (s *table) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return s, nil
}
func (s *table) Commit(context.Context, [][]byte) error { return nil }
func (s *table) Prepare(bool) ([][]byte, error)         { return nil, nil }
func (s *table) Close() error                           { return nil }

func (s *table) Write(b *vec.Batch) error {
	if s.silent {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b.Each(func(i int) {
		var text []string
		for _, c := range b.Cols {
			text = append(text, fmt.Sprint(c.Value(i)))
		}
		s.rows[b.Kind(i).String()+" "+strings.Join(text, " ")]++
	})
	return nil
}

func aggregates(t testing.TB) []agg.Call {
	var calls []agg.Call
	for _, c := range []struct {
		name string
		args []int
	}{{"COUNT", nil}, {"MAX", []int{1}}} {
		fn := agg.Builtins().Lookup(c.name)
		var in []types.Type
		for _, a := range c.args {
			in = append(in, schema[a].Type)
		}
		sig, err := fn.Resolve(in)
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, agg.Call{Fn: fn, Sig: sig, Args: c.args, Filter: -1, Name: c.name})
	}
	return calls
}

// windowJob plans the job in one phase, or in two.
func windowJob(t testing.TB, src connectors.Source, sink connectors.Sink, parallelism, batch int, twoPhase bool) *plan.Job {
	props := func(s vec.Schema, rowtime int) plan.Props {
		return plan.Props{Schema: s, Parallelism: parallelism, Rowtime: rowtime}
	}
	calls := aggregates(t)
	window := plan.Window{Kind: plan.Tumble, TimeCol: 1, Size: 1000}
	result := vec.Schema{schema[0]}
	for _, c := range calls {
		result = append(result, vec.Field{Name: c.Name, Type: c.Sig.Result})
	}
	result = append(result, vec.Field{Name: "window_start", Type: schema[1].Type})

	var at plan.Node = &plan.Source{
		Props: props(schema, 1), Table: "events", Source: src,
		Columns:   []connectors.Column{{Name: "k", Type: schema[0].Type}, {Name: "ts", Type: schema[1].Type}},
		Watermark: &expr.Column{Index: 1, Name: "ts", T: schema[1].Type},
	}
	final := &plan.WindowAggregate{
		Props: props(result, -1), Window: window, Keys: []int{0}, Calls: calls, Windows: []plan.WindowColumn{plan.WindowStart},
	}
	if twoPhase {
		final.Phase = plan.Global
		counting, _ := agg.Counting(calls)
		partial := append(vec.Schema{schema[0], {Name: "slice_end", Type: types.New(types.BigInt)}}, agg.PartialSchema(counting)...)
		at = &plan.WindowAggregate{Props: props(partial, -1), Input: at, Window: window, Keys: []int{0}, Calls: calls, Phase: plan.Local}
	}
	final.Input = &plan.Exchange{Props: *at.Properties(), Input: at, Keys: []int{0}}
	return &plan.Job{
		Sinks:  []*plan.Sink{{Props: props(result, -1), Input: final, Table: "out", Sink: sink}},
		Config: plan.Config{BatchSize: batch, WatermarkInterval: 200 * time.Millisecond},
	}
}

func TestWindowJob(t *testing.T) {
	const rows, keys, splits = 10_000, 37, 3
	want := map[string]int{}
	for w := range rows / 1000 {
		count, last := map[int64]int{}, map[int64]int{}
		for i := w * 1000; i < (w+1)*1000; i++ {
			k := int64(uint32(i)*2654435761) % keys
			count[k] += splits
			last[k] = i
		}
		for k, n := range count {
			want[fmt.Sprintf("+I %d %d %d %d", k, n, last[k], w*1000)] = 1
		}
	}
	for _, parallelism := range []int{1, 4} {
		for _, batch := range []int{1, 7, 0} {
			for _, twoPhase := range []bool{false, true} {
				out := &table{rows: map[string]int{}}
				job := windowJob(t, &events{splits, rows, keys, 1}, out, parallelism, batch, twoPhase)
				res, err := runtime.Run(t.Context(), job, runtime.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, out.rows); d != "" {
					t.Fatalf("parallelism %d, batch size %d, two phases %v: %s", parallelism, batch, twoPhase, d)
				}
				if res.Metrics.RowsRead() != rows*splits || res.Metrics.Late() != 0 {
					t.Errorf("%d rows read, %d late", res.Metrics.RowsRead(), res.Metrics.Late())
				}
			}
		}
	}
}

// BenchmarkWindowJob shows what a second worker brings. An operation is a row.
func BenchmarkWindowJob(b *testing.B) {
	for _, keys := range []int{1000, 1_000_000} {
		for _, p := range []int{1, 2} {
			b.Run(fmt.Sprintf("keys=%d/workers=%d", keys, p), func(b *testing.B) {
				b.ReportAllocs()
				job := windowJob(b, &events{2, b.N/2 + 1, keys, 1000}, &table{silent: true}, p, 0, keys == 1000)
				began := time.Now()
				if _, err := runtime.Run(context.Background(), job, runtime.Options{}); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(b.N)/time.Since(began).Seconds()/1e6, "Mrows/s")
			})
		}
	}
}
