package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/task"
	"github.com/weirstream/weir/runtime/why"
)

// Job is a running job. With checkpoints it may be run several times, each time from the newest
// one, until it ends, is stopped, or may not be restarted any more.
type Job struct {
	options  Options
	clock    connectors.Clock
	recovery *recovery // nil: no checkpoints
	done     chan struct{}
	stop     chan struct{} // closed by Stop and Abort

	mu      sync.Mutex
	run     *task.Job // the present attempt, or the last one
	stopped bool
	aborted bool
	drained bool
	err     error // valid when done
}

// startPlain runs a job without checkpoints.
func (j *Job) startPlain(ctx context.Context, job *plan.Job) (err error) {
	id := j.options.ID
	if id == "" {
		if id, err = randomID(); err != nil {
			return err
		}
	}
	if j.run, err = task.Start(ctx, job, j.options.task(id)); err != nil {
		return err
	}
	go func() {
		j.err = j.run.Wait()
		close(j.done)
	}()
	return nil
}

// startDurable runs a job with checkpoints, from the newest one that there is.
func (j *Job) startDurable(ctx context.Context, job *plan.Job) error {
	r, err := openState(ctx, j.options.State, job, j.options.task)
	if err != nil {
		return err
	}
	j.recovery = r
	if j.run, err = r.start(ctx, job, nil); err != nil {
		return errors.Join(err, r.close())
	}
	go j.supervise(ctx)
	return nil
}

// supervise waits for the end of an attempt, and starts the next where it has failed.
func (j *Job) supervise(ctx context.Context) {
	defer close(j.done)
	again := restarts{Restart: j.recovery.plan.Restart, began: j.clock.Now()}
	err := j.attempt()
	for err != nil && j.mayRestart(ctx, err) {
		final, failed := j.restart(ctx, &again, err)
		switch {
		case failed == nil:
			err = j.attempt()
		case final:
			j.err = errors.Join(err, j.recovery.close())
			return
		default:
			err = failed
		}
	}
	j.err = errors.Join(err, j.recovery.close())
}

// attempt waits for the end of the present one.
func (j *Job) attempt() error {
	err := j.current().Wait()
	if late := j.recovery.closeStore(); err == nil {
		err = late
	}
	return err
}

// mayRestart reports whether anybody still wants the job to run, and another process does not run it now.
func (j *Job) mayRestart(ctx context.Context, err error) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.stopped && !j.aborted && ctx.Err() == nil && j.recovery.Replan != nil && !errors.Is(err, checkpoint.ErrLocked)
}

// restart waits and starts the next attempt. The error is that of starting it; final says that there is to be none.
func (j *Job) restart(ctx context.Context, again *restarts, failure error) (final bool, err error) {
	wait, why := again.next(j.clock.Now(), failure, j.recovery.from)
	if why != "" {
		j.recovery.note(Note{Kind: Warning, Text: "the job is not restarted: " + why})
		return true, failure
	}
	from := "from its beginning"
	if c, err := checkpoint.Newest(ctx, j.recovery.storage); err == nil && c != nil {
		from = fmt.Sprintf("from checkpoint %d", c.ID)
	}
	j.recovery.note(Note{
		Kind: Restarting, Err: failure, Delay: wait,
		Text: fmt.Sprintf("the job failed, and goes on %s in %v (attempt %d): %v", from, wait.Round(100*time.Millisecond), again.attempts, failure),
	})
	select {
	case <-j.clock.After(wait):
	case <-j.stop:
		return true, failure
	case <-ctx.Done():
		return true, failure
	}
	job, err := j.recovery.Replan()
	if err != nil {
		return false, err
	}
	again.began = j.clock.Now()
	run, err := j.recovery.start(ctx, job, failure)
	if err != nil {
		return false, err
	}
	j.mu.Lock()
	j.run = run
	stopped, aborted, drained := j.stopped, j.aborted, j.drained
	j.mu.Unlock()
	switch {
	case aborted:
		run.Abort()
	case stopped:
		run.Stop()
	case drained:
		run.Drain()
	}
	return false, nil
}

func (j *Job) current() *task.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.run
}

// Stop tells the sources to read no further: see task.Job. With checkpoints a last one is taken. It returns at once.
func (j *Job) Stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.stopped && !j.aborted {
		close(j.stop)
	}
	j.stopped = true
	j.run.Stop()
}

// Abort ends the job at once. What was committed stays; the rest is discarded.
func (j *Job) Abort() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.stopped && !j.aborted {
		close(j.stop)
	}
	j.aborted = true
	j.run.Abort()
}

// Wait waits for the end of the job and gives the first error, of the last attempt. A job that was stopped has
// none.
func (j *Job) Wait() error {
	<-j.done
	return j.err
}

// Done is closed at the end of the job.
func (j *Job) Done() <-chan struct{} { return j.done }

// Stopped reports whether the job was told to stop.
func (j *Job) Stopped() bool { return j.current().Stopped() }

// Metrics gives the numbers of the present attempt as they are now.
func (j *Job) Metrics() metrics.Snapshot { return j.current().Metrics() }

// Why says what the present attempt's windows wait for.
func (j *Job) Why() why.Report { return j.current().Why() }

// errNoState is for who asks a job for a checkpoint that takes none.
var errNoState = errors.New("the job takes no checkpoints: it was started without a state folder")

// Checkpoint takes a checkpoint now; it is complete and committed when its ID comes.
func (j *Job) Checkpoint(ctx context.Context) (int64, error) {
	if j.recovery == nil {
		return 0, errNoState
	}
	return j.current().Checkpoint(ctx, nil)
}

// Savepoint takes a checkpoint now and copies it to a folder of its own, which must be empty or not there yet.
func (j *Job) Savepoint(ctx context.Context, dir string) (int64, error) {
	if j.recovery == nil {
		return 0, errNoState
	}
	return j.current().Checkpoint(ctx, j.recovery.export(ctx, dir))
}

// StopWithSavepoint does the same, and ends the job behind it.
func (j *Job) StopWithSavepoint(ctx context.Context, dir string) (int64, error) {
	if j.recovery == nil {
		return 0, errNoState
	}
	j.mu.Lock()
	if !j.stopped && !j.aborted {
		close(j.stop)
	}
	j.stopped = true
	run := j.run
	j.mu.Unlock()
	return run.StopAt(ctx, j.recovery.export(ctx, dir))
}

// Drain ends the job as if its input had come to its end: windows that are still open fire. A job that was drained does
// not go on; one that fails meanwhile is restarted, and drained then.
func (j *Job) Drain() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.drained = true
	j.run.Drain()
}
