package shardlog

import "time"

// crowd has a shard's writer wait a little for more appenders where there are many. A sync costs the
// processor as much as ten small appends; without the wait the first appender that comes back from a commit
// begins the next one alone, while the others are still on their way.
type crowd struct {
	size   int           // appenders in and behind the last commit
	sync   time.Duration // what a sync takes
	wanted int           // frames that end the wait; 0: nobody waits
	full   chan struct{} // capacity 1
}

const (
	// leastCrowd is how many appenders make a wait worthwhile: fewer are not slowed down.
	leastCrowd = 8
	// patience is how many syncs the wait may take, and maxPatience its bound on a slow disk.
	patience    = 3
	maxPatience = 2 * time.Millisecond
)

// committed notes who was in a commit, and who came while it went to the disk.
func (w *crowd) committed(c, pending *commit) {
	w.size = c.frames
	if pending != nil {
		w.size += pending.frames
	}
}

// synced notes what a sync took; the writer alone calls it.
func (w *crowd) synced(took time.Duration) { w.sync += (took - w.sync) / 8 }

// joined tells the writer that a frame has come.
func (w *crowd) joined(frames int) {
	if frames == w.wanted {
		w.full <- struct{}{}
		w.wanted = 0
	}
}

// gather waits until most of the crowd is back. The caller is the writer and holds mu.
func (s *shard) gather() {
	w := &s.crowd
	want := w.size * 7 / 8
	if w.size < leastCrowd || s.pending == nil || s.pending.frames >= want || len(s.pending.buf) > maxPending/2 {
		return
	}
	if w.full == nil {
		w.full = make(chan struct{}, 1)
	}
	w.wanted = want
	s.mu.Unlock()
	timer := time.NewTimer(min(patience*w.sync, maxPatience))
	select {
	case <-w.full:
	case <-timer.C:
	}
	timer.Stop()
	s.mu.Lock()
	if w.wanted == 0 {
		select { // the last one may have come after the time was up
		case <-w.full:
		default:
		}
	}
	w.wanted = 0
}
