package op_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
	"github.com/weirstream/weir/udf"
)

// openKept opens an operator over a store in a folder of its own.
func openKept(b *testing.B, n plan.Node, o state.Options) (op.Operator, *state.Store, *sink) {
	b.Helper()
	o.MaxGroups = 128
	store, err := state.Open(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	out := &sink{}
	return openWith(b, n, out, store.Scope("op", 0, state.GroupsOf(0, 1, 128))), store, out
}

// openWith opens an operator over some state.
func openWith(b *testing.B, n plan.Node, out op.Output, sc *state.Scope) op.Operator {
	b.Helper()
	x, err := op.New(n)
	if err != nil {
		b.Fatal(err)
	}
	ck := clock.NewManual(time.UnixMilli(0))
	err = x.Open(&op.Context{
		Out: out, Clock: ck, Config: &plan.Config{}, Late: &sink{}, WakeAt: func(time.Time) {}, Env: &udf.Env{Zone: time.UTC, Now: ck.Now}, State: sc,
	})
	if err != nil {
		b.Fatal(err)
	}
	return x
}

// BenchmarkSnapshot measures a checkpoint of 1 M keys that have all changed: the synchronous part, writing, and the copy.
func BenchmarkSnapshot(b *testing.B) {
	in := benchSchema()
	batches := benchRows(1_000_000)
	group := groupNode(in, []int{0}, call(b, in, "COUNT"))
	group.InputRetract = false
	for name, n := range map[string]plan.Node{
		"tumble": windowNode(in, plan.Window{TimeCol: 2, Size: 10 * second}, []int{0}, call(b, in, "COUNT")),
		"group":  group,
	} {
		b.Run(name, func(b *testing.B) { snapshots(b, n, batches) })
	}
}

func snapshots(b *testing.B, n plan.Node, batches []*vec.Batch) {
	dir := b.TempDir()
	o, store, _ := openKept(b, n, state.Options{Dir: filepath.Join(dir, "live")})
	var frozen, written, copied []time.Duration
	var rows int
	for i := 0; b.Loop(); i++ {
		for _, x := range batches {
			if err := o.Process(0, x); err != nil {
				b.Fatal(err)
			}
		}
		start := time.Now()
		f, err := o.Snapshot()
		if err != nil {
			b.Fatal(err)
		}
		frozen = append(frozen, time.Since(start))
		rows = f.Rows()
		start = time.Now()
		if err := store.Write(context.Background(), f); err != nil {
			b.Fatal(err)
		}
		written = append(written, time.Since(start))
		start = time.Now()
		if _, err := store.Checkpoint(filepath.Join(dir, fmt.Sprint("c", i))); err != nil {
			b.Fatal(err)
		}
		copied = append(copied, time.Since(start))
		_ = os.RemoveAll(filepath.Join(dir, fmt.Sprint("c", i-1)))
	}
	b.ReportMetric(float64(rows), "rows")
	for name, d := range map[string][]time.Duration{"freeze": frozen, "write": written, "copy": copied} {
		slices.Sort(d)
		b.ReportMetric(d[len(d)/2].Seconds()*1e3, name+"-ms")
		b.ReportMetric(d[len(d)-1].Seconds()*1e3, name+"-max-ms")
	}
}
