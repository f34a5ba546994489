package agg

import (
	"math"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestSketchesEstimate counts distinct values of two groups, each seen three times, whole and from merged halves.
func TestSketchesEstimate(t *testing.T) {
	for _, n := range []int{0, 1, 7, 100, 512, 3_000, 200_000} {
		whole, halves := approxOf(t, 3*n, n), []*approxCountDistinct{approxOf(t, n, n), approxOf(t, n/2, n)}
		merged := &approxCountDistinct{}
		merged.Grow(2)
		for _, h := range halves {
			state := vec.New(h.State()[0].Type)
			if err := h.AppendState([]uint32{0, 1}, []*vec.Vector{state}); err != nil {
				t.Fatal(err)
			}
			if err := merged.Merge([]uint32{0, 1}, []*vec.Vector{state}, nil); err != nil {
				t.Fatal(err)
			}
		}
		tolerance := 0.05 * float64(n)
		if n <= 512 {
			tolerance = 0.5
		}
		for name, a := range map[string]*approxCountDistinct{"whole": whole, "merged": merged} {
			for g := range uint32(2) {
				got := a.sketches.estimate(g)
				if math.Abs(float64(got)-float64(n)) > tolerance {
					t.Errorf("%s: %d distinct values are estimated as %d", name, n, got)
				}
			}
		}
		if most := 2*2*registers + 1<<16; n > 0 && whole.sketches.memory() > most {
			t.Errorf("%d values take %d bytes", n, whole.sketches.memory())
		}
		whole.Reset([]uint32{0})
		if got := whole.sketches.estimate(0); got != 0 {
			t.Errorf("an empty group counts %d", got)
		}
	}
}

// approxOf takes rows rows of n values into groups 0 and 1, other values in each.
func approxOf(t *testing.T, rows, n int) *approxCountDistinct {
	t.Helper()
	a := &approxCountDistinct{}
	a.Grow(2)
	v := vec.New(types.New(types.BigInt))
	for at := 0; at < rows; at += 1000 {
		v.Reset()
		var groups []uint32
		for i := at; i < min(at+1000, rows); i++ {
			for g := range 2 {
				vec.Append(v, int64(2*(i%n)+g))
				groups = append(groups, uint32(g))
			}
		}
		if err := a.Add(groups, []*vec.Vector{v}, nil); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func TestSketchesRefuseDamage(t *testing.T) {
	for _, sketch := range [][]byte{nil, {0, 1}, {1}, {2, 0, 0, 0, 0}} {
		s := &sketches{}
		s.grow(1)
		if s.merge(0, sketch) == nil {
			t.Errorf("a sketch of %v was taken", sketch)
		}
	}
}
