package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/cmd/weir/internal/control"
)

func newSavepoint(io stdio) *cobra.Command {
	var stop bool
	cmd := &cobra.Command{
		Use:   "savepoint STATE TO",
		Short: "Copy a running job's checkpoint to a folder of its own",
		Long: `Has the job whose state folder is STATE (--state, or SET 'execution.checkpointing.dir') take a checkpoint, and
copies it to the folder or place in S3 TO, which must be empty or not there yet. A job begins with it when the setting execution.state-recovery.path names it and its own state
folder has no checkpoint. With --stop the job ends behind it.`,
		Example: "  weir savepoint state/ /backup/monday\n  weir run --state new/ -s execution.state-recovery.path=/backup/monday job.sql",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			to := args[1]
			if !strings.Contains(to, "://") {
				var err error
				if to, err = filepath.Abs(to); err != nil {
					return usageError("weir: " + err.Error())
				}
			}
			r := control.Request{Do: control.Savepoint, To: to}
			if stop {
				r.Do = control.Stop
			}
			a, err := call(cmd.Context(), args[0], r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(io.out, "checkpoint %d is saved in '%s'\n", a.Checkpoint, to)
			return err
		},
	}
	cmd.Flags().BoolVar(&stop, "stop", false, "end the job behind the savepoint")
	return cmd
}

func newStop(io stdio) *cobra.Command {
	var drain bool
	cmd := &cobra.Command{
		Use:   "stop STATE",
		Short: "Stop a running job behind a last checkpoint",
		Long: `Stops the job whose state folder is STATE: it takes a last checkpoint, from which the same command goes on. With
--drain it ends as if its input had come to its end: windows that are still open fire, and it does not go on later.`,
		Example: "  weir stop state/\n  weir stop --drain state/",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.Request{Do: control.Stop}
			if drain {
				r.Do = control.Drain
			}
			if _, err := call(cmd.Context(), args[0], r); err != nil {
				return err
			}
			_, err := fmt.Fprintf(io.out, "the job in '%s' has stopped\n", args[0])
			return err
		},
	}
	cmd.Flags().BoolVar(&drain, "drain", false, "end the job for good, as at the end of its input")
	return cmd
}

func call(ctx context.Context, stateDir string, r control.Request) (a control.Answer, err error) {
	dir, err := weir.WorkFolder(stateDir)
	if err == nil {
		a, err = control.Call(ctx, dir, r)
	}
	if errors.Is(err, control.ErrNoJob) {
		return a, failedError(fmt.Sprintf("weir: %v in '%s'", control.ErrNoJob, stateDir))
	}
	if err != nil {
		return a, failedError("weir: " + err.Error())
	}
	return a, nil
}
