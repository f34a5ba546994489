package weir

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/planner"
	"github.com/weirstream/weir/runtime"
	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/checkpoint/s3"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/state"
)

// WithStateDir has a script's job take checkpoints in a folder of its own, and go on from the newest one there when it is
// run again. The script may have one job: its INSERTs, or one SELECT. Two processes cannot share the folder. It may be in S3:
// s3://bucket/prefix.
func WithStateDir(dir string) Option { return func(c *config) { c.state.dir = dir } }

// WithStateFS has the state folder in a file system other than the machine's: one in memory (vfs.NewMem of
// github.com/cockroachdb/pebble/v2) makes checkpoints in tests fast.
func WithStateFS(fs vfs.FS) Option { return func(c *config) { c.state.fs = fs } }

// WithAllowDroppedState goes on from a checkpoint although something in it has no place in the script any more, and is lost.
func WithAllowDroppedState() Option { return func(c *config) { c.state.allowDropped = true } }

// WithStartOver removes what the state folder holds: the job begins anew.
func WithStartOver() Option { return func(c *config) { c.state.startOver = true } }

// WithNotes has the jobs with a state folder tell what happens to them: that they go on from a checkpoint, have taken one or
// failed to, are started again after a failure. Calls come from goroutines of the job.
func WithNotes(note func(Note)) Option { return func(c *config) { c.state.note = note } }

// Note is something that happened to a job with a state folder.
type Note = runtime.Note

// Kinds of notes.
const (
	Resumed          = runtime.Resumed
	CheckpointDone   = runtime.CheckpointDone
	CheckpointFailed = runtime.CheckpointFailed
	Restarting       = runtime.Restarting
	Warning          = runtime.Warning
)

// EndedError is what starting a job gives that has come to its end in an earlier run.
type EndedError = runtime.EndedError

// ErrStateInUse is in the chain of the error for a state folder that another process uses.
var ErrStateInUse = checkpoint.ErrLocked

// stateConfig are the options of checkpoints.
type stateConfig struct {
	dir          string
	allowDropped bool
	startOver    bool
	note         func(Note)
	fs           vfs.FS // nil: the machine's
}

// checkJobs refuses to give one state folder to several jobs.
func (e *Env) checkJobs(stmts []ast.Statement) error {
	set := e.session.Settings.Clone()
	users := map[string]ast.Statement{}
	for _, s := range e.planner.Jobs(stmts) {
		planner.Foresee(set, s)
		dir := cmp.Or(e.cfg.state.dir, planner.StateDir(set))
		switch s.(type) {
		case *ast.QueryStmt, *ast.StatementSet:
		default:
			continue
		}
		switch other := users[dir].(type) {
		case nil:
		case *ast.QueryStmt:
			if _, query := s.(*ast.QueryStmt); !query {
				return secondQuery(other)
			}
			return secondQuery(s)
		default:
			return secondInsert(s)
		}
		if dir != "" {
			users[dir] = s
		}
	}
	return nil
}

func secondQuery(at ast.Statement) error {
	return diag.Errorf(at.Span(), "a script with a state folder has one job, and this query would be another").
		WithHint("run it by itself, or without a state folder")
}

// secondInsert is the error of what comes behind a job of INSERTs.
func secondInsert(at ast.Statement) error {
	if _, query := at.(*ast.QueryStmt); query {
		return secondQuery(at)
	}
	return diag.Errorf(at.Span(), "a script with a state folder has one job, and this INSERT would be another").
		WithHint("without 'table.dml-sync' all INSERTs are one job; or run it by itself, with a state folder of its own")
}

// start runs a plan. Replan makes it anew for another attempt, with the session as it was.
func (e *Env) start(ctx context.Context, p *plan.Job, replan func(*planner.Planner) (*plan.Job, error)) (*runtime.Job, error) {
	o := runtime.Options{Clock: e.cfg.clock}
	c := &p.Config.Checkpoints
	c.AllowDropped = c.AllowDropped || e.cfg.state.allowDropped
	if e.cfg.state.dir != "" {
		c.Dir = e.cfg.state.dir
	}
	switch {
	case c.Dir != "":
		o.State = &runtime.State{Dir: c.Dir, StartOver: e.cfg.state.startOver, Note: e.cfg.state.note, Replan: e.replanner(replan), FS: e.cfg.state.fs}
	case c.From != "":
		return nil, diag.Errorf(diag.Span{}, "'execution.state-recovery.path' needs a state folder to go on in").
			WithHint("give one with --state, or SET 'execution.checkpointing.dir'")
	}
	run, err := runtime.Start(ctx, p, o)
	if err != nil {
		return nil, withAdvice(err)
	}
	return run, nil
}

// replanner plans with a copy of the session as it is now.
func (e *Env) replanner(replan func(*planner.Planner) (*plan.Job, error)) func() (*plan.Job, error) {
	session := e.session.Clone()
	return func() (*plan.Job, error) { return replan(planner.New(session.Clone(), e.plannerEnv())) }
}

// withAdvice says what a user can do about a state folder that his job cannot go on from.
func withAdvice(err error) error {
	var damaged *checkpoint.DamagedError
	var newer *checkpoint.NewerError
	var foreign *checkpoint.ForeignError
	var lost *checkpoint.LostError
	hint := ""
	switch {
	case errors.Is(err, checkpoint.ErrLocked):
		hint = "wait for its end, or give this job a folder of its own"
	case errors.As(err, &lost):
		hint = "--allow-dropped-state goes on without it"
	case errors.As(err, &foreign):
		hint = "give this job a folder of its own, or begin anew with --start-over"
	case errors.As(err, &newer):
		hint = "run it with that version"
	case errors.As(err, &damaged):
		hint = "'weir state verify' checks all files; an older checkpoint or a savepoint can be gone on from in a new folder ('execution.state-recovery.path'), which gives the rows since then again"
	default:
		return err
	}
	return fmt.Errorf("%w\n  hint: %s", err, hint)
}

// Checkpoint takes a checkpoint of the job now, and gives its number when it is complete and what it holds is committed.
func (j *Job) Checkpoint(ctx context.Context) (int64, error) { return j.run.Checkpoint(ctx) }

// Savepoint takes a checkpoint now and copies it to a folder of its own, from which this job or a changed one can begin:
// 'execution.state-recovery.path'.
func (j *Job) Savepoint(ctx context.Context, dir string) (int64, error) {
	return j.run.Savepoint(ctx, dir)
}

// StopWithSavepoint does the same, and ends the job behind it: no row that came later is in its output.
func (j *Job) StopWithSavepoint(ctx context.Context, dir string) (int64, error) {
	return j.run.StopWithSavepoint(ctx, dir)
}

// Drain ends the job as if its input had come to its end: windows that are still open fire. It does not go on later.
func (j *Job) Drain() { j.run.Drain() }

// Checkpoint is one that a job has left, or a savepoint: what it is made of.
type Checkpoint = checkpoint.Checkpoint

// Checkpoints reads the complete checkpoints of a state folder, or of a place in S3, oldest first. Options say how S3 is reached:
// WithSetting("s3.endpoint", …) and the like.
func Checkpoints(ctx context.Context, dir string, opts ...Option) ([]*Checkpoint, error) {
	o, err := objects(ctx, dir, opts)
	if err != nil {
		return nil, err
	}
	return checkpoint.All(ctx, vfs.Default, dir, o)
}

// FindCheckpoint reads a savepoint or checkpoint by its folder, or the newest checkpoint of a state folder. Either may be in S3.
func FindCheckpoint(ctx context.Context, dir string, opts ...Option) (*Checkpoint, error) {
	o, err := objects(ctx, dir, opts)
	if err != nil {
		return nil, err
	}
	if o != nil {
		return checkpoint.FindAt(ctx, o)
	}
	return checkpoint.Find(ctx, vfs.Default, dir)
}

// objects gives the object store that a place is in; nil: it is a folder.
func objects(ctx context.Context, place string, opts []Option) (checkpoint.Objects, error) {
	if !checkpoint.IsURL(place) {
		return nil, nil
	}
	env, err := NewEnv(opts...)
	if err != nil {
		return nil, err
	}
	return s3.Open(ctx, place, planner.ObjectStore(env.session.Settings))
}

// StateTable is a table of the state in a checkpoint: its operator, name and columns, how many rows it holds, and the first of them.
type StateTable = state.Content

// StateTables reads what the state of a checkpoint holds, with up to sample rows of each table. It decodes all that is there;
// what is in S3 is brought to a temporary folder for that.
func StateTables(ctx context.Context, c *Checkpoint, sample int) (_ []StateTable, err error) {
	if len(c.Files) == 0 {
		return nil, nil
	}
	if c.State() == "" {
		folder, err := state.NewScratch()
		if err != nil {
			return nil, fmt.Errorf("fetching a checkpoint: %w", err)
		}
		defer func() { err = errors.Join(err, folder.Close()) }()
		if c, err = c.Fetch(ctx, vfs.Default, folder.Dir); err != nil {
			return nil, err
		}
	}
	return state.Inspect(nil, c.State(), sample)
}

// WorkFolder is the folder of this machine in which a job with a state folder works: that itself, or, for one in S3, a folder
// that can be made anew from there.
func WorkFolder(stateDir string) (string, error) { return runtime.WorkFolder(stateDir) }
