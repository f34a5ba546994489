// Package pace lets a generating source wait for its next rows: a Waker calls the runtime
// back when their time has come, on the injected clock.
package pace

import (
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
)

// Waker calls wake once for each wait. It is used by the reader's goroutine.
type Waker struct {
	clock   connectors.Clock
	wake    func()
	mu      sync.Mutex
	waiting bool
	done    chan struct{}
	joined  sync.WaitGroup
}

// NewWaker makes a Waker. wake may be nil: then nobody is called.
func NewWaker(clock connectors.Clock, wake func()) *Waker {
	return &Waker{clock: clock, wake: wake, done: make(chan struct{})}
}

// After asks for a call after d. Where one is asked for already, that one is all that comes: the
// reader asks again when it has been woken too early.
func (w *Waker) After(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting || w.wake == nil {
		return
	}
	w.waiting = true
	at := w.clock.After(d)
	w.joined.Go(func() {
		select {
		case <-at:
		case <-w.done:
			return
		}
		w.mu.Lock()
		w.waiting = false
		w.mu.Unlock()
		w.wake()
	})
}

// Close ends the wait and joins its goroutine; wake is not called any more afterwards.
func (w *Waker) Close() {
	close(w.done)
	w.joined.Wait()
}
