package op

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/plan"
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

// TestTheLocalPhaseOfHopKeepsItsKeys has the same keys come in one slice after the other, each of which a watermark completes.
func TestTheLocalPhaseOfHopKeepsItsKeys(t *testing.T) {
	const size, slide = 1000, 10
	in := vec.Schema{{Name: "k", Type: types.New(types.BigInt)}, {Name: "ts", Type: types.TimestampOf(3)}}
	calls := []agg.Call{agg.RowsCall()}
	l, err := newLocalWindowAggregate(&plan.WindowAggregate{
		Props:  plan.Props{Schema: append(vec.Schema{in[0], {Name: "end", Type: types.New(types.BigInt)}}, agg.PartialSchema(calls)...)},
		Input:  &plan.Source{Props: plan.Props{Schema: in}},
		Window: plan.Window{Kind: plan.Hop, TimeCol: 1, Slide: slide, Size: 5 * slide}, Keys: []int{0}, Calls: calls, Phase: plan.Local,
	})
	if err != nil {
		t.Fatal(err)
	}
	out := &rowCounter{}
	if err := l.Open(&Context{Out: out, Clock: clock.NewManual(time.UnixMilli(0)), Config: &plan.Config{}}); err != nil {
		t.Fatal(err)
	}
	b := vec.NewBatch(in)
	var keys *sliceKeys
	const slices = 20
	for i := range int64(slices) {
		b.Reset()
		for k := range int64(size) { // the last rows are of the next slice already
			vec.Append(b.Cols[0], k*7%size)
			vec.Append(b.Cols[1], i*slide+k*(slide+1)/size)
		}
		b.SetLen(size)
		if err := l.Process(0, b); err != nil {
			t.Fatal(err)
		}
		if keys == nil {
			keys = l.slices.open[0].sliceKeys
		}
		for _, x := range l.slices.open {
			if x.sliceKeys != keys || x.table.Len() != size {
				t.Fatalf("slice %d has a table of %d keys of its own", i, x.table.Len())
			}
		}
		if err := l.Watermark((i+1)*slide - 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Finish(); err != nil {
		t.Fatal(err)
	}
	if out.rows != slices*size { // all but the first slice, whose other keys are in the last
		t.Errorf("%d partial results, want %d", out.rows, slices*size)
	}
}

type rowCounter struct{ rows int }

func (c *rowCounter) Emit(b *vec.Batch) error   { c.rows += b.Rows(); return nil }
func (c *rowCounter) EmitWatermark(int64) error { return nil }
