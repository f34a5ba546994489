package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/checkpoint/s3"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/task"
	"github.com/weirstream/weir/state"
)

// State says where a job's checkpoints lie, and what becomes of a job that has left some. How they are taken is in the
// plan's settings.
type State struct {
	Dir string // a path, or s3://bucket/prefix
	FS  vfs.FS // of a path, and of the folder to work in; nil: the machine's

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
	Held       time.Duration // of Took, how long the barrier kept a task from its rows, the longest
	Bytes      int64         // of state in it
	Wrote      int64         // bytes of it that the checkpoint before did not have
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
	plan    plan.Checkpoints
	storage checkpoint.Storage
	job     string // its ID
	tasks   func(id string) task.Options
	store   *state.Store // of the present attempt
	from    int64        // the checkpoint that the present attempt began with; 0: none
}

// openState locks the folder, or its counterpart in an object store, and finds out whose it is.
func openState(ctx context.Context, s *State, job *plan.Job, tasks func(string) task.Options) (*recovery, error) {
	r := &recovery{State: s, plan: job.Config.Checkpoints, tasks: tasks}
	if r.plan.Timeout <= 0 {
		r.plan.Timeout = 10 * time.Minute
	}
	if s.FS == nil {
		s.FS = vfs.Default
	}
	var err error
	if r.storage, err = r.own(ctx); err != nil {
		return nil, err
	}
	if s.StartOver {
		err = r.storage.Clear(ctx)
	}
	if err == nil {
		r.job, err = r.storage.Job(ctx, randomID)
	}
	if err != nil {
		return nil, errors.Join(err, r.storage.Close())
	}
	return r, nil
}

func (r *recovery) own(ctx context.Context) (checkpoint.Storage, error) {
	if !checkpoint.IsURL(r.Dir) {
		return checkpoint.Own(r.FS, r.Dir)
	}
	o, err := s3.Open(ctx, r.Dir, r.plan.Store)
	if err != nil {
		return nil, err
	}
	work, err := WorkFolder(r.Dir)
	if err != nil {
		return nil, err
	}
	return checkpoint.OwnAt(ctx, o, r.FS, work, checkpoint.Lease{}, func(text string) { r.note(Note{Kind: Warning, Text: text}) })
}

// WorkFolder is where the checkpoints of a state folder are made: the folder itself, or, where that is in an object store, one in
// the user's folder for caches, or, if there is none, in that for temporary files.
func WorkFolder(dir string) (string, error) {
	bucket, prefix, ok := checkpoint.SplitURL(dir)
	if !ok {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(os.TempDir(), "weir-"+strconv.Itoa(os.Getuid()))
	}
	sum := sha256.Sum256([]byte(bucket + "/" + prefix))
	return filepath.Join(cache, "weir", hex.EncodeToString(sum[:8])), nil
}

// find gives the checkpoint that a path or URL means.
func (r *recovery) find(ctx context.Context, place string) (*checkpoint.Checkpoint, error) {
	if !checkpoint.IsURL(place) {
		return checkpoint.Find(ctx, r.FS, place)
	}
	o, err := s3.Open(ctx, place, r.plan.Store)
	if err != nil {
		return nil, err
	}
	return checkpoint.FindAt(ctx, o)
}

// newest gives the checkpoint to go on from; nil where there is none.
func (r *recovery) newest(ctx context.Context) (*checkpoint.Checkpoint, error) {
	c, err := checkpoint.Newest(ctx, r.storage)
	switch {
	case err != nil:
		return nil, err
	case c != nil && c.Job != r.job:
		return nil, &checkpoint.ForeignError{Path: c.Path(), Name: c.Name}
	case c == nil && r.plan.From != "":
		return r.find(ctx, r.plan.From)
	}
	return c, nil
}

// start begins an attempt, behind one that has failed with an error; nil: the first. The checkpoint's files are checked before the first, and where damage was found.
func (r *recovery) start(ctx context.Context, job *plan.Job, failure error) (*task.Job, error) {
	from, err := r.newest(ctx)
	if err != nil {
		return nil, err
	}
	c := &task.Checkpoints{
		Storage: r.storage, Job: r.job, From: from, Interval: r.plan.Interval, Timeout: r.plan.Timeout, MinPause: r.plan.MinPause,
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
		r.from = from.ID
	}
	here, err := r.storage.Resume(ctx, from)
	if err != nil {
		return nil, err
	}
	if from != nil && (failure == nil || errors.Is(failure, state.ErrCorrupt)) {
		if err := here.Verify(ctx); err != nil {
			return nil, err
		}
	}
	if from != nil && failure == nil {
		r.resumed(from, c.Match)
	}
	if err := r.openStore(job, here); err != nil {
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
	r.store, err = state.Open(state.Options{
		Dir: r.storage.Work().Live(), Restore: dir, Restored: stateFiles(from), MaxGroups: job.Config.MaxGroups, Memory: job.Config.Memory, FS: r.FS,
	})
	if err != nil {
		return err
	}
	return r.storage.Work().Resumed()
}

// stateFiles gives what a manifest says of the files of the keyed state.
func stateFiles(c *checkpoint.Checkpoint) (files []state.File) {
	if c == nil {
		return nil
	}
	for _, f := range c.Files {
		name, ok := strings.CutPrefix(f.Name, checkpoint.StateFile(""))
		if sum, err := strconv.ParseUint(f.Sum, 16, 32); ok && err == nil {
			files = append(files, state.File{Name: name, Size: f.Size, Sum: uint32(sum)})
		}
	}
	return files
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
	return errors.Join(err, r.FS.RemoveAll(r.storage.Work().Live()), r.storage.Close())
}

// finish commits what a job that has ended may have left uncommitted, and says that it has ended.
func (r *recovery) finish(ctx context.Context, c *checkpoint.Checkpoint, match *checkpoint.Comparison) error {
	if !c.Committed {
		for n, s := range match.Sinks {
			if err := n.Sink.Commit(ctx, s.Committables); err != nil {
				return fmt.Errorf("committing to table %s: %w", n.Table, err)
			}
		}
		if err := r.storage.Committed(ctx, c.ID); err != nil {
			r.note(Note{Kind: Warning, Text: err.Error(), Err: err})
		}
	}
	return &EndedError{Dir: r.Dir, Checkpoint: c.ID, Time: c.Time, Drained: c.Drained}
}

// export gives what copies a checkpoint that has just been taken to a folder, or a place in an object store, of its own.
func (r *recovery) export(ctx context.Context, to string) func(id int64) error {
	return func(id int64) error {
		c, err := r.storage.Work().Read(ctx, id)
		if err != nil {
			return err
		}
		if !checkpoint.IsURL(to) {
			return c.Export(to)
		}
		o, err := s3.Open(ctx, to, r.plan.Store)
		if err != nil {
			return err
		}
		return c.Upload(ctx, o)
	}
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
	out := Note{Kind: CheckpointDone, Checkpoint: n.ID, Took: n.Took, Held: n.Held, Bytes: n.Bytes, Wrote: n.Wrote, Err: n.Err}
	out.Text = fmt.Sprintf("checkpoint %d complete in %v", n.ID, n.Took.Round(time.Millisecond))
	if n.Err != nil {
		out.Kind, out.Text = CheckpointFailed, fmt.Sprintf("checkpoint %d failed: %v", n.ID, n.Err)
	}
	r.note(out)
}
