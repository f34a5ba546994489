package task

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Tests run plans over rows (k BIGINT, ts TIMESTAMP(3)).
var schema = vec.Schema{{Name: "k", Type: types.New(types.BigInt)}, {Name: "ts", Type: types.TimestampOf(3)}}

// row is a row; a ts below zero stands for NULL.
type row struct{ k, ts int64 }

// rows gives n rows whose ts is their number.
func rows(n int) []row {
	out := make([]row, n)
	for i := range out {
		out[i] = row{int64(i), int64(i)}
	}
	return out
}

// fakeSource has splits that a test feeds by hand or all at once.
type fakeSource struct {
	unbounded, concurrent bool
	discover              time.Duration

	mu     sync.Mutex
	splits []*fakeSplit
	opens  []string
	closes int
}

// fakeSplit is one split: rows that can be read now, and perhaps an end.
type fakeSplit struct {
	id    string
	after []string

	mu    sync.Mutex
	rows  []row
	ended bool
	err   error
	wake  func()
	reads int
}

func newSplit(id string, rows ...row) *fakeSplit {
	return &fakeSplit{id: id, rows: rows, ended: true}
}

func openSplit(id string, rows ...row) *fakeSplit { return &fakeSplit{id: id, rows: rows} }

// push adds rows to a split that is being read.
func (s *fakeSplit) push(rows ...row) { s.change(func() { s.rows = append(s.rows, rows...) }) }

func (s *fakeSplit) finish() { s.change(func() { s.ended = true }) }

func (s *fakeSplit) change(f func()) {
	s.mu.Lock()
	f()
	wake := s.wake
	s.mu.Unlock()
	if wake != nil {
		wake()
	}
}

func (s *fakeSource) Bounded() bool                 { return !s.unbounded }
func (s *fakeSource) Changes() connectors.ChangeSet { return connectors.InsertOnly }
func (s *fakeSource) DiscoverEvery() time.Duration  { return s.discover }
func (s *fakeSource) Concurrent() bool              { return s.concurrent }

func (s *fakeSource) Splits(context.Context) ([]connectors.Split, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []connectors.Split
	for _, p := range s.splits {
		out = append(out, connectors.Split{ID: p.id, Data: p, After: p.after})
	}
	return out, nil
}

func (s *fakeSource) add(p *fakeSplit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.splits = append(s.splits, p)
}

func (s *fakeSource) opened() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.opens, " ")
}

func (s *fakeSource) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	p := r.Split.Data.(*fakeSplit)
	s.mu.Lock()
	s.opens = append(s.opens, p.id)
	s.mu.Unlock()
	p.mu.Lock()
	p.wake = r.Wake
	p.mu.Unlock()
	return &fakeReader{s, p}, nil
}

type fakeReader struct {
	source *fakeSource
	*fakeSplit
}

func (r *fakeReader) Read(b *vec.Batch, limit int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	if len(r.rows) == 0 {
		switch {
		case r.err != nil:
			return r.err
		case r.ended:
			return io.EOF
		}
		return connectors.ErrNoData
	}
	n := min(limit, len(r.rows))
	for _, x := range r.rows[:n] {
		vec.Append(b.Cols[0], x.k)
		if x.ts < 0 {
			b.Cols[1].AppendNull()
		} else {
			vec.Append(b.Cols[1], x.ts)
		}
	}
	b.SetLen(b.Len() + n)
	r.rows = r.rows[n:]
	return nil
}

func (r *fakeReader) Position() []byte { return nil }

func (r *fakeReader) Close() error {
	r.source.mu.Lock()
	defer r.source.mu.Unlock()
	r.source.closes++
	return nil
}

// fakeSink keeps what is written and what is committed.
type fakeSink struct {
	mu        sync.Mutex
	written   []string // rows and watermarks, in order over all writers
	committed []string
	commits   int
	closed    int
	openErr   error
	writeErr  error
	panics    bool
	block     chan struct{} // writers wait until it is closed
	changed   chan struct{}
}

func newSink() *fakeSink { return &fakeSink{changed: make(chan struct{}, 1)} }

func (s *fakeSink) Accepts() connectors.ChangeSet   { return connectors.InsertOnly }
func (s *fakeSink) Guarantee() connectors.Guarantee { return connectors.ExactlyOnce }

func (s *fakeSink) Open(_ context.Context, w connectors.WriteRequest) (connectors.Writer, error) {
	return &fakeWriter{sink: s, subtask: w.Subtask}, s.openErr
}

func (s *fakeSink) Commit(_ context.Context, c [][]byte) error {
	s.update(func() {
		s.commits++
		for _, x := range c {
			s.committed = append(s.committed, strings.Fields(string(x))...)
		}
	})
	return nil
}

func (s *fakeSink) update(f func()) {
	s.mu.Lock()
	f()
	s.mu.Unlock()
	signal(s.changed)
}

// await waits until the sink's state satisfies ok.
func (s *fakeSink) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		s.mu.Lock()
		yes := ok()
		s.mu.Unlock()
		if yes {
			return
		}
		select {
		case <-s.changed:
		case <-deadline:
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Fatalf("waited in vain for %s; written %v, committed %v", what, s.written, s.committed)
		}
	}
}

// awaitWritten waits for a row or a watermark to be written last.
func (s *fakeSink) awaitWritten(t *testing.T, want string) {
	t.Helper()
	s.await(t, want, func() bool { return slices.Contains(s.written, want) })
}

type fakeWriter struct {
	sink    *fakeSink
	subtask int
	pending []string
}

func (w *fakeWriter) Write(b *vec.Batch) error {
	if w.sink.block != nil {
		<-w.sink.block
	}
	if w.sink.panics {
		panic("the sink is on fire")
	}
	w.sink.update(func() {
		b.Each(func(i int) {
			s := fmt.Sprint(b.Cols[0].Value(i))
			w.sink.written = append(w.sink.written, s)
			w.pending = append(w.pending, s)
		})
	})
	return w.sink.writeErr
}

func (w *fakeWriter) Prepare(bool) ([][]byte, error) {
	if len(w.pending) == 0 {
		return nil, nil
	}
	c := []byte(strings.Join(w.pending, " "))
	w.pending = nil
	return [][]byte{c}, nil
}

func (w *fakeWriter) Close() error {
	w.sink.update(func() { w.sink.closed++ })
	return nil
}

// fakeNode is a plan node whose operator a test provides.
type fakeNode struct {
	plan.Props
	name string
	ins  []plan.Node
	make func() op.Operator
}

func (n *fakeNode) Inputs() []plan.Node { return n.ins }
func (n *fakeNode) Name() string        { return n.name }
func (n *fakeNode) Attrs() []plan.Attr  { return nil }

func newFake(n plan.Node) (op.Operator, error) { return n.(*fakeNode).make(), nil }

// trace is an operator that writes what it is told to a sink: rows by their k, w5 for a
// watermark, end. It passes rows on.
type trace struct {
	op.Base
	sink *fakeSink
}

func (o *trace) Process(_ int, b *vec.Batch) error { return o.Ctx.Out.Emit(b) }

func (o *trace) Watermark(wm int64) error {
	o.sink.update(func() { o.sink.written = append(o.sink.written, "w"+show(wm)) })
	return o.Ctx.Out.EmitWatermark(wm)
}

func (o *trace) Finish() error {
	o.sink.update(func() { o.sink.written = append(o.sink.written, "end") })
	return nil
}

func props(parallelism int) plan.Props {
	return plan.Props{Schema: schema, Parallelism: parallelism, Rowtime: 1}
}

func sourceNode(s connectors.Source, parallelism int) *plan.Source {
	return &plan.Source{
		Props: props(parallelism), Table: "t", Source: s,
		Columns:   []connectors.Column{{Name: "k", Type: schema[0].Type}, {Name: "ts", Type: schema[1].Type}},
		Watermark: &expr.Column{Index: 1, Name: "ts", T: schema[1].Type},
	}
}

func traceNode(s *fakeSink, parallelism int, ins ...plan.Node) *fakeNode {
	return fake("Trace", parallelism, func() op.Operator { return &trace{sink: s} }, ins...)
}

func fake(name string, parallelism int, make func() op.Operator, ins ...plan.Node) *fakeNode {
	return &fakeNode{Props: props(parallelism), name: name, ins: ins, make: make}
}

func exchange(p plan.Partition, parallelism int, in plan.Node) *plan.Exchange {
	return &plan.Exchange{Props: props(parallelism), Input: in, Partition: p, Keys: []int{0}}
}

func sinkNode(s connectors.Sink, parallelism int, in plan.Node) *plan.Sink {
	return &plan.Sink{Props: props(parallelism), Input: in, Table: "out", Sink: s}
}

func jobOf(sinks ...*plan.Sink) *plan.Job {
	return &plan.Job{Name: "test", Sinks: sinks, Config: plan.Config{WatermarkInterval: 200 * time.Millisecond}}
}

func options(c connectors.Clock) Options {
	return Options{ID: "job", NewOperator: newFake, Clock: c, CommitInterval: time.Second, StopTimeout: time.Minute}
}

// start starts a job and makes sure that it ends with the test.
func start(t testing.TB, job *plan.Job, c connectors.Clock) *Job {
	t.Helper()
	j, err := Start(context.Background(), job, options(c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		j.Abort()
		j.Wait()
	})
	return j
}

// wait waits for the end of a job that must not fail.
func wait(t testing.TB, j *Job) {
	t.Helper()
	if err := waitErr(t, j); err != nil {
		t.Fatal(err)
	}
}

func waitErr(t testing.TB, j *Job) error {
	t.Helper()
	select {
	case <-j.Done():
		return j.Wait()
	case <-time.After(time.Minute):
		stacks := make([]byte, 1<<18)
		t.Fatalf("the job does not end\n%s", stacks[:runtime.Stack(stacks, true)])
	}
	return nil
}

func manual() *clock.Manual { return clock.NewManual(time.UnixMilli(0)) }

var errBroken = errors.New("broken")

// probe is an operator that writes the rows that pass, by their k, to a sink.
func probe(s *fakeSink, in plan.Node) *fakeNode {
	return fake("Probe", in.Properties().Parallelism, func() op.Operator { return &prober{sink: s} }, in)
}

type prober struct {
	op.Base
	sink *fakeSink
}

func (o *prober) Process(_ int, b *vec.Batch) error {
	o.sink.update(func() {
		b.Each(func(i int) { o.sink.written = append(o.sink.written, fmt.Sprint(b.Cols[0].Value(i))) })
	})
	return o.Ctx.Out.Emit(b)
}
