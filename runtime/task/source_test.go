package task

import (
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

func TestOnEventWatermarks(t *testing.T) {
	for _, batch := range []int{1, 3, 100} {
		src := &fakeSource{splits: []*fakeSplit{newSplit("a", row{0, 10}, row{1, 20}, row{2, 15}, row{3, 30}, row{4, 5})}}
		sink := newSink()
		n := sourceNode(src, 1)
		n.Emit = plan.EmitOnEvent
		job := jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, probe(sink, n))))
		job.Config.BatchSize = batch
		wait(t, start(t, job, clock.Real{}))
		want := "0 w10 1 w20 2 3 w30 4 wmax end"
		if got := strings.Join(sink.written, " "); got != want {
			t.Errorf("batch size %d: %s, want %s", batch, got, want)
		}
	}
}

func TestIntervalOfZeroIsOnEvent(t *testing.T) {
	src := &fakeSource{splits: []*fakeSplit{newSplit("a", row{0, 10}, row{1, 20})}}
	sink := newSink()
	job := jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, probe(sink, sourceNode(src, 1)))))
	job.Config.WatermarkInterval = 0
	wait(t, start(t, job, clock.Real{}))
	if got := strings.Join(sink.written, " "); got != "0 w10 1 w20 wmax end" {
		t.Error(got)
	}
}

func TestPeriodicWatermarks(t *testing.T) {
	c := manual()
	a := openSplit("a", row{0, 100})
	sink := newSink()
	job := jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, probe(sink, sourceNode(&fakeSource{unbounded: true, splits: []*fakeSplit{a}}, 1)))))
	j := start(t, job, c)
	sink.awaitWritten(t, "w100")
	a.push(row{1, 250}) // within the interval: waits for the clock
	sink.awaitWritten(t, "1")
	a.push(row{2, 401}) // event time has moved on by more than the interval
	sink.awaitWritten(t, "w401")
	a.push(row{3, 500})
	sink.awaitWritten(t, "3")
	awaitQuiet(t, a)
	c.Advance(200 * time.Millisecond)
	sink.awaitWritten(t, "w500")
	j.Stop()
	wait(t, j)
	if got := strings.Join(sink.written, " "); got != "0 w100 1 2 w401 3 w500" {
		t.Error(got)
	}
}

// awaitQuiet waits until the reader of a split has found it empty once more, so that what was
// pushed before has been processed.
func awaitQuiet(t *testing.T, s *fakeSplit) {
	t.Helper()
	s.mu.Lock()
	before := s.reads
	wake := s.wake
	s.mu.Unlock()
	wake()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		reads := s.reads
		s.mu.Unlock()
		if reads > before {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the split is not read")
		}
	}
}

func TestSplitWatermarksAndIdleness(t *testing.T) {
	c := manual()
	a, b := openSplit("a", row{0, 1000}), openSplit("b", row{1, 5000})
	src := &fakeSource{unbounded: true, concurrent: true, splits: []*fakeSplit{a, b}}
	sink := newSink()
	n := sourceNode(src, 1)
	n.IdleTimeout = time.Minute
	j := start(t, jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, n))), c)
	sink.awaitWritten(t, "w1000") // the minimum over the splits

	awaitQuiet(t, a)
	awaitQuiet(t, b)
	c.Advance(30 * time.Second)
	b.push(row{2, 9000})
	awaitQuiet(t, b)
	c.Advance(30 * time.Second)
	sink.awaitWritten(t, "w9000") // a has become idle

	a.push(row{3, 2000}) // and is back, but behind
	awaitQuiet(t, a)
	b.push(row{4, 12000})
	sink.awaitWritten(t, "w12000")
	a.push(row{5, 13000}) // has caught up, and counts again
	awaitQuiet(t, a)
	b.push(row{6, 20000})
	sink.awaitWritten(t, "w13000")

	awaitQuiet(t, b)
	c.Advance(time.Minute)
	sink.awaitWritten(t, "w20000") // the last one has become idle: the maximum seen
	for _, s := range j.Metrics().Sources[0].Splits {
		if s.IdleSince.IsZero() {
			t.Errorf("split %s is not reported as idle", s.ID)
		}
	}
}

// TestRestoredSplitsKeepTheLowestWatermark has one subtask go on with splits that several have read: the one that was ahead
// is opened first, and must not make rows of the other late.
func TestRestoredSplitsKeepTheLowestWatermark(t *testing.T) {
	at := func(wm int64) *int64 { return &wm }
	for _, test := range []struct {
		behind *int64 // nil: it had not given a row yet
		want   string
	}{
		{at(1000), "w1000 2 w1500 w9000 1 w9500 wmax end"},
		{nil, "2 w1500 w9000 1 w9500 wmax end"},
	} {
		folder, err := checkpoint.Own(vfs.Default, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = folder.Close() }()
		sink := newSink()
		n := sourceNode(&fakeSource{concurrent: true, splits: []*fakeSplit{newSplit("ahead", row{1, 9500}), newSplit("behind", row{2, 1500})}}, 1)
		n.Emit = plan.EmitOnEvent
		o := options(clock.Real{})
		o.Checkpoints = &Checkpoints{Storage: folder, Timeout: time.Minute, Match: &checkpoint.Comparison{Sources: map[*plan.Source]*checkpoint.Source{
			n: {Watermark: test.behind, Splits: []checkpoint.Split{{ID: "ahead", Watermark: at(9000)}, {ID: "behind", Watermark: test.behind}}},
		}}}
		j, err := Start(t.Context(), jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, probe(sink, n)))), o)
		if err != nil {
			t.Fatal(err)
		}
		wait(t, j)
		if got := strings.Join(sink.written, " "); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

func TestQueuedSplitsAreReadInOrder(t *testing.T) {
	src := &fakeSource{splits: []*fakeSplit{newSplit("a", rows(3)...), newSplit("b", rows(3)...), newSplit("c", rows(3)...)}}
	sink := newSink()
	wait(t, start(t, jobOf(sinkNode(sink, 1, sourceNode(src, 1))), clock.Real{}))
	if got := strings.Join(sink.written, ""); src.opened() != "a b c" || got != "012012012" {
		t.Errorf("opened %s, read %s", src.opened(), got)
	}
}

func TestSplitsAfterOthers(t *testing.T) {
	for _, concurrent := range []bool{true, false} {
		a, b := openSplit("a"), newSplit("b", row{2, 2})
		b.after = []string{"a", "read long ago"}
		src := &fakeSource{concurrent: concurrent, splits: []*fakeSplit{b, a}}
		sink := newSink()
		j := start(t, jobOf(sinkNode(sink, 2, sourceNode(src, 2))), clock.Real{})
		a.push(row{1, 1})
		sink.awaitWritten(t, "1")
		if src.opened() != "a" {
			t.Errorf("opened %q before the end of a", src.opened())
		}
		a.finish()
		wait(t, j)
		if d := cmp.Diff([]string{"1", "2"}, sink.written); d != "" {
			t.Error(d)
		}
	}
}

func TestDiscovery(t *testing.T) {
	c := manual()
	src := &fakeSource{unbounded: true, discover: 10 * time.Second, splits: []*fakeSplit{newSplit("a", row{1, 1})}}
	sink := newSink()
	j := start(t, jobOf(sinkNode(sink, 1, sourceNode(src, 1))), c)
	sink.awaitWritten(t, "1")
	src.add(newSplit("b", row{2, 2}))
	awaitTimer(t, c, 10*time.Second)
	sink.awaitWritten(t, "2")
	j.Stop()
	wait(t, j)
	if src.opened() != "a b" {
		t.Errorf("opened %s", src.opened())
	}
}

// awaitTimer advances the clock by d when the job's goroutines have set their timers: the
// coordinator's and the one of discovery.
func awaitTimer(t *testing.T, c *clock.Manual, d time.Duration) {
	t.Helper()
	if err := c.AwaitTimers(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	c.Advance(d)
}

func TestNullRowtime(t *testing.T) {
	src := &fakeSource{splits: []*fakeSplit{newSplit("orders.json", row{0, 1}, row{1, 2}, row{2, -1})}}
	err := waitErr(t, start(t, jobOf(sinkNode(newSink(), 1, sourceNode(src, 1))), clock.Real{}))
	want := "reading table t, split orders.json: the rowtime column ts is NULL in row 3 of the split"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestNoSplitsAtAll(t *testing.T) {
	sink := newSink()
	wait(t, start(t, jobOf(sinkNode(newSink(), 2, traceNode(sink, 2, sourceNode(&fakeSource{}, 2)))), clock.Real{}))
	if got := strings.Join(sink.written, " "); strings.Count(got, "wmax") != 2 || strings.Count(got, "end") != 2 {
		t.Error(got)
	}
}

// TestSubtaskWithoutSplitsIsIdle reads one split with two subtasks: the one without a split must
// not hold the watermark back, until it gets one.
func TestSubtaskWithoutSplitsIsIdle(t *testing.T) {
	for _, concurrent := range []bool{true, false} {
		c := manual()
		a := openSplit("a", row{1, 1000})
		src := &fakeSource{unbounded: true, concurrent: concurrent, discover: time.Second, splits: []*fakeSplit{a}}
		sink := newSink()
		gather := exchange(plan.Gather, 1, sourceNode(src, 2))
		j := start(t, jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, probe(sink, gather)))), c)
		sink.awaitWritten(t, "w1000")
		b := openSplit("b", row{2, 5000})
		src.add(b)
		awaitTimer(t, c, time.Second)
		sink.awaitWritten(t, "2")
		b.push(row{4, 5000})
		sink.awaitWritten(t, "4") // behind b's first watermark
		a.push(row{3, 9000})
		sink.awaitWritten(t, "w5000") // b counts now
		j.Stop()
		wait(t, j)
	}
}

func TestErrorsShowTheRow(t *testing.T) {
	n := sourceNode(&fakeSource{splits: []*fakeSplit{newSplit("f", row{7, 1}, row{0, 2})}}, 1)
	bad := fake("Project", 1, func() op.Operator { return &rowFails{} }, n)
	err := waitErr(t, start(t, jobOf(sinkNode(newSink(), 1, bad)), clock.Real{}))
	want := "running Project on the row (k: 0, ts: 1970-01-01 00:00:00.002): broken"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// rowFails cannot compute the second row of a batch.
type rowFails struct{ op.Base }

func (*rowFails) Open(*op.Context) error { return nil }

func (*rowFails) Process(int, *vec.Batch) error { return &vec.RowError{Row: 1, Err: errBroken} }

// TestSplitsAreReadByEventTime reads the split first that is furthest behind, so that a dense and
// a sparse split advance together.
func TestSplitsAreReadByEventTime(t *testing.T) {
	var dense, sparse []row
	for i := range 400 {
		dense = append(dense, row{0, int64(i)})
		if i%10 == 0 {
			sparse = append(sparse, row{1, int64(i)})
		}
	}
	src := &fakeSource{concurrent: true, splits: []*fakeSplit{newSplit("dense", dense...), newSplit("sparse", sparse...)}}
	sink := newSink()
	job := jobOf(sinkNode(sink, 1, sourceNode(src, 1)))
	job.Config.BatchSize = 1
	wait(t, start(t, job, clock.Real{}))
	ones := 0
	for i, k := range sink.written {
		if k == "1" {
			ones++
		}
		// A tenth of the rows read so far, give or take those read for fairness.
		if want := i / 11; ones > want+8 || ones < want-2 {
			t.Fatalf("%d sparse rows among the first %d", ones, i+1)
		}
	}
}

// TestIdleSubtasksDoNotDelayWatermarks reads one split with four subtasks: behind the exchange a
// watermark comes right behind the row that moved it on, whichever task starts first.
func TestIdleSubtasksDoNotDelayWatermarks(t *testing.T) {
	for range 50 {
		sink := newSink()
		n := sourceNode(&fakeSource{splits: []*fakeSplit{newSplit("a", row{0, 10}, row{1, 20}, row{2, 30})}}, 4)
		n.Emit = plan.EmitOnEvent
		gather := exchange(plan.Gather, 1, n)
		wait(t, start(t, jobOf(sinkNode(newSink(), 1, traceNode(sink, 1, probe(sink, gather)))), clock.Real{}))
		if got := strings.Join(sink.written, " "); got != "0 w10 1 w20 2 w30 wmax end" {
			t.Fatal(got)
		}
	}
}
