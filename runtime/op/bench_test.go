package op_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// sink counts rows.
type sink struct{ rows int64 }

func (s *sink) Emit(b *vec.Batch) error   { s.rows += int64(b.Rows()); return nil }
func (s *sink) EmitWatermark(int64) error { return nil }
func (s *sink) Add(int64)                 {}

func open(b *testing.B, n plan.Node, cfg plan.Config) (op.Operator, *sink) {
	b.Helper()
	o, err := op.New(n)
	if err != nil {
		b.Fatal(err)
	}
	out := &sink{}
	ck := clock.NewManual(time.UnixMilli(0))
	err = o.Open(&op.Context{Out: out, Clock: ck, Config: &cfg, Late: out, WakeAt: func(time.Time) {}, Env: &udf.Env{Zone: time.UTC, Now: ck.Now}})
	if err != nil {
		b.Fatal(err)
	}
	return o, out
}

func benchSchema() vec.Schema {
	return vec.Schema{{Name: "k", Type: bigint()}, {Name: "v", Type: bigint()}, {Name: "ts", Type: types.TimestampOf(3)}}
}

// benchRows makes about 4 M rows of random keys; time goes on by a millisecond every thousand rows, so
// that all of one pass lie in one window of 10 s.
func benchRows(keys int) []*vec.Batch {
	rng := rand.New(rand.NewPCG(7, 7))
	batches := make([]*vec.Batch, 1024)
	for i := range batches {
		b := vec.NewBatch(benchSchema())
		for j := range vec.DefaultBatchSize {
			vec.Append(b.Cols[0], int64(rng.IntN(keys)))
			vec.Append(b.Cols[1], rng.Int64N(1000))
			vec.Append(b.Cols[2], int64((i*vec.DefaultBatchSize+j)/1000))
		}
		b.SetLen(vec.DefaultBatchSize)
		batches[i] = b
	}
	return batches
}

func perRow(b *testing.B, rows int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// BenchmarkTumble is COUNT(*) and MAX by key; beside it the same by hand.
func BenchmarkTumble(b *testing.B) {
	for _, keys := range []int{1000, 1_000_000} {
		batches := benchRows(keys)
		in := benchSchema()
		for _, kind := range []plan.WindowKind{plan.Tumble, plan.Hop} {
			b.Run(fmt.Sprintf("%v/%d", [...]string{"tumble", "hop"}[kind], keys), func(b *testing.B) {
				w := plan.Window{Kind: kind, TimeCol: 2, Size: 10 * second, Slide: 2 * second}
				o, _ := open(b, windowNode(in, w, []int{0}, call(b, in, "COUNT"), call(b, in, "MAX", 1)), plan.Config{})
				b.ReportAllocs()
				rows := 0
				for b.Loop() {
					for _, x := range batches {
						if err := o.Process(0, x); err != nil {
							b.Fatal(err)
						}
					}
					rows += len(batches) * vec.DefaultBatchSize
				}
				perRow(b, rows)
			})
		}
		b.Run(fmt.Sprintf("byhand/%d", keys), func(b *testing.B) {
			h := newByHand()
			rows := 0
			for b.Loop() {
				for _, x := range batches {
					h.process(x)
				}
				rows += len(batches) * vec.DefaultBatchSize
			}
			perRow(b, rows)
		})
	}
}

// byHandTable is what a programmer would write for this one job: keys, counts and maxima in the slots.
type byHandTable struct {
	slots []byHandSlot
	used  int
}

type byHandSlot struct {
	key, count, max int64
}

func newByHand() *byHandTable { return &byHandTable{slots: make([]byHandSlot, 1024)} }

func (h *byHandTable) process(b *vec.Batch) {
	keys, vals := vec.Values[int64](b.Cols[0]), vec.Values[int64](b.Cols[1])
	mask := uint64(len(h.slots) - 1)
	for i, k := range keys {
		j := vec.Mix(uint64(k), 0x9e3779b97f4a7c15) & mask
		for h.slots[j].count != 0 && h.slots[j].key != k {
			j = (j + 1) & mask
		}
		s := &h.slots[j]
		if s.count == 0 {
			h.used++
			s.key, s.max = k, vals[i]
		}
		s.count++
		s.max = max(s.max, vals[i])
		if 2*h.used > len(h.slots) {
			h.grow()
			mask = uint64(len(h.slots) - 1)
		}
	}
}

func (h *byHandTable) grow() {
	old := h.slots
	h.slots = make([]byHandSlot, 2*len(old))
	mask := uint64(len(h.slots) - 1)
	for _, s := range old {
		if s.count == 0 {
			continue
		}
		j := vec.Mix(uint64(s.key), 0x9e3779b97f4a7c15) & mask
		for h.slots[j].count != 0 {
			j = (j + 1) & mask
		}
		h.slots[j] = s
	}
}

// BenchmarkWindowsFire fires a window of 100 k groups every 400 k rows: insertion, output and reuse.
func BenchmarkWindowsFire(b *testing.B) {
	in := benchSchema()
	batches := benchRows(100_000)[:100]
	for _, kind := range []plan.WindowKind{plan.Tumble, plan.Hop, plan.Cumulate} {
		b.Run([...]string{"tumble", "hop", "cumulate"}[kind], func(b *testing.B) {
			w := plan.Window{Kind: kind, TimeCol: 2, Size: 2000, Slide: 400}
			o, out := open(b, windowNode(in, w, []int{0}, call(b, in, "COUNT"), call(b, in, "MAX", 1)), plan.Config{})
			b.ReportAllocs()
			rows, now := 0, int64(0)
			for b.Loop() {
				for _, x := range batches {
					ts := vec.Values[int64](x.Cols[2])
					for i := range ts {
						ts[i] = now
					}
					now += 4
					if err := o.Process(0, x); err != nil {
						b.Fatal(err)
					}
					if err := o.Watermark(now - 1); err != nil {
						b.Fatal(err)
					}
				}
				rows += len(batches) * vec.DefaultBatchSize
			}
			perRow(b, rows)
			b.ReportMetric(float64(out.rows)/float64(rows), "out/row")
		})
	}
}

func BenchmarkGroupAggregate(b *testing.B) {
	in := benchSchema()
	for _, keys := range []int{1000, 1_000_000} {
		batches := benchRows(keys)
		for _, c := range []struct {
			name         string
			updateBefore bool
			calls        []agg.Call
		}{
			{"count", false, []agg.Call{call(b, in, "COUNT")}},
			{"count+max", true, []agg.Call{call(b, in, "COUNT"), call(b, in, "MAX", 1)}},
			{"distinct", false, []agg.Call{distinct(call(b, in, "COUNT", 1))}},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, keys), func(b *testing.B) {
				n := groupNode(in, []int{0}, c.calls...)
				n.InputRetract, n.UpdateBefore = false, c.updateBefore
				o, _ := open(b, n, plan.Config{})
				b.ReportAllocs()
				rows := 0
				for b.Loop() {
					for _, x := range batches {
						if err := o.Process(0, x); err != nil {
							b.Fatal(err)
						}
					}
					rows += len(batches) * vec.DefaultBatchSize
				}
				perRow(b, rows)
			})
		}
	}
}
