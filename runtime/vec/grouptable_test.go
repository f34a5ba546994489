package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/types"
)

func keyCases() map[string][]types.Type {
	return map[string][]types.Type{
		"none":         nil,
		"bigint":       {types.New(types.BigInt)},
		"int":          {types.New(types.Int)},
		"bool+int":     {types.New(types.Boolean), types.New(types.Int)},
		"bigint+int":   {types.New(types.BigInt), types.New(types.Int)},
		"double":       {types.New(types.Double)},
		"float+small":  {types.New(types.Float), types.New(types.SmallInt), types.New(types.TinyInt)},
		"decimal":      {types.DecimalOf(38, 2)},
		"string":       {types.String()},
		"string+int":   {types.String(), types.New(types.Int)},
		"three bigint": {types.New(types.BigInt), types.New(types.BigInt), types.New(types.BigInt)},
		"array":        {types.ArrayOf(types.New(types.Int))},
		"row":          {types.RowOf(types.Field{Name: "a", Type: types.String()})},
		"map":          {types.MapOf(types.String(), types.New(types.Int))},
	}
}

// randomKey gives one of about n values of a type.
func randomKey(rng *rand.Rand, t types.Type, n int) any {
	x := int64(rng.IntN(n))
	if x == 0 {
		return nil
	}
	switch t.Kind {
	case types.Boolean:
		return x%2 == 0
	case types.TinyInt:
		return int64(int8(x))
	case types.SmallInt:
		return int64(int16(-x))
	case types.Int:
		return int64(int32(x * -7919))
	case types.Float, types.Double:
		return [...]float64{math.NaN(), 0, math.Copysign(0, -1), math.Inf(1), 1.5, -3}[x%6]
	case types.Decimal:
		return Dec128{uint64(x), x % 3}
	case types.VarChar:
		return strings.Repeat("k", int(x%40)) + fmt.Sprint(x)
	case types.Array:
		return []any{x % 5, nil, x}
	case types.Row:
		return []any{fmt.Sprint(x)}
	case types.Map:
		e := []Entry{{"a", x}, {"b", nil}}
		if rng.IntN(2) == 0 {
			e[0], e[1] = e[1], e[0]
		}
		return e
	}
	return x * 1e12
}

func mapKey(vals []any) string {
	s := ""
	for _, v := range vals {
		if m, ok := v.([]Entry); ok && m[0].Key == "b" {
			v = []Entry{m[1], m[0]}
		}
		if f, ok := v.(float64); ok {
			v = KeyBits64(f)
		}
		s += fmt.Sprintf("%T %v|", v, v)
	}
	return s
}

// TestGroupTableIsAMap compares a table with a Go map through random batches of inserts,
// look-ups and deletions.
func TestGroupTableIsAMap(t *testing.T) {
	for name, typs := range keyCases() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			table, kb := NewGroupTable(typs), NewKeyBatch(typs)
			model := map[string]uint32{}
			var ids []uint32
			for round := range 200 {
				if round == 150 {
					table.Reset()
					clear(model)
				}
				cols, rows := randomKeys(t, rng, typs, 1+rng.IntN(100), 10+10*round)
				var sel []int32
				if rng.IntN(2) == 0 {
					sel = make([]int32, 0, len(rows))
					for i := range rows {
						if rng.IntN(3) > 0 {
							sel = append(sel, int32(i))
						}
					}
				}
				n := len(rows)
				if sel != nil {
					n = len(sel)
				}
				kb.Set(cols, n, sel)
				switch rng.IntN(4) {
				case 0:
					ids = table.Lookup(kb, ids)
					checkLookup(t, model, rows, sel, ids)
				case 1:
					ids = table.Lookup(kb, ids)
					deleteSome(table, kb, model, rows, sel, ids)
				default:
					ids = table.Insert(kb, ids)
					checkInsert(t, table, model, rows, sel, ids)
				}
				if table.Len() != len(model) {
					t.Fatalf("round %d: %d keys, want %d", round, table.Len(), len(model))
				}
			}
			checkKeys(t, table, typs, model)
		})
	}
}

func randomKeys(t *testing.T, rng *rand.Rand, typs []types.Type, n, distinct int) ([]*Vector, [][]any) {
	var cols []*Vector
	for _, typ := range typs {
		cols = append(cols, New(typ))
	}
	rows := make([][]any, n)
	for i := range rows {
		for c, typ := range typs {
			x := randomKey(rng, typ, distinct)
			rows[i] = append(rows[i], x)
			if err := cols[c].AppendValue(x); err != nil {
				t.Fatal(err)
			}
		}
	}
	return cols, rows
}

func checkLookup(t *testing.T, model map[string]uint32, rows [][]any, sel []int32, ids []uint32) {
	for k, id := range ids {
		want, ok := model[mapKey(rows[rowAt(sel, k)])]
		if !ok {
			want = NoGroup
		}
		if id != want {
			t.Fatalf("Lookup(%v) = %d, want %d", rows[rowAt(sel, k)], id, want)
		}
	}
}

func checkInsert(t *testing.T, table *GroupTable, model map[string]uint32, rows [][]any, sel []int32, ids []uint32) {
	fresh := table.Fresh()
	for k, id := range ids {
		key := mapKey(rows[rowAt(sel, k)])
		want, ok := model[key]
		if !ok {
			if len(fresh) == 0 || fresh[0] != id {
				t.Fatalf("new key %s has id %d, fresh are %v", key, id, fresh)
			}
			fresh, want = fresh[1:], id
			for other, taken := range model {
				if taken == id {
					t.Fatalf("id %d given to %s and %s", id, key, other)
				}
			}
			model[key] = id
		}
		if id != want {
			t.Fatalf("Insert(%s) = %d, want %d", key, id, want)
		}
	}
	if len(fresh) > 0 {
		t.Fatalf("fresh ids %v belong to no new key", fresh)
	}
}

func deleteSome(table *GroupTable, kb *KeyBatch, model map[string]uint32, rows [][]any, sel []int32, ids []uint32) {
	var dead []uint32
	for k, id := range ids {
		key := mapKey(rows[rowAt(sel, k)])
		if _, ok := model[key]; ok && id != NoGroup {
			delete(model, key)
			dead = append(dead, id)
		}
	}
	table.Delete(dead, kb)
}

func checkKeys(t *testing.T, table *GroupTable, typs []types.Type, model map[string]uint32) {
	ids := table.IDs(nil)
	var out []*Vector
	for _, typ := range typs {
		out = append(out, New(typ))
	}
	table.AppendKeys(ids, out)
	for k, id := range ids {
		var row []any
		for _, c := range out {
			row = append(row, c.Value(k))
		}
		if got, ok := model[mapKey(row)]; !ok || got != id {
			t.Fatalf("id %d has key %v, which the model has at %d (%v)", id, row, got, ok)
		}
	}
	if len(ids) != len(model) {
		t.Fatalf("%d ids, want %d", len(ids), len(model))
	}
}

// TestHashIndexComparesKeys gives all keys the same hash.
func TestHashIndexComparesKeys(t *testing.T) {
	typs := []types.Type{types.String()}
	table, kb := NewGroupTable(typs), NewKeyBatch(typs)
	v, err := Of(typs[0], "a", "b", "a", "c", "b", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		kb.Set([]*Vector{v}, v.Len(), nil)
		for k := range kb.words {
			kb.words[k] = 42
		}
		if got := fmt.Sprint(table.Insert(kb, nil)); got != "[0 1 0 2 1 3 3]" {
			t.Fatalf("ids %s", got)
		}
	}
}

func TestHashRowsTreatsRowsAsKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for name, typs := range keyCases() {
		t.Run(name, func(t *testing.T) {
			cols, rows := randomKeys(t, rng, typs, 300, 40)
			hashes := make([]uint64, len(rows))
			HashRows(cols, nil, hashes)
			sel := []int32{0, 7, 299}
			some := make([]uint64, len(sel))
			HashRows(cols, sel, some)
			for k, i := range sel {
				if some[k] != hashes[i] {
					t.Fatalf("row %d has hash %x in a selection, %x alone", i, some[k], hashes[i])
				}
			}
			byKey := map[string]uint64{}
			for i, r := range rows {
				if h, ok := byKey[mapKey(r)]; ok && h != hashes[i] {
					t.Fatalf("two hashes of %v", r)
				}
				byKey[mapKey(r)] = hashes[i]
			}
			distinct := map[uint64]bool{}
			for _, h := range byKey {
				distinct[h] = true
			}
			if len(distinct) != len(byKey) {
				t.Fatalf("%d hashes of %d keys", len(distinct), len(byKey))
			}
		})
	}
}

// TestKeyGroupsAreEven sees that small integers spread over the key groups, and that within one key
// group the low bits, which the tables use, spread too.
func TestKeyGroupsAreEven(t *testing.T) {
	v := New(types.New(types.BigInt))
	const n = 1 << 16
	for i := range n {
		Append(v, int64(i))
	}
	hashes := make([]uint64, n)
	HashRows([]*Vector{v}, nil, hashes)
	var groups [128]int
	var low [64]int
	for _, h := range hashes {
		g := KeyGroup(h, 128)
		groups[g]++
		if g < 64 {
			low[h%64]++
		}
	}
	for g, c := range groups {
		if c < n/128/2 || c > n/128*2 {
			t.Errorf("key group %d has %d of %d keys", g, c, n)
		}
	}
	for g, c := range low {
		if c < n/2/64/2 || c > n/2/64*2 {
			t.Errorf("low bits %d occur %d times", g, c)
		}
	}
}

func BenchmarkGroupTable(b *testing.B) {
	for _, keys := range []int{1000, 150_000, 300_000, 600_000, 1_000_000} {
		for name, typs := range map[string][]types.Type{"bigint": {types.New(types.BigInt)}, "string": {types.String()}, "bigint2": {types.New(types.BigInt), types.New(types.BigInt)}} {
			b.Run(fmt.Sprintf("%s/%d", name, keys), func(b *testing.B) {
				batches := benchBatches(typs, keys)
				table, kb := NewGroupTable(typs), NewKeyBatch(typs)
				var ids []uint32
				for _, cols := range batches {
					kb.Set(cols, DefaultBatchSize, nil)
					ids = table.Insert(kb, ids)
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					kb.Set(batches[i%len(batches)], DefaultBatchSize, nil)
					ids = table.Insert(kb, ids)
					i++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/DefaultBatchSize, "ns/row")
			})
		}
	}
}

func benchBatches(typs []types.Type, keys int) [][]*Vector {
	rng := rand.New(rand.NewPCG(1, 1))
	batches := make([][]*Vector, max(2, 4*keys/DefaultBatchSize))
	for i := range batches {
		for _, t := range typs {
			v := New(t)
			for range DefaultBatchSize {
				if x := rng.IntN(keys); t.IsString() {
					v.AppendString(fmt.Sprintf("key-%d", x))
				} else {
					Append(v, int64(x))
				}
			}
			batches[i] = append(batches[i], v)
		}
	}
	return batches
}

// TestGroupTableOfZero looks for the key whose bits are those of an empty slot.
func TestGroupTableOfZero(t *testing.T) {
	keys := []types.Type{types.New(types.BigInt)}
	table, b := NewGroupTable(keys), NewKeyBatch(keys)
	col := New(keys[0])
	col.Resize(40)
	for i := range 40 {
		Values[int64](col)[i] = int64(i)
	}
	b.Set([]*Vector{col}, 39, AsRows(sequence(1, 40)))
	table.Insert(b, nil)
	b.Set([]*Vector{col}, 40, nil)
	ids := table.Lookup(b, nil)
	if ids[0] != NoGroup || ids[39] != 38 {
		t.Errorf("ids %v, want %d for the key 0, which is not there", ids, NoGroup)
	}
	if ids = table.Insert(b, ids); ids[0] != 39 || ids[1] != 0 {
		t.Errorf("ids %v, want a new one for the key 0", ids)
	}
}

// sequence gives the numbers from (inclusive) to (exclusive).
func sequence(from, to uint32) (s []uint32) {
	for ; from < to; from++ {
		s = append(s, from)
	}
	return s
}

// TestGroupTableRuns inserts runs of a batch's rows, with gaps and without, and must find what single rows find.
func TestGroupTableRuns(t *testing.T) {
	keys := []types.Type{types.New(types.BigInt)}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, spread := range []int64{10, 2000, 1 << 40} {
		runs, single, b := NewGroupTable(keys), NewGroupTable(keys), NewKeyBatch(keys)
		for range 30 {
			col := New(keys[0])
			var sel []int32
			for i := range 1500 {
				Append(col, rng.Int64N(spread))
				if i%100 < 97 || spread > 2000 {
					sel = append(sel, int32(i))
				}
			}
			for len(sel) > 0 {
				n := min(len(sel), 1+rng.IntN(700))
				b.SetAscending([]*Vector{col}, n, sel[:n])
				got := slices.Clone(runs.Insert(b, nil))
				for k, row := range sel[:n] {
					b.Set([]*Vector{col}, 1, []int32{row})
					if want := single.Insert(b, nil)[0]; got[k] != want {
						t.Fatalf("row %d has id %d, want %d", row, got[k], want)
					}
				}
				sel = sel[n:]
			}
		}
		if !slices.Equal(Values[int64](runs.Keys()[0]), Values[int64](single.Keys()[0])) || runs.Len() != single.Len() {
			t.Errorf("the tables hold %d and %d keys, or others", runs.Len(), single.Len())
		}
	}
}

// TestGroupTableGrowsVast adds keys until each form of index has passed the size from which it fills to three quarters.
func TestGroupTableGrowsVast(t *testing.T) {
	const n = vast + vast/2
	bigint := types.New(types.BigInt)
	for _, keys := range [][]types.Type{{bigint}, {bigint, bigint}, {bigint, bigint, bigint}} {
		table, b, ids := NewGroupTable(keys), NewKeyBatch(keys), []uint32(nil)
		batch := func(first int) {
			col := New(bigint)
			col.Resize(DefaultBatchSize)
			for i := range DefaultBatchSize {
				Values[int64](col)[i] = int64(first+i) * 7919
			}
			b.Set(slices.Repeat([]*Vector{col}, len(keys)), DefaultBatchSize, nil)
		}
		for range 2 {
			for first := 0; first < n; first += DefaultBatchSize {
				batch(first)
				if ids = table.Insert(b, ids); ids[0] != uint32(first) || ids[len(ids)-1] != uint32(first+DefaultBatchSize-1) {
					t.Fatalf("%d columns: rows from %d on have the ids from %d to %d", len(keys), first, ids[0], ids[len(ids)-1])
				}
			}
		}
		if batch(n); table.Lookup(b, ids)[0] != NoGroup {
			t.Errorf("%d columns: a key that is not there has an id", len(keys))
		}
	}
}
