package checkpoint

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
)

func example(id int64) *Manifest {
	wm := int64(-5)
	return &Manifest{
		Job: "a1b2", Name: "job", ID: id, Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Parallelism: 4, MaxParallelism: 128,
		Sources: []Source{{
			ID: "f00d", Table: "c.d.t", Watermark: &wm, Finished: []string{"a<b>.json"},
			Splits: []Split{{ID: "b", Position: []byte{0, 255}, Watermark: &wm, Rows: 7}, {ID: "c"}},
		}},
		Operators: []Operator{{ID: "1", Name: "GroupAggregate", Tables: []Table{{Name: "groups", Version: 1, Key: []Column{{"k", "BIGINT"}}}}}},
		Sinks:     []Sink{{Table: "c.d.out", Guarantee: "exactly-once", Committables: [][]byte{[]byte("x")}}},
	}
}

// write makes a complete checkpoint with one file of state.
func write(t *testing.T, f *Folder, id int64) *Manifest {
	t.Helper()
	m := example(id)
	must(t, f.Begin(id))
	must(t, f.FS().MkdirAll(f.State(id), 0o777))
	path := f.FS().PathJoin(f.State(id), "000001.sst")
	must(t, writeFile(f.FS(), path, []byte("rows of the state")))
	size, sum, err := Checksum(f.FS(), path)
	must(t, err)
	m.Files = []File{{Name: "state/000001.sst", Size: size, Sum: sum}}
	must(t, f.Finish(m))
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func own(t *testing.T) *Folder {
	t.Helper()
	f, err := Own(vfs.Default, t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	return f
}

func TestManifestIsReadAsWritten(t *testing.T) {
	f := own(t)
	want := write(t, f, 3)
	got, err := f.Newest()
	must(t, err)
	if diff := cmp.Diff(want, got.Manifest); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	must(t, got.Verify())
	if got.Committed {
		t.Error("nobody has committed it")
	}
	must(t, f.Committed(3))
	if got, err = f.Newest(); err != nil || !got.Committed {
		t.Errorf("committed: %v, %v", got, err)
	}
}

// TestEveryFlippedByteIsFound flips each byte of a manifest, and cuts it at each length.
func TestEveryFlippedByteIsFound(t *testing.T) {
	text, err := example(1).Encode()
	must(t, err)
	for i := range text {
		bad := append([]byte(nil), text...)
		bad[i] ^= 0x20
		if _, err := Decode("M", bad); err == nil {
			t.Fatalf("byte %d (%q) may be flipped", i, text[i])
		}
		if _, err := Decode("M", text[:i]); err == nil {
			t.Fatalf("it may be cut to %d bytes", i)
		}
	}
}

func TestRefusals(t *testing.T) {
	text, err := example(1).Encode()
	must(t, err)
	var damaged *DamagedError
	if _, err := Decode("dir/MANIFEST", text[:len(text)-1]); !errors.As(err, &damaged) || damaged.Path != "dir/MANIFEST" {
		t.Errorf("truncated: %v", err)
	}
	newer := []byte(strings.Replace(string(text), magic+" 1 ", magic+" 2 ", 1))
	var e *NewerError
	if _, err := Decode("dir/MANIFEST", newer); !errors.As(err, &e) || !strings.Contains(err.Error(), "dir/MANIFEST") {
		t.Errorf("newer: %v", err)
	}
	if _, err := Open(vfs.Default, t.TempDir()); err == nil {
		t.Error("a folder without a manifest is a checkpoint")
	}
}

func TestDamagedFilesAreNamed(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"missing":   os.Remove,
		"truncated": func(p string) error { return os.Truncate(p, 3) },
		"flipped":   func(p string) error { return os.WriteFile(p, []byte("rows of the stale"), 0o600) },
	} {
		f := own(t)
		write(t, f, 1)
		c, err := f.Newest()
		must(t, err)
		path := f.FS().PathJoin(c.State(), "000001.sst")
		must(t, harm(path))
		var damaged *DamagedError
		if err := c.Verify(); !errors.As(err, &damaged) || damaged.Path != path {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNewestIsNotPassedOver: an older checkpoint in place of a damaged one would commit rows twice.
func TestNewestIsNotPassedOver(t *testing.T) {
	f := own(t)
	write(t, f, 1)
	write(t, f, 2)
	must(t, os.Truncate(f.manifest(2), 10))
	if c, err := f.Newest(); err == nil {
		t.Errorf("checkpoint %d is taken", c.ID)
	}
}

func TestRetainKeepsTheNewestComplete(t *testing.T) {
	f := own(t)
	for id := int64(1); id <= 4; id++ {
		write(t, f, id)
	}
	must(t, f.Begin(5)) // never completed
	must(t, f.Retain(2))
	ids, err := f.all()
	must(t, err)
	if diff := cmp.Diff([]int64{3, 4}, ids); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if next, err := f.NextID(); err != nil || next != 5 {
		t.Errorf("the next is %d, %v", next, err)
	}
}

func TestIncompleteIsNoCheckpoint(t *testing.T) {
	f := own(t)
	if c, err := f.Newest(); c != nil || err != nil {
		t.Errorf("an empty folder has %v, %v", c, err)
	}
	must(t, f.Begin(1))
	if c, err := f.Newest(); c != nil || err != nil {
		t.Errorf("one that was only begun: %v, %v", c, err)
	}
}

func TestSecondOwnerIsRefused(t *testing.T) {
	f := own(t)
	if _, err := Own(f.FS(), f.Dir()); !errors.Is(err, ErrLocked) {
		t.Errorf("a second owner: %v", err)
	}
	must(t, f.Close())
	again, err := Own(f.FS(), f.Dir())
	must(t, err)
	must(t, again.Close())
}

func TestSavepointStandsByItself(t *testing.T) {
	f := own(t)
	want := write(t, f, 1)
	c, err := f.Newest()
	must(t, err)
	to := f.FS().PathJoin(t.TempDir(), "sp")
	must(t, c.Export(to))
	must(t, f.Clear())
	got, err := Find(f.FS(), to)
	must(t, err)
	must(t, got.Verify())
	if diff := cmp.Diff(want, got.Manifest); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := c.Export(to); err == nil {
		t.Error("a folder that is not empty takes a savepoint")
	}
}
