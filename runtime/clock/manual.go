package clock

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Manual is a clock that stands still until Advance moves it. Timers fire in the order of
// their deadlines, those of one deadline in the order in which they were asked for,
// each seeing the clock at its deadline. It may be used from any goroutine.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	timers  timerHeap
	asked   int           // timers asked for so far: the order among equals
	changed chan struct{} // closed and renewed when a timer is added
}

// NewManual gives a clock that shows start.
func NewManual(start time.Time) *Manual {
	return &Manual{now: start, changed: make(chan struct{})}
}

// Now gives the time that the clock shows.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// After gives a channel that gets the time once the clock has moved on by d; at once
// when d is not positive.
func (m *Manual) After(d time.Duration) <-chan time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := make(chan time.Time, 1)
	if d <= 0 {
		c <- m.now
		return c
	}
	m.asked++
	heap.Push(&m.timers, timer{at: m.now.Add(d), seq: m.asked, c: c})
	close(m.changed)
	m.changed = make(chan struct{})
	return c
}

// Advance moves the clock on by d and fires the timers that this passes. What they set
// off runs in its own goroutines: a test waits for the effect.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	end := m.now.Add(d)
	for len(m.timers) > 0 && !m.timers[0].at.After(end) {
		t := heap.Pop(&m.timers).(timer)
		m.now = t.at
		t.c <- t.at
	}
	m.now = end
}

// Timers counts the timers that have not fired, abandoned ones among them.
func (m *Manual) Timers() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.timers)
}

// AwaitTimers waits until at least n timers are set, so that a test does not move the
// clock before the job has asked for the time.
func (m *Manual) AwaitTimers(ctx context.Context, n int) error {
	for {
		m.mu.Lock()
		set, changed := len(m.timers), m.changed
		m.mu.Unlock()
		if set >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type timer struct {
	at  time.Time
	seq int
	c   chan<- time.Time
}

type timerHeap []timer

func (h timerHeap) Len() int      { return len(h) }
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}
func (h *timerHeap) Push(x any) { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	*h = (*h)[:last]
	return t
}
