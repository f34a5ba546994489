package op

import (
	"testing"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestSlicesShareKeysWhereTheyComeAgain opens one slice after the other, five at a time, each with ten thousand keys, of which some
// are those of the slice before.
func TestSlicesShareKeysWhereTheyComeAgain(t *testing.T) {
	const size = 10_000
	for _, c := range []struct {
		name   string
		fresh  int // keys of a slice that no slice before had
		tables int // the most at a time
		places int // the most of a table
	}{
		{"all", 0, 1, size},
		{"most", size / 10, 2, 3*size/2 + size/10},
		{"none", size, 4, 2 * size},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := vec.Schema{{Name: "k", Type: types.New(types.BigInt)}}
			calls := []agg.Call{agg.RowsCall()}
			s := slices{keys: columnTypes(in, []int{0}), share: true, make: func() *agg.Accumulators { return agg.NewAccumulators(calls, in, false) }}
			keys, b := vec.NewKeyBatch(s.keys), vec.NewBatch(in)
			for end := range int64(40) {
				b.Reset()
				for k := range size {
					vec.Append(b.Cols[0], end*int64(c.fresh)+int64(k))
				}
				b.SetLen(size)
				keys.Set(b.Cols, size, nil)
				x := s.at(end)
				if _, err := x.add(keys, nil, b.Cols, nil); err != nil {
					t.Fatal(err)
				}
				if x.groups() != size {
					t.Fatalf("%d groups of %d keys", x.groups(), size)
				}
				s.drop(0, max(0, len(s.open)-5))
				used := map[*sliceKeys]int{}
				for _, x := range s.open {
					used[x.sliceKeys]++
					if n := x.table.Bound(); n > c.places {
						t.Fatalf("%d places of keys for slices of %d", n, size)
					}
				}
				for k, n := range used {
					if k.users != n {
						t.Fatalf("keys of %d slices count %d", n, k.users)
					}
				}
				if len(used) > c.tables {
					t.Fatalf("%d tables of keys", len(used))
				}
			}
			s.drop(0, len(s.open))
			if s.shared != nil {
				t.Error("slices to come would share keys that are given up")
			}
		})
	}
}
