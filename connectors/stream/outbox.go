package stream

import (
	"context"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
)

// outbox sends what a writer has encoded from a goroutine of its own, one chunk after the other,
// so that records keep their order: while one chunk is on its way, the next fills. A lone
// record leaves at once, or after the delay, and many share a call.
type outbox struct {
	send   func(context.Context, *chunk) error
	limits outboxLimits
	clock  connectors.Clock
	ctx    context.Context
	cancel context.CancelFunc
	sender sync.WaitGroup
	wake   chan struct{} // capacity 1: there is something to send, or no reason to wait any more

	mu      sync.Mutex
	changed *sync.Cond // pending was taken, or sent, or err is set
	pending *chunk
	spare   *chunk
	sending bool
	flushes int // who waits for everything to be sent
	err     error
}

// outboxLimits say when a chunk is sent and how large it may grow.
type outboxLimits struct {
	records int           // enough to send
	bytes   int           // enough to send
	delay   time.Duration // how long fewer wait for more
	most    int           // records: the writer waits
}

func newOutbox(ctx context.Context, clock connectors.Clock, limits outboxLimits, send func(context.Context, *chunk) error) *outbox {
	o := &outbox{
		send: send, limits: limits, clock: clock, wake: make(chan struct{}, 1),
		pending: &chunk{}, spare: &chunk{},
	}
	o.changed = sync.NewCond(&o.mu)
	o.ctx, o.cancel = context.WithCancel(ctx)
	o.sender.Go(o.run)
	return o
}

// add has f encode records into the pending chunk. It waits while that is full.
func (o *outbox) add(f func(*chunk) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil && (len(o.pending.ends) >= o.limits.most || o.pending.size() >= 2*o.limits.bytes) {
		o.changed.Wait()
	}
	if o.err != nil {
		return o.err
	}
	if err := f(o.pending); err != nil {
		return err
	}
	o.signal()
	return nil
}

// flush waits until everything is stored.
func (o *outbox) flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushes++
	o.signal()
	for o.err == nil && (o.sending || len(o.pending.ends) > 0) {
		o.changed.Wait()
	}
	o.flushes--
	return o.err
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run sends until the writer closes or sending fails.
func (o *outbox) run() {
	for {
		c, err := o.take()
		if err == nil {
			err = o.send(o.ctx, c)
		}
		o.mu.Lock()
		o.sending = false
		if err != nil && o.err == nil {
			o.err = err
		}
		if c != nil {
			c.reset()
			o.spare = c
		}
		o.changed.Broadcast()
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// take waits for a chunk that is to be sent now.
func (o *outbox) take() (*chunk, error) {
	var due <-chan time.Time
	late := false
	for {
		o.mu.Lock()
		n := len(o.pending.ends)
		full := n >= o.limits.records || o.pending.size() >= o.limits.bytes
		if n > 0 && (full || late || o.flushes > 0 || o.limits.delay == 0) {
			c := o.pending
			o.pending, o.spare, o.sending = o.spare, nil, true
			o.changed.Broadcast()
			o.mu.Unlock()
			return c, nil
		}
		o.mu.Unlock()
		if n > 0 && due == nil {
			due = o.clock.After(o.limits.delay)
		}
		select {
		case <-o.wake:
		case <-due:
			late = true
		case <-o.ctx.Done():
			return nil, o.ctx.Err()
		}
	}
}

// prepare is box's: there is nothing to commit.
func (o *outbox) prepare() ([][]byte, error) { return nil, o.flush() }

// close stops sending; what was not flushed is dropped.
func (o *outbox) close() error {
	o.cancel()
	o.sender.Wait()
	return nil
}
