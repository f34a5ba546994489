package agg

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRankedKnowsRanks compares with sorted lists while numbers come and go.
func TestRankedKnowsRanks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	numbers := []float64{math.Inf(-1), -7.5, -1, math.Copysign(0, -1), 0, 1, 2, 2.5, 1e300, math.Inf(1)}
	var r ranked
	r.grow(3)
	var want [3][]float64
	for step := range 20_000 {
		g := rng.IntN(3)
		x := numbers[rng.IntN(len(numbers))] + float64(rng.IntN(40))
		if n := len(want[g]); n > 0 && rng.IntN(2) == 0 {
			i := rng.IntN(n)
			r.change(uint32(g), want[g][i], -1)
			want[g] = slices.Delete(want[g], i, i+1)
		} else {
			r.change(uint32(g), x, 1)
			at, _ := slices.BinarySearch(want[g], x)
			want[g] = slices.Insert(want[g], at, x)
		}
		if step%500 != 0 {
			continue
		}
		for g := range want {
			if total := r.sum(r.root[g]); total != int64(len(want[g])) {
				t.Fatalf("step %d: %d values, want %d", step, total, len(want[g]))
			}
			for i, x := range want[g] {
				if got := r.at(uint32(g), int64(i+1)); got != x {
					t.Fatalf("step %d: value %d is %v, want %v", step, i+1, got, x)
				}
			}
		}
	}
	if n := len(r.words); n > 1500 {
		t.Errorf("%d nodes: those of values that are gone are not used again", n)
	}
	for g := range want {
		r.reset(uint32(g))
	}
	if len(r.free) != len(r.words) {
		t.Errorf("%d of %d nodes are free after a reset", len(r.free), len(r.words))
	}
}

func TestNumbersHaveAnOrderOfWords(t *testing.T) {
	numbers := []float64{math.Inf(-1), -2, -1, math.Copysign(0, -1), 0, 1, 2, math.Inf(1), math.NaN()}
	for i, x := range numbers {
		if i > 0 && wordOf(numbers[i-1]) >= wordOf(x) {
			t.Errorf("%v does not come before %v", numbers[i-1], x)
		}
		if got := numberOf(wordOf(x)); got != x && x == x || math.Signbit(got) != math.Signbit(x) {
			t.Errorf("%v becomes %v", x, got)
		}
	}
}
