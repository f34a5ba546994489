package task

import (
	"errors"
	"fmt"
	"time"

	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/state"
)

// task runs one subtask of a stage on one goroutine: its chained operators, fed either by
// sources or by exchanges.
type task struct {
	job   *Job
	stage *stage
	index int

	nodes   []*node // inputs before consumers
	leaves  []*node // those without inputs
	sources []*source
	sinks   []*sinkPort
	senders []*sender
	inbox   *inbox // nil for a task fed by sources
	entries []*entry

	woken  chan struct{} // capacity 1: something has come
	timers timers

	running string // the operator that is being called, for the report of a panic
	request barrierRequest
	staged  []prepared     // committables that have not been handed over
	frozen  []state.Frozen // state that has not been handed over
	held    time.Duration  // that freezing it has taken
}

func (t *task) String() string { return fmt.Sprintf("stage %d, subtask %d", t.stage.id, t.index) }

// notify wakes the task; it may be called from any goroutine.
func (t *task) notify() { signal(t.woken) }

// run is the task's goroutine. Whatever was opened is closed, also after a failure.
func (t *task) run() error {
	err := t.guarded(t.work)
	t.running = ""
	if cerr := t.guarded(t.close); cerr != nil {
		return errors.Join(err, cerr)
	}
	return err
}

// guarded calls f and turns a panic into an error.
func (t *task) guarded(f func() error) error {
	return guard(func() string {
		if t.running != "" {
			return t.running
		}
		return t.String()
	}, f)
}

func (t *task) work() error {
	if err := t.open(); err != nil {
		return err
	}
	// Nothing is read, and nothing written, by a job that cannot open as a whole.
	if err := t.job.opened.pass(t.job.ctx); err != nil {
		return err
	}
	run := t.produce
	if t.inbox != nil {
		run = t.receive
	}
	if err := run(); err != nil {
		return err
	}
	return t.freeze()
}

// freeze takes what operators have at their end: later checkpoints of the job hold it too.
func (t *task) freeze() error {
	for _, n := range t.nodes {
		if err := n.freeze(); err != nil {
			return err
		}
	}
	return nil
}

// open opens consumers before what feeds them, so that an operator may emit from its Open.
func (t *task) open() error {
	for _, s := range t.sinks {
		if err := s.open(); err != nil {
			return err
		}
	}
	for i := len(t.nodes) - 1; i >= 0; i-- {
		if err := t.nodes[i].start(); err != nil {
			return err
		}
	}
	return nil
}

func (t *task) close() error {
	var errs []error
	for _, s := range t.sources {
		errs = append(errs, s.close())
	}
	for _, n := range t.nodes {
		errs = append(errs, within("closing "+n.place, n.op.Close()))
	}
	for _, s := range t.sinks {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// begin gives what constant rows there are, and opens the first splits. A source that has nothing to
// read in this task ends, or becomes idle, before any task reads: so the merged watermark is
// held back by none that happens to start late, and which rows are late does not depend on it.
func (t *task) begin() error {
	for _, n := range t.leaves {
		if err := n.runLeaf(); err != nil {
			return err
		}
	}
	for _, s := range t.sources {
		if err := s.fetch(); err != nil {
			return err
		}
	}
	return t.job.begun.pass(t.job.ctx)
}

// produce is the loop of a task fed by sources.
func (t *task) produce() error {
	if err := t.begin(); err != nil {
		return err
	}
	for {
		more, busy := false, false
		for _, s := range t.sources {
			if s.over {
				continue
			}
			progress, err := s.step()
			if err != nil {
				return err
			}
			more, busy = more || !s.over, busy || progress
		}
		if !more {
			return nil
		}
		if err := t.between(busy); err != nil {
			return err
		}
	}
}

// receive is the loop of a task fed by exchanges.
func (t *task) receive() error {
	for t.inbox.open > 0 {
		l, e, ok := t.inbox.take()
		if ok {
			if err := t.handle(l, e); err != nil {
				return err
			}
		}
		if err := t.between(ok); err != nil {
			return err
		}
	}
	return nil
}

// between is what a task does between two batches: timers, requests, and, where there is
// nothing at hand, sending on what waits in exchanges and waiting itself.
func (t *task) between(busy bool) error {
	if !busy {
		if err := t.rest(); err != nil {
			return err
		}
	}
	if t.job.ctx.Err() != nil {
		return errStopped
	}
	if now, due := t.timers.due(); due {
		if err := t.tick(now); err != nil {
			return err
		}
	}
	if t.inbox != nil {
		return nil
	}
	if t.job.draining.Load() {
		return t.endSources(true)
	}
	if t.job.isStopping() && !t.job.durable() {
		return t.endSources(false)
	}
	return t.answerRequest()
}

// rest waits for something to do.
func (t *task) rest() error {
	for _, s := range t.senders {
		if err := s.flush(); err != nil {
			return err
		}
	}
	for _, n := range t.nodes {
		metrics.Rest(n.op)
	}
	select {
	case <-t.woken:
	case <-t.timers.channel():
		t.timers.fired()
	case <-t.job.ctx.Done():
		return errStopped
	}
	return nil
}

func (t *task) tick(now time.Time) error {
	for _, s := range t.sources {
		if err := s.tick(now); err != nil {
			return err
		}
	}
	for _, n := range t.nodes {
		if err := n.tick(now); err != nil {
			return err
		}
		if !n.wakeAt.IsZero() {
			t.timers.at(n.wakeAt)
		}
	}
	return nil
}

// endSources ends the task's sources before their end; drained, as if they had come to it.
func (t *task) endSources(drained bool) error {
	for _, s := range t.sources {
		if s.over {
			continue
		}
		if err := s.end(drained); err != nil {
			return err
		}
	}
	return nil
}

// answerRequest sends a barrier where the coordinator has asked for one.
func (t *task) answerRequest() error {
	id, ok := t.request.take()
	if !ok {
		return nil
	}
	for _, s := range t.sources {
		if s.over {
			continue
		}
		if err := s.out.barrier(id); err != nil {
			return err
		}
		s.epoch = id
	}
	t.acknowledge(id)
	if t.request.last.Load() {
		return t.endSources(false)
	}
	return nil
}

// acknowledge says that the barrier has gone through the whole chain.
func (t *task) acknowledge(id int64) { t.job.coordinator.acknowledge(t.ack(id, false)) }
