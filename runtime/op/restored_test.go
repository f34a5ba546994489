package op

import (
	"context"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// passed counts the rows that an operator gives.
type passed int

func (p *passed) Emit(b *vec.Batch) error   { *p += passed(b.Rows()); return nil }
func (p *passed) EmitWatermark(int64) error { return nil }

// restoredKeys are operators by key that give a row for each key, the first.
func restoredKeys(t *testing.T) map[string]func() (Operator, *keyed) {
	s := vec.Schema{{Name: "k", Type: types.New(types.BigInt)}, {Name: "ts", Type: types.TimestampOf(3)}}
	in := &plan.Values{Props: plan.Props{Schema: s}}
	top := &plan.TopN{Props: plan.Props{Schema: s}, Input: in, Partition: []int{0}, Order: []order.Key{{Column: 1}}, From: 1, To: 1}
	dedup := func(proctime bool) *plan.Deduplicate {
		return &plan.Deduplicate{Props: plan.Props{Schema: s}, Input: in, Keys: []int{0}, TimeCol: 1, ProcTime: proctime}
	}
	return map[string]func() (Operator, *keyed){
		"first row by its arrival": func() (Operator, *keyed) { f := newFirstArrival(dedup(true)); return f, &f.keyed },
		"first row":                func() (Operator, *keyed) { f := newFirstRow(dedup(false)); return f, &f.keyed },
		"top-N": func() (Operator, *keyed) {
			n, err := newTopN(top)
			if err != nil {
				t.Fatal(err)
			}
			return n, &n.keyed
		},
	}
}

// numbered gives n rows of keys from from on.
func numbered(from, n int) *vec.Batch {
	b := vec.NewBatch(vec.Schema{{Name: "k", Type: types.New(types.BigInt)}, {Name: "ts", Type: types.TimestampOf(3)}})
	for i := range n {
		vec.Append(b.Cols[0], int64(from+i))
		vec.Append(b.Cols[1], int64(1))
	}
	b.SetLen(n)
	return b
}

// TestBarrierAfterRestoreLoadsLittle has few rows of a large restored state come, of all key groups, and then a barrier.
func TestBarrierAfterRestoreLoadsLittle(t *testing.T) {
	for name, create := range restoredKeys(t) {
		for memory, bytes := range map[string]int64{"memory for all": 0, "little memory": 1 << 21} {
			t.Run(name+", "+memory, func(t *testing.T) { barrierAfterRestore(t, create, bytes) })
		}
	}
}

func barrierAfterRestore(t *testing.T, create func() (Operator, *keyed), memory int64) {
	const keys, groups, some = 20_000, 128, 200
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	open := func(o state.Options) (*state.Store, Operator, *keyed, *passed) {
		o.MaxGroups, o.LoadAtOnce = groups, 1
		store, err := state.Open(o)
		must(err)
		t.Cleanup(func() { _ = store.Close() })
		f, k := create()
		out := new(passed)
		must(f.Open(&Context{
			Out: out, Clock: clock.NewManual(time.UnixMilli(0)), Config: &plan.Config{}, WakeAt: func(time.Time) {},
			State: store.Scope("op", 0, state.GroupsOf(0, 1, groups)),
		}))
		return store, f, k, out
	}
	store, f, _, _ := open(state.Options{Dir: dir + "/first"})
	must(f.Process(0, numbered(0, keys)))
	must(f.Watermark(1))
	frozen, err := f.Snapshot()
	must(err)
	must(store.Write(context.Background(), frozen))
	_, err = store.Checkpoint(dir + "/checkpoint")
	must(err)

	store, f, k, out := open(state.Options{Dir: dir + "/second", Restore: dir + "/checkpoint", Memory: memory})
	must(f.Process(0, numbered(keys-some, some+10)))
	must(f.Watermark(1))
	if *out != 10 {
		t.Errorf("%d rows of new keys before the barrier, want 10", *out)
	}
	frozen, err = f.Snapshot()
	must(err)
	must(store.Write(context.Background(), frozen))
	store.Abandon()
	if n := k.table.Len(); n > keys/2 {
		t.Errorf("%d of %d keys are in memory after %d rows and a barrier", n, keys, some)
	}
	for from := 0; from < keys; from += 5 * some {
		must(f.Process(0, numbered(from, some)))
	}
	must(f.Finish())
	must(f.Watermark(MaxWatermark))
	if *out != 10 {
		t.Errorf("%d rows in all, want 10", *out)
	}
}
