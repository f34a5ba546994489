package op

import (
	"math/rand/v2"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestAwayKeepsOrder holds rows of several key groups that come at several moments, twice: those of each group come back in their order with their moments, and they take little
// more memory than their values.
func TestAwayKeepsOrder(t *testing.T) {
	const groups, batches, size = 5, 100, 200
	schema := vec.Schema{{Name: "n", Type: types.New(types.BigInt)}, {Name: "at", Type: types.New(types.BigInt)}}
	var a away
	r := rand.New(rand.NewPCG(1, 2))
	for range 2 {
		want := make([][]int64, groups)
		n := int64(0)
		for k := range batches {
			b := vec.NewBatch(schema)
			var rows []int32
			var of []int
			for i := range int32(size) {
				vec.Append(b.Cols[0], n)
				vec.Append(b.Cols[1], int64(k/3))
				if g := r.IntN(groups + 1); g < groups { // others do not wait
					rows, of = append(rows, i), append(of, g)
					want[g] = append(want[g], n)
				}
				n++
			}
			b.SetLen(size)
			a.hold(b, moment{wm: int64(k / 3)}, schema, rows, of, groups)
		}
		memory := 0
		for _, b := range a.blocks {
			for _, v := range b.Cols {
				memory += v.Memory()
			}
		}
		if rows := a.rows; a.bytes != 20*rows || memory > 16*rows*3/2 {
			t.Fatalf("%d rows count as %d bytes, and take %d", rows, a.bytes, memory)
		}
		for g := range groups {
			b, came := a.take(g)
			if b.Len() != len(want[g]) {
				t.Fatalf("%d rows of group %d, not %d", b.Len(), g, len(want[g]))
			}
			for i, number := range vec.Values[int64](b.Cols[0]) {
				if len(came) > 1 && came[1].row == i {
					came = came[1:]
				}
				if at := vec.Values[int64](b.Cols[1])[i]; number != want[g][i] || came[0].wm != at {
					t.Fatalf("row %d of group %d is %d of moment %d, not %d of %d", i, g, number, came[0].wm, want[g][i], at)
				}
			}
		}
		a.rows, a.bytes = 0, 0
		a.clear()
	}
}
