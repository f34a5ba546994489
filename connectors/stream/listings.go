package stream

import "sync"

// listings counts how often a stream's shards have been listed, for who waits for the next time.
type listings struct {
	mu      sync.Mutex
	begun   int64
	done    int64 // the newest listing that is over
	waiting []func()
}

// begin starts a listing and gives its number.
func (l *listings) begin() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun++
	return l.begun
}

// end says that a listing is over.
func (l *listings) end(n int64) {
	l.mu.Lock()
	l.done = max(l.done, n)
	wake := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	for _, f := range wake {
		f()
	}
}

// next is the number of the listing that has not begun.
func (l *listings) next() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun + 1
}

// after reports whether the listing n is over; if not, wake is called when one is.
func (l *listings) after(n int64, wake func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done >= n {
		return true
	}
	l.waiting = append(l.waiting, wake)
	return false
}
