package task

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/runtime/plan"
)

// coordinator commits what sinks have prepared. Every so often it asks the source tasks for a
// barrier; when the barrier has gone through every task, what all sinks prepared at it belongs
// together and is committed. At the end of the job the rest is committed the same way. It
// is the checkpoints' protocol without the state: between acknowledgment and commit a
// manifest will be written.
type coordinator struct {
	job      *Job
	complete chan struct{} // capacity 1: the last acknowledgment has come

	mu      sync.Mutex
	id      int64
	running map[*task]bool // tasks that have not ended
	waiting map[*task]bool // tasks that have not acknowledged the barrier under way
	staged  map[*plan.Sink][][]byte
}

// barrierRequest passes a barrier's id to a task fed by sources. A task fed by exchanges
// keeps the id of the barrier that it is aligning in it.
type barrierRequest struct {
	asked atomic.Int64
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
	c := &coordinator{job: j, complete: make(chan struct{}, 1), running: map[*task]bool{}, staged: map[*plan.Sink][][]byte{}}
	for _, t := range j.tasks {
		c.running[t] = true
	}
	return c
}

// run commits every interval until the tasks have ended.
func (c *coordinator) run(ctx context.Context, interval time.Duration) error {
	for {
		select {
		case <-c.job.clock.After(interval):
		case <-c.job.tasksDone:
			return nil
		case <-ctx.Done():
			return nil
		}
		c.trigger()
		select {
		case <-c.complete:
		case <-ctx.Done():
			return nil
		}
		if err := c.commit(ctx); err != nil {
			return err
		}
	}
}

// trigger asks for a barrier.
func (c *coordinator) trigger() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id++
	c.waiting = map[*task]bool{}
	for t := range c.running {
		c.waiting[t] = true
		if t.inbox == nil {
			t.request.asked.Store(c.id)
			t.notify()
		}
	}
	c.check()
}

// acknowledge says that a barrier has gone through a task, and what its sinks prepared.
func (c *coordinator) acknowledge(t *task, id int64, staged []prepared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stage(staged)
	if id == c.id {
		delete(c.waiting, t)
		c.check()
	}
}

// ended says that a task has come to its end without an error.
func (c *coordinator) ended(t *task, staged []prepared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stage(staged)
	delete(c.running, t)
	if c.waiting != nil {
		delete(c.waiting, t)
		c.check()
	}
}

func (c *coordinator) stage(staged []prepared) {
	for _, p := range staged {
		c.staged[p.sink] = append(c.staged[p.sink], p.committables...)
	}
}

// check notices that nobody is waited for any more.
func (c *coordinator) check() {
	if len(c.waiting) == 0 {
		c.waiting = nil
		signal(c.complete)
	}
}

// commit makes visible what has been prepared.
func (c *coordinator) commit(ctx context.Context) error {
	c.mu.Lock()
	staged := c.staged
	c.staged = map[*plan.Sink][][]byte{}
	c.mu.Unlock()
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
