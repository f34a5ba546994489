package segment

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2"
)

// The two candidates for a shard's storage, and the plain file that bounds both.
// docs/design/shardlog.md has the figures and says what was chosen.

const (
	choiceRecord = 200
	choiceBatch  = 500
)

type candidate interface {
	// commit appends n records and makes them durable.
	commit(n int) error
	// readAll reads everything back in order and returns the records.
	readAll() (int, error)
	close() error
}

func candidates(b *testing.B) map[string]func() candidate {
	return map[string]func() candidate{
		"segments": func() candidate {
			return &segmentCandidate{s: open(b, filepath.Join(b.TempDir(), "0"), Options{Durable: true})}
		},
		"pebble": func() candidate { return newPebbleCandidate(b) },
		"file":   func() candidate { return newFileCandidate(b) },
	}
}

func BenchmarkChoiceCommit(b *testing.B) {
	for _, n := range []int{1, 64, choiceBatch, 16 * choiceBatch} {
		for name, mk := range candidates(b) {
			b.Run(fmt.Sprintf("%s/records=%d", name, n), func(b *testing.B) {
				c := mk()
				for b.Loop() {
					if err := c.commit(n); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "records/s")
				if err := c.close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

func BenchmarkChoiceRead(b *testing.B) {
	const total = 1000 * choiceBatch // 100 MB
	for name, mk := range candidates(b) {
		b.Run(name, func(b *testing.B) {
			c := mk()
			for range total / (16 * choiceBatch) {
				if err := c.commit(16 * choiceBatch); err != nil {
					b.Fatal(err)
				}
			}
			records := 0
			for b.Loop() {
				n, err := c.readAll()
				if err != nil {
					b.Fatal(err)
				}
				records += n
			}
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
			if err := c.close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

type segmentCandidate struct {
	s   *Store
	buf []byte
}

func (c *segmentCandidate) commit(n int) (err error) {
	w := BeginFrame(c.buf[:0])
	data := make([]byte, choiceRecord)
	for range n {
		w.Add("partition-key", data)
	}
	if c.buf, err = w.End(c.s.Next(), c.s.Next(), 1); err != nil {
		return err
	}
	if err := c.s.Write(c.buf); err != nil {
		return err
	}
	return c.s.Sync()
}

func (c *segmentCandidate) readAll() (int, error) {
	n := 0
	var chunk Chunk
	for from := uint64(1); from < c.s.Next(); {
		if err := c.s.Read(&chunk, from, c.s.Next(), readChunk); err != nil {
			return n, err
		}
		for _, f := range chunk.Frames {
			for body := f.Body; len(body) > 0; n++ {
				_, _, rest, err := NextRecord(body)
				if err != nil {
					return n, err
				}
				body = rest
			}
			from = f.End()
		}
	}
	return n, nil
}

func (c *segmentCandidate) close() error { return c.s.Close() }

type pebbleCandidate struct {
	db   *pebble.DB
	next uint64
	mu   sync.Mutex
}

func newPebbleCandidate(b *testing.B) *pebbleCandidate {
	db, err := pebble.Open(b.TempDir(), &pebble.Options{MemTableSize: 64 << 20, Logger: quiet{}})
	if err != nil {
		b.Fatal(err)
	}
	return &pebbleCandidate{db: db}
}

type quiet struct{}

func (quiet) Infof(string, ...any)              {}
func (quiet) Errorf(string, ...any)             {}
func (quiet) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// commit writes what a shard log over Pebble would: shard and offset as the key.
func (c *pebbleCandidate) commit(n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	batch := c.db.NewBatch()
	value := make([]byte, choiceRecord+len("partition-key")+10)
	var key [12]byte
	for range n {
		binary.BigEndian.PutUint64(key[4:], c.next)
		c.next++
		if err := batch.Set(key[:], value, nil); err != nil {
			return err
		}
	}
	return batch.Commit(pebble.Sync)
}

func (c *pebbleCandidate) readAll() (int, error) {
	it, err := c.db.NewIter(nil)
	if err != nil {
		return 0, err
	}
	n, bytes := 0, 0
	for ok := it.First(); ok; ok = it.Next() {
		bytes += len(it.Value())
		n++
	}
	return n, it.Close()
}

func (c *pebbleCandidate) close() error { return c.db.Close() }

// fileCandidate is the bound: the same bytes and syncs with no format at all.
type fileCandidate struct {
	f       *os.File
	buf     []byte
	written int
}

func newFileCandidate(b *testing.B) *fileCandidate {
	f, err := os.Create(filepath.Join(b.TempDir(), "plain"))
	if err != nil {
		b.Fatal(err)
	}
	return &fileCandidate{f: f}
}

func (c *fileCandidate) commit(n int) error {
	size := n * (choiceRecord + len("partition-key") + 3)
	if cap(c.buf) < size {
		c.buf = make([]byte, size)
	}
	if _, err := c.f.Write(c.buf[:size]); err != nil {
		return err
	}
	c.written += n
	return datasync(c.f)
}

func (c *fileCandidate) readAll() (int, error) {
	buf := make([]byte, readChunk)
	for at := int64(0); ; {
		n, err := c.f.ReadAt(buf, at)
		if at += int64(n); err != nil {
			return c.written, nil
		}
	}
}

func (c *fileCandidate) close() error { return c.f.Close() }
