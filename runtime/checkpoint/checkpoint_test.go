package checkpoint

import (
	"errors"
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
	must(t, f.Finish(t.Context(), m))
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

func TestSavepointStandsByItself(t *testing.T) {
	f := own(t)
	want := write(t, f, 1)
	c, err := Newest(t.Context(), f)
	must(t, err)
	to := f.FS().PathJoin(t.TempDir(), "sp")
	must(t, c.Export(to))
	must(t, f.Clear(t.Context()))
	got, err := Find(t.Context(), f.FS(), to)
	must(t, err)
	must(t, got.Verify(t.Context()))
	if diff := cmp.Diff(want, got.Manifest); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := c.Export(to); err == nil {
		t.Error("a folder that is not empty takes a savepoint")
	}
}
