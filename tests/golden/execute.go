package golden

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
)

// outcome is what a run of a case gave.
type outcome struct {
	dir     string
	query   *changelog            // of the last SELECT
	tables  map[string]*changelog // of sinks that a section names
	plan    func(verbose bool) (string, error)
	metrics weir.Metrics
	err     error // of the job or the SQL
}

// execute runs the case's SQL. Its own error is one of the test (a missing file), not of the
// SQL, which is part of the outcome.
func (r *Runner) execute(ctx context.Context, f *File, c *Case, v Variant, rowByRow bool, dir string) (*outcome, error) {
	sql, err := c.prepare(f, dir)
	if err != nil {
		return nil, err
	}
	if err := c.namesTables(sql); err != nil {
		return nil, err
	}
	got := &outcome{dir: dir, tables: map[string]*changelog{}}
	opts := append([]weir.Option{
		weir.WithBaseDir(dir), weir.WithParallelism(v.Parallelism), weir.WithBatchSize(v.BatchSize), weir.WithConnector(inputs(c)),
		weir.WithConnector(outputs(got.tables)),
	}, r.Options...)
	if rowByRow {
		opts = append(opts, weir.WithSetting("table.exec.mini-batch.enabled", "false"))
	}
	for _, s := range c.Sections {
		switch {
		case s.Kind == "input":
			opts = append(opts, weir.WithTableOptions(s.Arg, s.inputOptions()))
		case (s.Kind == "changelog" || s.Kind == "result") && s.Arg != "":
			got.tables[s.Arg] = &changelog{}
			opts = append(opts, weir.WithTableOptions(s.Arg, map[string]string{"connector": outputConnector, "table": s.Arg}))
		case s.Kind == "set":
			for _, line := range s.Lines {
				if key, value, ok := strings.Cut(line, "="); ok {
					opts = append(opts, weir.WithSetting(strings.TrimSpace(key), strings.TrimSpace(value)))
				}
			}
		}
	}
	env, err := weir.NewEnv(opts...)
	if err != nil {
		return nil, err
	}
	if len(c.sections("plan")) > 0 {
		got.plan = func(verbose bool) (string, error) { return env.Explain("sql", sql, verbose) }
		return got, nil
	}
	got.err = got.run(ctx, env, sql)
	return got, nil
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
// with its real connector. What does not parse is left to the run.
func (c *Case) namesTables(sql string) error {
	stmts, err := parse.Script(&diag.Text{Name: "sql", Body: sql})
	if err != nil {
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

// inputOptions are the WITH options that replace the table's own: rows come from the section,
// and a watermark follows every row.
func (s *Section) inputOptions() map[string]string {
	options := map[string]string{"connector": inputConnector, "table": s.Arg, "scan.watermark.emit.strategy": "on-event"}
	rows, err := s.inputRows()
	for _, r := range rows {
		if err == nil && r.kind != "+I" {
			options["changelog"] = "true"
		}
	}
	return options
}

func (got *outcome) run(ctx context.Context, env *weir.Env, sql string) error {
	for res, err := range env.Script(ctx, "sql", sql) {
		if err != nil {
			return err
		}
		if res.Kind() == weir.Changelog {
			log := &changelog{format: res.Formatter()}
			for _, c := range res.Columns() {
				log.columns = append(log.columns, c.Name+" "+c.Type.String())
			}
			for b, err := range res.Vectors() {
				if err != nil {
					return err
				}
				if err := log.add(b); err != nil {
					return err
				}
			}
			got.query = log
		}
		if job := res.Job(); job != nil {
			err := job.Wait(ctx)
			got.metrics = job.Metrics()
			if err != nil {
				return err
			}
		}
	}
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
		return fmt.Sprintf("late = %d\nrejected = %d", got.metrics.Late(), got.metrics.Rejected()), true, nil
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
	if rowByRow && v.Parallelism == 1 {
		return log.changelogTable(), true, nil
	}
	return got.sameFold(s, log)
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
