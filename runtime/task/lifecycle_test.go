package task

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// TestMain fails the package's tests when goroutines are left over.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); code == 0 && n > before {
		stacks := make([]byte, 1<<16)
		fmt.Printf("%d goroutines are left over\n%s\n", n-before, stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	os.Exit(code)
}

func TestCommitsAtBarriers(t *testing.T) {
	for _, p := range []int{1, 2} {
		c := manual()
		a, b := openSplit("a", row{1, 1}), openSplit("b", row{2, 2})
		src := sourceNode(&fakeSource{unbounded: true, concurrent: true, splits: []*fakeSplit{a, b}}, p)
		sink := newSink()
		j := start(t, jobOf(sinkNode(sink, p, exchange(plan.Hash, p, src))), c)
		sink.await(t, "two rows", func() bool { return len(sink.written) == 2 })
		if len(sink.committed) > 0 {
			t.Error("committed before its time")
		}
		stop := tick(c)
		sink.await(t, "a commit", func() bool { return len(sink.committed) == 2 })

		a.finish() // barriers go on when a source task has ended
		b.push(row{3, 3})
		sink.awaitWritten(t, "3")
		sink.await(t, "a second commit", func() bool { return slices.Contains(sink.committed, "3") })
		stop()
		j.Stop()
		wait(t, j)
	}
}

// tick lets a clock run, far faster than a real one, until stop is called.
func tick(c *clock.Manual) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				c.Advance(time.Second)
			}
		}
	}()
	return func() { close(done); <-stopped }
}

func TestStopCommitsWhatWasReadAndFiresNothing(t *testing.T) {
	for _, p := range []int{1, 3} {
		a := openSplit("a", rows(1000)...)
		src := sourceNode(&fakeSource{unbounded: true, splits: []*fakeSplit{a}}, p)
		sink := newSink()
		ctx, cancel := context.WithCancel(t.Context())
		j, err := Start(ctx, jobOf(sinkNode(sink, p, traceNode(sink, p, exchange(plan.Hash, p, src)))), options(manual()))
		if err != nil {
			t.Fatal(err)
		}
		awaitRows(t, sink, 1000)
		cancel()
		wait(t, j)
		if len(sink.committed) != 1000 || !j.Stopped() {
			t.Errorf("%d rows committed, stopped: %v", len(sink.committed), j.Stopped())
		}
		if slices.Contains(sink.written, "wmax") || slices.Contains(sink.written, "end") {
			t.Error("the stop was taken for the end of the input")
		}
		if sink.closed != p {
			t.Errorf("%d writers closed", sink.closed)
		}
	}
}

// TestStopHoldsEventTime: an input that is behind in event time goes on holding it back when it ends because of a stop, while
// the other is still there. Windows that wait for it would fire otherwise, and once more when the job goes on.
func TestStopHoldsEventTime(t *testing.T) {
	source := func(parallelism int, splits ...*fakeSplit) plan.Node {
		return sourceNode(&fakeSource{unbounded: true, concurrent: true, splits: splits}, parallelism)
	}
	union := func(a, b plan.Node) plan.Node { return &plan.UnionAll{Props: props(1), Ins: []plan.Node{a, b}} }
	for name, in := range map[string]func(slow, fast *fakeSplit) plan.Node{
		"inputs":              func(slow, fast *fakeSplit) plan.Node { return union(source(1, slow), source(1, fast)) },
		"the other way round": func(slow, fast *fakeSplit) plan.Node { return union(source(1, fast), source(1, slow)) },
		"senders":             func(slow, fast *fakeSplit) plan.Node { return exchange(plan.Hash, 1, source(2, slow, fast)) },
	} {
		t.Run(name, func(t *testing.T) {
			sink := newSink()
			j := start(t, jobOf(sinkNode(sink, 1, traceNode(sink, 1, in(openSplit("slow", row{1, 1}), openSplit("fast", row{2, 100}))))), manual())
			awaitRows(t, sink, 2)
			sink.awaitWritten(t, "w1")
			j.Stop()
			wait(t, j)
			if slices.Contains(sink.written, "w100") {
				t.Errorf("the stop has moved event time on: %v", sink.written)
			}
		})
	}
}

// awaitRows waits for n rows, watermarks not counted.
func awaitRows(t *testing.T, sink *fakeSink, n int) {
	t.Helper()
	sink.await(t, fmt.Sprint(n, " rows"), func() bool {
		count := 0
		for _, w := range sink.written {
			if !strings.HasPrefix(w, "w") {
				count++
			}
		}
		return count == n
	})
}

func TestStopTimeout(t *testing.T) {
	c := manual()
	sink := newSink()
	sink.block = make(chan struct{})
	a := openSplit("a", row{1, 1})
	src := sourceNode(&fakeSource{unbounded: true, splits: []*fakeSplit{a}}, 1)
	j := start(t, jobOf(sinkNode(sink, 1, src)), c)
	if err := c.AwaitTimers(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	j.Stop()
	if err := c.AwaitTimers(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Minute)
	close(sink.block)
	if err := waitErr(t, j); err == nil || !strings.Contains(err.Error(), "stopping took longer") {
		t.Error(err)
	}
}

func TestAbort(t *testing.T) {
	sink := newSink()
	src := sourceNode(&fakeSource{unbounded: true, splits: []*fakeSplit{openSplit("a", row{1, 1})}}, 1)
	j := start(t, jobOf(sinkNode(sink, 1, src)), manual())
	sink.awaitWritten(t, "1")
	j.Abort()
	if err := waitErr(t, j); !errors.Is(err, ErrAborted) {
		t.Error(err)
	}
	if sink.commits != 0 || sink.closed != 1 {
		t.Errorf("%d commits, %d writers closed", sink.commits, sink.closed)
	}
}

// failing fails, or panics, at its third row.
type failing struct {
	op.Base
	err   error
	count int
}

func (o *failing) Process(_ int, b *vec.Batch) error {
	if o.count += b.Rows(); o.count >= 3 {
		if o.err == nil {
			panic("no error to give")
		}
		return o.err
	}
	return o.Ctx.Out.Emit(b)
}

func TestFailures(t *testing.T) {
	user := diag.Errorf(diag.Span{Start: 3, End: 5}, "division by zero")
	for name, c := range map[string]struct {
		build func(sink *fakeSink) *plan.Job
		want  string
		is    error
	}{
		"operator": {func(s *fakeSink) *plan.Job {
			f := fake("Project", 2, func() op.Operator { return &failing{err: user} }, exchange(plan.Hash, 2, endless()))
			return jobOf(sinkNode(s, 2, traceNode(newSink(), 2, f)))
		}, "running Project: division by zero", user},
		"panic": {func(s *fakeSink) *plan.Job {
			f := fake("Filter", 2, func() op.Operator { return &failing{} }, exchange(plan.Hash, 2, endless()))
			return jobOf(sinkNode(s, 2, traceNode(newSink(), 2, f)))
		}, "running Filter: internal error: panic: no error to give", nil},
		"sink": {func(s *fakeSink) *plan.Job {
			s.writeErr = errBroken
			return jobOf(sinkNode(s, 2, exchange(plan.Hash, 2, endless())))
		}, "writing to table out: broken", errBroken},
		"sink panics": {func(s *fakeSink) *plan.Job {
			s.panics = true
			return jobOf(sinkNode(s, 2, exchange(plan.Hash, 2, endless())))
		}, "running the sink of table out: internal error: panic: the sink is on fire", nil},
		"opening a sink": {func(s *fakeSink) *plan.Job {
			s.openErr = errBroken
			return jobOf(sinkNode(s, 2, exchange(plan.Hash, 2, endless())))
		}, "opening table out for writing: broken", errBroken},
		"reading": {func(s *fakeSink) *plan.Job {
			p := openSplit("file", rows(10)...)
			p.err = errBroken
			return jobOf(sinkNode(s, 2, exchange(plan.Hash, 2, sourceNode(&fakeSource{splits: []*fakeSplit{p}}, 1))))
		}, "reading table t, split file: broken", errBroken},
	} {
		t.Run(name, func(t *testing.T) {
			sink := newSink()
			err := waitErr(t, start(t, c.build(sink), clock.Real{}))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v hides %v", err, c.is)
			}
			if sink.commits > 0 {
				t.Error("a failed job committed")
			}
		})
	}
}

// endless is a source of two tasks that never ends.
func endless() plan.Node {
	splits := []*fakeSplit{openSplit("a", rows(100)...), openSplit("b", rows(100)...)}
	return sourceNode(&fakeSource{unbounded: true, concurrent: true, splits: splits}, 2)
}

// TestNothingIsReadWhenASinkCannotOpen fails before the first row.
func TestNothingIsReadWhenASinkCannotOpen(t *testing.T) {
	src := &fakeSource{splits: []*fakeSplit{newSplit("a", rows(10)...)}}
	good, bad := newSink(), newSink()
	bad.openErr = errBroken
	n := sourceNode(src, 1)
	err := waitErr(t, start(t, jobOf(sinkNode(good, 1, n), sinkNode(bad, 1, exchange(plan.Rebalance, 1, n))), clock.Real{}))
	if !errors.Is(err, errBroken) || src.opened() != "" || len(good.written) > 0 {
		t.Errorf("%v; opened %q, wrote %v", err, src.opened(), good.written)
	}
}

// TestBackpressure reads no more than the exchange can hold while the sink is blocked.
func TestBackpressure(t *testing.T) {
	sink := newSink()
	sink.block = make(chan struct{})
	src := &fakeSource{splits: []*fakeSplit{newSplit("a", rows(100_000)...)}}
	job := jobOf(sinkNode(sink, 1, exchange(plan.Gather, 1, sourceNode(src, 2))))
	job.Config.BatchSize = 10
	j := start(t, job, clock.Real{})
	var read int64
	for stable := 0; stable < 20; stable++ { // until it stands still
		time.Sleep(time.Millisecond)
		if m := j.Metrics(); m.RowsRead() != read {
			read, stable = m.RowsRead(), 0
		}
	}
	if read > 2*10*laneBatches {
		t.Errorf("%d rows were read while nobody took them", read)
	}
	close(sink.block)
	wait(t, j)
	if len(sink.committed) != 100_000 {
		t.Errorf("%d rows", len(sink.committed))
	}
}

// ticking asks to be woken every second and notes when it is.
type ticking struct {
	op.Base
	sink *fakeSink
}

func (o *ticking) Open(ctx *op.Context) error {
	ctx.WakeAt(ctx.Clock.Now().Add(time.Minute)) // brought forward
	ctx.WakeAt(ctx.Clock.Now().Add(time.Second))
	return o.Base.Open(ctx)
}

func (o *ticking) Process(_ int, b *vec.Batch) error { return o.Ctx.Out.Emit(b) }

func (o *ticking) Tick(now time.Time) error {
	o.sink.update(func() { o.sink.written = append(o.sink.written, fmt.Sprint("t", now.UnixMilli())) })
	o.Ctx.WakeAt(now.Add(time.Second))
	return nil
}

func TestOperatorTimers(t *testing.T) {
	for _, p := range []int{1, 2} { // fed by a source, fed by an exchange
		c := manual()
		sink := newSink()
		src := sourceNode(&fakeSource{unbounded: true, splits: []*fakeSplit{openSplit("a")}}, 1)
		tick := fake("Ticking", 1, func() op.Operator { return &ticking{sink: sink} }, exchange(plan.Gather, 1, exchange(plan.Rebalance, p, src)))
		start(t, jobOf(sinkNode(newSink(), 1, tick)), c)
		for i := range 3 {
			if err := c.AwaitTimers(t.Context(), 2); err != nil { // the operator's and the coordinator's
				t.Fatal(err)
			}
			c.Advance(time.Second)
			sink.awaitWritten(t, fmt.Sprint("t", 1000*(i+1)))
		}
	}
}
