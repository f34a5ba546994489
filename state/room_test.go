package state

import (
	"context"
	"testing"

	"github.com/cockroachdb/pebble/v2"
)

// BenchmarkRoom is what looking at the database's buffers costs, which a writer does once for every 4 MB.
func BenchmarkRoom(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir() + "/live", MaxGroups: 128})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i := range 50_000 {
		if err := s.db.Set(chunkKey(nil, 1, int64(i), 0, 1, 1, chunkRows), make([]byte, 4096), pebble.NoSync); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.db.Compact(context.Background(), []byte{0}, []byte{255}, false); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if s.db.Metrics().MemTable.Size >= waiting*s.options.MemTableSize {
			b.Fatal("full")
		}
	}
}
