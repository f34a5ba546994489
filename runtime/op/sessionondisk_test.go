package op_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

func openSessions(t *testing.T, n plan.Node, byClock bool, memory int64, dir string) *windowJob {
	t.Helper()
	return openWindows(t, n, byClock, memory, dir, time.UTC)
}

// sessionSteps are what happens to an operator over sessions: rows of many keys, most of which are without rows for long, out of order and some late; watermarks; the
// clock. With retract, rows that came are taken back.
func sessionSteps(r *rand.Rand, retract bool) []func(j *windowJob) error {
	type row struct{ key, value, ts int64 }
	steps := windowSteps{r: r}
	var came []row
	now := int64(10_000)
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
		steps.batch(b, now, 2)
	}
	return steps.finish()
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
				want := compareOnDisk(t, sessionSteps(rand.New(rand.NewPCG(seed, 7)), c.retracts), func(memory int64, dir string) *windowJob {
					return openSessions(t, c.node, c.clock, memory, dir)
				})
				if want.late == 0 && !c.clock {
					t.Error("no row is late")
				}
			}
		})
	}
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
