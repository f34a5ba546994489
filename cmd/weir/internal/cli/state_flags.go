package cli

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/cmd/weir/internal/control"
)

// stateFlags are the flags of run for checkpoints.
type stateFlags struct {
	dir          string
	allowDropped bool
	startOver    bool
}

func (f *stateFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "state", "", "take checkpoints in this folder, or in S3 at s3://bucket/prefix, and go on from the newest one there")
	cmd.Flags().BoolVar(&f.allowDropped, "allow-dropped-state", false, "go on although state of the checkpoint has no place in the script any more")
	cmd.Flags().BoolVar(&f.startOver, "start-over", false, "remove what the state folder holds and begin anew")
}

// options gives the session's options.
func (f *stateFlags) options(n *notes) []weir.Option {
	opts := []weir.Option{weir.WithNotes(n.take)}
	if f.dir != "" {
		opts = append(opts, weir.WithStateDir(f.dir))
	}
	if f.allowDropped {
		opts = append(opts, weir.WithAllowDroppedState())
	}
	if f.startOver {
		opts = append(opts, weir.WithStartOver())
	}
	return opts
}

// notes shows what happens to a job with a state folder.
type notes struct {
	w io.Writer

	mu    sync.Mutex
	saved int64 // the last checkpoint
}

func (n *notes) take(x weir.Note) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if x.Kind == weir.CheckpointDone {
		n.saved = x.Checkpoint
		return
	}
	text := x.Text
	if x.Kind == weir.Resumed {
		text = "the job " + text
	}
	if x.Kind == weir.Warning || x.Kind == weir.CheckpointFailed {
		text = "warning: " + text
	}
	fmt.Fprintf(n.w, "weir: %s\n", text)
}

// stopped says where a job that was stopped goes on.
func (n *notes) stopped(dir string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.saved > 0 {
		fmt.Fprintf(n.w, "weir: stopped; the same command goes on from checkpoint %d in '%s'\n", n.saved, dir)
	}
}

// listen lets other commands speak to the job. That it cannot is told, and no failure.
func (r *runner) listen(job *weir.Job) (stop func()) {
	if job.StateDir() == "" {
		return func() {}
	}
	dir, err := weir.WorkFolder(job.StateDir())
	if err == nil {
		stop, err = control.Serve(dir, job)
	}
	if err != nil {
		fmt.Fprintf(r.io.err, "weir: warning: 'weir savepoint' and 'weir stop' will not reach this job: %v\n", err)
		return func() {}
	}
	return stop
}

// ended shows that a job had ended before; it is no failure.
func (r *runner) ended(err error) bool {
	var ended *weir.EndedError
	if !errors.As(err, &ended) {
		return false
	}
	fmt.Fprintf(r.io.err, "weir: nothing to do: %v; --start-over runs it again from the beginning\n", ended)
	return true
}
