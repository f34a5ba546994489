package vec

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/types"
)

// TestRowStore keeps rows with strings and arrays while others come and go, and reads them back.
func TestRowStore(t *testing.T) {
	ts := []types.Type{types.New(types.BigInt), types.String(), types.ArrayOf(types.New(types.Int)), types.New(types.Boolean)}
	s := NewRowStore(ts)
	want := map[uint32][]any{}
	r := rand.New(rand.NewPCG(1, 2))
	for step := range 30_000 {
		if len(want) > 200 || len(want) > 0 && r.IntN(3) == 0 {
			for id := range want {
				delete(want, id)
				s.Free([]uint32{id})
				break
			}
			continue
		}
		row := []any{int64(step), strings.Repeat("x", step%90) + fmt.Sprint(step), []any{int64(step), nil}, step%2 == 0}
		row[step%4] = nil
		var cols []*Vector
		for c, x := range row {
			v, err := Of(ts[c], nil, x)
			if err != nil {
				t.Fatal(err)
			}
			cols = append(cols, v)
		}
		want[s.Add(cols, 1)] = row
	}
	if s.Len() != len(want) {
		t.Errorf("%d rows, not %d", s.Len(), len(want))
	}
	if s.nestedRows() > 10_000 || s.Memory() > 8<<20 {
		t.Errorf("%d arrays, %d bytes for %d rows", s.nestedRows(), s.Memory(), s.Len())
	}
	for id, row := range want {
		out, columns := make([]*Vector, 4), make([]int, 4)
		for c := range ts {
			out[c], columns[c] = New(ts[c]), c
			s.AppendColumn(out[c], c, []uint32{id}, nil)
			if got := out[c].Value(0); !reflect.DeepEqual(got, row[c]) {
				t.Fatalf("row %d: column %d is %v, not %v", id, c, got, row[c])
			}
		}
		if !s.Equal(id, columns, out, 0) {
			t.Fatalf("row %d is not equal to itself", id)
		}
	}
}

// TestRowStoreTexts has rows with long texts come and go, and wants their memory back, with what is left as it was; texts that were shared
// before stay as they are.
func TestRowStoreTexts(t *testing.T) {
	s := NewRowStore([]types.Type{types.String(), types.String()})
	want := map[uint32]string{}
	r := rand.New(rand.NewPCG(3, 4))
	text := func(id uint32) string { return fmt.Sprint(id, strings.Repeat("y", r.IntN(400))) }
	var ids []uint32
	for round := range 40 {
		cols := []*Vector{New(types.String()), New(types.String())}
		for i := range 2000 {
			cols[0].AppendString(text(uint32(i)))
			cols[1].AppendNull()
		}
		rows := make([]int32, 2000)
		for i := range rows {
			rows[i] = int32(i)
		}
		for k, id := range s.AddRows(cols, rows, nil) {
			want[id] = cols[0].Str(k)
			ids = append(ids, id)
		}
		shared := New(types.String())
		gone := ids[:1000] // the oldest rows, or nearly all
		if round%2 == 1 {
			gone = ids[:len(ids)-500]
		}
		s.ShareColumn(shared, 0, gone, nil)
		s.Free(gone)
		for k, id := range gone {
			if shared.Str(k) != want[id] {
				t.Fatalf("round %d: the shared text of row %d is %q, not %q", round, id, shared.Str(k), want[id])
			}
			delete(want, id)
		}
		ids = slices.Clone(ids[len(gone):])
		r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	}
	held := 0
	for id, x := range want {
		held += len(x)
		v, i := s.At(0, id)
		if v.Str(i) != x {
			t.Errorf("row %d is %q, not %q", id, v.Str(i), x)
		}
	}
	if s.Len() != len(want) || s.textMemory() > 3*held+4*firstFull {
		t.Errorf("%d rows, not %d, whose %d bytes of texts take %d", s.Len(), len(want), held, s.textMemory())
	}
	if n := len(s.cols[0].bufs); n > 20 {
		t.Errorf("there are %d arenas", n)
	}
	s.Reset()
	if s.textMemory() > 4*firstFull || s.Len() > 0 {
		t.Errorf("after a reset there are %d bytes and %d rows", s.textMemory(), s.Len())
	}
}
