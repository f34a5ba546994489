package op_test

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
	"github.com/weirstream/weir/udf"
)

// watched is a sum of counts, and the watermarks that came.
type watched struct {
	counted
	wms []int64
}

func (w *watched) EmitWatermark(wm int64) error {
	w.wms = append(w.wms, wm)
	return nil
}

// TestAwayRowsWait has the rows of groups on disk wait for a second, and watermarks behind them; a barrier, and the end of the input, bring
// them back at once.
func TestAwayRowsWait(t *testing.T) {
	for name, back := range map[string]func(o op.Operator, ck *clock.Manual) error{
		"time": func(o op.Operator, ck *clock.Manual) error {
			ck.Advance(time.Second)
			return o.Tick(ck.Now())
		},
		"barrier": func(o op.Operator, _ *clock.Manual) error {
			_, err := o.Snapshot()
			return err
		},
		"end": func(o op.Operator, _ *clock.Manual) error { return o.Watermark(op.MaxWatermark) },
	} {
		t.Run(name, func(t *testing.T) {
			in := benchSchema()
			n := groupNode(in, []int{0}, call(t, in, "COUNT"))
			n.InputRetract, n.UpdateBefore = false, false
			ck := clock.NewManual(time.UnixMilli(0))
			out := &watched{counted: counted{at: 1}}
			var wake time.Time
			o := openBounded(t, n, &op.Context{Out: out, Clock: ck, Late: &sink{}, WakeAt: func(at time.Time) { wake = at }})
			const keys = 400_000
			give := func(from, to int) {
				t.Helper()
				giveKeys(t, o, from, to, 0)
			}
			for from := 0; from < keys; from += 4000 {
				give(from, from+4000)
			}
			if wait := keys - out.rows; wait > keys/20 {
				t.Fatalf("%d of %d new groups wait: only those should that the filter errs about", wait, keys)
			}
			give(0, 4000) // the coldest
			give(0, 4000)
			waiting := keys + 8000 - out.rows
			if waiting < 8000 || wake != time.UnixMilli(1000) {
				t.Fatalf("%d rows wait, until %v", waiting, wake)
			}
			if err := o.Watermark(7); err != nil || len(out.wms) > 0 {
				t.Fatalf("watermarks %v before the rows, error %v", out.wms, err)
			}
			if err := o.Tick(ck.Now()); err != nil || keys+8000-out.rows != waiting {
				t.Fatalf("after a Tick too early %d rows wait, error %v", keys+8000-out.rows, err)
			}
			if err := back(o, ck); err != nil {
				t.Fatal(err)
			}
			// A key whose rows came back together has one change, with its second and third row.
			if out.sum != keys+4000*3 || out.wms[0] != 7 {
				t.Errorf("counts add up to %d, watermarks %v", out.sum, out.wms)
			}
			last := out.rows
			give(0, 4000)
			if out.rows != last+4000 {
				t.Errorf("%d of 4000 groups that were read are in memory", out.rows-last)
			}
		})
	}
}

// openBounded opens an operator whose state has 16 MB of memory; it completes ctx.
func openBounded(t *testing.T, n plan.Node, ctx *op.Context) op.Operator {
	t.Helper()
	store, err := state.Open(state.Options{Dir: t.TempDir() + "/live", MaxGroups: 16, Memory: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	o, err := op.New(n)
	if err != nil {
		t.Fatal(err)
	}
	ctx.Config, ctx.Env = &plan.Config{}, &udf.Env{Zone: time.UTC, Now: ctx.Clock.Now}
	ctx.State = store.Scope("op", 0, state.GroupsOf(0, 1, 16))
	if err := o.Open(ctx); err != nil {
		t.Fatal(err)
	}
	return o
}

// giveKeys gives an operator over benchSchema a row of each key from..to (exclusive), of one event time in milliseconds.
func giveKeys(t *testing.T, o op.Operator, from, to int, ts int64) {
	t.Helper()
	b := vec.NewBatch(benchSchema())
	for i := from; i < to; i++ {
		vec.Append(b.Cols[0], int64(i))
		vec.Append(b.Cols[1], int64(0))
		vec.Append(b.Cols[2], ts)
	}
	b.SetLen(to - from)
	if err := o.Process(0, b); err != nil {
		t.Fatal(err)
	}
}

// tally adds up.
type tally int64

func (n *tally) Add(d int64) { *n += tally(d) }

// TestOverLateBehindRowsAway has a watermark wait behind rows of partitions on disk: rows that come behind it are late all the same, whether
// their partitions are new, in memory or on disk, and those that came before it are not.
func TestOverLateBehindRowsAway(t *testing.T) {
	in := benchSchema()
	out, late := &watched{counted: counted{at: 3}}, tally(0)
	n := overNode(in, plan.Frame{Rows: true, Preceding: plan.Unbounded}, call(t, in, "COUNT"))
	o := openBounded(t, n, &op.Context{Out: out, Clock: clock.NewManual(time.UnixMilli(0)), Late: &late, WakeAt: func(time.Time) {}})
	const keys = 400_000
	watermark := func(wm int64) {
		t.Helper()
		if err := o.Watermark(wm); err != nil {
			t.Fatal(err)
		}
	}
	for ts := range int64(keys / 4000) {
		giveKeys(t, o, int(ts)*4000, int(ts+1)*4000, ts)
		watermark(ts)
	}
	giveKeys(t, o, 0, 4000, 1000) // the coldest
	came := len(out.wms)
	if watermark(2000); len(out.wms) > came || late != 0 {
		t.Fatalf("watermarks %v before the rows, %d late rows", out.wms[came:], late)
	}
	giveKeys(t, o, 0, 10, 1500)           // on disk
	giveKeys(t, o, keys-10, keys, 2000)   // in memory
	giveKeys(t, o, keys, keys+10, 1999)   // new
	giveKeys(t, o, keys-10, keys+2, 2001) // not late
	watermark(op.MaxWatermark)
	if want := int64(keys + 4000 + 12); late != 30 || out.rows != want || out.sum != keys+4000*2+10*2+2 {
		t.Errorf("%d late rows, %d rows instead of %d, whose counts add up to %d", late, out.rows, want, out.sum)
	}
}
