package task

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// Checkpoints say how a job's checkpoints are taken, and what it goes on from.
type Checkpoints struct {
	Storage checkpoint.Storage // owned by the job's caller
	Job     string             // the job's ID
	// From is the checkpoint to go on from, Match what of it the plan takes over; nil: the job begins anew.
	From  *checkpoint.Checkpoint
	Match *checkpoint.Comparison
	// Store is the state of the run, opened from From; nil where no operator keeps any.
	Store *state.Store

	Interval  time.Duration // between the beginnings of two; 0: only those that are asked for
	Timeout   time.Duration
	MinPause  time.Duration // from the end of one to the beginning of the next
	Tolerable int           // how many may fail in a row
	Retain    int           // how many are kept
	// Note is told of every checkpoint, from the coordinator's goroutine; nil: nobody is.
	Note func(CheckpointNote)
}

// CheckpointNote is what became of a checkpoint.
type CheckpointNote struct {
	ID    int64
	Took  time.Duration
	Held  time.Duration // how long the barrier has kept a task from its rows, the longest
	Bytes int64         // of state that it refers to
	Wrote int64         // bytes of it that the checkpoint before did not have
	Err   error         // nil: it is complete and committed
}

// durable makes checkpoints complete.
type durable struct {
	Checkpoints
	progress *progress
	last     []state.Frozen // of tasks that have ended, for the next checkpoint: a job that has ended needs none of it
	begun    time.Time      // the last one
	ended    time.Time
	failed   int           // in a row
	held     time.Duration // of the one under way
	bytes    int64         // of the last one
	wrote    int64
}

// durable reports whether the job takes checkpoints.
func (j *Job) durable() bool { return j.options.Checkpoints != nil }

// newDurable begins where the checkpoint that the job goes on from has ended.
func newDurable(ctx context.Context, j *Job) (*durable, int64, error) {
	d := &durable{Checkpoints: *j.options.Checkpoints, progress: newProgress()}
	next, err := d.Storage.NextID(ctx)
	if err != nil {
		return nil, 0, err
	}
	if d.Match != nil {
		for n, from := range d.Match.Sources {
			d.progress.restore(n, from)
		}
	}
	return d, next - 1, nil
}

// scope gives an operator of a task its state; nil where nothing is kept.
func (j *Job) scope(n plan.Node, t *task) *state.Scope {
	if !j.durable() {
		return nil
	}
	return j.options.Checkpoints.Store.Scope(n.Properties().ID, t.index, state.GroupsOf(t.index, t.stage.parallelism, j.plan.Config.MaxGroups))
}

// dropLost removes state that the plan has no place for, once all operators have said what is theirs.
func (d *durable) dropLost() error {
	if d.Match == nil || len(d.Match.Lost) == 0 || d.Store == nil {
		return nil
	}
	return d.Store.DropUnclaimed()
}

// pause gives how long to wait for the next checkpoint; it is negative where there is none by itself.
func (d *durable) pause(now time.Time) time.Duration {
	if d.Interval <= 0 {
		return -1
	}
	if d.begun.IsZero() {
		return d.Interval
	}
	return max(d.begun.Add(d.Interval).Sub(now), d.ended.Add(d.MinPause).Sub(now), 0)
}

// enter takes in what a task has handed over.
func (d *durable) enter(ctx context.Context, a ack) error {
	d.progress.take(a)
	d.held = max(d.held, a.held)
	switch {
	case d.Store == nil:
		return nil
	case a.ended:
		d.last = append(d.last, a.frozen...)
		return nil
	}
	return d.Store.Write(ctx, a.frozen...)
}

// enterLast takes in the state of tasks that have ended, of which there will be no more.
func (d *durable) enterLast(ctx context.Context) error {
	if d == nil || d.Store == nil {
		return nil
	}
	last := d.last
	d.last = nil
	return d.Store.Write(ctx, last...)
}

// expired gives a checkpoint up that takes too long. What has come of it belongs to the next one.
func (d *durable) expired(ctx context.Context, c *coordinator) error {
	if d.Store != nil {
		d.Store.Abandon()
	}
	return errors.Join(fmt.Errorf("it took longer than %v ('execution.checkpointing.timeout')", d.Timeout), c.settle(ctx))
}

// tolerate ends a checkpoint, and decides whether the job goes on after one that failed.
func (d *durable) tolerate(c *coordinator, err error) error {
	d.ended = c.job.clock.Now()
	if err == nil {
		d.failed = 0
		return nil
	}
	d.note(CheckpointNote{ID: c.id, Took: d.ended.Sub(d.begun), Err: err})
	var commit *commitError
	if d.failed++; d.failed <= d.Tolerable && !errors.As(err, &commit) && !errors.Is(err, checkpoint.ErrLocked) {
		return nil
	}
	return fmt.Errorf("checkpoint %d: %w", c.id, err)
}

func (d *durable) note(n CheckpointNote) {
	n.Held, d.held = d.held, 0
	if d.Note != nil {
		d.Note(n)
	}
}

// store makes everything durable that the job needs to go on from the barrier; of one that has ended that is the
// commits alone.
func (d *durable) store(ctx context.Context, c *coordinator, ended bool) error {
	ctx, cancel := d.rest(ctx, c)
	defer cancel()
	m := d.manifest(c, ended)
	err := d.Storage.Work().Begin(m.ID)
	if d.Store != nil && !ended {
		if err == nil {
			m.Files, err = d.files(m.ID)
		}
		if err != nil {
			d.Store.Abandon()
		}
	}
	if err == nil {
		err = d.Storage.Finish(ctx, m)
	}
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
		if errors.Is(err, checkpoint.ErrLocked) {
			return err // the place is another's
		}
		return errors.Join(err, d.Storage.Discard(ctx, m.ID))
	}
	d.bytes = m.Size()
	return nil
}

// rest ends with the time that a checkpoint may take; one at the end of a job may take as much anew.
func (d *durable) rest(ctx context.Context, c *coordinator) (context.Context, context.CancelFunc) {
	left := d.Timeout
	if c.waiting != nil {
		left -= c.job.clock.Now().Sub(d.begun)
	}
	return context.WithTimeoutCause(ctx, max(left, time.Second), fmt.Errorf("it took longer than %v ('execution.checkpointing.timeout')", d.Timeout))
}

// files copies the state to the checkpoint's folder.
func (d *durable) files(id int64) ([]checkpoint.File, error) {
	files, err := d.Store.Checkpoint(d.Storage.Work().State(id))
	var out []checkpoint.File
	d.wrote = 0
	for _, f := range files {
		if f.New {
			d.wrote += f.Size
		}
		out = append(out, checkpoint.File{Name: checkpoint.StateFile(f.Name), Size: f.Size, Sum: fmt.Sprintf("%08x", f.Sum)})
	}
	return out, err
}

// manifest says what belongs to the checkpoint.
func (d *durable) manifest(c *coordinator, ended bool) *checkpoint.Manifest {
	j := c.job
	tables := d.tables()
	m := &checkpoint.Manifest{
		Job: d.Job, Name: j.plan.Name, ID: c.id, Time: time.Now().UTC().Truncate(time.Millisecond), Ended: ended, Drained: ended && j.draining.Load(),
		MaxParallelism: j.plan.Config.MaxGroups,
	}
	for _, n := range plan.Nodes(j.plan) {
		m.Parallelism = max(m.Parallelism, parallelism(n))
		switch n := n.(type) {
		case *plan.Exchange:
		case *plan.Source:
			m.Sources = append(m.Sources, d.progress.of(n).manifest(n, j.sources[n].splits.lists))
		case *plan.Sink:
			m.Sinks = append(m.Sinks, checkpoint.Sink{ID: n.ID, Table: n.Table, Guarantee: string(n.Sink.Guarantee()), Committables: c.staged[n]})
		default:
			m.Operators = append(m.Operators, checkpoint.Operator{ID: n.Properties().ID, Name: n.Name(), Watermark: d.progress.watermark(n), Tables: tables[n.Properties().ID]})
		}
	}
	return m
}

// tables describes the state by operator.
func (d *durable) tables() map[string][]checkpoint.Table {
	out := map[string][]checkpoint.Table{}
	if d.Store == nil {
		return out
	}
	columns := func(s vec.Schema) (cols []checkpoint.Column) {
		for _, f := range s {
			cols = append(cols, checkpoint.Column{Name: f.Name, Type: f.Type.String()})
		}
		return cols
	}
	for _, t := range d.Store.Tables() {
		out[t.Operator] = append(out[t.Operator], checkpoint.Table{
			Name: t.Name, Kind: string(t.Kind), Version: t.Version, Key: columns(t.Key), Value: columns(t.Value),
		})
	}
	return out
}

// committed ends a checkpoint whose sinks have committed. That it is noted, and older ones removed, is a matter of
// order: a failure is told and does no harm.
func (d *durable) committed(ctx context.Context, c *coordinator) error {
	err := errors.Join(d.Storage.Committed(ctx, c.id), d.Storage.Retain(ctx, d.Retain))
	d.note(CheckpointNote{ID: c.id, Took: c.job.clock.Now().Sub(d.begun), Bytes: d.bytes, Wrote: d.wrote, Err: err})
	return nil
}

// recoverSinks commits what the checkpoint that the job goes on from holds, unless that is known to be done, and has
// sinks clean up what earlier runs of the job have left.
func (j *Job) recoverSinks(ctx context.Context) error {
	o := j.options.Checkpoints
	if o.From != nil && !o.From.Committed {
		for n, s := range o.Match.Sinks {
			if len(s.Committables) == 0 {
				continue
			}
			if err := n.Sink.Commit(ctx, s.Committables); err != nil {
				return within("committing to table "+n.Table, err)
			}
		}
	}
	for _, n := range j.plan.Sinks {
		if r, ok := n.Sink.(connectors.Recoverer); ok {
			if err := r.Recover(ctx, o.Job); err != nil {
				return within("cleaning up table "+n.Table, err)
			}
		}
	}
	return nil
}
