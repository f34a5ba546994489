package udf

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestModByConstant compares the kernel that multiplies with Go's %.
func TestModByConstant(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 23))
	ys := []int64{2, 3, 4, 5, 7, 10, 123, 1 << 31, 1<<31 + 1, 1 << 62, 1<<62 + 1, math.MaxInt64 - 1, math.MaxInt64}
	for range 2000 {
		ys = append(ys, 2+rng.Int64N(math.MaxInt64>>rng.IntN(60)-1))
	}
	for _, y := range ys {
		xs := []int64{0, 1, -1, y - 1, y, y + 1, -y, 1 - y, math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 / y * y, math.MaxInt64/y*y - 1}
		for range 20 {
			xs = append(xs, int64(rng.Uint64())>>rng.IntN(64))
		}
		in, out, sel := vec.New(types.New(types.BigInt)), vec.New(types.New(types.BigInt)), []int32{}
		for i, x := range xs {
			vec.Append(in, x)
			sel = append(sel, int32(i))
		}
		out.Resize(len(xs))
		if err := modIntsConst[int64, int64](y)([]*vec.Vector{in}, sel, len(xs), out); err != nil {
			t.Fatal(err)
		}
		for i, got := range vec.Values[int64](out) {
			if want := xs[i] % y; got != want {
				t.Fatalf("%d %% %d = %d, want %d", xs[i], y, got, want)
			}
		}
	}
}
