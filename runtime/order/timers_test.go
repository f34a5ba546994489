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

// TestTimersPast puts numbers in whose times have gone by: they come out next, and do not disturb others. Cleared timers begin anew.
func TestTimersPast(t *testing.T) {
	var timers Timers
	all := func(int64) bool { return true }
	for round := range 3 {
		base := int64(1_700_000_000_000 + round*1_000_000)
		for i := range uint32(1000) {
			timers.Add(base+int64(i)*700, i)
		}
		last := int64(math.MinInt64)
		for range 400 {
			_, last, _ = timers.Pop(all)
		}
		timers.Add(base-5_000_000, 5000)
		timers.Add(base+3, 5001)
		seen := 0
		for timers.Len() > 0 {
			id, at, ok := timers.Pop(all)
			if id >= 5000 && at > last-256 {
				seen++
			} else if !ok || at < last || at != base+int64(id)*700 {
				t.Fatalf("%d at %d behind %d, %v", id, at, last, ok)
			}
			last = max(last, at)
			if seen < 2 && at > base+400*700 {
				t.Fatalf("%d at %d before those whose time had gone by", id, at)
			}
			if round == 1 && seen == 2 {
				timers.Clear()
			}
		}
	}
}
