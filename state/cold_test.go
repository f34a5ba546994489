package state

import (
	"errors"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// coldRows is a table k → v and what moves its rows to disk.
type coldRows struct {
	*cold
	hash func(keys *vec.Batch) []uint64
}

func openCold(t *testing.T, fs vfs.FS) *coldRows {
	t.Helper()
	s, err := Open(Options{Dir: "live", MaxGroups: 4, Memory: 1 << 20, Scratch: true, FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	tab, err := s.open(Descriptor{
		Operator: "op", Name: "rows", Kind: Keyed, Version: layoutVersion, Route: 1,
		Key: vec.Schema{{Name: "k", Type: types.New(types.BigInt)}}, Value: vec.Schema{{Name: "v", Type: types.String()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &coldRows{cold: newCold(s, nil, tab, 1, noColumn), hash: func(b *vec.Batch) []uint64 {
		hashes := make([]uint64, b.Len())
		vec.HashRows(b.Cols[:1], nil, hashes)
		return hashes
	}}
}

func (c *coldRows) batch(rows map[int64]string) *vec.Batch {
	b := vec.NewBatch(c.table.columns())
	for k, v := range rows {
		vec.Append(b.Cols[0], k)
		b.Cols[1].AppendBytes([]byte(v))
	}
	b.SetLen(len(rows))
	return b
}

func (c *coldRows) put(rows map[int64]string) error {
	b := c.batch(rows)
	hashes := c.hash(b)
	for g := range c.groups {
		var sel []int32
		var some []uint32
		for i, h := range hashes {
			if vec.KeyGroup(h, len(c.groups)) == g {
				sel, some = append(sel, int32(i)), append(some, uint32(h))
			}
		}
		if len(sel) == 0 {
			continue
		}
		part := vec.NewBatch(c.table.columns())
		part.AppendRows(b, sel)
		if err := c.cold.put(g, part, some); err != nil {
			return err
		}
	}
	return nil
}

// take gives the rows of some keys, of which those that are not there have none.
func (c *coldRows) take(keys map[int64]string) (map[int64]string, error) {
	b := c.batch(keys)
	hashes := c.hash(b)
	var groups []int
	for _, h := range hashes {
		groups = append(groups, vec.KeyGroup(h, len(c.groups)))
	}
	find := func(cols []*vec.Vector, n int) []uint32 {
		ids := make([]uint32, n)
		for i, k := range vec.Values[int64](cols[0]) {
			if _, ok := keys[k]; !ok {
				ids[i] = vec.NoGroup
			}
		}
		return ids
	}
	got := map[int64]string{}
	return got, c.cold.take(groups, hashes, find, func(b *vec.Batch) error {
		for i, k := range vec.Values[int64](b.Cols[0]) {
			if _, ok := got[k]; ok {
				return errors.New("a key came twice")
			}
			got[k] = string(b.Cols[1].Bytes(i))
		}
		return nil
	})
}

// TestCold moves rows to disk and back at random, and compares with a map. What is of no use any more gives its room back.
func TestCold(t *testing.T) {
	for name, hash := range map[string]func(*vec.Batch) []uint64{
		"hashes": nil,
		"one bucket": func(b *vec.Batch) []uint64 {
			out := make([]uint64, b.Len())
			for i, k := range vec.Values[int64](b.Cols[0]) {
				out[i] = uint64(k % 3)
			}
			return out
		},
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			c := openCold(t, vfs.NewMem())
			if hash != nil {
				c.hash = hash
			}
			here := map[int64]string{}
			for step := range 60 {
				rows := map[int64]string{}
				for range 3000 {
					k := rng.Int64N(40_000)
					if _, ok := here[k]; !ok {
						rows[k] = strings.Repeat("x", rng.IntN(40))
					}
				}
				if err := c.put(rows); err != nil {
					t.Fatal(err)
				}
				for k, v := range rows {
					here[k] = v
				}
				wanted, want := map[int64]string{}, map[int64]string{}
				for range 1 + rng.IntN(5000) {
					k := rng.Int64N(40_000)
					wanted[k] = ""
					if v, ok := here[k]; ok {
						want[k] = v
						delete(here, k)
					}
				}
				got, err := c.take(wanted)
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != len(want) {
					t.Fatalf("step %d: %d rows, want %d", step, len(got), len(want))
				}
				for k, v := range want {
					if got[k] != v {
						t.Fatalf("step %d: key %d is %q, want %q", step, k, got[k], v)
					}
				}
				if err := c.tidy(); err != nil {
					t.Fatal(err)
				}
			}
			all := map[int64]string{}
			for k := range int64(40_000) {
				all[k] = ""
			}
			if got, err := c.take(all); err != nil || len(got) != len(here) {
				t.Errorf("at the end %d rows, want %d; error %v", len(got), len(here), err)
			}
			if c.log.used != 0 || len(c.log.files) > 1 {
				t.Errorf("nothing is left, but %d bytes in %d files are of use", c.log.used, len(c.log.files))
			}
		})
	}
}

// TestColdCutsLargeRows moves rows to disk of which a few are more than a chunk may be, and one alone is.
func TestColdCutsLargeRows(t *testing.T) {
	c := openCold(t, vfs.NewMem())
	c.groups = c.groups[:1]
	want := map[int64]string{-1: strings.Repeat("x", coldChunkSize+1)}
	for i := range int64(20) {
		want[i] = strings.Repeat(string(rune('a'+i)), coldChunkSize/8)
	}
	if err := c.put(want); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, x := range c.groups[0].buckets[fresh] {
		if size := int(x.ref.size) - hashLen*int(x.n); size > coldChunkSize && x.n > 1 {
			t.Errorf("a chunk of %d rows has %d bytes, more than %d", x.n, size, coldChunkSize)
		}
		rows += int(x.n)
	}
	if rows != len(want) || c.groups[0].rows != len(want) {
		t.Errorf("the chunks have %d rows, the key group %d, want %d", rows, c.groups[0].rows, len(want))
	}
	got, err := c.take(want)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, want) {
		t.Error("other rows came back than were moved")
	}
}

// TestColdTakesLittleRoom writes the same rows again and again: the files of what was are removed.
func TestColdTakesLittleRoom(t *testing.T) {
	fs := vfs.NewMem()
	c := openCold(t, fs)
	rows, odd := map[int64]string{}, map[int64]string{}
	for k := range int64(60_000) {
		rows[k] = strings.Repeat("y", 100)
		if k%2 == 1 {
			odd[k] = ""
		}
	}
	for range 60 { // 360 MB in all
		if err := c.put(rows); err != nil {
			t.Fatal(err)
		}
		got, err := c.take(odd)
		if err != nil || len(got) != len(odd) {
			t.Fatalf("%d rows, error %v", len(got), err)
		}
		rows = got
		if err := c.tidy(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.log.files); n > 6 {
		t.Errorf("%d files of 32 MB for 6 MB", n)
	}
	names, err := fs.List("live")
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, name := range names {
		if strings.HasSuffix(name, ".cold") {
			left++
		}
	}
	if left != len(c.log.files) {
		t.Errorf("%d files lie there, and %d are in use", left, len(c.log.files))
	}
}

// TestColdWritesOnce moves rows to disk, some at a time, of which none is asked for: each is written once. When they have been searched often enough they are dealt to buckets, and all still there.
func TestColdWritesOnce(t *testing.T) {
	c := openCold(t, vfs.NewMem())
	c.groups = c.groups[:1]
	g := &c.groups[0]
	rows := map[int64]string{}
	some := func(n int) map[int64]string {
		out := map[int64]string{}
		for range n {
			k := int64(len(rows))
			out[k], rows[k] = "text", "text"
		}
		return out
	}
	for range 40 {
		if err := c.put(some(100)); err != nil {
			t.Fatal(err)
		}
	}
	if size := c.log.at + int64(len(c.log.buf)); size != c.log.used || len(g.buckets[fresh]) < 20 {
		t.Errorf("%d bytes were written for %d that are of use, with %d fresh chunks", size, c.log.used, len(g.buckets[fresh]))
	}
	for k := range int64(200) {
		if got, err := c.take(map[int64]string{1_000_000 + k: ""}); err != nil || len(got) > 0 {
			t.Fatalf("%d rows of a key that was never there, error %v", len(got), err)
		}
	}
	if n := len(g.buckets[fresh]); n != 0 {
		t.Errorf("%d fresh chunks are left behind 200 searches", n)
	}
	if err := c.put(some(100)); err != nil {
		t.Fatal(err)
	}
	if n := len(g.buckets[fresh]); n != 1 || g.bits == 0 {
		t.Errorf("%d fresh chunks are left, of 1<<%d buckets", n, g.bits)
	}
	if got, err := c.take(rows); err != nil || !maps.Equal(got, rows) {
		t.Errorf("%d rows come back, not %d; error %v", len(got), len(rows), err)
	}
}

// TestTakeIsExact asks for a few of many rows, of an operator that would have all of them: it is given those that were asked for. Another table of its would else be asked for
// other owners' rows, as these lie there in other buckets.
func TestTakeIsExact(t *testing.T) {
	c := openCold(t, vfs.NewMem())
	rows := map[int64]string{}
	for step := range int64(40) {
		some := map[int64]string{}
		for k := range int64(400) {
			some[400*step+k] = "text"
		}
		maps.Copy(rows, some)
		if err := c.put(some); err != nil {
			t.Fatal(err)
		}
	}
	wanted := map[int64]string{}
	for k := int64(0); k < 16_000; k += 50 {
		wanted[k] = "text"
	}
	b := c.batch(wanted)
	hashes := c.hash(b)
	var groups []int
	for _, h := range hashes {
		groups = append(groups, vec.KeyGroup(h, len(c.groups)))
	}
	given := 0
	err := c.cold.take(groups, hashes, func(_ []*vec.Vector, n int) []uint32 { return make([]uint32, n) }, func(b *vec.Batch) error {
		given += b.Len()
		return nil
	})
	if err != nil || given != len(wanted) {
		t.Errorf("%d rows are given, not %d; error %v", given, len(wanted), err)
	}
}

// TestColdFails has the disk fail: it is an error, and the rows are not taken for gone.
func TestColdFails(t *testing.T) {
	var broken bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if broken && strings.Contains(op.Path, ".cold") {
			return errorfs.ErrInjected
		}
		return nil
	}))
	c := openCold(t, fs)
	rows := map[int64]string{}
	for k := range int64(50_000) {
		rows[k] = strings.Repeat("z", 50)
	}
	if err := c.put(rows); err != nil {
		t.Fatal(err)
	}
	broken = true
	if _, err := c.take(rows); !errors.Is(err, errorfs.ErrInjected) {
		t.Errorf("reading from a disk that fails: error %v", err)
	}
	if err := c.put(rows); !errors.Is(err, errorfs.ErrInjected) {
		t.Errorf("writing to it: error %v", err)
	}
}

// TestFilterForgetsNothing adds the same keys many times, which takes no further memory.
func TestFilterForgetsNothing(t *testing.T) {
	f := newFilter(false)
	for range 20 {
		for k := range uint64(50_000) {
			f.add(k * 0x9e3779b97f4a7c15)
		}
	}
	if len(f.parts) != 1 {
		t.Errorf("%d parts", len(f.parts))
	}
	for k := range uint64(50_000) {
		if !f.has(k * 0x9e3779b97f4a7c15) {
			t.Fatalf("key %d is not known", k)
		}
	}
}

// TestColdFaultsAreTold has each operation on files of moved rows fail, one a run, while rows are moved, read back, and put together: the call that it belongs to gives the error.
func TestColdFaultsAreTold(t *testing.T) {
	// churn gives after how many operations what it does fails, and the error.
	churn := func(fail int) (seen int, kind errorfs.OpKind, err error) {
		moving := false
		fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
			if !moving || !strings.HasSuffix(op.Path, coldSuffix) {
				return nil
			}
			if seen++; seen != fail {
				return nil
			}
			kind = op.Kind
			return errorfs.ErrInjected
		}))
		c := openCold(t, fs)
		moving = true
		defer func() { moving = false }()
		for step := range int64(20) {
			rows, old := map[int64]string{}, map[int64]string{}
			for k := range int64(100) {
				rows[100*step+k] = "some text"
				old[100*(step-3)+k] = ""
			}
			if err := c.put(rows); err != nil {
				return seen, kind, err
			}
			if err := c.log.end(); err != nil {
				return seen, kind, err
			}
			if _, err := c.take(old); err != nil {
				return seen, kind, err
			}
			if err := c.tidy(); err != nil {
				return seen, kind, err
			}
		}
		return seen, kind, nil
	}
	all, _, err := churn(0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[errorfs.OpKind]int{}
	for fail := 1; fail <= all; fail++ {
		seen, kind, err := churn(fail)
		kinds[kind]++
		if !errors.Is(err, errorfs.ErrInjected) || seen != fail {
			t.Errorf("operation %d of %d, of kind %v, fails: after %d the error is %v", fail, all, kind, seen, err)
		}
	}
	for _, kind := range []errorfs.OpKind{errorfs.OpCreate, errorfs.OpOpen, errorfs.OpFileWrite, errorfs.OpFileReadAt, errorfs.OpRemove} {
		if kinds[kind] == 0 {
			t.Errorf("no operation of kind %v fails", kind)
		}
	}
}

// TestMayHave asks for keys that are on disk, that were and that never were, and when the disk fails.
func TestMayHave(t *testing.T) {
	var broken bool
	c := openCold(t, errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if broken && strings.Contains(op.Path, ".cold") {
			return errorfs.ErrInjected
		}
		return nil
	})))
	some := func(from, to int64) map[int64]string {
		rows := map[int64]string{}
		for k := from; k < to; k++ {
			rows[k] = strings.Repeat("z", 50)
		}
		return rows
	}
	has := func(keys map[int64]string) (n int, err error) {
		for _, h := range c.hash(c.batch(keys)) {
			there, err := c.mayHave(vec.KeyGroup(h, len(c.groups)), h)
			if err != nil {
				return n, err
			}
			if there {
				n++
			}
		}
		return n, nil
	}
	if err := c.put(some(0, 20_000)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.take(some(0, 1000)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		from, to int64
		n        int
	}{{1000, 3000, 2000}, {0, 1000, 0}, {20_000, 22_000, 0}} {
		if n, err := has(some(want.from, want.to)); n != want.n || err != nil {
			t.Errorf("of the keys from %d to %d there are %d (error %v), not %d", want.from, want.to, n, err, want.n)
		}
	}
	broken = true
	if _, err := has(some(1000, 3000)); !errors.Is(err, errorfs.ErrInjected) {
		t.Errorf("asking a disk that fails: error %v", err)
	}
}
