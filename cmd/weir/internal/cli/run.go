package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/cmd/weir/internal/display"
)

func newRun(io stdio) *cobra.Command {
	var f sessionFlags
	var state stateFlags
	var output string
	var quiet bool
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "run [FILE…]",
		Short: "Run SQL: a script's definitions, queries and INSERTs",
		Long: `Runs scripts in one session. A SELECT prints its changelog; on a terminal, a query whose result
changes is shown as a table that keeps itself up to date. All INSERTs of a script run together as one
job, begun at the script's end. Ctrl-C stops a job cleanly, a second one ends the process.

Output (-o):
  table   rows in columns; the default
  json    one {"op":"+I","row":{…}} a line on standard output, and nothing else there
  csv     a header and rows, the change kind in the first column

With --why, standard error tells every five seconds (--why=1s: every second) what each window waits for: its
watermark, the split that holds it back and since when, the rows that wait, those that were late. On a
terminal the key w does so once.

With --state DIR the job takes checkpoints and goes on from the newest one when the same command is run again, whatever
ended it. docs/checkpoints.md tells what that promises.

Exit code: 0 done, 1 the job failed, 2 the SQL or the flags are wrong.`,
		Example: `  weir run job.sql
  weir run -e "SELECT word, COUNT(*) FROM (VALUES ('a'), ('b'), ('a')) AS t (word) GROUP BY word"
  weir run -o json queries.sql | jq .row
  weir run -s table.local-time-zone=Europe/Berlin -p 4 job.sql`,
		RunE: func(cmd *cobra.Command, files []string) error {
			form, err := display.ParseForm(output)
			if err != nil {
				return usageError("weir: " + err.Error())
			}
			scripts, err := f.scripts(io, files)
			if err != nil {
				return err
			}
			r := runner{form: form}
			io = r.draw(io, quiet)
			r.notes = &notes{w: io.err}
			if r.env, err = f.env(io, state.options(r.notes)...); err != nil {
				return err
			}
			restore := r.explain(every, scripts)
			defer restore()
			for _, s := range scripts {
				if err := r.script(cmd.Context(), s); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.register(cmd)
	state.register(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "table", "how rows are printed: table, json or csv")
	cmd.Flags().DurationVar(&every, "why", 0, "tell what windows wait for, every so often")
	cmd.Flags().Lookup("why").NoOptDefVal = "5s"
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress on standard error")
	return cmd
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// sameFile reports whether two streams are one terminal.
func sameFile(a, b any) bool {
	fa, okA := a.(*os.File)
	fb, okB := b.(*os.File)
	if !okA || !okB {
		return false
	}
	ia, errA := fa.Stat()
	ib, errB := fb.Stat()
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}

// runner runs scripts and shows their results.
type runner struct {
	io       stdio
	env      *weir.Env
	form     display.Form
	table    *display.Footer   // standard output, where it is a terminal
	progress *display.Progress // on standard error, where it is a terminal and progress is wanted
	why      *display.Why
	notes    *notes
}

// draw finds out which streams are terminals and sets up what is drawn on them. It gives the streams that everything else is to be
// written to: above what is drawn.
func (r *runner) draw(io stdio, quiet bool) stdio {
	var screen *display.Footer
	if isTerminal(io.err) {
		screen = display.NewFooter(io.err)
		if !quiet {
			r.progress = display.NewProgress(screen)
		}
	}
	if isTerminal(io.out) {
		if r.table = screen; screen == nil || !sameFile(io.out, io.err) {
			r.table = display.NewFooter(io.out)
		}
		io.out = r.table
	}
	if screen != nil {
		io.err = screen
	}
	r.io = io
	return io
}

// explain sets up what tells why windows wait: every so often, and on a terminal by the key w, unless a script
// reads what is typed.
func (r *runner) explain(every time.Duration, scripts []script) (restore func()) {
	restore = func() {}
	var asked <-chan struct{}
	typed := slices.ContainsFunc(scripts, func(s script) bool { return s.name == "stdin" || strings.Contains(s.sql, "'-'") })
	if in, ok := r.io.in.(*os.File); ok && r.progress != nil && !typed && isTerminal(in) {
		asked, restore = display.Keys(in, int(in.Fd()), 'w')
	}
	if every > 0 || asked != nil {
		r.why = display.NewWhy(r.io.err, every, asked)
	}
	return restore
}

func (r *runner) script(ctx context.Context, s script) error {
	for res, err := range r.env.Script(ctx, s.name, s.sql) {
		if r.ended(err) {
			continue
		}
		if err != nil {
			return r.failed(ctx, exitUsage, err)
		}
		for _, w := range res.Warnings() {
			fmt.Fprintf(r.io.err, "weir: warning: %s\n", w)
		}
		if err := r.show(ctx, res); err != nil {
			return r.failed(ctx, exitFailed, err)
		}
		if job := res.Job(); ctx.Err() != nil && job != nil && job.StateDir() != "" {
			r.notes.stopped(job.StateDir())
		}
	}
	return nil
}

// show prints a result to its end.
func (r *runner) show(ctx context.Context, res *weir.Result) error {
	if job := res.Job(); job != nil {
		job.BoundMemory()
	}
	switch res.Kind() {
	case weir.Table:
		return display.Table(r.io.out, r.form, res)
	case weir.Changelog:
		defer r.listen(res.Job())()
		defer r.watch(res.Job(), r.table != nil && r.form == display.FormTable, false)()
		return display.Changelog(r.io.out, r.form, r.table, res)
	case weir.Started:
		defer r.listen(res.Job())()
		defer r.watch(res.Job(), false, true)()
		return res.Job().Wait(ctx)
	}
	return nil
}

// watch shows a job's progress, unless a table is on the screen already, and at its end what it dropped.
func (r *runner) watch(job *weir.Job, table, always bool) (stop func()) {
	done := func() {}
	if !table {
		done = r.progress.Watch(job, always)
	}
	told := r.why.Watch(job)
	alarmed := display.NewRetries(r.io.err).Watch(job)
	return func() {
		alarmed()
		told()
		done()
		display.Dropped(r.io.err, job.Metrics())
	}
}

// failed shows an error. A job that was interrupted has been stopped cleanly, which is no
// failure.
func (r *runner) failed(ctx context.Context, code int, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(r.io.err, "weir: stopped")
		return nil
	}
	return &exitError{code, err.Error()}
}
