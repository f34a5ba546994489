// Package cli is the command line of weir: one file a command, all of them thin over
// the root package. Enter at Main.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/weirstream/weir/cmd/weir/internal/streams"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1 // the job failed
	exitUsage  = 2 // the SQL or the flags are wrong
)

// stdio are the command's standard streams.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// exitError carries an exit code; its text, when it has any, has not been shown yet.
type exitError struct {
	code int
	msg  string
}

func (e *exitError) Error() string { return e.msg }

func usageError(msg string) error  { return &exitError{exitUsage, msg} }
func failedError(msg string) error { return &exitError{exitFailed, msg} }

// Main runs the command and gives the exit code. The first interrupt stops a job
// cleanly, the second ends the process; a terminal that is closed, which sends SIGHUP, is an interrupt too.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // which nohup sees to
		signal.Notify(interrupts, syscall.SIGHUP)
	}
	defer signal.Stop(interrupts)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case s := <-interrupts:
				if n > 0 && s != syscall.SIGHUP { // which a shell and the terminal may both send
					os.Exit(130)
				}
				cancel()
			}
		}
	}()
	return run(ctx, args, stdio{in, out, errOut})
}

func run(ctx context.Context, args []string, io stdio) int {
	root := newRoot(io)
	root.SetArgs(goFlags(args))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var exit *exitError
	var file *fs.PathError
	if !errors.As(err, &exit) && errors.As(err, &file) { // what a command prints could not be written
		err = failedError("weir: " + err.Error())
	}
	if !errors.As(err, &exit) { // cobra's own: an unknown command or flag
		fmt.Fprintf(io.err, "weir: %v\n", err)
		fmt.Fprintln(io.err, "Run 'weir help' for the commands and 'weir COMMAND --help' for their flags.")
		return exitUsage
	}
	if exit.msg != "" {
		fmt.Fprintln(io.err, exit.msg)
	}
	return exit.code
}

// goFlags lets the flags of "weir test" be written as "go test" has them: -update, -run.
func goFlags(args []string) []string {
	if len(args) == 0 || args[0] != "test" {
		return args
	}
	args = slices.Clone(args)
	for i, a := range args {
		if name, _, _ := strings.Cut(a, "="); name == "-update" || name == "-run" {
			args[i] = "-" + a
		}
	}
	return args
}

func newRoot(io stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "Streaming SQL in one binary",
		Long: `Weir runs Flink SQL as streaming jobs: no JVM, no cluster.

  weir run job.sql                run a script
  weir run -e 'SELECT 1'          run SQL from the command line
  weir explain job.sql            show the plan of its queries
  weir lint job.sql               check a script without running it
  weir test tests/                run golden files

Documentation: docs/ in the source tree, and 'weir COMMAND --help'.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.AddCommand(newRun(io), newExplain(io), newLint(io), newTest(io), newSavepoint(io), newStop(io), newState(io), newDiff(io), newFunctions(io), newConnectors(io), newStreams(), newVersion(io))
	for _, c := range root.Commands() {
		if !c.Runnable() {
			c.RunE = group
		}
	}
	return root
}

// group is run for a command with others below it, where none of these is named: it shows them.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w (did you mean '%s'?)", err, near[0])
	}
	return err
}

// newStreams is the command of the shard log, whose errors are none of the command line.
func newStreams() *cobra.Command {
	all := streams.Command()
	for _, sub := range all.Commands() {
		do := sub.RunE
		sub.RunE = func(cmd *cobra.Command, args []string) error {
			if err := do(cmd, args); err != nil {
				return failedError("weir: " + err.Error())
			}
			return nil
		}
	}
	return all
}
