package weir

import (
	"context"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
)

// CheckSyntax parses a script and gives what is wrong with it; no table needs to exist.
func CheckSyntax(name, sql string) []error {
	text := &diag.Text{Name: name, Body: sql}
	if _, err := parse.Script(text); err != nil {
		return []error{withText(text, err)}
	}
	return nil
}

// Lint parses and plans a script without running it and gives all its errors.
func (e *Env) Lint(name, sql string) []error {
	text := &diag.Text{Name: name, Body: sql}
	stmts, err := parse.Script(text)
	if err != nil {
		return []error{withText(text, err)}
	}
	e.session.Text = text
	errs := e.planner.Lint(e.withOverrides(stmts))
	for i := range errs {
		errs[i] = withText(text, errs[i])
	}
	return errs
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
	var inserts []*ast.Insert
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
	for _, s := range e.withOverrides(stmts) {
		switch s := s.(type) {
		case *ast.Insert:
			inserts = append(inserts, s)
		case *ast.StatementSet:
			inserts = append(inserts, s.Inserts...)
		case *ast.QueryStmt:
			if err := explain(s); err != nil {
				return "", err
			}
		default:
			if _, err := e.statement(context.Background(), text, s); err != nil {
				return "", withText(text, err)
			}
		}
	}
	if len(inserts) > 0 {
		set := &ast.StatementSet{Place: inserts[0].Place, Inserts: inserts}
		if err := explain(set); err != nil {
			return "", err
		}
	}
	return strings.Join(out, "\n"), nil
}
