package golden

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
)

// outcome is what the runs of a case in a variant gave.
type outcome struct {
	dir      string
	query    *changelog            // of the last SELECT
	tables   map[string]*changelog // of sinks that a section names
	plan     func(verbose bool) (string, error)
	late     int64
	rejected int64
	jobs     int  // in a run of the script
	stateful bool // one of them keeps state
	gathers  bool // mini-batches are on: a barrier ends one, so that a restored run has other changes
	err      error
}

// execute runs the case's SQL, again after each stop. Its own error is one of the test (a missing file), not of the
// SQL, which is part of the outcome.
func (r *Runner) execute(ctx context.Context, f *File, c *Case, v Variant, rowByRow bool, dir string) (*outcome, error) {
	sql, err := c.prepare(f, dir)
	if err != nil {
		return nil, err
	}
	stmts, _ := parse.Script(&diag.Text{Name: "sql", Body: sql}) // what does not parse is left to the run
	if err := c.namesTables(stmts); err != nil {
		return nil, err
	}
	got := &outcome{dir: dir, tables: map[string]*changelog{}, gathers: c.Settings()["table.exec.mini-batch.enabled"] == "true"}
	opts := append(c.options(v, rowByRow, dir, got), r.Options...)
	ordered := c.ordered(stmts, strings.EqualFold(c.Settings()["table.dml-sync"], "true"))
	runs, err := c.runs(v, ordered)
	if err != nil {
		return nil, err
	}
	if len(runs) > 1 || ordered {
		// A failure is the case's outcome, not a reason to try again.
		opts = append(opts, weir.WithStateDir("state"), weir.WithStateFS(vfs.NewMem()), weir.WithSetting("restart-strategy.type", "none"))
	}
	for _, run := range runs {
		env, err := weir.NewEnv(append(slices.Clone(opts), weir.WithParallelism(run.parallelism), weir.WithConnector(inputs(c, run)))...)
		if err != nil {
			return nil, err
		}
		if len(c.sections("plan")) > 0 {
			got.plan = func(verbose bool) (string, error) { return env.Explain("sql", sql, verbose) }
			return got, nil
		}
		got.jobs = 0
		if got.err = got.run(ctx, env, sql, run); got.err != nil {
			break
		}
	}
	return got, nil
}

// options are those of the case's session.
func (c *Case) options(v Variant, rowByRow bool, dir string, got *outcome) []weir.Option {
	opts := []weir.Option{weir.WithBaseDir(dir), weir.WithBatchSize(v.BatchSize), weir.WithConnector(outputs(got.tables))}
	if v.Memory > 0 {
		opts = append(opts, weir.WithSetting("weir.memory", fmt.Sprintf("%d b", v.Memory)))
	}
	if rowByRow {
		opts = append(opts, weir.WithSetting("table.exec.mini-batch.enabled", "false"))
	}
	for _, s := range c.Sections {
		switch {
		case s.Kind == "input":
			opts = append(opts, weir.WithTableOptions(s.Arg, c.inputOptions(s.Arg)))
		case (s.Kind == "changelog" || s.Kind == "result") && s.Arg != "":
			got.tables[s.Arg] = &changelog{}
			opts = append(opts, weir.WithTableOptions(s.Arg, map[string]string{"connector": outputConnector, "table": s.Arg}))
		}
	}
	settings := c.Settings()
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		opts = append(opts, weir.WithSetting(key, settings[key]))
	}
	return opts
}

// prepare writes the case's files and gives its SQL.
func (c *Case) prepare(f *File, dir string) (string, error) {
	for _, s := range c.sections("file") {
		path := filepath.Join(dir, filepath.FromSlash(s.Arg))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(s.Text()+"\n"), 0o644); err != nil {
			return "", err
		}
	}
	var sql []string
	for _, s := range c.sections("sql") {
		if s.Arg == "" {
			sql = append(sql, s.Text())
			continue
		}
		body, err := os.ReadFile(filepath.Join(filepath.Dir(f.Path), filepath.FromSlash(s.Arg)))
		if err != nil {
			return "", err
		}
		sql = append(sql, string(body))
	}
	return strings.Join(sql, "\n"), nil
}

// namesTables checks that the SQL creates the tables whose rows stand in a section: a misspelt section would leave the table
// with its real connector. Stmts are nil where the SQL does not parse.
func (c *Case) namesTables(stmts []ast.Statement) error {
	if stmts == nil {
		return nil
	}
	var created []string
	for _, s := range stmts {
		if t, ok := s.(*ast.CreateTable); ok {
			created = append(created, t.Name.Last().Name)
		}
	}
	for _, s := range c.Sections {
		table := s.Kind == "input" || (s.Kind == "changelog" || s.Kind == "result") && s.Arg != ""
		if table && !slices.Contains(created, s.Arg) {
			return fmt.Errorf("line %d: section '-- %s %s --': the SQL creates no table '%s'%s",
				s.Line, s.Kind, s.Arg, s.Arg, hint(diag.DidYouMean(s.Arg, created)))
		}
	}
	return nil
}

// hint sets a next step below a message.
func hint(s string) string {
	if s == "" {
		return ""
	}
	return "\n  hint: " + s
}

// inputOptions are the WITH options that replace a table's own: rows come from its sections,
// and a watermark follows every row.
func (c *Case) inputOptions(table string) map[string]string {
	options := map[string]string{"connector": inputConnector, "table": table, "scan.watermark.emit.strategy": "on-event"}
	rows, err := c.input(table)
	for _, r := range rows {
		if err == nil && r.kind != "+I" {
			options["changelog"] = "true"
		}
	}
	return options
}

// run runs the script once, to its end or to where the run stops.
func (got *outcome) run(ctx context.Context, env *weir.Env, sql string, r *run) error {
	for res, err := range env.Script(ctx, "sql", sql) {
		var ended *weir.EndedError
		if errors.As(err, &ended) && r.number > 0 {
			return nil // nothing was left to be done
		}
		if err != nil {
			return err
		}
		job := res.Job()
		if job == nil {
			continue
		}
		got.jobs++
		got.stateful = got.stateful || job.Stateful()
		stopped := r.stopping(job)
		ordered := func() error { return nil }
		if r.order != nil {
			ordered = r.order.keep(ctx, job, r.reading())
		}
		err = got.take(res, r)
		if err == nil {
			err = job.Wait(ctx)
		}
		stopped()
		if failed := ordered(); err == nil {
			err = failed
		}
		m := job.Metrics()
		got.late, got.rejected = got.late+m.Late(), got.rejected+m.Rejected()
		if err != nil {
			return err
		}
	}
	return nil
}

// take records what a query gives: another query's in place of what is there, the same one's behind it.
func (got *outcome) take(res *weir.Result, r *run) error {
	if res.Kind() != weir.Changelog {
		return nil
	}
	log := got.query
	if r.number == 0 {
		log = &changelog{}
	}
	log.format, log.columns = res.Formatter(), nil
	for _, c := range res.Columns() {
		log.columns = append(log.columns, c.Name+" "+c.Type.String())
	}
	for b, err := range res.Vectors() {
		if err == nil {
			err = log.add(b)
		}
		if err != nil {
			return err
		}
	}
	got.query = log
	return nil
}

// text gives what an expectation is compared with; ok is false where this run says nothing
// about it.
func (got *outcome) text(s *Section, rowByRow bool, v Variant) (text string, ok bool, err error) {
	switch s.Kind {
	case "error":
		if got.err == nil {
			return "", false, errors.New("an error was expected, and there was none")
		}
		text := strings.ReplaceAll(got.err.Error(), got.dir+string(filepath.Separator), "")
		return strings.TrimRight(text, "\n"), true, nil
	case "plan":
		text, err := got.plan(s.Arg == "verbose")
		return strings.TrimRight(text, "\n"), true, err
	case "output":
		text, err := readOutput(filepath.Join(got.dir, filepath.FromSlash(s.Arg)))
		return text, true, err
	case "metrics":
		return fmt.Sprintf("late = %d\nrejected = %d", got.late, got.rejected), true, nil
	}
	log := got.query
	if s.Arg != "" {
		log = got.tables[s.Arg]
	}
	if log == nil {
		return "", false, fmt.Errorf("there is nothing for '-- %s --': the script's last statement is no query", s.Kind)
	}
	if s.Kind == "result" {
		text, err := log.resultTable()
		return text, !rowByRow, err
	}
	if rowByRow && v.single() && (v.Stops == nil || log.changelogTable() == s.Text()) {
		return log.changelogTable(), true, nil
	}
	if rowByRow && v.single() && !got.gathers {
		if err := s.sameChanges(log); err != nil {
			return "", false, err
		}
	}
	return got.sameFold(s, log)
}

// sameChanges checks the changelog of a restored run: it may have keys that are due together in another order, but has the
// same changes.
func (s *Section) sameChanges(log *changelog) error {
	sorted := func(text string) string {
		lines := strings.Split(text, "\n")
		slices.Sort(lines[1:])
		return strings.Join(lines, "\n")
	}
	if want, got := sorted(s.Text()), sorted(log.changelogTable()); want != got {
		return fmt.Errorf("the changelog has other changes (sorted; -want +got):\n%s", lineDiff(want, got))
	}
	return nil
}

// sameFold checks a run whose changelog may differ in its steps: what it amounts to must be
// what the expected changelog amounts to.
func (got *outcome) sameFold(s *Section, log *changelog) (string, bool, error) {
	want, err := s.expectedChangelog(log)
	if err != nil {
		return "", false, err
	}
	wantTable, err := want.resultTable()
	if err != nil {
		return "", false, err
	}
	gotTable, err := log.resultTable()
	if err != nil {
		return "", false, err
	}
	if wantTable != gotTable {
		return "", false, fmt.Errorf("the changelog amounts to something else (-want +got):\n%s", lineDiff(wantTable, gotTable))
	}
	return "", false, nil
}

// expectedChangelog reads a changelog section back.
func (s *Section) expectedChangelog(like *changelog) (*changelog, error) {
	log := &changelog{columns: like.columns, upsertKey: like.upsertKey}
	for i, line := range s.Lines {
		if i == 0 || strings.TrimSpace(line) == "" {
			continue
		}
		cells := splitCells(line)
		kind, err := changeKind(cells[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", s.Line+1+i, err)
		}
		log.rows = append(log.rows, changeRow{kind, cells[1:]})
	}
	return log, nil
}

// readOutput gives the lines of a file, or of all visible files of a folder, sorted: which
// subtask wrote what is no part of the result.
func readOutput(path string) (string, error) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		files = nil
		err := filepath.WalkDir(path, func(p string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") && !strings.HasPrefix(d.Name(), "_") {
				files = append(files, p)
			}
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return sortedLines(files)
}

// Statements splits the case's SQL into statements, for other engines.
func (c *Case) Statements(f *File, dir string) ([]ast.Statement, error) {
	sql, err := c.prepare(f, dir)
	if err != nil {
		return nil, err
	}
	return parse.Script(&diag.Text{Name: f.Path, Body: sql})
}
