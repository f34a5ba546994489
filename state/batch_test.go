package state

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestBatchesAreClosedOnce: a batch that has been handed over is still its maker's, who closes it. If it were closed by apply, the next who
// asks for one would get the same, and would lose it, with what he has written, when the maker closes it.
func TestBatchesAreClosedOnce(t *testing.T) {
	s, err := Open(Options{Dir: "live", MaxGroups: 8, FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for range 100 { // the database's pool may keep one from us
		mine := s.db.NewBatch()
		if err := mine.Set([]byte("\x00mine"), nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.apply(mine); err != nil {
			t.Fatal(err)
		}
		other := s.db.NewBatch()
		if err := other.Set([]byte("\x00other"), nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := mine.Close(); err != nil {
			t.Fatal(err)
		}
		if other == mine || other.Count() != 1 {
			t.Fatalf("another's batch has %d entries, and should have its own", other.Count())
		}
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
