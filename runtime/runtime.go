// Package runtime runs physical plans. Start starts a job and gives a handle; Run waits
// for its end. The work is done below: task cuts a plan into tasks and joins them, op holds the
// operators, expr and agg what they compute with, vec the batches that flow, checkpoint what a job leaves on disk.
//
// Here is what spans several attempts to run a job: finding the checkpoint to go on from, and starting again after a failure.
package runtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/task"
)

// Options say how a job is run. The zero value is what a user wants.
type Options struct {
	// ID names the run, in the names of files that sinks make; "" is a random one.
	ID string
	// Clock is the processing time; nil is the machine's.
	Clock connectors.Clock
	// CommitInterval is how often rows become visible in sinks that commit, without checkpoints; 0 is a second.
	CommitInterval time.Duration
	// StopTimeout is how long a job may take to stop before it is aborted; 0 is 30 seconds.
	StopTimeout time.Duration
	// State has the job take checkpoints; nil: it takes none, and begins anew each time.
	State *State
}

// Result is what a job leaves behind.
type Result struct {
	Stopped bool // it was told to stop before its sources ended
	Elapsed time.Duration
	Metrics metrics.Snapshot
}

// Start starts a job. When ctx ends, the job stops as by Stop: what was read is processed and
// committed, and windows that are still open do not fire. The error is one of the plan, of finding the
// splits of a source, or of the checkpoint to go on from; those of the run come from Wait.
func Start(ctx context.Context, job *plan.Job, o Options) (*Job, error) {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.CommitInterval <= 0 {
		o.CommitInterval = time.Second
	}
	if o.StopTimeout <= 0 {
		o.StopTimeout = 30 * time.Second
	}
	j := &Job{options: o, clock: o.Clock, done: make(chan struct{}), stop: make(chan struct{})}
	if o.State == nil {
		return j, j.startPlain(ctx, job)
	}
	return j, j.startDurable(ctx, job)
}

// randomID makes a name for a job or a run.
func randomID() (string, error) {
	id := make([]byte, 4)
	if _, err := rand.Read(id); err != nil {
		return "", fmt.Errorf("making an id for the job: %w", err)
	}
	return hex.EncodeToString(id), nil
}

func (o *Options) task(id string) task.Options {
	return task.Options{ID: id, NewOperator: op.New, Clock: o.Clock, CommitInterval: o.CommitInterval, StopTimeout: o.StopTimeout}
}

// Run runs a job to its end, or until ctx ends. The first failure is the error.
func Run(ctx context.Context, job *plan.Job, o Options) (Result, error) {
	began := time.Now()
	j, err := Start(ctx, job, o)
	if err != nil {
		return Result{}, err
	}
	err = j.Wait()
	return Result{Stopped: j.Stopped(), Elapsed: time.Since(began), Metrics: j.Metrics()}, err
}
