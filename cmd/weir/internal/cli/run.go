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
			r := runner{io: io, form: form, live: isTerminal(io.out), stateDir: state.dir, notes: &notes{w: io.err}}
			if !quiet && isTerminal(io.err) {
				r.progress, r.notes.line = display.NewProgress(io.err), true
			}
			if r.env, err = f.env(io, state.options(r.notes)...); err != nil {
				return err
			}
			restore := r.explain(every, quiet, scripts)
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

// runner runs scripts and shows their results.
type runner struct {
	io       stdio
	env      *weir.Env
	form     display.Form
	live     bool
	progress *display.Progress
	why      *display.Why
	stateDir string // "": none
	notes    *notes
}

// explain sets up what tells why windows wait: every so often, and on a terminal by the key w, unless a script
// reads what is typed.
func (r *runner) explain(every time.Duration, quiet bool, scripts []script) (restore func()) {
	restore = func() {}
	var asked <-chan struct{}
	typed := slices.ContainsFunc(scripts, func(s script) bool { return s.name == "stdin" || strings.Contains(s.sql, "'-'") })
	if in, ok := r.io.in.(*os.File); ok && !quiet && !typed && isTerminal(in) && isTerminal(r.io.err) {
		asked, restore = display.Keys(in, int(in.Fd()), 'w')
	}
	if every > 0 || asked != nil {
		r.why = display.NewWhy(r.io.err, isTerminal(r.io.err), every, asked)
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
		if ctx.Err() != nil && res.Job() != nil && r.stateDir != "" {
			r.notes.stopped(r.stateDir)
		}
	}
	return nil
}

// show prints a result to its end.
func (r *runner) show(ctx context.Context, res *weir.Result) error {
	switch res.Kind() {
	case weir.Table:
		return display.Table(r.io.out, r.form, res)
	case weir.Changelog:
		defer r.listen(res.Job())()
		defer r.watch(res.Job(), r.live && r.form == display.FormTable, false)()
		return display.Changelog(r.io.out, r.form, r.live, res)
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
	return func() {
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
