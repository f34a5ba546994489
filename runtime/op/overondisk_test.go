package op_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestOverOnDiskRandom has partitions come again and again, with memory for next to none and for some, so that rows, and watermarks behind them, wait for those on disk: of rows
// that are late, of partitions that were forgotten meanwhile, or whose lifetime has ended, all is as it is where everything is in memory.
func TestOverOnDiskRandom(t *testing.T) {
	in := events(types.TimestampOf(3))
	for _, c := range []struct {
		name  string
		frame plan.Frame
		proc  bool
		ttl   time.Duration
	}{
		{"range", plan.Frame{Preceding: 40}, false, 0},
		{"long range", plan.Frame{Preceding: 2000}, false, 0},
		{"rows", plan.Frame{Rows: true, Preceding: 2}, false, 0},
		{"rows with a lifetime", plan.Frame{Rows: true, Preceding: 2}, false, 8 * time.Second},
		{"unbounded with a lifetime", plan.Frame{Preceding: plan.Unbounded}, false, 8 * time.Second},
		{"range of processing time", plan.Frame{Preceding: 20 * second}, true, 0},
		{"rows of processing time", plan.Frame{Rows: true, Preceding: 3}, true, 8 * time.Second},
		{"unbounded, of processing time", plan.Frame{Preceding: plan.Unbounded}, true, 8 * time.Second},
	} {
		for _, memory := range []int64{2, 40_000} {
			for seed := range uint64(2) {
				t.Run(fmt.Sprintf("%s, %d bytes, %d", c.name, memory, seed), func(t *testing.T) {
					n := overNode(in, c.frame, call(t, in, "COUNT"), call(t, in, "SUM", 1))
					n.ProcTime = c.proc
					optest.ResumeBounded(t, n, plan.Config{StateTTL: c.ttl}, overScript(seed), 16, []int{0}, memory)
				})
			}
		}
	}
}

// overScript has a few partitions that come often, and many that come now and then. Event time jumps at times.
func overScript(seed uint64) string {
	rnd := rand.New(rand.NewPCG(seed, 8))
	var script strings.Builder
	event, clock := int64(0), int64(0)
	for range 1000 {
		key := rnd.IntN(20)
		if rnd.IntN(3) > 0 {
			key = 20 + rnd.IntN(500)
		}
		event += rnd.Int64N(3)
		fmt.Fprintf(&script, "key %d, %d, %s\n", key, rnd.IntN(9), optest.Moment(max(event+rnd.Int64N(20)-rnd.Int64N(15), 0)))
		switch rnd.IntN(400) {
		case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15:
			fmt.Fprintf(&script, "watermark %s\n", optest.Moment(event))
		case 16, 17, 18, 19:
			event += rnd.Int64N(200)
			fmt.Fprintf(&script, "watermark %s\n", optest.Moment(event))
		case 20, 21, 22, 23:
			clock += []int64{1, 3001, 7001, 20_001}[rnd.IntN(4)]
			fmt.Fprintf(&script, "clock %s\n", optest.Moment(clock))
		case 24, 25:
			script.WriteString("barrier\n")
		}
	}
	return script.String()
}

// TestFramesOnDiskAreForgotten has partitions on disk, and in a restored database, whose frames the watermark passes, while rows of others come.
func TestFramesOnDiskAreForgotten(t *testing.T) {
	in := events(types.TimestampOf(3))
	for _, table := range []string{"partitions", "frames"} {
		o := &onDisk{
			TB: t, fs: vfs.NewMem(), now: clock.NewManual(time.UnixMilli(0).UTC()), table: table,
			node: overNode(in, plan.Frame{Preceding: 100}, call(t, in, "SUM", 1)),
		}
		rows := func(from, to int, at int64) {
			for k := from; k < to; k += 50 {
				b := vec.NewBatch(in)
				for i := range 50 {
					b.Cols[0].AppendString(fmt.Sprint("key ", k+i))
					vec.Append(b.Cols[1], int64(1))
					vec.Append(b.Cols[2], at+int64(k-from)/100)
				}
				b.SetLen(50)
				if err := o.op.Process(0, b); err != nil {
					t.Fatal(err)
				}
			}
			if err := o.op.Watermark(at + 30); err != nil {
				t.Fatal(err)
			}
		}
		o.open("")
		rows(0, 2000, 0)
		if got := o.kept("chk1"); got != 2000 {
			t.Fatalf("%s: %d are kept, not 2000", table, got)
		}
		for i := range int64(3) {
			rows(5000, 6000, 10_000+2000*i)
		}
		if got := o.kept("chk2"); got > 1000 {
			t.Errorf("%s: %d are kept, not the 1000 that are new", table, got)
		}
		o.close()
		o.open("chk1") // a state that is so large stays in the database
		for i := range int64(8) {
			rows(5000, 6000, 10_000+2000*i)
		}
		if got := o.kept("chk3"); got > 1000 {
			t.Errorf("%s: %d are kept after a restore, not the 1000 that are new", table, got)
		}
		o.close()
	}
}
