package task

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/runtime/why"
	"github.com/weirstream/weir/state"
	"github.com/weirstream/weir/udf"
)

// Options are what a job is run with. Zero values are not defaults here; package runtime
// fills them in.
type Options struct {
	// ID names the run, in the files that sinks make.
	ID string
	// NewOperator makes the operator of a node.
	NewOperator func(plan.Node) (op.Operator, error)
	Clock       connectors.Clock
	// CommitInterval is how often sinks' rows are made visible.
	CommitInterval time.Duration
	// Checkpoints are taken where they are not nil; commits come with them.
	Checkpoints *Checkpoints
	// StopTimeout is how long a job that was told to stop may take before it is aborted.
	StopTimeout time.Duration
}

// Job is a running job.
type Job struct {
	plan        *plan.Job
	id          string
	env         *udf.Env
	clock       connectors.Clock
	newOperator func(plan.Node) (op.Operator, error)
	metrics     *metrics.Job
	options     Options

	budget      budget
	tasks       []*task
	sources     map[*plan.Source]*sharedSource
	coordinator *coordinator

	ctx       context.Context // ends when the job fails, is aborted, or is over
	abort     context.CancelCauseFunc
	reading   context.Context // ends, also, when the job is to stop
	endReads  context.CancelFunc
	stopping  atomic.Bool
	draining  atomic.Bool   // the sources are to end as if their input had
	stop      chan struct{} // capacity 1: told to stop
	opened    *gate         // all tasks have opened operators and writers
	begun     *gate         // all tasks fed by sources have their first splits
	tasksDone chan struct{} // all tasks have ended
	done      chan struct{} // the job is over
	err       error         // valid when done
}

// sharedSource is what the subtasks of a source share.
type sharedSource struct {
	splits *assigner
	pace   *pace // nil where subtasks need not keep together
	stats  *metrics.Source
}

// Start starts a job. When ctx ends the job stops as by Stop. An error is one of the
// plan, or of finding the sources' splits.
func Start(ctx context.Context, job *plan.Job, o Options) (*Job, error) {
	j := &Job{
		plan: withDefaults(job), id: o.ID, clock: o.Clock, newOperator: o.NewOperator, metrics: &metrics.Job{}, options: o,
		sources: map[*plan.Source]*sharedSource{},
		stop:    make(chan struct{}, 1), tasksDone: make(chan struct{}), done: make(chan struct{}),
	}
	j.env = &udf.Env{Zone: j.plan.Config.Zone, Now: j.clock.Now, Start: j.clock.Now()}
	j.ctx, j.abort = context.WithCancelCause(context.WithoutCancel(ctx))
	j.reading, j.endReads = context.WithCancel(j.ctx)
	if err := j.prepare(ctx); err != nil {
		j.abort(err)
		if late := j.release(); late != nil {
			return nil, errors.Join(err, late)
		}
		return nil, err
	}
	j.launch(ctx)
	return j, nil
}

// prepare makes the tasks and finds the splits.
func (j *Job) prepare(ctx context.Context) error {
	g, err := cut(j.plan)
	if err != nil {
		return err
	}
	b := &builder{job: j, graph: g, tasks: map[*stage][]*task{}}
	if err := b.build(); err != nil {
		return err
	}
	j.coordinator = newCoordinator(j)
	if j.durable() {
		if j.coordinator.durable, j.coordinator.id, err = newDurable(ctx, j); err != nil {
			return err
		}
		j.interrupts(j.options.Checkpoints.Store)
		if err := guarded("commits", func() error { return j.recoverSinks(ctx) }); err != nil {
			return err
		}
	}
	for n, s := range j.sources {
		if from := j.restored(n); from != nil {
			s.splits.restore(from)
		}
		err := guarded("the source of table "+n.Table, func() error { return s.splits.find(ctx) })
		if err == nil {
			err = s.splits.missing()
		}
		if err != nil {
			return within("finding what to read for table "+n.Table, err)
		}
	}
	return nil
}

// interrupts has nobody wait for a database of the job, or read much of it, when the job is over.
func (j *Job) interrupts(s *state.Store) {
	if s != nil {
		context.AfterFunc(j.ctx, func() { s.Interrupt(context.Cause(j.ctx)) })
	}
}

// restored gives how far the checkpoint that the job goes on from had read a table; nil: it had not.
func (j *Job) restored(n *plan.Source) *checkpoint.Source {
	if !j.durable() || j.options.Checkpoints.Match == nil {
		return nil
	}
	return j.options.Checkpoints.Match.Sources[n]
}

// before gives what the checkpoint that the job goes on from says of an operator; nil: nothing.
func (j *Job) before(n plan.Node) *checkpoint.Operator {
	if !j.durable() || j.options.Checkpoints.Match == nil {
		return nil
	}
	return j.options.Checkpoints.Match.Operators[n]
}

// withDefaults fills in what a plan may leave out.
func withDefaults(job *plan.Job) *plan.Job {
	c := *job
	if c.Config.Zone == nil {
		c.Config.Zone = time.UTC
	}
	if c.Config.BatchSize <= 0 {
		c.Config.BatchSize = vec.DefaultBatchSize
	}
	if c.Config.MaxGroups <= 0 {
		c.Config.MaxGroups = 128
	}
	return &c
}

// sinkID tells the writers of several sinks of a job apart.
func (j *Job) sinkID(n *plan.Sink) string {
	for i, s := range j.plan.Sinks {
		if s == n && i > 0 {
			return fmt.Sprintf("%s-%d", j.id, i)
		}
	}
	return j.id
}

// launch starts the goroutines: one a task, the coordinator, one a source that looks for
// new splits, one that waits for ctx, and one that joins them all.
func (j *Job) launch(ctx context.Context) {
	var tasks, others sync.WaitGroup
	producers := 0
	for _, t := range j.tasks {
		if t.inbox == nil {
			producers++
		}
	}
	j.opened, j.begun = newGate(len(j.tasks)), newGate(producers)
	for _, t := range j.tasks {
		tasks.Go(func() { j.runTask(t) })
	}
	others.Go(func() {
		j.check(guarded("commits", func() error { return j.coordinator.run(j.ctx) }))
	})
	for n, s := range j.sources {
		if !n.Source.Bounded() && n.Source.DiscoverEvery() > 0 {
			others.Go(func() {
				err := guarded("the source of table "+n.Table, func() error { return s.splits.discover(j.reading, j.clock) })
				j.check(within("finding what to read for table "+n.Table, err))
			})
		}
	}
	others.Go(func() { j.watch(ctx) })
	go func() {
		tasks.Wait()
		close(j.tasksDone)
		j.endReads()
		others.Wait()
		j.conclude()
	}()
}

// watch stops the job when ctx ends, and aborts it when stopping takes too long.
func (j *Job) watch(ctx context.Context) {
	select {
	case <-ctx.Done():
		j.Stop()
	case <-j.stop:
	case <-j.tasksDone:
		return
	}
	select {
	case <-j.clock.After(j.options.StopTimeout):
		j.fail(j.stopTimeout())
	case <-j.tasksDone:
	}
}

// stopTimeout says what may have kept the job from stopping.
func (j *Job) stopTimeout() error {
	why := "a sink takes no rows, such as a channel that nobody receives from"
	if j.durable() {
		why += ", or state is still being loaded for rows that have been read; the job will go on from its last checkpoint"
	}
	return fmt.Errorf("stopping took longer than %v: %s", j.options.StopTimeout, why)
}

// conclude commits what is left and ends the job.
func (j *Job) conclude() {
	j.err = context.Cause(j.ctx)
	if j.err == nil {
		j.err = guarded("commits", func() error { return j.coordinator.conclude(j.ctx) })
	}
	if err := j.release(); j.err == nil {
		j.err = err
	}
	j.abort(nil)
	close(j.done)
}

// release closes the sources and sinks that want to be told of the job's end.
func (j *Job) release() error {
	errs := []error{j.budget.close()}
	for n := range j.sources {
		if c, ok := n.Source.(io.Closer); ok {
			errs = append(errs, within("closing table "+n.Table, guarded("the source of table "+n.Table, c.Close)))
		}
	}
	for _, s := range j.plan.Sinks {
		if c, ok := s.Sink.(io.Closer); ok {
			errs = append(errs, within("closing table "+s.Table, guarded("the sink of table "+s.Table, c.Close)))
		}
	}
	return errors.Join(errs...)
}

func (j *Job) runTask(t *task) {
	if err := t.run(); err != nil {
		j.fail(err)
		return
	}
	j.coordinator.acknowledge(t.ack(0, true))
}

func (j *Job) check(err error) {
	if err != nil {
		j.fail(err)
	}
}

// fail ends the job; the first reason is what it reports.
func (j *Job) fail(err error) { j.abort(err) }

func (j *Job) isStopping() bool { return j.stopping.Load() }

// Stop tells the sources to read no further. What they have read goes through the plan and
// is committed; windows that are still open do not fire, as they would at the end of
// the input. With checkpoints, a last one is taken, and the sources end behind its barrier. It
// returns at once.
func (j *Job) Stop() {
	if j.stopping.Swap(true) {
		return
	}
	if j.durable() {
		j.coordinator.ask(&request{last: true, done: func(int64, error) error { return nil }})
	}
	j.stopReading()
}

// stopReading makes the stop known.
func (j *Job) stopReading() {
	if !j.durable() {
		j.endReads()
	}
	signal(j.stop)
	for _, t := range j.tasks {
		t.notify()
	}
}

// StopAt stops the job like Stop, and gives the last checkpoint's ID when it is complete and committed, and then, if it is
// not nil, has been called with it. The job must take checkpoints.
func (j *Job) StopAt(ctx context.Context, then func(id int64) error) (int64, error) {
	if j.stopping.Swap(true) {
		return 0, errEnding
	}
	wait := j.ask(true, then)
	j.stopReading()
	return wait(ctx)
}

// Checkpoint takes a checkpoint now and gives its ID when it is complete and committed and then, if it is not nil, has been
// called with it; no other is taken meanwhile. The job must take checkpoints.
func (j *Job) Checkpoint(ctx context.Context, then func(id int64) error) (int64, error) {
	return j.ask(false, then)(ctx)
}

// ask asks for a checkpoint, and gives what waits for it.
func (j *Job) ask(last bool, then func(id int64) error) (wait func(ctx context.Context) (int64, error)) {
	type result struct {
		id  int64
		err error
	}
	answer := make(chan result, 1)
	j.coordinator.ask(&request{last: last, done: func(id int64, err error) error {
		if err == nil && then != nil {
			err = then(id)
		}
		answer <- result{id, err}
		return err
	}})
	return func(ctx context.Context) (int64, error) {
		select {
		case r := <-answer:
			return r.id, r.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// Drain ends the job as if its input had come to its end: windows that are still open fire. It returns at
// once.
func (j *Job) Drain() {
	j.coordinator.close()
	j.draining.Store(true)
	for _, t := range j.tasks {
		t.notify()
	}
}

// Abort ends the job at once. What was committed stays; the rest is discarded.
func (j *Job) Abort() { j.fail(ErrAborted) }

// Wait waits for the end of the job and gives the first error. A job that was stopped has
// none.
func (j *Job) Wait() error {
	<-j.done
	return j.err
}

// Done is closed at the end of the job.
func (j *Job) Done() <-chan struct{} { return j.done }

// Stopped reports whether the job was told to stop.
func (j *Job) Stopped() bool { return j.stopping.Load() }

// Metrics gives the job's numbers as they are now.
func (j *Job) Metrics() metrics.Snapshot { return j.metrics.Snapshot() }

// Why says what the job's operators wait for.
func (j *Job) Why() why.Report { return why.Make(j.plan, j.metrics.Snapshot(), j.clock.Now()) }
