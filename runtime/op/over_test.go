package op_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func overNode(in vec.Schema, f plan.Frame, calls ...agg.Call) *plan.Over {
	n := &plan.Over{Input: optest.Input(in), Partition: []int{0}, TimeCol: 2, Frame: f, Calls: calls}
	n.Schema = append(vec.Schema{}, in...)
	for _, c := range calls {
		n.Schema = append(n.Schema, vec.Field{Name: c.Name, Type: c.Sig.Result})
	}
	return n
}

func TestOverRange(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := overNode(in, plan.Frame{Preceding: 2 * second}, call(t, in, "SUM", 1), call(t, in, "MAX", 1), call(t, in, "COUNT"))
	check(t, n, plan.Config{}, `
		a, 1, 00:00:01
		a, 9, 00:00:03
		b, 5, 00:00:03
		a, 3, 00:00:03
		a, 4, 00:00:02
		watermark 00:00:02
		# behind the watermark, and late only where the partition has given a later one
		a, 7, 00:00:01
		c, 7, 00:00:01
		a, 6, 00:00:06
		watermark 00:00:08
		a, NULL, 00:00:08
	`, `
		+I a, 1, 00:00:01, 1, 1, 1
		+I a, 4, 00:00:02, 5, 4, 2
		watermark 00:00:02
		+I c, 7, 00:00:01, 7, 7, 1
		+I a, 9, 00:00:03, 17, 9, 4
		+I b, 5, 00:00:03, 5, 5, 1
		+I a, 3, 00:00:03, 17, 9, 4
		+I a, 6, 00:00:06, 6, 6, 1
		watermark 00:00:08
		+I a, NULL, 00:00:08, 6, 6, 2
	`, 1)
}

func TestOverUnboundedLate(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := overNode(in, plan.Frame{Rows: true, Preceding: plan.Unbounded}, call(t, in, "SUM", 1))
	check(t, n, plan.Config{}, `
		a, 1, 00:00:01
		watermark 00:00:05
		b, 2, 00:00:05
		b, 3, 00:00:06
	`, `
		+I a, 1, 00:00:01, 1
		watermark 00:00:05
		+I b, 3, 00:00:06, 3
	`, 1)
}

// Rows of processing time leave at once, or when their millisecond is over.
func TestOverProcessingTime(t *testing.T) {
	in := events(types.TimestampOf(3))
	const script = "a, 1, NULL\na, 2, NULL\nclock 00:00:01\na, 3, NULL\n"
	for frame, want := range map[plan.Frame]string{
		{Preceding: plan.Unbounded}: "+I a, 1, NULL, 1\n+I a, 2, NULL, 3\n+I a, 3, NULL, 6",
		{Rows: true, Preceding: 1}:  "+I a, 1, NULL, 1\n+I a, 2, NULL, 3\n+I a, 3, NULL, 5",
		{Preceding: second / 2}:     "+I a, 1, NULL, 3\n+I a, 2, NULL, 3\n+I a, 3, NULL, 3",
	} {
		n := overNode(in, frame, call(t, in, "SUM", 1))
		n.ProcTime = true
		check(t, n, plan.Config{}, script, want, 0)
	}
}

type overRow struct {
	key   string
	v, ts int64
}

// naiveOver computes COUNT, SUM, MIN and MAX of each row's frame by looking at all rows of its partition.
func naiveOver(rows []overRow, f plan.Frame) []string {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b overRow) int { return cmp.Compare(a.ts, b.ts) })
	var out []string
	for i, r := range sorted {
		var frame []int64
		for j, s := range sorted {
			if s.key != r.key || f.Rows && j > i || s.ts > r.ts || !f.Rows && f.Bounded() && s.ts < r.ts-f.Preceding {
				continue
			}
			frame = append(frame, s.v)
		}
		if f.Rows && f.Bounded() {
			frame = frame[max(0, len(frame)-1-int(f.Preceding)):]
		}
		sum := int64(0)
		for _, v := range frame {
			sum += v
		}
		out = append(out, fmt.Sprintf("+I %s, %d, %s, %d, %d, %d, %d", r.key, r.v, optest.Moment(r.ts), len(frame), sum, slices.Min(frame), slices.Max(frame)))
	}
	return out
}

func TestOverRandom(t *testing.T) {
	in := events(types.TimestampOf(3))
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		frame := plan.Frame{Rows: seed%2 == 0, Preceding: int64(rnd.IntN(40))}
		if seed%5 == 0 {
			frame.Preceding = plan.Unbounded
		}
		rows := make([]overRow, 300)
		var script strings.Builder
		for i := range rows {
			rows[i] = overRow{string(rune('a' + rnd.IntN(4))), int64(rnd.IntN(9)), int64(i/3 + rnd.IntN(20))}
			fmt.Fprintf(&script, "%s, %d, %s\n", rows[i].key, rows[i].v, optest.Moment(rows[i].ts))
			if i%17 == 0 && i > 60 {
				fmt.Fprintf(&script, "watermark %s\n", optest.Moment(int64(i/3-1)))
			}
		}
		n := overNode(in, frame, call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "MIN", 1), call(t, in, "MAX", 1))
		if seed < 4 {
			resume(t, n, plan.Config{}, someBarriers(script.String()))
		}
		got, err := optest.Run(n, plan.Config{BatchSize: 1 + rnd.IntN(50)}, script.String(), 1+rnd.IntN(30))
		if err != nil {
			t.Fatal(err)
		}
		var given []string
		for _, l := range strings.Split(lines(got.Out), "\n") {
			if !strings.HasPrefix(l, "watermark") {
				given = append(given, l)
			}
		}
		if want := naiveOver(rows, frame); !slices.Equal(given, want) || got.Late != 0 {
			t.Fatalf("seed %d, %s: %d late, and\n%s\nwant\n%s", seed, frame, got.Late, strings.Join(given, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestOverOnDisk has more and more partitions, which come again when they have been moved to disk, some with rows that are late.
func TestOverOnDisk(t *testing.T) {
	in := events(types.TimestampOf(3))
	for _, rows := range []bool{false, true} {
		rnd := rand.New(rand.NewPCG(3, 8))
		var script strings.Builder
		for i := range 600 {
			fmt.Fprintf(&script, "key %d, %d, %s\n", rnd.IntN(4+i/3), rnd.IntN(9), optest.Moment(int64(i+rnd.IntN(30))))
			switch {
			case i%20 == 19:
				fmt.Fprintf(&script, "watermark %s\n", optest.Moment(int64(i-5)))
			case i%170 == 100:
				script.WriteString("barrier\n")
			}
		}
		n := overNode(in, plan.Frame{Rows: rows, Preceding: plan.Unbounded}, call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "MAX", 1))
		resume(t, n, plan.Config{}, script.String())
	}
}

func BenchmarkOverRange(b *testing.B) {
	in := vec.Schema{{Name: "k", Type: bigint()}, {Name: "v", Type: bigint()}, {Name: "ts", Type: types.TimestampOf(3)}}
	o, err := op.New(overNode(in, plan.Frame{Preceding: hour}, call(b, in, "SUM", 1), call(b, in, "COUNT")))
	if err != nil {
		b.Fatal(err)
	}
	if err := o.Open(&op.Context{Out: discard{}, Config: &plan.Config{}}); err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	batch, now := vec.NewBatch(in), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		for range 4096 {
			now += 3 // an hour holds 1.2 M rows, 12 of each key
			vec.Append(batch.Cols[0], rnd.Int64N(100_000))
			vec.Append(batch.Cols[1], now)
			vec.Append(batch.Cols[2], now)
		}
		batch.SetLen(4096)
		if err := o.Process(0, batch); err != nil {
			b.Fatal(err)
		}
		if err := o.Watermark(now - 5000); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*4096/b.Elapsed().Seconds(), "rows/s")
}
