package agg

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestPackedSetIsAMap merges values of groups that lie near each other and far apart, takes some and drops groups: what is there is as in a map.
func TestPackedSetIsAMap(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p, want := packedSet{}, map[packedValue]uint8{}
		for range 30 {
			var more []packedValue
			for range rng.IntN(2000) {
				x := packedValue{value: packedInt(rng), group: uint32(rng.IntN(1 << rng.IntN(14)))}
				if _, ok := want[x]; ok {
					continue
				}
				want[x] = uint8(1 + rng.IntN(255))
				more = append(more, packedValue{x.value, x.group, want[x]})
			}
			slices.SortFunc(more, func(x, y packedValue) int {
				return cmp.Or(cmp.Compare(x.group, y.group), cmp.Compare(x.value, y.value))
			})
			p.merge(more)
			for x, calls := range want {
				if p.n != len(want) {
					t.Fatalf("%d values, want %d", p.n, len(want))
				}
				if rng.IntN(20) > 0 {
					continue
				}
				if got := p.take(x.group, x.value); got != calls {
					t.Fatalf("seed %d: value %d of group %d has the calls %b, want %b", seed, x.value, x.group, got, calls)
				}
				delete(want, x)
				if got := p.take(x.group, x.value); got != 0 {
					t.Fatalf("a value that was taken has the calls %b", got)
				}
			}
			dropPacked(t, &p, want, uint32(rng.IntN(1<<14)))
			dropPacked(t, &p, want, uint32(rng.IntN(8)))
		}
	}
}

// packedInt gives a number that is small in most cases, and may be any.
func packedInt(rng *rand.Rand) int64 {
	switch rng.IntN(10) {
	case 0:
		return int64(rng.Uint64())
	case 1:
		return []int64{math.MinInt64, math.MaxInt64, -1, 0}[rng.IntN(4)]
	}
	return rng.Int64N(1<<rng.IntN(30)) - 50
}

func dropPacked(t *testing.T, p *packedSet, want map[packedValue]uint8, group uint32) {
	t.Helper()
	n := 0
	for x := range want {
		if x.group == group {
			delete(want, x)
			n++
		}
	}
	if got := p.drop(group); got != n {
		t.Fatalf("%d values of group %d are dropped, want %d", got, group, n)
	}
}

// TestPackedValuesCountAsOthers has calls with DISTINCT and FILTERs give the same whether values are packed, every few rows, or not, with NULLs, and with groups that are emptied.
func TestPackedValuesCountAsOthers(t *testing.T) {
	in := vec.Schema{{Name: "v", Type: types.New(types.BigInt)}, {Name: "f", Type: types.New(types.Boolean)}, {Name: "g", Type: types.New(types.Boolean)}}
	var calls []Call
	for _, c := range []struct {
		name   string
		filter int
	}{{"COUNT", -1}, {"COUNT", 1}, {"SUM", 2}, {"COUNT", 2}} {
		fn := Builtins().Lookup(c.name)
		sig, err := fn.Resolve([]types.Type{in[0].Type})
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, Call{Fn: fn, Sig: sig, Args: []int{0}, Distinct: true, Filter: c.filter})
	}
	const groups = 40
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 2))
		plain, packed := NewAccumulators(calls, in, false), NewAccumulators(calls, in, false)
		packed.Pack(16 << 10)
		plain.Grow(groups)
		packed.Grow(groups)
		for round := range 200 {
			b, of := vec.NewBatch(in), []uint32(nil)
			for range rng.IntN(40) {
				appendDistinctRow(b, rng)
				of = append(of, uint32(rng.IntN(1+rng.IntN(groups))))
			}
			empty := []uint32{uint32(rng.IntN(groups)), uint32(rng.IntN(groups))}
			for _, a := range []*Accumulators{plain, packed} {
				if err := a.Add(of, b.Cols, nil); err != nil {
					t.Fatal(err)
				}
				if round%20 == 0 {
					a.Reset(empty)
				}
			}
			comparePacked(t, plain, packed, calls, groups)
		}
		if packed.sets[0].packed.n == 0 {
			t.Error("nothing is packed")
		}
	}
}

func appendDistinctRow(b *vec.Batch, rng *rand.Rand) {
	if v := rng.Int64N(300); v < 280 {
		vec.Append(b.Cols[0], v)
	} else {
		b.Cols[0].AppendNull()
	}
	b.Cols[1].AppendBool(rng.IntN(2) == 0)
	b.Cols[2].AppendBool(rng.IntN(3) == 0)
	b.SetLen(b.Len() + 1)
}

func comparePacked(t *testing.T, plain, packed *Accumulators, calls []Call, groups int) {
	t.Helper()
	for i := range calls {
		for g := range uint32(groups) {
			want, got := vec.New(calls[i].Sig.Result), vec.New(calls[i].Sig.Result)
			if err := cmp.Or(plain.Result(i, []uint32{g}, want), packed.Result(i, []uint32{g}, got)); err != nil {
				t.Fatal(err)
			}
			if vec.CompareRows(want, 0, got, 0) != 0 {
				t.Fatalf("call %d of group %d has another result when values are packed", i, g)
			}
			if want, got := plain.sets[0].sizes, packed.sets[0].sizes; int(g) < len(want) && want[g] != got[g] {
				t.Fatalf("group %d has %d values when they are packed, and %d else", g, got[g], want[g])
			}
		}
	}
}
