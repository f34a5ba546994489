package vec

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/sql/types"
)

// sample gives a type with values that exercise its layout, NULLs apart.
func samples() map[string]struct {
	typ    types.Type
	values []any
} {
	long := strings.Repeat("long string ", 9)
	row := types.RowOf(types.Field{Name: "a", Type: types.New(types.Int)}, types.Field{Name: "b", Type: types.String()})
	return map[string]struct {
		typ    types.Type
		values []any
	}{
		"bool":    {types.New(types.Boolean), []any{true, false, true}},
		"tinyint": {types.New(types.TinyInt), []any{int64(-128), int64(127)}},
		"int":     {types.New(types.Int), []any{int64(1), int64(-1 << 31)}},
		"bigint":  {types.New(types.BigInt), []any{int64(1) << 62, int64(-5)}},
		"float":   {types.New(types.Float), []any{1.5, -0.25}},
		"double":  {types.New(types.Double), []any{1e300}},
		"decimal": {types.DecimalOf(38, 2), []any{Dec128{1, 2}, Dec128FromInt64(-7)}},
		"string":  {types.String(), []any{"", "short", "exactly 12ch", long}},
		"bytes":   {types.Bytes(), []any{[]byte{0, 255}, []byte(long)}},
		"array":   {types.ArrayOf(types.String()), []any{[]any{}, []any{"x", nil, long}}},
		"map":     {types.MapOf(types.String(), types.New(types.Int)), []any{[]Entry{{"k", int64(1)}, {long, nil}}}},
		"row":     {row, []any{[]any{int64(1), long}, []any{nil, "b"}}},
	}
}

func TestAppendRowsKeepsValues(t *testing.T) {
	for name, s := range samples() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			var want []any
			src, dst := New(s.typ), New(s.typ)
			for round := range 3 { // memory is reused from round to round
				src.Reset()
				dst.Reset()
				want = want[:0]
				var all []any
				for range 200 {
					x := s.values[rng.IntN(len(s.values))]
					if round > 0 && rng.IntN(4) == 0 {
						x = nil
					}
					all = append(all, x)
					if err := src.AppendValue(x); err != nil {
						t.Fatal(err)
					}
				}
				for range 5 {
					var sel []int32
					for i := range all {
						if rng.IntN(3) > 0 {
							sel = append(sel, int32(i))
							want = append(want, all[i])
						}
					}
					dst.AppendRows(src, sel)
				}
				dst.AppendRows(src, nil)
				want = append(want, all...)
				src.Reset() // dst must not point into it
				src.Resize(200)
				got := make([]any, dst.Len())
				for i := range got {
					got[i] = dst.Value(i)
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("round %d: %s", round, d)
				}
			}
		})
	}
}

func TestBitmaps(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 200} {
		for from := 0; from <= n; from += 13 {
			w := make([]uint64, WordsFor(n)+1)
			SetBits(w, from, n)
			if got := CountBits(w, n); got != n-from {
				t.Fatalf("SetBits(%d, %d) set %d bits", from, n, got)
			}
			sel := AppendSet([]int32(nil), w, n)
			if len(sel) != n-from || (n > from && (int(sel[0]) != from || int(sel[len(sel)-1]) != n-1)) {
				t.Fatalf("AppendSet over bits %d to %d gave %v", from, n, sel)
			}
		}
	}
}

func TestBatchKeepsChangeKinds(t *testing.T) {
	schema := Schema{{"x", types.New(types.Int)}}
	src, dst := NewBatch(schema), NewBatch(schema)
	for i := range 4 {
		Append(src.Cols[0], int32(i))
	}
	src.SetLen(4)
	dst.AppendRows(src, nil)
	src.Kinds = []ChangeKind{Insert, UpdateBefore, UpdateAfter, Delete}
	src.Sel = []int32{1, 3}
	dst.AppendRows(src, nil)
	want := []ChangeKind{Insert, Insert, Insert, Insert, UpdateBefore, Delete}
	if d := cmp.Diff(want, dst.Kinds); d != "" || dst.Rows() != 6 {
		t.Fatalf("%d rows: %s", dst.Rows(), d)
	}
}

func TestCompareViews(t *testing.T) {
	words := []string{"", "a", "ab", "abcd", "abcde", "abcdefghijkl", "abcdefghijklm", "abcdefghijklz", "b", "\x00", "a\x00"}
	v := New(types.String())
	for _, s := range words {
		v.AppendString(s)
	}
	views, bufs := v.Views()
	for i, a := range words {
		for j, b := range words {
			if got, want := CompareViews(&views[i], bufs, &views[j], bufs), strings.Compare(a, b); got != want {
				t.Errorf("CompareViews(%q, %q) = %d, want %d", a, b, got, want)
			}
			if got := EqualViews(&views[i], bufs, &views[j], bufs); got != (a == b) {
				t.Errorf("EqualViews(%q, %q) = %v", a, b, got)
			}
		}
	}
}
