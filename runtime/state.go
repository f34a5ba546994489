package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/task"
	"github.com/weirstream/weir/state"
)

// State says where a job's checkpoints lie, and what becomes of a job that has left some. How they are taken is in the
// plan's settings.
type State struct {
	Dir string
	FS  vfs.FS // nil: the machine's

	// StartOver removes what is in Dir.
	StartOver bool
	// Replan makes the plan anew for another attempt: sources and sinks of one that has failed are not used again. nil: a
	// job that fails is not restarted.
	Replan func() (*plan.Job, error)
	// Note is told what happens; nil: nobody is.
	Note func(Note)
}

// Note is something that happened to a job with checkpoints.
type Note struct {
	Kind NoteKind
	Text string // a sentence for people
	Err  error  // of a failure
	// Checkpoint is the one that was taken, has failed, or is gone on from; 0: none.
	Checkpoint int64
	Took       time.Duration // of a checkpoint
	Bytes      int64         // of state in it
	Delay      time.Duration // before a restart
}

// NoteKind is the kind of a Note.
type NoteKind string

// Kinds of notes.
const (
	Resumed          NoteKind = "resumed"
	CheckpointDone   NoteKind = "checkpoint"
	CheckpointFailed NoteKind = "checkpoint failed"
	Restarting       NoteKind = "restarting"
	Warning          NoteKind = "warning"
)

// EndedError says that the job has come to its end in an earlier run: there is nothing to do.
type EndedError struct {
	Dir        string
	Checkpoint int64
	Time       time.Time
	Drained    bool
}

func (e *EndedError) Error() string {
	how := "had come to the end of its input"
	if e.Drained {
		how = "was drained"
	}
	return fmt.Sprintf("the job in '%s' %s on %s", e.Dir, how, e.Time.Local().Format("2006-01-02 15:04:05"))
}

// recovery is a job's state folder while the job runs.
type recovery struct {
	*State
	plan   plan.Checkpoints
	folder *checkpoint.Folder
	job    string // its ID
	tasks  func(id string) task.Options
	store  *state.Store // of the present attempt
	from   int64        // the checkpoint that the present attempt began with; 0: none
}

// openFolder locks the folder and finds out whose it is.
func openFolder(s *State, job *plan.Job, tasks func(string) task.Options) (*recovery, error) {
	r := &recovery{State: s, plan: job.Config.Checkpoints, tasks: tasks}
	if r.plan.Timeout <= 0 {
		r.plan.Timeout = 10 * time.Minute
	}
	if s.FS == nil {
		s.FS = vfs.Default
	}
	var err error
	if r.folder, err = checkpoint.Own(s.FS, s.Dir); err != nil {
		return nil, err
	}
	if s.StartOver {
		err = r.folder.Clear()
	}
	if err == nil {
		r.job, err = r.folder.Job(randomID)
	}
	if err != nil {
		return nil, errors.Join(err, r.folder.Close())
	}
	return r, nil
}

// newest gives the checkpoint to go on from; nil where there is none.
func (r *recovery) newest() (*checkpoint.Checkpoint, error) {
	c, err := r.folder.Newest()
	switch {
	case err != nil:
		return nil, err
	case c != nil && c.Job != r.job:
		return nil, &checkpoint.ForeignError{Path: c.Path(), Name: c.Name}
	case c == nil && r.plan.From != "":
		return checkpoint.Find(r.FS, r.plan.From)
	}
	return c, nil
}

// start begins an attempt.
func (r *recovery) start(ctx context.Context, job *plan.Job, first bool) (*task.Job, error) {
	from, err := r.newest()
	if err != nil {
		return nil, err
	}
	c := &task.Checkpoints{
		Folder: r.folder, Job: r.job, From: from, Interval: r.plan.Interval, Timeout: r.plan.Timeout, MinPause: r.plan.MinPause,
		Tolerable: r.plan.Tolerable, Retain: max(r.plan.Retain, 1), Note: r.noteCheckpoint,
	}
	r.from = 0
	if from != nil {
		if c.Match, err = from.Check(job, r.plan.AllowDropped); err != nil {
			return nil, err
		}
		if from.Ended {
			return nil, r.finish(ctx, from, c.Match)
		}
		if first {
			if err := from.Verify(); err != nil {
				return nil, err
			}
			r.resumed(from, c.Match)
		}
		r.from = from.ID
	}
	if err := r.openStore(job, from); err != nil {
		return nil, err
	}
	c.Store = r.store
	run, err := randomID()
	if err == nil {
		o := r.tasks(r.job + "_" + run)
		o.Checkpoints = c
		var t *task.Job
		if t, err = task.Start(ctx, job, o); err == nil {
			return t, nil
		}
	}
	return nil, errors.Join(err, r.closeStore())
}

// openStore opens the state, where an operator keeps any.
func (r *recovery) openStore(job *plan.Job, from *checkpoint.Checkpoint) error {
	dir := ""
	if from != nil {
		dir = from.State()
	}
	keeps := dir != ""
	for _, n := range plan.Nodes(job) {
		keeps = keeps || plan.Stateful(n)
	}
	if !keeps {
		return nil
	}
	var err error
	r.store, err = state.Open(state.Options{Dir: r.folder.Live(), Restore: dir, MaxGroups: job.Config.MaxGroups, Memory: job.Config.Memory, FS: r.FS})
	return err
}

func (r *recovery) closeStore() error {
	if r.store == nil {
		return nil
	}
	s := r.store
	r.store = nil
	return s.Close()
}

// close lets the folder go. The run's database is of no use to anybody.
func (r *recovery) close() error {
	err := r.closeStore()
	return errors.Join(err, r.FS.RemoveAll(r.folder.Live()), r.folder.Close())
}

// finish commits what a job that has ended may have left uncommitted, and says that it has ended.
func (r *recovery) finish(ctx context.Context, c *checkpoint.Checkpoint, match *checkpoint.Comparison) error {
	if !c.Committed {
		for n, s := range match.Sinks {
			if err := n.Sink.Commit(ctx, s.Committables); err != nil {
				return fmt.Errorf("committing to table %s: %w", n.Table, err)
			}
		}
		if err := r.folder.Committed(c.ID); err != nil {
			r.note(Note{Kind: Warning, Text: err.Error(), Err: err})
		}
	}
	return &EndedError{Dir: r.Dir, Checkpoint: c.ID, Time: c.Time, Drained: c.Drained}
}

func (r *recovery) note(n Note) {
	if r.Note != nil {
		r.Note(n)
	}
}

func (r *recovery) resumed(c *checkpoint.Checkpoint, match *checkpoint.Comparison) {
	text := fmt.Sprintf("goes on from checkpoint %d in '%s', taken %s", c.ID, c.Dir, c.Time.Local().Format("2006-01-02 15:04:05"))
	r.note(Note{Kind: Resumed, Text: text, Checkpoint: c.ID, Bytes: c.Size()})
	for _, i := range match.Lost {
		r.note(Note{Kind: Warning, Text: "left behind: " + i.String()})
	}
	for _, i := range match.New {
		r.note(Note{Kind: Warning, Text: "new since the checkpoint: " + i.String()})
	}
}

func (r *recovery) noteCheckpoint(n task.CheckpointNote) {
	out := Note{Kind: CheckpointDone, Checkpoint: n.ID, Took: n.Took, Bytes: n.Bytes, Err: n.Err}
	out.Text = fmt.Sprintf("checkpoint %d complete in %v", n.ID, n.Took.Round(time.Millisecond))
	if n.Err != nil {
		out.Kind, out.Text = CheckpointFailed, fmt.Sprintf("checkpoint %d failed: %v", n.ID, n.Err)
	}
	r.note(out)
}
