package op

import (
	"context"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// passed counts the rows that an operator gives.
type passed int

func (p *passed) Emit(b *vec.Batch) error   { *p += passed(b.Rows()); return nil }
func (p *passed) EmitWatermark(int64) error { return nil }

// TestBarrierAfterRestoreLoadsLittle has few rows of a large restored state come, of all key groups, and then a barrier.
func TestBarrierAfterRestoreLoadsLittle(t *testing.T) {
	const keys, groups, some = 20_000, 128, 200
	s := vec.Schema{{Name: "k", Type: types.New(types.BigInt)}}
	node := &plan.Deduplicate{Props: plan.Props{Schema: s}, Input: &plan.Values{Props: plan.Props{Schema: s}}, Keys: []int{0}, TimeCol: -1, ProcTime: true}
	batch := func(from, n int) *vec.Batch {
		b := vec.NewBatch(s)
		for i := range n {
			vec.Append(b.Cols[0], int64(from+i))
		}
		b.SetLen(n)
		return b
	}
	for name, memory := range map[string]int64{"memory for all": 0, "little memory": 1 << 21} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			open := func(o state.Options) (*state.Store, *firstArrival, *passed) {
				o.MaxGroups, o.LoadAtOnce = groups, 1
				store, err := state.Open(o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = store.Close() })
				f, out := newFirstArrival(node), new(passed)
				err = f.Open(&Context{
					Out: out, Clock: clock.NewManual(time.UnixMilli(0)), Config: &plan.Config{}, WakeAt: func(time.Time) {},
					State: store.Scope("op", 0, state.GroupsOf(0, 1, groups)),
				})
				if err != nil {
					t.Fatal(err)
				}
				return store, f, out
			}
			store, f, _ := open(state.Options{Dir: dir + "/first"})
			if err := f.Process(0, batch(0, keys)); err != nil {
				t.Fatal(err)
			}
			frozen, err := f.Snapshot()
			if err == nil {
				err = store.Write(context.Background(), frozen)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := store.Checkpoint(dir + "/checkpoint"); err != nil {
				t.Fatal(err)
			}

			_, f, out := open(state.Options{Dir: dir + "/second", Restore: dir + "/checkpoint", Memory: memory})
			if err := f.Process(0, batch(keys-some, some+10)); err != nil {
				t.Fatal(err)
			}
			if *out != 10 {
				t.Errorf("%d rows of new keys before the barrier, want 10", *out)
			}
			if _, err := f.Snapshot(); err != nil {
				t.Fatal(err)
			}
			if n := f.table.Len(); n > keys/2 {
				t.Errorf("%d of %d keys are in memory after %d rows and a barrier", n, keys, some)
			}
			for from := 0; from < keys; from += 5 * some {
				if err := f.Process(0, batch(from, some)); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Finish(); err != nil || *out != 10 {
				t.Errorf("%d rows in all, want 10; error %v", *out, err)
			}
		})
	}
}
