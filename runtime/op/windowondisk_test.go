package op_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// windowOutput is what an operator over windows gives. A row whose window ends at a watermark that has been given already is a fault.
type windowOutput struct {
	testing.TB
	rows []string
	wm   int64 // of event time
	late tally

	clock bool // windows are by the clock, not by event time
	end   int  // the column of the window's end
}

func (o *windowOutput) Emit(b *vec.Batch) error {
	b.Each(func(i int) {
		o.rows = append(o.rows, fmt.Sprintf("%s %s", b.Kind(i), optest.Row(b, i)))
		if end := vec.Values[int64](b.Cols[o.end])[i]; end-1 <= o.wm {
			o.Errorf("%s comes behind watermark %s", o.rows[len(o.rows)-1], optest.Moment(o.wm))
		}
	})
	return nil
}

func (o *windowOutput) EmitWatermark(wm int64) error {
	if !o.clock {
		o.wm = wm
	}
	return nil
}

// windowJob is an operator over windows with what it needs.
type windowJob struct {
	op    op.Operator
	store *state.Store // nil: none
	out   *windowOutput
	clock *clock.Manual
	wake  time.Time
}

func openWindows(t *testing.T, n plan.Node, byClock bool, memory int64, dir string, zone *time.Location) *windowJob {
	t.Helper()
	j := &windowJob{out: &windowOutput{TB: t, wm: op.MinWatermark, clock: byClock, end: 4}, clock: clock.NewManual(time.UnixMilli(0).UTC())}
	var err error
	if j.op, err = op.New(n); err != nil {
		t.Fatal(err)
	}
	ctx := &op.Context{
		Out: j.out, Clock: j.clock, Config: &plan.Config{Zone: zone, BatchSize: 50}, Late: &j.out.late, Parallelism: 1,
		WakeAt: func(at time.Time) {
			if j.wake.IsZero() || at.Before(j.wake) {
				j.wake = at
			}
		},
	}
	if memory > 0 {
		if j.store, err = state.Open(state.Options{Dir: dir, MaxGroups: 16, Memory: memory}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = j.store.Close() })
		ctx.State = j.store.Scope("op", 0, state.GroupsOf(0, 1, 16))
	}
	if err := j.op.Open(ctx); err != nil {
		t.Fatal(err)
	}
	return j
}

// advance moves the clock.
func (j *windowJob) advance(to time.Time) error { return optest.Advance(j.op, j.clock, &j.wake, to) }

// barrier makes a checkpoint, and gives it up.
func (j *windowJob) barrier() error {
	f, err := j.op.Snapshot()
	if err != nil || j.store == nil {
		return err
	}
	if err := j.store.Write(context.Background(), f); err != nil {
		return err
	}
	j.store.Abandon()
	return nil
}

// windowSteps are what happens to a job.
type windowSteps struct {
	r     *rand.Rand
	steps []func(j *windowJob) error
	wm    int64 // the last watermark
}

func (s *windowSteps) add(step func(j *windowJob) error) { s.steps = append(s.steps, step) }

// batch adds a batch that comes at now and, one time out of so many, a watermark; now and then the clock moves, seldom there is a barrier.
func (s *windowSteps) batch(b *vec.Batch, now int64, perWatermark int) {
	s.add(func(j *windowJob) error { return j.op.Process(0, b) })
	if s.r.IntN(perWatermark) == 0 {
		s.wm = max(s.wm, now-s.r.Int64N(6000)-1000)
		at := s.wm
		s.add(func(j *windowJob) error { return j.op.Watermark(at) })
	}
	if s.r.IntN(8) == 0 {
		s.add(func(j *windowJob) error { return j.advance(time.UnixMilli(now)) })
	}
	if s.r.IntN(40) == 0 {
		s.add((*windowJob).barrier)
	}
}

// finish adds the end of the input, and gives all.
func (s *windowSteps) finish() []func(j *windowJob) error {
	s.add(func(j *windowJob) error { return j.op.Watermark(op.MaxWatermark) })
	s.add(func(j *windowJob) error { return j.op.Finish() })
	return s.steps
}

// compareOnDisk has a job go through some steps in memory, then with hardly any memory, with so much that rows wait for others, and watermarks for them, and
// with so much that most stays in memory: all give the same. It gives what that is.
func compareOnDisk(t *testing.T, steps []func(j *windowJob) error, open func(memory int64, dir string) *windowJob) (want *windowOutput) {
	t.Helper()
	for _, memory := range []int64{0, 2, 40 << 10, 200 << 10} {
		dir := t.TempDir() + "/live"
		j := open(memory, dir)
		for k, step := range steps {
			if err := step(j); err != nil {
				t.Fatalf("step %d: %v", k, err)
			}
			if files, _ := os.ReadDir(dir); memory == 0 || k != len(steps)/2 || slices.ContainsFunc(files, func(f os.DirEntry) bool {
				return strings.HasPrefix(f.Name(), "weir-cold")
			}) {
				continue
			}
			t.Errorf("with %d bytes nothing is on disk", memory)
		}
		slices.Sort(j.out.rows)
		if want == nil {
			want = j.out
			continue
		}
		if !slices.Equal(j.out.rows, want.rows) || j.out.late != want.late {
			t.Fatalf("%d bytes: %d late rows and %d others, in memory %d and %d\n%s", memory, j.out.late, len(j.out.rows), want.late, len(want.rows),
				firstDifference(j.out.rows, want.rows))
		}
	}
	return want
}

// firstDifference shows where two sorted lists begin to differ.
func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("got  %s\nwant %s", got[i], want[i])
		}
	}
	return "one ends first"
}
