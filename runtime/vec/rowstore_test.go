package vec

import (
	"fmt"
	"math/rand/v2"
	"reflect"
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
