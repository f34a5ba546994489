package task

import (
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/runtime/op"
)

// paceBatches is how many batches a subtask of a source may read ahead, in event time, of the
// subtask that is furthest behind.
const paceBatches = 256

// paceHold is how long a subtask that is too far ahead waits before it reads one more batch all
// the same: it is slowed down, never stopped by a split whose time stands still.
const paceHold = 50 * time.Millisecond

// pace keeps the subtasks of a concurrent source together in event time while they
// work off what there is. Without it a subtask on a busy core falls behind further and
// further, and the windows that the others have filled stay open: state would grow with the length
// of the input. How far is too far is counted in batches read since, not in time, so that it means
// the same for a sparse table as for a dense one. A subtask that has nothing to read holds
// nobody back.
type pace struct {
	marks  []atomic.Int64 // where each subtask reads; op.MaxWatermark: it has nothing to read
	awaits []atomic.Int64 // what a subtask that waits wants the others to reach; op.MaxWatermark: it does not wait
	wake   []func()
}

func newPace(subtasks int) *pace {
	p := &pace{marks: make([]atomic.Int64, subtasks), awaits: make([]atomic.Int64, subtasks), wake: make([]func(), subtasks)}
	for i := range p.marks {
		p.marks[i].Store(op.MinWatermark)
		p.awaits[i].Store(op.MaxWatermark)
	}
	return p
}

// at says where a subtask reads now, and wakes those that have waited for this.
func (p *pace) at(subtask int, wm int64) {
	if p.marks[subtask].Swap(wm) == wm {
		return
	}
	for i := range p.awaits {
		if p.awaits[i].Load() <= wm && i != subtask && p.wake[i] != nil {
			p.wake[i]()
		}
	}
}

// slowest gives where the subtask reads that is furthest behind, me apart.
func (p *pace) slowest(me int) int64 {
	low := int64(op.MaxWatermark)
	for i := range p.marks {
		if i != me {
			low = min(low, p.marks[i].Load())
		}
	}
	return low
}

// paced is one subtask's side of a pace.
type paced struct {
	*pace
	subtask int
	ahead   [paceBatches]int64 // a ring: where batches were read that the slowest has not reached
	head, n int
	until   time.Time // when it may read on all the same; zero: it does not wait
}

// hold reports whether a subtask that is about to read at wm is too far ahead, and until when it
// waits at most. It is asked once a batch.
func (p *paced) hold(wm int64, now func() time.Time) (until time.Time, wait bool) {
	p.at(p.subtask, wm)
	if p.catchUp(); p.n == paceBatches {
		// Half of what is ahead must be reached, so that it is not woken for every batch of the others.
		p.awaits[p.subtask].Store(p.ahead[(p.head+paceBatches/2)%paceBatches])
		if p.catchUp(); p.n == paceBatches && !p.overdue(now()) {
			return p.until, true
		}
		p.awaits[p.subtask].Store(op.MaxWatermark)
		if p.n == paceBatches {
			p.head, p.n = (p.head+1)%paceBatches, p.n-1
		}
	}
	p.until = time.Time{}
	p.ahead[(p.head+p.n)%paceBatches] = wm
	p.n++
	return time.Time{}, false
}

// catchUp forgets the batches that the slowest has reached.
func (p *paced) catchUp() {
	for slowest := p.slowest(p.subtask); p.n > 0 && p.ahead[p.head] <= slowest; p.n-- {
		p.head = (p.head + 1) % paceBatches
	}
}

// overdue starts the wait, or reports whether it has been long enough.
func (p *paced) overdue(now time.Time) bool {
	if p.until.IsZero() {
		p.until = now.Add(paceHold)
	}
	return !now.Before(p.until)
}

// leave says that the subtask has nothing to read.
func (p *paced) leave() {
	p.awaits[p.subtask].Store(op.MaxWatermark)
	p.at(p.subtask, op.MaxWatermark)
}
