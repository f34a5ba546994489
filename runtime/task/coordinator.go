package task

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/runtime/plan"
)

// coordinator commits what sinks have prepared. Every so often it asks the source tasks for a
// barrier; when the barrier has gone through every task, what all sinks prepared at it belongs
// together and is committed. At the end of the job the rest is committed the same way.
//
// With checkpoints, between the last acknowledgment and the commit everything that is needed to go on
// from the barrier is made durable (durable.go).
//
// Tasks leave what they have to say in an inbox; all else belongs to the coordinator's goroutine, and after that
// has ended to the one that concludes the job.
type coordinator struct {
	job     *Job
	durable *durable // nil: no checkpoints

	mu       sync.Mutex
	acks     []ack
	requests []*request
	news     chan struct{} // capacity 1: one of the two has grown

	id      int64
	running map[*task]bool // tasks that have not ended
	waiting map[*task]bool // tasks that have not acknowledged the barrier under way; nil: there is none
	early   []ack          // of tasks that ended behind the barrier under way: they belong to the next
	staged  map[*plan.Sink][][]byte
	closing bool // no more barriers: the sources have been told to end
	saved   bool // a last checkpoint has been taken: nothing is left to commit
}

// request asks for a checkpoint out of turn.
type request struct {
	last bool // the sources end behind it
	done func(id int64, err error) error
}

// barrierRequest passes a barrier's id to a task fed by sources. A task fed by exchanges
// keeps the id of the barrier that it is aligning in it.
type barrierRequest struct {
	asked atomic.Int64
	last  atomic.Bool // the task's sources end behind the barrier
	id    int64
}

// take gives the id of a barrier that was asked for and not sent.
func (r *barrierRequest) take() (int64, bool) {
	asked := r.asked.Load()
	if asked == r.id {
		return 0, false
	}
	r.id = asked
	return asked, true
}

func newCoordinator(j *Job) *coordinator {
	c := &coordinator{job: j, news: make(chan struct{}, 1), running: map[*task]bool{}, staged: map[*plan.Sink][][]byte{}}
	for _, t := range j.tasks {
		c.running[t] = true
	}
	return c
}

// run takes checkpoints, or commits without them, until the tasks have ended.
func (c *coordinator) run(ctx context.Context) error {
	defer c.refuse()
	if c.durable != nil {
		select {
		case <-c.job.opened.open:
		case <-ctx.Done():
			return nil
		}
		if err := c.durable.dropLost(); err != nil {
			return err
		}
	}
	for {
		r, more, err := c.pause(ctx)
		if err != nil || !more {
			return err
		}
		if err := c.round(ctx, r); err != nil {
			return err
		}
	}
}

// pause waits until the next barrier is due or asked for. There are no more when the tasks have ended, or the
// job is ending.
func (c *coordinator) pause(ctx context.Context) (r *request, more bool, err error) {
	var due <-chan time.Time
	if wait := c.interval(); wait >= 0 {
		due = c.job.clock.After(wait)
	}
	var lost <-chan struct{} // a checkpoint finds out to whom, and fails
	if c.durable != nil {
		lost = c.durable.Storage.Lost()
	}
	for {
		if err := c.take(ctx); err != nil {
			return nil, false, err
		}
		if r := c.request(); r != nil {
			return r, true, nil
		}
		select {
		case <-due:
			if !c.closed() {
				return nil, true, nil
			}
			due = nil
		case <-lost:
			if !c.closed() {
				return nil, true, nil
			}
			lost = nil
		case <-c.news:
		case <-c.job.tasksDone:
			return nil, false, nil
		case <-ctx.Done():
			return nil, false, nil
		}
	}
}

func (c *coordinator) interval() time.Duration {
	if c.durable != nil {
		return c.durable.pause(c.job.clock.Now())
	}
	return c.job.options.CommitInterval
}

// request gives the next request that there is; those that came behind the last barrier are refused.
func (c *coordinator) request() *request {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.requests) == 0 || c.closing {
		return nil
	}
	r := c.requests[0]
	c.requests = c.requests[1:]
	return r
}

// errEnding is for who asks for a checkpoint of a job that is over.
var errEnding = errors.New("the job has ended, or is ending")

// refuse answers the requests that nobody will serve.
func (c *coordinator) refuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	for _, r := range c.requests {
		_ = r.done(0, errEnding)
	}
	c.requests = nil
}

// ask asks for a checkpoint.
func (c *coordinator) ask(r *request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		_ = r.done(0, errEnding)
		return
	}
	c.requests = append(c.requests, r)
	signal(c.news)
}

func (c *coordinator) closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing
}

// close has no more barriers taken.
func (c *coordinator) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
}

// round sends a barrier through the job and commits what belongs to it.
func (c *coordinator) round(ctx context.Context, r *request) error {
	last := r != nil && r.last
	c.trigger(last)
	done, err := c.await(ctx)
	if done {
		err = c.durable.enterLast(ctx)
	}
	broken := err != nil || ctx.Err() != nil // the state, or the job
	switch {
	case broken:
	case done:
		err = c.complete(ctx)
	default:
		err = c.durable.expired(ctx, c)
	}
	if r != nil {
		_ = r.done(c.id, errors.Join(err, context.Cause(ctx))) // who asked is told
	}
	if last {
		c.close()
		if err != nil {
			return fmt.Errorf("the last checkpoint, before stopping, failed: %w", err)
		}
		c.saved = ctx.Err() == nil
		c.job.endReads()
		return nil
	}
	if c.durable != nil && !broken {
		return c.durable.tolerate(c, err)
	}
	return err
}

// trigger asks for a barrier.
func (c *coordinator) trigger(last bool) {
	c.id++
	c.waiting = map[*task]bool{}
	if c.durable != nil {
		c.durable.begun = c.job.clock.Now()
	}
	for t := range c.running {
		c.waiting[t] = true
		if t.inbox == nil {
			t.request.last.Store(last)
			t.request.asked.Store(c.id)
			t.notify()
		}
	}
}

// await waits until all tasks have acknowledged the barrier. It is not done when that takes too long.
func (c *coordinator) await(ctx context.Context) (done bool, err error) {
	var late <-chan time.Time
	if c.durable != nil {
		late = c.job.clock.After(c.durable.Timeout)
	}
	for {
		if err := c.take(ctx); err != nil {
			return false, err
		}
		if len(c.waiting) == 0 {
			return true, nil
		}
		select {
		case <-c.news:
		case <-late:
			return false, nil
		case <-ctx.Done():
			return false, nil
		}
	}
}

// acknowledge says that a barrier has gone through a task, or that it has ended. It is called by the task.
func (c *coordinator) acknowledge(a ack) {
	c.mu.Lock()
	c.acks = append(c.acks, a)
	c.mu.Unlock()
	signal(c.news)
}

// take works off what the tasks have left.
func (c *coordinator) take(ctx context.Context) error {
	c.mu.Lock()
	acks := c.acks
	c.acks = nil
	c.mu.Unlock()
	for _, a := range acks {
		if a.ended {
			delete(c.running, a.task)
			if c.waiting != nil && !c.waiting[a.task] {
				c.early = append(c.early, a)
				continue
			}
		}
		if err := c.enter(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// enter takes in what belongs to the barrier under way, or, where there is none, to the next one.
func (c *coordinator) enter(ctx context.Context, a ack) error {
	for _, p := range a.staged {
		c.staged[p.sink] = append(c.staged[p.sink], p.committables...)
	}
	if c.durable != nil {
		if err := c.durable.enter(ctx, a); err != nil {
			return err
		}
	}
	if a.ended || a.id == c.id {
		delete(c.waiting, a.task)
	}
	return nil
}

// settle lets those in who ended behind the barrier: it is over.
func (c *coordinator) settle(ctx context.Context) error {
	c.waiting = nil
	early := c.early
	c.early = nil
	for _, a := range early {
		if err := c.enter(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// complete commits what was staged, having stored it first where there are checkpoints.
func (c *coordinator) complete(ctx context.Context) error {
	if c.durable != nil {
		if err := c.durable.store(ctx, c, false); err != nil {
			return errors.Join(err, c.settle(ctx))
		}
	}
	staged := c.staged
	c.staged = map[*plan.Sink][][]byte{}
	if err := c.commit(ctx, staged); err != nil {
		return &commitError{err}
	}
	if c.durable != nil {
		if err := c.durable.committed(ctx, c); err != nil {
			return err
		}
	}
	return c.settle(ctx)
}

// conclude commits what is left at the end of a job that has not failed: all tasks have ended.
func (c *coordinator) conclude(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	if c.saved {
		if len(c.staged) > 0 {
			return errors.New("internal error: rows were written behind the last checkpoint")
		}
		return nil
	}
	c.id++
	if c.durable != nil {
		c.durable.begun = c.job.clock.Now()
		if err := c.durable.store(ctx, c, true); err != nil {
			return err
		}
	}
	if err := c.commit(ctx, c.staged); err != nil {
		return err
	}
	if c.durable != nil {
		return c.durable.committed(ctx, c)
	}
	return nil
}

// commitError is a commit that failed: the checkpoint is complete, so that only a restart can commit it again.
type commitError struct{ error }

func (e *commitError) Unwrap() error { return e.error }

// commit makes visible what has been prepared.
func (c *coordinator) commit(ctx context.Context, staged map[*plan.Sink][][]byte) error {
	for _, s := range c.job.plan.Sinks {
		if len(staged[s]) == 0 {
			continue
		}
		if err := s.Sink.Commit(ctx, staged[s]); err != nil {
			return within("committing to table "+s.Table, err)
		}
	}
	return nil
}
