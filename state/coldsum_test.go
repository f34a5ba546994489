package state

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// coldFileOf is a file of moved rows whose bytes a test changes.
type coldFileOf struct {
	*cold
	t    *testing.T
	path string
	data []byte
}

// writeCold moves rows of all kinds of columns to disk, each call's in a chunk of its own, and ends the file.
func writeCold(t *testing.T, chunks int) *coldFileOf {
	t.Helper()
	fs := vfs.NewMem()
	s, err := Open(Options{Dir: "live", FS: fs, MaxGroups: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	number, text := types.New(types.BigInt), types.String()
	row := types.Type{Kind: types.Row, Fields: []types.Field{{Name: "f", Type: number}, {Name: "g", Type: text}}}
	value := vec.Schema{{Name: "due", Type: number.WithoutNull()}}
	for _, typ := range []types.Type{
		types.New(types.Boolean), types.New(types.TinyInt), types.New(types.Double),
		{Kind: types.Decimal, Precision: 38, Scale: 5},
		text,
		{Kind: types.Array, Elem: &text},
		{Kind: types.Map, Key: &text, Elem: &number},
		row,
	} {
		value = append(value, vec.Field{Name: typ.String(), Type: typ})
	}
	tab, err := s.open(Descriptor{
		Operator: "op", Name: "rows", Kind: Keyed, Version: layoutVersion, Route: 1, Key: vec.Schema{{Name: "k", Type: number.WithoutNull()}}, Value: value,
	})
	if err != nil {
		t.Fatal(err)
	}
	f := &coldFileOf{cold: newCold(s, nil, tab, 1, 1), t: t}
	r := rand.New(rand.NewPCG(5, 6))
	for chunk := range chunks {
		const rows = 20
		b := vec.NewBatch(tab.columns())
		for i := range rows {
			vec.Append(b.Cols[0], int64(chunk*rows+i))
			vec.Append(b.Cols[1], int64(i))
			for _, v := range b.Cols[2:] {
				randomValue(r, v)
			}
		}
		b.SetLen(rows)
		hashes := make([]uint64, rows)
		vec.HashRows(b.Cols[:1], nil, hashes)
		f.must(f.put(0, b, halves(hashes)))
	}
	f.path = f.log.path(f.log.cur.number)
	f.must(f.log.end())
	in, err := fs.Open(f.path)
	f.must(err)
	f.data, err = io.ReadAll(in)
	f.must(errors.Join(err, in.Close()))
	return f
}

// halves gives the low halves of hashes.
func halves(hashes []uint64) (low []uint32) {
	for _, h := range hashes {
		low = append(low, uint32(h))
	}
	return low
}

func (f *coldFileOf) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// overwrite has the file have some bytes at a place.
func (f *coldFileOf) overwrite(data []byte, at int) {
	f.t.Helper()
	w, err := f.log.fs.OpenReadWrite(f.path, "test")
	f.must(err)
	_, err = w.WriteAt(data, int64(at))
	f.must(errors.Join(err, w.Close()))
}

// rowsHere gives the bytes of all rows.
func (f *coldFileOf) rowsHere() (text []byte, err error) {
	for i := range f.groups[0].buckets[fresh] {
		if err := f.read(&f.groups[0].buckets[fresh][i], nil); err != nil {
			return nil, err
		}
		for _, row := range f.sel {
			text = appendRow(text, f.part.Cols, int(row))
		}
	}
	return text, nil
}

// TestFlippedBitsOfMovedRows flips each bit of a file of moved rows, whatever part of it that is in: every way to read it gives an error that names the file and the place, and with the bit as it
// was the rows.
func TestFlippedBitsOfMovedRows(t *testing.T) {
	f := writeCold(t, 1)
	want, err := f.rowsHere()
	f.must(err)
	var hashes []uint32
	f.must(f.hashesOf(0, func(h uint32) { hashes = append(hashes, h) }))
	all := make([]uint64, len(hashes))
	for i, h := range hashes {
		all[i] = uint64(h)
	}
	none := func(*vec.Batch) error { return errors.New("rows are given") }
	reads := map[string]func() error{
		"read": func() error { _, err := f.rowsHere(); return err },
		"take": func() error {
			return f.take(make([]int, len(all)), all, func(_ []*vec.Vector, n int) []uint32 { return make([]uint32, n) }, none)
		},
		"take what is not there": func() error {
			return f.take([]int{0}, []uint64{all[0] + 1}, func(_ []*vec.Vector, n int) []uint32 { return make([]uint32, n) }, none)
		},
		"take what is due": func() error { return f.takeDue(0, 10, none) },
		"move":             func() error { return f.move(&f.groups[0].buckets[fresh][0]) },
		"sweep": func() error {
			return f.cold.sweepGroup(0, func(_ []*vec.Vector, _, dead []int32) []int32 { return dead }, vec.NewBatch(f.table.Key), func(uint32) {})
		},
		"deal": func() error { return f.dealFresh(&f.groups[0]) },
	}
	for at := range f.data {
		for bit := range 8 {
			f.overwrite([]byte{f.data[at] ^ 1<<bit}, at)
			for how, read := range reads {
				if err := read(); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), f.path+"', the chunk of") || !strings.Contains(err.Error(), "at byte 0: ") {
					t.Fatalf("bit %d of byte %d of %d is flipped, %s: %v", bit, at, len(f.data), how, err)
				}
			}
			i := 0
			err := f.hashesOf(0, func(h uint32) {
				if h != hashes[i] {
					t.Fatalf("bit %d of byte %d is flipped: the hash %x is %x", bit, at, hashes[i], h)
				}
				i++
			})
			if inHashes := at < hashLen*len(hashes); inHashes != errors.Is(err, ErrCorrupt) {
				t.Fatalf("bit %d of byte %d is flipped, the hashes are read: %v", bit, at, err)
			}
		}
		f.overwrite(f.data[at:at+1], at)
	}
	if got, err := f.rowsHere(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("with the bits as they were other rows are read: %v", err)
	}
}

// TestMisplacedMovedRows has a disk give a sound chunk of another place, or none.
func TestMisplacedMovedRows(t *testing.T) {
	f := writeCold(t, 2)
	second := int(f.groups[0].buckets[fresh][1].ref.off)
	for name, data := range map[string][]byte{
		"another chunk": f.data[second:], "nothing": make([]byte, second),
	} {
		f.overwrite(data[:min(len(data), second)], 0)
		if _, err := f.rowsHere(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.hashesOf(0, func(uint32) {}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s, the hashes: %v", name, err)
		}
		f.overwrite(f.data, 0)
	}
	if _, err := f.rowsHere(); err != nil {
		t.Error(err)
	}
}

// TestMovedRowsOfOlderFormats are such as have no checksums, and those whose directories are others: such a state is refused, and the job not restarted with it.
func TestMovedRowsOfOlderFormats(t *testing.T) {
	for version, want := range map[int]string{
		unsummedVersion: "format 2, in which what was moved to disk has no checksums",
		dealtVersion:    "format 3, whose directories of what was moved to disk are others",
	} {
		fs := vfs.NewMem()
		s, err := Open(Options{Dir: "live", FS: fs, MaxGroups: 4})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.db.Set(formatKey, s.format(version), pebble.NoSync); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Checkpoint("old"); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = Open(Options{Dir: "live", Restore: "old", FS: fs, MaxGroups: 4})
		if !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), want) {
			t.Errorf("going on from format %d: %v", version, err)
		}
		if _, err := Inspect(fs, "old", 0); !errors.Is(err, ErrMismatch) {
			t.Errorf("looking into format %d: %v", version, err)
		}
	}
}
