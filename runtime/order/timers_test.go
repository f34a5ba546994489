package order

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTimers does the same to timers and to a sorted slice: times near and far, before and after 1970, many at one time and at once, and numbers put
// behind again when they come up.
func TestTimers(t *testing.T) {
	for _, spread := range []int64{1, 40, 5_000, 1 << 30, math.MaxInt64} {
		t.Run(fmt.Sprintf("within %d ms", spread), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(spread), 1))
			var timers Timers
			var want []entry // word and number
			now := int64(math.MinInt64)
			if spread < 1<<40 {
				now = -20_000
			}
			for step := range 20_000 {
				n := r.IntN(4)
				if step%1000 == 0 {
					n = 150
				}
				for range n {
					at := now
					if d := r.Int64N(spread) + 1; now < math.MaxInt64-d {
						at += d
					} else {
						at = math.MaxInt64
					}
					timers.Add(at, uint32(step))
					want = append(want, entry{WordOf(at), uint32(step)})
				}
				slices.SortFunc(want, func(a, b entry) int {
					return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.row, b.row))
				})
				if len(want) > 0 {
					if _, at, ok := timers.Next(); !ok || at != IntOf(want[0].word) {
						t.Fatalf("step %d: next at %d, %v, want %d", step, at, ok, IntOf(want[0].word))
					}
				}
				if d := r.Int64N(spread)/2 + 1; now < math.MaxInt64-d {
					now += d
				}
				most := r.IntN(6) // so that some that are due stay
				for ; most > 0; most-- {
					id, at, ok := timers.Pop(func(at int64) bool { return at <= now })
					if !ok {
						break
					}
					if len(want) == 0 || id != want[0].row || at != IntOf(want[0].word) || at > now {
						t.Fatalf("step %d: %d of %d at %d, want %v", step, id, at, now, want[:min(1, len(want))])
					}
					want = want[1:]
				}
				if most > 0 && len(want) > 0 && IntOf(want[0].word) <= now {
					t.Fatalf("step %d: %v is due at %d and not given", step, want[0], now)
				}
				if timers.Len() != len(want) {
					t.Fatalf("step %d: %d timers, want %d", step, timers.Len(), len(want))
				}
				if most == 0 && len(want) > 0 { // what was left may be due already: nothing comes before it
					now = max(now, IntOf(want[0].word))
				}
			}
		})
	}
}

// BenchmarkTimers puts a number in for every one that it takes out, 30 s later, as sessions do.
func BenchmarkTimers(b *testing.B) {
	const open = 1 << 16
	for _, kind := range []string{"wheel", "forest"} {
		b.Run(kind, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			var timers Timers
			f := NewForest(func(a, b uint32) int { return cmp.Compare(a, b) })
			f.Grow(1)
			b.ReportAllocs()
			n, now := 0, int64(1_700_000_000_000)
			for b.Loop() {
				at := now + 30_000 + r.Int64N(500)
				id := uint32(n % open)
				if kind == "forest" {
					f.Insert(0, WordOf(at), id)
				} else {
					timers.Add(at, id)
				}
				if n++; n <= open {
					continue
				}
				now += int64(n & 1)
				if kind == "forest" {
					f.Remove(0, 0)
				} else {
					timers.Pop(func(int64) bool { return true })
				}
			}
		})
	}
}
