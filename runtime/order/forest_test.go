package order

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// reference keeps lists the plain way.
type reference struct {
	lists [][]entry
	tie   func(a, b uint32) int
}

type entry struct {
	word uint64
	row  uint32
}

func (r *reference) search(list uint32, e entry) int {
	l := r.lists[list]
	for i, x := range l {
		if d := cmp.Compare(e.word, x.word); d < 0 || d == 0 && r.tie(e.row, x.row) < 0 {
			return i
		}
	}
	return len(l)
}

// TestForest does the same to a forest and to plain slices: growing, shrinking, rows in order, few
// different words.
func TestForest(t *testing.T) {
	for _, words := range []uint64{3, 50, 1 << 40} {
		for _, lists := range []uint32{1, 7} {
			t.Run(fmt.Sprintf("%d words, %d lists", words, lists), func(t *testing.T) {
				r := rand.New(rand.NewPCG(words, uint64(lists)))
				arrival := func(a, b uint32) int { return cmp.Compare(a, b) }
				f, ref := NewForest(arrival), &reference{lists: make([][]entry, lists), tie: arrival}
				f.Grow(int(lists))
				for step := range 20_000 {
					change(t, f, ref, r, words, uint32(step))
				}
				for list := range lists {
					compare(t, f, ref, list)
					f.Clear(list)
					if f.Len(list) != 0 {
						t.Fatalf("%d rows in a list that was emptied", f.Len(list))
					}
				}
			})
		}
	}
}

func change(t *testing.T, f *Forest, ref *reference, r *rand.Rand, words uint64, step uint32) {
	list := r.Uint32N(uint32(len(ref.lists)))
	l := ref.lists[list]
	grows := step/2500%2 == 0
	if len(l) > 0 && (r.IntN(3) == 0) == grows {
		i := r.IntN(len(l))
		if got := f.Search(list, l[i].word, l[i].row) - 1; got != i {
			t.Fatalf("step %d: row %d found at %d, it is at %d", step, l[i].row, got, i)
		}
		if row := f.Remove(list, i); row != l[i].row {
			t.Fatalf("step %d: took out %d, not %d", step, row, l[i].row)
		}
		ref.lists[list] = slices.Delete(l, i, i+1)
		return
	}
	e := entry{r.Uint64N(words), step}
	if r.IntN(4) == 0 {
		e.word = words // in order
	}
	want := ref.search(list, e)
	if got := f.Insert(list, e.word, e.row); got != want {
		t.Fatalf("step %d: put at %d, not %d", step, got, want)
	}
	ref.lists[list] = slices.Insert(l, want, e)
	if step%97 == 0 {
		compare(t, f, ref, list)
	}
}

func compare(t *testing.T, f *Forest, ref *reference, list uint32) {
	t.Helper()
	l := ref.lists[list]
	if f.Len(list) != len(l) {
		t.Fatalf("%d rows, not %d", f.Len(list), len(l))
	}
	rows := f.Append(nil, list, 0, len(l))
	for i, e := range l {
		if w, row := f.At(list, i); w != e.word || row != e.row || rows[i] != row {
			t.Fatalf("entry %d is (%d, %d), in one piece %d, not (%d, %d)", i, w, row, rows[i], e.word, e.row)
		}
	}
	if got := f.Append(nil, list, len(l)/3, len(l)/2); !slices.Equal(got, rows[len(l)/3:len(l)/2]) {
		t.Fatal("a part of the list differs")
	}
}

// TestForestMemory fills and empties lists: what they left is used again.
func TestForestMemory(t *testing.T) {
	f := NewForest(nil)
	f.Grow(1000)
	fill := func() {
		for i := range uint32(20_000) {
			f.Insert(i%1000, uint64(i)*2654435761%4093, i)
		}
		for list := range uint32(1000) {
			for f.Len(list) > 0 {
				f.Remove(list, f.Len(list)/2)
			}
		}
	}
	fill()
	before := f.Memory()
	fill()
	if f.Memory() != before {
		t.Errorf("%d bytes, then %d for the same rows", before, f.Memory())
	}
}

// BenchmarkForest keeps the ten largest of many rows for each of a million keys.
func BenchmarkForest(b *testing.B) {
	const lists, limit = 1 << 20, 10
	f := NewForest(nil)
	f.Grow(lists)
	b.ReportAllocs()
	for i := range b.N {
		h := uint64(i) * 0x9e3779b97f4a7c15
		list := uint32(h >> 44)
		if f.Len(list) == limit {
			if last, _ := f.At(list, limit-1); last <= h<<20 {
				continue
			}
			f.Remove(list, limit-1)
		}
		f.Insert(list, h<<20, uint32(i))
	}
}
