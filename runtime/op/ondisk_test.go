package op_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// onDisk runs an operator with next to no memory, and a lifetime of ten seconds.
type onDisk struct {
	testing.TB
	node  plan.Node
	table string // whose rows are counted
	fs    vfs.FS
	now   *clock.Manual
	store *state.Store
	op    op.Operator
	wake  time.Time
	dirs  int
}

// open begins, from a checkpoint if it is not "".
func (o *onDisk) open(from string) {
	o.Helper()
	o.dirs++
	var err error
	o.store, err = state.Open(state.Options{Dir: fmt.Sprint("live", o.dirs), Restore: from, MaxGroups: 128, FS: o.fs, Memory: 2})
	if err != nil {
		o.Fatal(err)
	}
	if o.op, err = op.New(o.node); err != nil {
		o.Fatal(err)
	}
	o.wake = time.Time{}
	err = o.op.Open(&op.Context{
		Out: &sink{}, Clock: o.now, Config: &plan.Config{Zone: time.UTC, StateTTL: 10 * time.Second}, Parallelism: 1,
		State: o.store.Scope("op", 0, state.GroupsOf(0, 1, 128)),
		WakeAt: func(at time.Time) {
			if o.wake.IsZero() || at.Before(o.wake) {
				o.wake = at
			}
		},
	})
	if err != nil {
		o.Fatal(err)
	}
}

// rows gives keys from to (exclusive) a row each with a value, few at a time, so that most of what is kept of them goes to disk.
func (o *onDisk) rows(from, to int, value int64) {
	o.Helper()
	for ; from < to; from += 50 {
		b := vec.NewBatch(o.node.Inputs()[0].Properties().Schema)
		for i := from; i < from+50; i++ {
			b.Cols[0].AppendString(fmt.Sprint("key ", i))
			for _, v := range b.Cols[1:] {
				if v.Type().Kind == types.BigInt {
					vec.Append(v, value)
				} else {
					v.AppendNull()
				}
			}
		}
		b.SetLen(50)
		if err := o.op.Process(0, b); err != nil {
			o.Fatal(err)
		}
	}
}

// advance moves the clock.
func (o *onDisk) advance(to time.Duration) {
	o.Helper()
	if err := optest.Advance(o.op, o.now, &o.wake, time.UnixMilli(to.Milliseconds())); err != nil {
		o.Fatal(err)
	}
}

// kept makes a checkpoint, and gives the number of rows in it.
func (o *onDisk) kept(dir string) int64 {
	o.Helper()
	f, err := o.op.Snapshot()
	if err == nil {
		err = o.store.Write(context.Background(), f)
	}
	if err == nil {
		_, err = o.store.Checkpoint(dir)
	}
	if err != nil {
		o.Fatal(err)
	}
	tables, err := state.Inspect(o.fs, dir, 0)
	if err != nil {
		o.Fatal(err)
	}
	at := slices.IndexFunc(tables, func(c state.Content) bool { return c.Name == o.table })
	return tables[at].Rows
}

func (o *onDisk) close() {
	o.Helper()
	if err := o.store.Close(); err != nil {
		o.Fatal(err)
	}
}

// TestKeysOnDiskExpire moves keys to disk of which no row comes again: a sweep removes those that have expired, and no
// others, whether or not they are known from before a restore.
func TestKeysOnDiskExpire(t *testing.T) {
	for name, o := range map[string]*onDisk{
		"group":       {node: groupNode(changes(), []int{0}, call(t, changes(), "COUNT")), table: "groups"},
		"top-N":       {node: topNode(1, 2, true, false, largest), table: "rows"},
		"changes":     {node: topNode(1, 2, false, true, largest), table: "rows"},
		"materialize": {node: materialize([]int{1}), table: "rows"},
		"last row":    {node: quietNode(true), table: "rows"},
	} {
		t.Run(name, func(t *testing.T) {
			o.TB, o.fs, o.now = t, vfs.NewMem(), clock.NewManual(time.UnixMilli(0).UTC())
			o.open("")
			o.rows(0, 1000, 1)
			if got := o.kept("chk1"); got != 1000 {
				t.Fatalf("%d keys are kept, not 1000", got)
			}
			o.advance(8 * time.Second)
			o.rows(1000, 1300, 1)
			if got := o.kept("chk2"); got != 1300 {
				t.Fatalf("%d keys are kept, not 1300", got)
			}
			o.advance(32 * time.Second)
			o.rows(5000, 5100, 1)
			if got := o.kept("chk3"); got != 100 {
				t.Errorf("when two lifetimes have gone by, %d keys are kept, not the 100 that are new", got)
			}
			o.advance(33 * time.Second)
			o.rows(0, 600, 1) // some expired, some were swept: all begin anew
			o.advance(36 * time.Second)
			o.rows(2000, 2200, 1)
			if got := o.kept("chk4"); got != 900 {
				t.Errorf("%d keys are kept, not 900", got)
			}
			o.close()
			o.open("chk4")
			o.advance(62 * time.Second)
			if got := o.kept("chk5"); got != 0 {
				t.Errorf("of keys from before a restore, which nothing touches, %d are kept", got)
			}
			o.close()
		})
	}
}

// TestPartitionsOnDiskExpireTogether has partitions in the database of which one row is older than a lifetime, the other is not.
func TestPartitionsOnDiskExpireTogether(t *testing.T) {
	for name, o := range map[string]*onDisk{
		"top-N":       {node: topNode(1, 2, true, false, largest), table: "rows"},
		"materialize": {node: materialize([]int{1}), table: "rows"},
	} {
		t.Run(name, func(t *testing.T) {
			o.TB, o.fs, o.now = t, vfs.NewMem(), clock.NewManual(time.UnixMilli(0).UTC())
			o.open("")
			const keys = 2000 // so many that a restore leaves them on disk
			o.rows(0, keys, 1)
			o.advance(8 * time.Second)
			o.rows(0, keys, 2)
			if got := o.kept("chk1"); got != 2*keys {
				t.Fatalf("%d rows are kept, not %d", got, 2*keys)
			}
			o.close()
			o.open("chk1")
			o.rows(keys, keys+50, 1)
			o.rows(0, 50, 1) // of keys on disk: wakes the sweep
			o.advance(17900 * time.Millisecond)
			if got := o.kept("chk2"); got < 2*keys+50 {
				t.Errorf("%d rows are kept, not %d: rows have expired without their partition", got, 2*keys+50)
			}
			o.advance(40 * time.Second)
			if got := o.kept("chk3"); got != 0 {
				t.Errorf("%d rows are kept when all have expired", got)
			}
			o.close()
		})
	}
}
