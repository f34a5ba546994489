package weir

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/weirstream/weir/planner"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
	"github.com/weirstream/weir/sql/settings"
)

// Env is a session: a catalog, settings, and what they run on. It is not safe for
// concurrent use; the jobs that it starts run on by themselves.
type Env struct {
	cfg      config
	session  *catalog.Session
	planner  *planner.Planner
	goTables map[string]goTable
}

// NewEnv makes a session with an empty catalog.
func NewEnv(opts ...Option) (*Env, error) {
	cfg := newConfig(opts)
	if cfg.parallelism < 0 || cfg.parallelism > settings.MaxTasks {
		return nil, fmt.Errorf("a parallelism of %d: use a number from 1 to %d", cfg.parallelism, settings.MaxTasks)
	}
	if cfg.batchSize < 0 || cfg.batchSize > settings.MaxBatch {
		return nil, fmt.Errorf("batches of %d rows: use a number from 1 to %d", cfg.batchSize, settings.MaxBatch)
	}
	if err := checkFunctions(cfg.functions); err != nil {
		return nil, err
	}
	if slices.Contains(cfg.connectors, nil) {
		return nil, errors.New("WithConnector: the connector is nil")
	}
	session := catalog.NewSession()
	for key, value := range cfg.settings {
		if _, err := session.Settings.Set(key, value); err != nil {
			return nil, err
		}
	}
	e := &Env{cfg: cfg, session: session, goTables: map[string]goTable{}}
	e.planner = planner.New(session, e.plannerEnv())
	return e, nil
}

// Error is wrong SQL, or a job that failed for a reason that the user can mend: it holds the place in
// the SQL. Its text has the form that the command line shows, with a caret under the place.
type Error struct {
	Text *diag.Text
	Err  error // a *diag.Error is in its chain
}

func (e *Error) Error() string { return diag.Render(e.Text, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// withText adds the user's SQL to errors that have a place in it.
func withText(text *diag.Text, err error) error {
	var d *diag.Error
	var done *Error
	if err == nil || errors.As(err, &done) || !errors.As(err, &d) {
		return err
	}
	return &Error{Text: text, Err: err}
}

// ExecuteSQL runs one statement or a script and gives the result of what comes last: a
// SELECT's changelog, the running job of the INSERTs, or the rows of SHOW and the like.
// All INSERTs of the script run together as one job, begun at its end; with SET 'table.dml-sync' = 'true' each INSERT and each
// statement set is a job of its own, and has ended before what follows is run. A SELECT that is
// not the last statement is refused; Script runs those too.
func (e *Env) ExecuteSQL(ctx context.Context, sql string) (*Result, error) {
	text := &diag.Text{Name: "sql", Body: sql}
	stmts, err := parse.Script(text)
	if err != nil {
		return nil, withText(text, err)
	}
	for i, s := range stmts {
		if q, ok := s.(*ast.QueryStmt); ok && i < len(stmts)-1 {
			return nil, withText(text, diag.Errorf(q.Span(), "a query must be the last statement").
				WithHint("use Env.Script to run several queries"))
		}
	}
	last := &Result{}
	for res, err := range e.script(ctx, text, stmts) {
		if err != nil {
			return nil, err
		}
		last = res
	}
	return last, nil
}

// Script runs a script named name (in messages) and gives the result of every statement in
// turn; the job of all its INSERTs is the last. The caller reads or closes a result before
// he takes the next. After an error nothing more is run. With SET 'table.dml-sync' = 'true' there is a job for each INSERT and each statement
// set, where it stands; taking the next result waits for its end, and a job that failed is an error.
func (e *Env) Script(ctx context.Context, name, sql string) iter.Seq2[*Result, error] {
	text := &diag.Text{Name: name, Body: sql}
	stmts, err := parse.Script(text)
	if err != nil {
		return func(yield func(*Result, error) bool) { yield(nil, withText(text, err)) }
	}
	return e.script(ctx, text, stmts)
}

func (e *Env) script(ctx context.Context, text *diag.Text, stmts []ast.Statement) iter.Seq2[*Result, error] {
	return func(yield func(*Result, error) bool) {
		e.session.Text = text
		if err := e.checkJobs(stmts); err != nil {
			yield(nil, withText(text, err))
			return
		}
		for _, s := range e.planner.Jobs(e.withOverrides(stmts)) {
			res, err := e.statement(ctx, text, s)
			if !yield(res, withText(text, err)) || err != nil {
				return
			}
			if res.kind != Started || !e.session.Settings.Bool(settings.DMLSync) {
				continue
			}
			if err := res.Job().Wait(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// statement runs a statement; INSERTs come as statement sets.
func (e *Env) statement(ctx context.Context, text *diag.Text, s ast.Statement) (*Result, error) {
	switch s := s.(type) {
	case *ast.QueryStmt:
		return e.startQuery(ctx, text, s.Query)
	case *ast.StatementSet:
		return e.startInserts(ctx, text, s.Inserts)
	}
	r, err := e.planner.Execute(s)
	if err != nil {
		return nil, err
	}
	return tableResult(r), nil
}

// withOverrides gives tables the options of WithTableOptions in place of their own.
func (e *Env) withOverrides(stmts []ast.Statement) []ast.Statement {
	if len(e.cfg.tableOptions) == 0 {
		return stmts
	}
	out := slices.Clone(stmts)
	for i, s := range out {
		c, ok := s.(*ast.CreateTable)
		if !ok {
			continue
		}
		options, ok := e.cfg.tableOptions[c.Name.Last().Name]
		if !ok {
			continue
		}
		table := *c
		table.Options = nil
		for _, k := range slices.Sorted(maps.Keys(options)) {
			table.Options = append(table.Options, ast.Option{Place: c.Name.Place, Key: k, Value: options[k]})
		}
		out[i] = &table
	}
	return out
}
