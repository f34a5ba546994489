package weir

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/weirstream/weir/planner"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
)

// CheckSyntax parses a script and gives what is wrong with each of its statements; no table
// needs to exist.
func CheckSyntax(name, sql string) []error {
	text := &diag.Text{Name: name, Body: sql}
	_, wrong := parse.All(text)
	var errs []error
	for _, w := range wrong {
		errs = append(errs, withText(text, w.Err))
	}
	return errs
}

// Lint parses and plans a script without running it and gives all its errors in the order of
// the text. A statement that does not parse keeps only those from being planned that may
// depend on it. What the script defines is forgotten; a [Linter] keeps it for the scripts that follow.
func (e *Env) Lint(name, sql string) []error { return e.Linter().Lint(name, sql) }

// Linter checks scripts that are run one after another: each sees what the ones before it define. The
// session that it comes from does not change.
type Linter struct {
	env    *Env
	linter *planner.Linter
}

// Linter gives a linter that begins with the session as it is.
func (e *Env) Linter() *Linter { return &Linter{e, e.planner.Linter()} }

// Lint is as [Env.Lint], in the session of the scripts checked before.
func (l *Linter) Lint(name, sql string) []error {
	text := &diag.Text{Name: name, Body: sql}
	stmts, wrong := parse.All(text)
	var errs []error
	var undefined []string
	end := len(sql)
	for _, w := range wrong {
		errs = append(errs, w.Err)
		if w.Opaque {
			end = min(end, w.Start)
		}
		undefined = append(undefined, w.Defines)
	}
	stmts = slices.DeleteFunc(stmts, func(s ast.Statement) bool { return s.Span().Start > end })
	errs = append(errs, l.linter.Lint(text, l.env.withOverrides(stmts), undefined...)...)
	slices.SortStableFunc(errs, func(a, b error) int { return cmp.Compare(startOf(a), startOf(b)) })
	for i := range errs {
		errs[i] = withText(text, errs[i])
	}
	return errs
}

// startOf is where an error of a script is; 0 if it has no place.
func startOf(err error) int {
	var d *diag.Error
	if errors.As(err, &d) && d.Text == nil {
		return d.Span.Start
	}
	return 0
}

// Explain runs a script's definitions and gives the plans of its jobs as text: each query's, and that
// of the job that its INSERTs make together. Verbose plans have schemas and the rules that
// fired.
func (e *Env) Explain(name, sql string, verbose bool) (string, error) {
	text := &diag.Text{Name: name, Body: sql}
	stmts, err := parse.Script(text)
	if err != nil {
		return "", withText(text, err)
	}
	e.session.Text = text
	var details []string
	if verbose {
		details = []string{"VERBOSE"}
	}
	var out []string
	explain := func(s ast.Statement) error {
		r, err := e.planner.Execute(&ast.Explain{Place: ast.Place{At: s.Span()}, Details: details, Stmt: s})
		if err != nil {
			return withText(text, err)
		}
		for _, row := range r.Rows {
			for _, v := range row {
				if s, ok := v.(string); ok {
					out = append(out, strings.TrimRight(s, "\n")+"\n")
				}
			}
		}
		return nil
	}
	for _, s := range e.planner.Jobs(e.withOverrides(stmts)) {
		switch s.(type) {
		case *ast.QueryStmt, *ast.StatementSet:
			if err := explain(s); err != nil {
				return "", err
			}
		default:
			if _, err := e.statement(context.Background(), text, s); err != nil {
				return "", withText(text, err)
			}
		}
	}
	return strings.Join(out, "\n"), nil
}
