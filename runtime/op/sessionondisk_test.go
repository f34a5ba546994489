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

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// sessionOutput is what an operator over sessions gives. A row whose session ends at a watermark that has been given already is a fault.
type sessionOutput struct {
	testing.TB
	rows []string
	wm   int64 // of event time
	late tally

	clock bool // sessions are by the clock, not by event time
	end   int  // the column of the window's end
}

func (o *sessionOutput) Emit(b *vec.Batch) error {
	b.Each(func(i int) {
		o.rows = append(o.rows, fmt.Sprintf("%s %s", b.Kind(i), optest.Row(b, i)))
		if end := vec.Values[int64](b.Cols[o.end])[i]; end-1 <= o.wm {
			o.Errorf("%s comes behind watermark %s", o.rows[len(o.rows)-1], optest.Moment(o.wm))
		}
	})
	return nil
}

func (o *sessionOutput) EmitWatermark(wm int64) error {
	if !o.clock {
		o.wm = wm
	}
	return nil
}

// sessionJob is an operator over sessions with what it needs.
type sessionJob struct {
	op    op.Operator
	store *state.Store // nil: none
	out   *sessionOutput
	clock *clock.Manual
	wake  time.Time
}

func openSessions(t *testing.T, n plan.Node, byClock bool, memory int64, dir string) *sessionJob {
	t.Helper()
	return openZoned(t, n, byClock, memory, dir, time.UTC)
}

func openZoned(t *testing.T, n plan.Node, byClock bool, memory int64, dir string, zone *time.Location) *sessionJob {
	t.Helper()
	j := &sessionJob{out: &sessionOutput{TB: t, wm: op.MinWatermark, clock: byClock, end: 4}, clock: clock.NewManual(time.UnixMilli(0).UTC())}
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
func (j *sessionJob) advance(to time.Time) error { return optest.Advance(j.op, j.clock, &j.wake, to) }

// barrier makes a checkpoint, and gives it up.
func (j *sessionJob) barrier() error {
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

// sessionSteps are what happens to an operator over sessions: rows of many keys, most of which are without rows for long, out of order and some late; watermarks; the
// clock. With retract, rows that came are taken back.
func sessionSteps(r *rand.Rand, retract bool) []func(j *sessionJob) error {
	type row struct{ key, value, ts int64 }
	var steps []func(j *sessionJob) error
	var came []row
	now, wm := int64(10_000), int64(0)
	for n := range 250 {
		b := vec.NewBatch(sessionInput())
		for range 1 + r.IntN(80) {
			x := row{int64(r.IntN(1500)), int64(n), now - r.Int64N(7000)}
			if r.IntN(4) == 0 {
				x.key = r.Int64N(20)
			}
			kind := vec.Insert
			if retract && len(came) > 0 && r.IntN(5) == 0 {
				x, kind = came[len(came)-1-r.IntN(min(len(came), 2000))], vec.Delete
			} else {
				came = append(came, x)
			}
			b.Cols[0].AppendString(fmt.Sprint("key ", x.key))
			vec.Append(b.Cols[1], x.value)
			vec.Append(b.Cols[2], x.ts)
			b.SetLen(b.Len() + 1)
			if retract {
				b.EnsureKinds()[b.Len()-1] = kind
			}
		}
		now += r.Int64N(400)
		steps = append(steps, func(j *sessionJob) error { return j.op.Process(0, b) })
		if r.IntN(2) == 0 {
			wm = max(wm, now-r.Int64N(6000)-1000)
			at := wm
			steps = append(steps, func(j *sessionJob) error { return j.op.Watermark(at) })
		}
		if r.IntN(8) == 0 {
			at := time.UnixMilli(now)
			steps = append(steps, func(j *sessionJob) error { return j.advance(at) })
		}
		if r.IntN(40) == 0 {
			steps = append(steps, (*sessionJob).barrier)
		}
	}
	return append(steps,
		func(j *sessionJob) error { return j.op.Watermark(op.MaxWatermark) },
		func(j *sessionJob) error { return j.op.Finish() })
}

// sessionFunction is SESSION without an aggregate.
func sessionFunction(w plan.Window, changes connectors.ChangeSet) *plan.WindowTableFunction {
	in := sessionInput()
	n := &plan.WindowTableFunction{Input: optest.Input(in), Window: w, Keys: []int{0}}
	n.Changes = changes
	for _, f := range []string{"s", "e", "t"} {
		in = append(in, vec.Field{Name: f, Type: in[2].Type})
	}
	n.Schema = in
	return n
}

// TestSessionsOnDisk compares sessions that are moved to disk with such in memory.
func TestSessionsOnDisk(t *testing.T) {
	proctime := fiveSeconds
	proctime.ProcTime = true
	changed := sessionNode(t, fiveSeconds)
	changed.InputRetract = true
	changed.Calls[1] = call(t, sessionInput(), "SUM", 1) // MAX would need a table of its own
	for name, c := range map[string]struct {
		node            plan.Node
		clock, retracts bool
	}{
		"aggregate":              {sessionNode(t, fiveSeconds), false, false},
		"aggregate of changes":   {changed, false, true},
		"aggregate by the clock": {sessionNode(t, proctime), true, false},
		"function":               {sessionFunction(fiveSeconds, connectors.InsertOnly), false, false},
		"function of changes":    {sessionFunction(fiveSeconds, connectors.Retract), false, true},
		"function by the clock":  {sessionFunction(proctime, connectors.InsertOnly), true, false},
		"function of short gaps": {sessionFunction(plan.Window{Kind: plan.Session, TimeCol: 2, Size: 300}, connectors.InsertOnly), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				want := compareOnDisk(t, sessionSteps(rand.New(rand.NewPCG(seed, 7)), c.retracts), func(memory int64, dir string) *sessionJob {
					return openSessions(t, c.node, c.clock, memory, dir)
				})
				if want.late == 0 && !c.clock {
					t.Error("no row is late")
				}
			}
		})
	}
}

// compareOnDisk has a job go through some steps in memory, then with hardly any memory, with so much that rows wait for others, and watermarks for them, and
// with so much that most stays in memory: all give the same. It gives what that is.
func compareOnDisk(t *testing.T, steps []func(j *sessionJob) error, open func(memory int64, dir string) *sessionJob) (want *sessionOutput) {
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

// TestSessionsResumeOnDisk restores sessions on disk at other parallelisms.
func TestSessionsResumeOnDisk(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	var script strings.Builder
	now := int64(10_000)
	for v := range 800 {
		fmt.Fprintf(&script, "key %d, %d, %s\n", r.IntN(300), v, optest.Moment(now-r.Int64N(7000)))
		now += r.Int64N(60)
		if r.IntN(50) == 0 {
			fmt.Fprintf(&script, "watermark %s\n", optest.Moment(now-5000))
		}
		if r.IntN(100) == 0 {
			fmt.Fprintf(&script, "clock %s\n", optest.Moment(now))
		}
	}
	for _, n := range []plan.Node{sessionNode(t, fiveSeconds), sessionFunction(fiveSeconds, connectors.InsertOnly)} {
		for _, memory := range []int64{2, 16 << 10} {
			optest.ResumeBounded(t, n, plan.Config{}, someBarriers(script.String()), 20, []int{0}, memory)
		}
	}
}
