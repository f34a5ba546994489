package task

import (
	"context"
	"sync"

	"github.com/weirstream/weir/runtime/vec"
)

// An exchange joins every subtask of one stage (senders) with every subtask of the next
// (receivers). A receiver has one inbox; every sender has a lane in it: a bounded queue in the
// sender's order. A lane also owns the few batches that travel on it, so that rows are copied
// once, into memory that is used again, and a slow receiver stops its senders.

// laneBatches is how many batches a lane owns: one being filled, one being read, the rest
// under way.
const laneBatches = 4

// laneSlots bounds the elements under way on a lane. Each batch may be followed by a
// watermark and a change of idleness.
const laneSlots = 3 * laneBatches

type elementKind uint8

const (
	rowsElement elementKind = iota
	watermarkElement
	idleElement
	activeElement
	barrierElement
	endElement  // the input is over
	stopElement // the job was told to stop before the input was over
)

// element is what travels on a lane.
type element struct {
	kind  elementKind
	batch *vec.Batch
	value int64 // a watermark, or a barrier's id
}

// lane is the queue from one sender to one receiver.
type lane struct {
	inbox  *inbox
	source int // the receiver's exchange input that it belongs to
	sender int // the subtask at its other end

	// Guarded by inbox.mu.
	queue   []element // a ring of laneSlots
	head, n int
	free    []*vec.Batch
	made    int  // batches made so far
	held    bool // behind its barrier, until the other lanes' have come
	closed  bool // its end was taken

	space chan struct{} // capacity 1: the receiver has made room
}

// inbox is a receiver's end of all its exchanges.
type inbox struct {
	wake func() // tells the receiver that something has come

	mu    sync.Mutex
	lanes []*lane
	next  int // the lane to look at first: all get their turn
	open  int // lanes that have not ended
	held  int // lanes behind their barrier
}

// addLane adds a lane; before the job starts.
func (in *inbox) addLane(source, sender int) *lane {
	l := &lane{
		inbox: in, source: source, sender: sender,
		queue: make([]element, laneSlots), space: make(chan struct{}, 1),
	}
	in.lanes = append(in.lanes, l)
	in.open++
	return l
}

// take gives the next element of a lane that is not held back.
func (in *inbox) take() (l *lane, e element, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for k := range in.lanes {
		l := in.lanes[(in.next+k)%len(in.lanes)]
		if l.n == 0 || l.held {
			continue
		}
		in.next = (in.next + k + 1) % len(in.lanes)
		e := l.queue[l.head]
		l.queue[l.head] = element{}
		l.head = (l.head + 1) % laneSlots
		l.n--
		signal(l.space)
		return l, e, true
	}
	return nil, element{}, false
}

// hold keeps a lane back whose barrier has come. It reports whether all open lanes have now
// given theirs; they are then let go.
func (in *inbox) hold(l *lane) (aligned bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l.held = true
	in.held++
	return in.release()
}

// close takes a lane out whose end has come. It reports whether the others were waiting for
// nothing but its barrier.
func (in *inbox) close(l *lane) (aligned bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l.closed = true
	in.open--
	return in.release()
}

func (in *inbox) release() bool {
	if in.held == 0 || in.held < in.open {
		return false
	}
	in.held = 0
	for _, l := range in.lanes {
		l.held = false
	}
	return true
}

// recycle gives a batch back to the lane's sender.
func (l *lane) recycle(b *vec.Batch) {
	if vec.Invariants {
		vec.Scribble(b)
	}
	b.Reset()
	l.inbox.mu.Lock()
	l.free = append(l.free, b)
	l.inbox.mu.Unlock()
	signal(l.space)
}

// put queues an element; it waits while the lane is full.
func (l *lane) put(ctx context.Context, e element) error {
	for !l.tryPut(e) {
		if err := l.await(ctx); err != nil {
			return err
		}
	}
	l.inbox.wake()
	return nil
}

func (l *lane) tryPut(e element) bool {
	l.inbox.mu.Lock()
	defer l.inbox.mu.Unlock()
	if e.kind == watermarkElement && l.n > 0 {
		// A watermark that nobody has seen yet gives way to a later one.
		if last := &l.queue[(l.head+l.n-1)%laneSlots]; last.kind == watermarkElement {
			last.value = e.value
			return true
		}
	}
	if l.n == laneSlots {
		return false
	}
	l.queue[(l.head+l.n)%laneSlots] = e
	l.n++
	return true
}

// batch gives an empty batch to fill; it waits while all of the lane's are under way.
func (l *lane) batch(ctx context.Context, s vec.Schema) (*vec.Batch, error) {
	for {
		if b := l.tryBatch(s); b != nil {
			return b, nil
		}
		if err := l.await(ctx); err != nil {
			return nil, err
		}
	}
}

func (l *lane) tryBatch(s vec.Schema) *vec.Batch {
	l.inbox.mu.Lock()
	defer l.inbox.mu.Unlock()
	if last := len(l.free) - 1; last >= 0 {
		b := l.free[last]
		l.free = l.free[:last]
		return b
	}
	if l.made == laneBatches {
		return nil
	}
	l.made++
	return vec.NewBatch(s)
}

func (l *lane) await(ctx context.Context) error {
	select {
	case <-l.space:
		return nil
	case <-ctx.Done():
		return errStopped
	}
}

// signal leaves a note for whoever waits on c, a channel of capacity 1.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
