package op_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

const topRows = 10

// rankedRows makes n rows of random keys and values.
func rankedBatches(keys, n int) []*vec.Batch {
	rng := rand.New(rand.NewPCG(8, 8))
	var batches []*vec.Batch
	for i := 0; i < n; i += vec.DefaultBatchSize {
		b := vec.NewBatch(benchSchema())
		for j := range vec.DefaultBatchSize {
			vec.Append(b.Cols[0], int64(rng.IntN(keys)))
			vec.Append(b.Cols[1], rng.Int64())
			vec.Append(b.Cols[2], int64(i+j))
		}
		b.SetLen(vec.DefaultBatchSize)
		batches = append(batches, b)
	}
	return batches
}

// BenchmarkTopN keeps the ten largest rows of each key, with their changes; beside it the same by hand. A pass begins
// with nothing kept: at a million keys most rows are among the ten.
func BenchmarkTopN(b *testing.B) {
	for _, keys := range []int{1000, 1_000_000} {
		batches := rankedBatches(keys, 8<<20)
		in := benchSchema()
		b.Run(fmt.Sprintf("operator/%d", keys), func(b *testing.B) {
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				n := &plan.TopN{
					Props: plan.Props{Schema: in}, Input: optest.Input(in), Partition: []int{0},
					Order: []order.Key{{Column: 1, Desc: true, NullsLast: true}}, From: 1, To: topRows,
				}
				o, _ := open(b, n, plan.Config{})
				for _, x := range batches {
					if err := o.Process(0, x); err != nil {
						b.Fatal(err)
					}
				}
				rows += len(batches) * vec.DefaultBatchSize
			}
			perRow(b, rows)
		})
		b.Run(fmt.Sprintf("byhand/%d", keys), func(b *testing.B) {
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				h := &topByHand{slots: make([]topSlot, 1024)}
				for _, x := range batches {
					h.process(x)
				}
				rows += len(batches) * vec.DefaultBatchSize
			}
			perRow(b, rows)
		})
	}
}

// topByHand is what a programmer would write for this one job: the rows in the slots of a hash table, changes
// row by row into columns that are used again.
type topByHand struct {
	slots []topSlot
	used  int
	out   []topChange
}

type topSlot struct {
	key  int64
	n    int64
	rows [topRows]topRow
}

type topRow struct{ v, ts int64 }

type topChange struct {
	kind vec.ChangeKind
	key  int64
	row  topRow
}

func (h *topByHand) process(b *vec.Batch) {
	h.out = h.out[:0]
	keys, vals, times := vec.Values[int64](b.Cols[0]), vec.Values[int64](b.Cols[1]), vec.Values[int64](b.Cols[2])
	mask := uint64(len(h.slots) - 1)
	for i, k := range keys {
		j := vec.Mix(uint64(k), 0x9e3779b97f4a7c15) & mask
		for h.slots[j].n != 0 && h.slots[j].key != k {
			j = (j + 1) & mask
		}
		s := &h.slots[j]
		if s.n == 0 {
			h.used++
			s.key = k
		}
		h.add(s, topRow{vals[i], times[i]})
		if 2*h.used > len(h.slots) {
			h.grow()
			mask = uint64(len(h.slots) - 1)
		}
	}
}

func (h *topByHand) add(s *topSlot, r topRow) {
	if s.n == topRows {
		if s.rows[topRows-1].v >= r.v {
			return
		}
		s.n--
		h.out = append(h.out, topChange{vec.Delete, s.key, s.rows[topRows-1]})
	}
	at := s.n
	for at > 0 && s.rows[at-1].v < r.v {
		s.rows[at] = s.rows[at-1]
		at--
	}
	s.rows[at] = r
	s.n++
	h.out = append(h.out, topChange{vec.Insert, s.key, r})
}

func (h *topByHand) grow() {
	old := h.slots
	h.slots = make([]topSlot, 2*len(old))
	mask := uint64(len(h.slots) - 1)
	for i := range old {
		if old[i].n == 0 {
			continue
		}
		j := vec.Mix(uint64(old[i].key), 0x9e3779b97f4a7c15) & mask
		for h.slots[j].n != 0 {
			j = (j + 1) & mask
		}
		h.slots[j] = old[i]
	}
}

// BenchmarkSession is COUNT(*) and MAX by session of 100 k keys, none of which ends; beside it the same by hand.
func BenchmarkSession(b *testing.B) {
	batches := benchRows(100_000)
	in := benchSchema()
	b.Run("operator", func(b *testing.B) {
		w := plan.Window{Kind: plan.Session, TimeCol: 2, Size: 10 * second}
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
	b.Run("byhand", func(b *testing.B) {
		b.ReportAllocs()
		h := &sessionByHand{slots: make([]sessionSlot, 1<<18)}
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

// sessionByHand keeps one session a key in the slots of a hash table; what a row that is older than it needs is left
// out, because no row of the benchmark is.
type sessionByHand struct{ slots []sessionSlot }

type sessionSlot struct{ key, start, end, count, max int64 }

func (h *sessionByHand) process(b *vec.Batch) {
	keys, vals, times := vec.Values[int64](b.Cols[0]), vec.Values[int64](b.Cols[1]), vec.Values[int64](b.Cols[2])
	mask := uint64(len(h.slots) - 1)
	for i, k := range keys {
		j := vec.Mix(uint64(k), 0x9e3779b97f4a7c15) & mask
		for h.slots[j].count != 0 && h.slots[j].key != k {
			j = (j + 1) & mask
		}
		s := &h.slots[j]
		if s.count == 0 || times[i] > s.end || times[i] < s.start {
			*s = sessionSlot{key: k, start: times[i], max: vals[i]}
		}
		s.count++
		s.max = max(s.max, vals[i])
		s.end = max(s.end, times[i]+10*second)
	}
}
