package state

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/metrics"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// randomType draws a type of any kind, nested up to depth times.
func randomType(r *rand.Rand, depth int) types.Type {
	flat := []types.Type{
		types.New(types.Boolean), types.New(types.TinyInt), types.New(types.SmallInt), types.New(types.Int), types.New(types.BigInt),
		types.New(types.Float), types.New(types.Double),
		{Kind: types.Decimal, Precision: 38, Scale: 5},
		types.String(),
		{Kind: types.VarBinary, Length: 1 << 20},
		{Kind: types.Char, Length: 3},
		types.New(types.Date), types.New(types.Time),
		{Kind: types.Timestamp, Precision: 3},
		{Kind: types.TimestampLTZ, Precision: 9},
		types.New(types.IntervalMonth), types.New(types.Null),
	}
	k := r.IntN(len(flat) + 4)
	if k < len(flat) || depth == 0 {
		return flat[k%len(flat)]
	}
	part := func() *types.Type { t := randomType(r, depth-1); return &t }
	switch k - len(flat) {
	case 0:
		return types.Type{Kind: types.Array, Elem: part()}
	case 1:
		return types.Type{Kind: types.Map, Key: part(), Elem: part()}
	case 2:
		return types.Type{Kind: types.Multiset, Elem: part()}
	}
	row := types.Type{Kind: types.Row}
	for i := range r.IntN(4) {
		row.Fields = append(row.Fields, types.Field{Name: fmt.Sprint("f", i), Type: *part()})
	}
	return row
}

// randomValue appends a value whose bits are drawn, or a NULL.
func randomValue(r *rand.Rand, v *vec.Vector) {
	if r.IntN(5) == 0 {
		appendNull(v)
		return
	}
	switch v.Phys() {
	case vec.View:
		text := make([]byte, r.IntN(40))
		for i := range text {
			text[i] = byte(r.Uint32()) & byte(-r.IntN(2)) // many are 00
		}
		v.AppendBytes(text)
	case vec.List, vec.MapOf:
		for range r.IntN(4) {
			for _, c := range v.Children() {
				randomValue(r, c)
			}
		}
		v.EndList()
	case vec.Struct:
		for _, c := range v.Children() {
			randomValue(r, c)
		}
		v.EndRow()
	case vec.Bool:
		v.AppendBool(r.IntN(2) == 0)
	default:
		bits := make([]byte, 16)
		for i := range bits {
			bits[i] = byte(r.Uint32())
		}
		readFixed(bits, v)
	}
}

func randomColumns(seed uint64) ([]*vec.Vector, int) {
	r := rand.New(rand.NewPCG(seed, 1))
	cols := make([]*vec.Vector, 1+r.IntN(10))
	n := r.IntN(140)
	for c := range cols {
		cols[c] = vec.New(randomType(r, 3))
		for range n {
			randomValue(r, cols[c])
		}
	}
	return cols, n
}

func empty(cols []*vec.Vector) []*vec.Vector {
	out := make([]*vec.Vector, len(cols))
	for c, v := range cols {
		out[c] = vec.New(v.Type())
	}
	return out
}

// FuzzRoundTrip: what is written is read again, of every type.
func FuzzRoundTrip(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		cols, n := randomColumns(seed)
		rows, chunk := empty(cols), empty(cols)
		for i := range n {
			if err := readRow(appendRow(nil, cols, i), rows); err != nil {
				t.Fatalf("row %d: %v", i, err)
			}
		}
		text := appendChunk(nil, cols, n)
		if got, err := readChunk(text, chunk); err != nil || got != n {
			t.Fatalf("a chunk of %d rows is read as %d: %v", n, got, err)
		}
		for c, v := range cols {
			for i := range n {
				want := appendRow(nil, []*vec.Vector{v}, i)
				for how, out := range map[string][]*vec.Vector{"row": rows, "chunk": chunk} {
					if got := appendRow(nil, out[c:c+1], i); !bytes.Equal(got, want) {
						t.Fatalf("%s: column %s, row %d: %x is read as %x", how, v.Type(), i, want, got)
					}
				}
				key := appendKey(nil, v, i)
				back := vec.New(v.Type())
				if rest, err := readKey(key, back); err != nil || len(rest) > 0 || back.Len() != 1 {
					t.Fatalf("the key %x of %s leaves %x: %v", key, v.Type(), rest, err)
				}
				if got := appendKey(nil, back, 0); !bytes.Equal(got, key) {
					t.Fatalf("the key %x of %s is read as %x", key, v.Type(), got)
				}
			}
		}
	})
}

// allocated gives the bytes that the process has allocated so far.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// modest fails where decoding takes much more memory than there are bytes: it has believed a length.
func modest(t *testing.T, size int, f func()) {
	before := allocated()
	f()
	if took := allocated() - before; took > 64<<20+uint64(size)*4096 {
		t.Fatalf("%d bytes took %d bytes of memory", size, took)
	}
}

// FuzzDecoders gives the readers of rows, keys and chunks bytes that nobody wrote: they must refuse them or read them.
func FuzzDecoders(f *testing.F) {
	for seed := range uint64(50) {
		cols, n := randomColumns(seed)
		f.Add(seed, appendChunk(nil, cols, n))
		if n > 0 {
			f.Add(seed, appendRow(nil, cols, 0))
			f.Add(seed, appendKey(nil, cols[0], 0))
		}
	}
	f.Add(uint64(3), []byte{0xff, 0xff, 0xff, 0xff, 0x07, 0, 0xff, 0xff, 0xff, 0xff, 0x07})
	f.Fuzz(func(t *testing.T, seed uint64, data []byte) {
		cols, _ := randomColumns(seed)
		modest(t, len(data), func() {
			row := empty(cols)
			if readRow(data, row) == nil && row[0].Len() != 1 {
				t.Fatalf("a row has %d values", row[0].Len())
			}
			if key := vec.New(cols[0].Type()); len(data) > 0 {
				if _, err := readKey(data, key); err == nil && key.Len() != 1 {
					t.Fatalf("a key has %d values", key.Len())
				}
			}
			chunk := empty(cols)
			n, err := readChunk(data, chunk)
			for _, v := range chunk {
				if err == nil && v.Len() != n {
					t.Fatalf("a chunk of %d rows has %d of a column", n, v.Len())
				}
			}
		})
	})
}

// FuzzDescriptor: a description that nobody wrote is refused as damage, or rows can be made of it.
func FuzzDescriptor(f *testing.F) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		d := Descriptor{Operator: "a", Name: "b", Kind: Keyed, Version: 1, Key: vec.Schema{{Name: "k", Type: randomType(r, 3)}}, Value: vec.Schema{{Name: "v", Type: randomType(r, 3)}}}
		data, err := d.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, kind := range []string{"ARRAY", "MAP", "MULTISET", "ROW", "DECIMAL"} {
		f.Add([]byte(`{"kind":"keyed","key":[{"name":"k","type":{"kind":"` + kind + `","scale":1000000000}}]}`))
		f.Add([]byte(`{"kind":"keyed","key":[{"name":"k","type":{"kind":"` + kind + `"}}]}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		modest(t, len(data), func() {
			d, err := decodeDescriptor(data)
			if err != nil {
				if !errors.Is(err, ErrCorrupt) {
					t.Fatalf("not damage: %v", err)
				}
				return
			}
			for _, v := range vec.NewBatch(d.columns()).Cols {
				appendNull(v)
				_ = v.Type().String()
				_ = v.Value(0)
			}
		})
	})
}

// FuzzDirectory: a directory of moved rows that nobody wrote is refused as damage, or written again as it was read.
func FuzzDirectory(f *testing.F) {
	table := &table{Descriptor: Descriptor{Key: vec.Schema{{Name: "k", Type: types.New(types.BigInt)}}}, max: 1}
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 4))
		due := noColumn + rng.IntN(2)
		c := readCold(nil, "", table, 1, due)
		g := &c.groups[0]
		g.bits = rng.IntN(3)
		g.buckets = make([][]coldChunk, firstBucket+1<<g.bits)
		for k := range g.buckets {
			for range rng.IntN(4) {
				n := 1 + rng.Int32N(200)
				x := coldChunk{ref: coldRef{&coldFile{number: rng.Uint64N(300)}, rng.Int32N(1 << 30), n * 20, rng.Uint32(), rng.Uint32()}, n: n, left: n, soonest: never}
				if n > 2 && rng.IntN(2) == 0 {
					x.forget([]int32{0, n - 1})
				}
				g.buckets[k] = append(g.buckets[k], x)
			}
		}
		data, _ := c.appendDirectory(nil, g)
		if _, err := decodeDirectory(data); err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		modest(t, len(data), func() {
			d, err := decodeDirectory(data)
			if err != nil {
				if !errors.Is(err, ErrCorrupt) {
					t.Fatalf("not damage: %v", err)
				}
				return
			}
			c := readCold(nil, "", table, d.by, d.due)
			g := coldGroup{bits: d.bits, buckets: make([][]coldChunk, len(d.buckets))}
			for k, bucket := range d.buckets {
				for _, x := range bucket {
					x.ref.file = &coldFile{number: x.number}
					g.buckets[k] = append(g.buckets[k], x.coldChunk)
				}
			}
			again, _ := c.appendDirectory(nil, &g)
			if e, err := decodeDirectory(again); err != nil || e.rows != d.rows || len(again) > len(data) {
				t.Fatalf("%d rows, written again in %d bytes, not %d: %v", d.rows, len(again), len(data), err)
			}
		})
	})
}
