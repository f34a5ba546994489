package segment

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// frames makes n frames of one record each, in one group, from offset first on.
func frames(t testing.TB, first uint64, n int, arrived int64) []byte {
	t.Helper()
	var buf []byte
	for i := range n {
		w := BeginFrame(buf)
		off := first + uint64(i)
		w.Add(fmt.Sprintf("key-%d", off), bytes.Repeat([]byte{byte(off), 0xA5}, 40))
		var err error
		if buf, err = w.End(off, first, arrived); err != nil {
			t.Fatal(err)
		}
	}
	return buf
}

func open(t testing.TB, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t testing.TB, s *Store, n int, arrived int64) {
	t.Helper()
	if err := errors.Join(s.Write(frames(t, s.Next(), n, arrived)), s.Sync()); err != nil {
		t.Fatal(err)
	}
}

// offsets reads everything from an offset on and checks each record's content.
func offsets(t testing.TB, s *Store, from uint64) []uint64 {
	t.Helper()
	got, err := readAll(s, from)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func readAll(s *Store, from uint64) ([]uint64, error) {
	var got []uint64
	var c Chunk
	for {
		if err := s.Read(&c, from, s.Next(), 1000); err != nil || len(c.Frames) == 0 {
			return got, err
		}
		for _, f := range c.Frames {
			key, data, rest, err := NextRecord(f.Body)
			if err != nil || len(rest) != 0 || string(key) != fmt.Sprintf("key-%d", f.First) || len(data) != 80 || data[0] != byte(f.First) {
				return got, fmt.Errorf("record %d: key %q, %d bytes, %w", f.First, key, len(data), err)
			}
			got = append(got, f.First)
			from = f.End()
		}
	}
}

func TestWriteReadReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	opts := Options{Identity: 7, SegmentBytes: 2000, Durable: true}
	s := open(t, dir, opts)
	for i := range 20 {
		write(t, s, 5, int64(1000+i))
	}
	if got := offsets(t, s, 0); len(got) != 100 || got[0] != 1 || got[99] != 100 {
		t.Fatalf("read %d records, first %d", len(got), got[0])
	}
	for _, clean := range []bool{true, false} {
		if clean {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		} else if err := os.Remove(filepath.Join(dir, tailName)); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, opts)
		if s.Next() != 101 || s.LastArrived() != 1019 {
			t.Fatalf("clean %v: next %d, last arrival %d", clean, s.Next(), s.LastArrived())
		}
		for from := uint64(1); from <= 101; from++ {
			if got := offsets(t, s, from); len(got) != int(101-from) {
				t.Fatalf("from %d: %d records", from, len(got))
			}
		}
	}
	for at := int64(999); at < 1021; at++ {
		got, err := s.SeekTime(at, s.Next())
		want := uint64(max(0, at-1000)*5 + 1)
		if err != nil || got != want {
			t.Fatalf("seek %d: offset %d, want %d, %v", at, got, want, err)
		}
	}
	if n, err := s.TrimTo(50); err != nil || n == 0 || s.First() > 50 || s.First() < 30 {
		t.Fatalf("trimmed %d files, first is %d, %v", n, s.First(), err)
	}
	if got := offsets(t, s, 0); got[0] != s.First() || got[len(got)-1] != 100 {
		t.Fatalf("after the trim: %v", got)
	}
}

// A process that dies while it writes leaves any prefix of the last group.
func TestTornTailIsCut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	s := open(t, dir, Options{})
	write(t, s, 3, 1)
	acked := s.segs[0].size
	write(t, s, 3, 2)
	path, full := s.path(s.segs[0]), s.segs[0].size
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := acked; size < full; size++ {
		if err := os.WriteFile(path, whole[:size], 0o644); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, Options{})
		got := offsets(t, s, 0)
		if len(got) < 3 || len(got) > 5 {
			t.Fatalf("cut at %d: %d records", size, len(got))
		}
		write(t, s, 1, 3)
		if again := offsets(t, s, 0); len(again) != len(got)+1 {
			t.Fatalf("cut at %d: %d records after a write, want %d", size, len(again), len(got)+1)
		}
	}
}

func TestUnwrittenSectorIsCut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	s := open(t, dir, Options{})
	write(t, s, 30, 1)
	acked := s.segs[0].size
	write(t, s, 30, 2)
	path := s.path(s.segs[0])
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	hole := (acked/sectorSize + 2) * sectorSize
	clear(whole[hole : hole+sectorSize])
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	if got := offsets(t, s, 0); len(got) < 30 || len(got) >= 60 {
		t.Fatalf("%d records are left", len(got))
	}
}

// Every byte of an acknowledged record that flips is found, at open or on the read.
func TestFlippedByteIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	s := open(t, dir, Options{})
	write(t, s, 3, 1)
	write(t, s, 2, 2)
	path := s.path(s.segs[0])
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	note, err := os.ReadFile(filepath.Join(dir, tailName))
	if err != nil {
		t.Fatal(err)
	}
	for _, clean := range []bool{false, true} {
		for at := range whole {
			bad := bytes.Clone(whole)
			bad[at] ^= 0x10
			if err := os.WriteFile(path, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			if clean {
				err = os.WriteFile(filepath.Join(dir, tailName), note, 0o644)
			} else if err = os.Remove(filepath.Join(dir, tailName)); errors.Is(err, os.ErrNotExist) {
				err = nil
			}
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, Options{})
			if err == nil {
				_, err = readAll(s, 0)
			}
			if !errors.Is(err, ErrCorrupt) || !bytes.Contains([]byte(err.Error()), []byte(path)) {
				t.Fatalf("clean %v, byte %d: %v", clean, at, err)
			}
		}
	}
}

// A bad frame with zeros in it, before frames that were written after it was
// durable, is damage: cutting there would lose acknowledged records.
func TestZeroedMiddleIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	s := open(t, dir, Options{})
	write(t, s, 30, 1)
	write(t, s, 1, 2)
	path := s.path(s.segs[0])
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(whole[1024:2048])
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("got %v", err)
	}
}

func TestForeignAndMissingFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	s := open(t, dir, Options{Identity: 1, SegmentBytes: 300})
	for range 5 {
		write(t, s, 2, 1)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Identity: 2}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a foreign folder: %v", err)
	}
	if err := os.Remove(s.path(s.segs[2])); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{Identity: 1})
	if got, err := readAll(s, 0); !errors.Is(err, ErrCorrupt) || len(got) != 4 {
		t.Errorf("a missing file: %d records, %v", len(got), err)
	}
}

// A crash between creating the file and writing its header.
func TestHeaderNeverWritten(t *testing.T) {
	for _, content := range [][]byte{nil, make([]byte, 10), make([]byte, fileHeaderSize)} {
		dir := filepath.Join(t.TempDir(), "0")
		s := open(t, dir, Options{})
		write(t, s, 3, 9)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fileName(4)), content, 0o644); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, Options{})
		if s.Next() != 4 || s.LastArrived() != 9 {
			t.Fatalf("next %d, last arrival %d", s.Next(), s.LastArrived())
		}
		write(t, s, 1, 10)
		if got := offsets(t, s, 0); len(got) != 4 {
			t.Fatalf("%v", got)
		}
	}
}

func FuzzRecover(f *testing.F) {
	f.Add(frames(f, 1, 3, 5), false)
	f.Add(frames(f, 1, 1, 5)[:50], true)
	f.Add(make([]byte, 600), false)
	f.Fuzz(func(t *testing.T, tail []byte, note bool) {
		dir := t.TempDir()
		content := append(fileHeader(1, 0), tail...)
		if err := os.WriteFile(filepath.Join(dir, fileName(1)), content, 0o644); err != nil {
			t.Fatal(err)
		}
		if note {
			if err := writeTail(dir, tail4(content)); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(dir, Options{})
		if err != nil {
			return
		}
		var c Chunk
		for from := uint64(1); from < s.Next(); {
			if err := s.Read(&c, from, s.Next(), 100); err != nil {
				return
			}
			for _, fr := range c.Frames {
				for body := fr.Body; len(body) > 0; {
					if _, _, body, err = NextRecord(body); err != nil {
						return
					}
				}
				from = fr.End()
			}
		}
	})
}

func FuzzFrames(f *testing.F) {
	f.Add(frames(f, 1, 3, 5))
	f.Add(make([]byte, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := Chunk{buf: b}
		expect := uint64(1)
		used, _, err := c.parse(&expect, 1, 1<<40)
		if used > len(b) || (err == nil && used < len(b) && len(b)-used >= frameHeaderSize && len(c.Frames) == 0 && used != 0) {
			t.Fatalf("used %d of %d bytes", used, len(b))
		}
		for _, fr := range c.Frames {
			for body := fr.Body; len(body) > 0; {
				key, data, rest, err := NextRecord(body)
				if err != nil {
					break
				}
				if len(key)+len(data)+len(rest) >= len(body) {
					t.Fatal("a record takes no bytes")
				}
				body = rest
			}
		}
		h, err := parseHeader(b)
		if err == nil && h.size() < frameHeaderSize {
			t.Fatal("a frame takes no bytes")
		}
		key, data, rest, err := NextRecord(b)
		if err == nil && len(key)+len(data)+len(rest) >= len(b) {
			t.Fatal("a record takes no bytes")
		}
	})
}

// tail4 claims that the file holds offsets 1 to 3.
func tail4(content []byte) tail { return tail{first: 1, size: int64(len(content)), next: 4} }

// A write that fails and cannot be undone ends writing; what was durable is there when the store is opened again.
func TestFailedWriteEndsWriting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	s := open(t, dir, Options{})
	write(t, s, 3, 1)
	if err := s.active.Close(); err != nil {
		t.Fatal(err)
	}
	first := s.Write(frames(t, s.Next(), 1, 2))
	if first == nil {
		t.Fatal("a write to a closed file succeeds")
	}
	if again := s.Write(frames(t, s.Next(), 1, 2)); !errors.Is(again, first) {
		t.Fatalf("after %v: %v", first, again)
	}
	if got := offsets(t, open(t, dir, Options{}), 0); len(got) != 3 {
		t.Fatalf("%d records", len(got))
	}
}

// A full disk: the write is undone, and the next one is as good as if it had never been.
func TestFullDiskIsUndone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "0")
	s := open(t, dir, Options{})
	write(t, s, 3, 1)
	good := s.active
	s.active = &fullFile{good}
	if err := s.Write(frames(t, s.Next(), 1, 2)); err == nil || s.failed != nil {
		t.Fatalf("got %v, and %v for ever", err, s.failed)
	}
	s.active = good
	write(t, s, 2, 3)
	if got := offsets(t, s, 0); len(got) != 5 {
		t.Fatalf("%d records", len(got))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// fullFile writes half and fails, as a full disk does.
type fullFile struct{ handle }

func (f *fullFile) WriteAt(b []byte, off int64) (int, error) {
	n, err := f.handle.WriteAt(b[:len(b)/2], off)
	return n, errors.Join(err, errors.New("no space left on device"))
}
