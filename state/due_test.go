package state

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestColdDue puts rows of owners away, and takes by time and by owner what is due and what is wanted: an owner comes with all of its rows when the first of them
// is due, and not before.
func TestColdDue(t *testing.T) {
	s, err := Open(Options{Dir: "live", FS: vfs.NewMem(), MaxGroups: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	number := types.New(types.BigInt).WithoutNull()
	tab, err := s.open(Descriptor{
		Operator: "op", Name: "rows", Kind: Keyed, Version: layoutVersion, Route: 1,
		Key: vec.Schema{{Name: "k", Type: number}, {Name: "n", Type: number}}, Value: vec.Schema{{Name: "due", Type: number}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := newCold(s, nil, tab, 1, 2)
	r := rand.New(rand.NewPCG(3, 4))
	away := map[int64][]int64{} // by key: when its rows are due
	now := int64(0)
	for step := range 300 {
		put := vec.NewBatch(tab.columns())
		for range r.IntN(60) {
			key := r.Int64N(5000)
			if away[key] != nil {
				continue
			}
			for n := range 1 + r.Int64N(3) {
				away[key] = append(away[key], now+1+r.Int64N(1000))
				vec.Append(put.Cols[0], key)
				vec.Append(put.Cols[1], n)
				vec.Append(put.Cols[2], away[key][n])
			}
		}
		put.SetLen(put.Cols[0].Len())
		hashes := make([]uint64, put.Len())
		vec.HashRows(put.Cols[:1], nil, hashes)
		if put.Len() > 0 {
			if err := c.put(1, put, halves(hashes)); err != nil {
				t.Fatal(err)
			}
		}
		now += r.Int64N(20)
		if next := c.groups[1].soonest; next > now && len(away) > 0 && step%2 == 0 {
			continue
		}
		got := map[int64][]int64{}
		err := c.takeDue(1, now, func(b *vec.Batch) error {
			for i, key := range vec.Values[int64](b.Cols[0]) {
				got[key] = append(got[key], vec.Values[int64](b.Cols[2])[i])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		soonest := int64(math.MaxInt64)
		for key, due := range away {
			if first := slices.Min(due); first > now {
				soonest = min(soonest, first)
				continue
			}
			if !slices.Equal(got[key], due) {
				t.Fatalf("step %d: at %d key %d has rows due at %v, got %v", step, now, key, due, got[key])
			}
			delete(got, key)
			delete(away, key)
		}
		if len(got) > 0 {
			t.Fatalf("step %d: at %d got %v too early", step, now, got)
		}
		if at := c.groups[1].soonest; at > soonest || at <= now {
			t.Fatalf("step %d: at %d the first is due at %d, not %d", step, now, soonest, at)
		}
	}
}

// TestFilterIsRenewed has owners come to disk and go for good: the filter of keys on disk does not grow with those that have gone.
func TestFilterIsRenewed(t *testing.T) {
	s, err := Open(Options{Dir: "live", FS: vfs.NewMem(), MaxGroups: 4, Memory: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	number := types.New(types.BigInt).WithoutNull()
	sc := s.Scope("op", 0, Groups{0, 4})
	var keys []int64 // by id; those that are moved are gone
	appendAll := func(ids []uint32, out []*vec.Vector) {
		for _, id := range ids {
			vec.Append(out[0], keys[id])
		}
	}
	rows, err := sc.Table(Table{
		Name: "rows", Key: vec.Schema{{Name: "k", Type: number}}, Value: vec.Schema{{Name: "due", Type: number}}, Route: 1,
		Keys: appendAll, Values: func(ids []uint32, out []*vec.Vector) error { appendAll(ids, out); return nil },
		Load:  func(cols []*vec.Vector, n int) ([]uint32, error) { return make([]uint32, n), nil },
		Find:  func(cols []*vec.Vector, n int) []uint32 { return nil },
		Evict: func([]uint32) {},
		Owners: &Owners{
			Due: "due", Keys: appendAll,
			IDs: func(dst []uint32) []uint32 {
				for id := len(keys) - 1000; id < len(keys); id++ {
					dst = append(dst, uint32(id))
				}
				return dst
			},
			Entries: func(dst []uint32, owner uint32) []uint32 { return append(dst, owner) },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for range 400 {
		for range 1000 {
			keys = append(keys, int64(len(keys)))
			rows.MarkOne(uint32(len(keys) - 1))
		}
		if err := rows.Trim(1<<20, 1000); err != nil {
			t.Fatal(err)
		}
		rows.cold.full = 1
		most = max(most, rows.cold.known.count())
		for g := range 4 {
			if err := rows.FetchDue(g, int64(len(keys))-2000); err != nil {
				t.Fatal(err)
			}
		}
	}
	if most < firstFilter || most > 2*firstFilter {
		t.Errorf("the filter knew up to %d keys, of which some thousand are on disk at a time", most)
	}
}
