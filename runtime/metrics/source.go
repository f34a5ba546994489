package metrics

import (
	"sync"
	"sync/atomic"
	"time"
)

// maxSamples is how many rejected rows a source keeps to show, and maxSampleBytes how
// much of each.
const (
	maxSamples     = 10
	maxSampleBytes = 200
)

// Source holds the numbers of a source, over all its subtasks.
type Source struct {
	id, table string
	Rows      Counter // decoded, before the pushed-down filter
	Bytes     Counter // of the decoded columns, but for text that lies in the reader's buffers

	rejected Counter
	mu       sync.Mutex
	samples  []Reject
	order    []*Split
	splits   map[string]*Split
}

// Reject is a row that could not be decoded and was skipped.
type Reject struct {
	Place string // file:line or the like
	Row   string // its beginning
	Err   string
}

// Reject counts a row that was skipped and keeps the first few to show.
func (s *Source) Reject(place string, row []byte, err error) {
	s.rejected.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.samples) < maxSamples {
		s.samples = append(s.samples, Reject{place, string(row[:min(len(row), maxSampleBytes)]), err.Error()})
	}
}

// Split registers a split that is being read.
func (s *Source) Split(id string, subtask int) *Split {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &Split{id: id, subtask: subtask}
	p.Watermark.Store(NoWatermark)
	s.splits[id] = p
	s.order = append(s.order, p)
	return p
}

// Finished forgets a split that was read to its end: a source may have any number of
// them.
func (s *Source) Finished(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.splits[id]
	delete(s.splits, id)
	for i := range s.order {
		if s.order[i] == p {
			s.order = append(s.order[:i], s.order[i+1:]...)
			return
		}
	}
}

// Split holds the numbers of a split that is open.
type Split struct {
	id        string
	subtask   int
	Rows      Counter
	Watermark Mark
	idleSince atomic.Int64 // nanoseconds since the epoch, 0: active
	moved     atomic.Int64 // when the watermark last moved, the same
	lastRow   atomic.Int64 // when rows came last, the same
}

// Read counts rows that came at the time now.
func (s *Split) Read(rows int64, now time.Time) {
	s.Rows.Add(rows)
	s.lastRow.Store(now.UnixNano())
}

// Advance lifts the split's watermark, where wm is above it; rows gave it that came at their last Read.
func (s *Split) Advance(wm int64) {
	if wm > s.Watermark.Load() {
		s.Watermark.Store(wm)
		s.moved.Store(s.lastRow.Load())
	}
}

// SetIdle says that the split has given nothing since the time; the zero time says that
// it is active.
func (s *Split) SetIdle(since time.Time) {
	if since.IsZero() {
		s.idleSince.Store(0)
		return
	}
	s.idleSince.Store(since.UnixNano())
}
