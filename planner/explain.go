package planner

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/explain"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// Explain gives the plan of the jobs among the statements as text; statements that are no
// jobs are left out. The details are those of EXPLAIN: "VERBOSE" adds the logical plan, the
// rules that fired, and the operators' fingerprints. INSERTs are one job; without any, the
// last query is explained.
func (p *Planner) Explain(stmts []ast.Statement, details ...string) (string, error) {
	t, err := p.begin()
	if err != nil {
		return "", err
	}
	var query ast.Query
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.Insert:
			err = t.insert(s)
		case *ast.StatementSet:
			for _, ins := range s.Inserts {
				err = errors.Join(err, t.insert(ins))
			}
		case *ast.QueryStmt:
			query = s.Query
		}
		if err != nil {
			return "", err
		}
	}
	if len(t.sinks) == 0 {
		if query == nil {
			return "", diag.Errorf(diag.Span{}, "there is no query and no INSERT to explain")
		}
		if _, err := t.query(query, resultSink{}); err != nil {
			return "", err
		}
	}
	return t.explain(slices.Contains(details, "VERBOSE"))
}

// insteadOf says what to ask in place of a form of EXPLAIN that there is not.
func insteadOf(form string) string {
	switch form {
	case "ESTIMATED_COST":
		return "streams have no statistics, and so no costs; EXPLAIN shows the operators, their keys, kinds of changes and parallelism"
	case "JSON_EXECUTION_PLAN":
		return "EXPLAIN shows the operators that run, as text"
	case "PLAN_ADVICE":
		return "EXPLAIN shows the plan, EXPLAIN VERBOSE the rules that made it"
	}
	return "EXPLAIN shows the plan without running it; 'weir run --why' tells about a job that runs"
}

// explain answers an EXPLAIN statement.
func (p *Planner) explain(st *ast.Explain) (string, error) {
	for _, d := range st.Details {
		switch d {
		case "PLAN FOR", "CHANGELOG_MODE", "VERBOSE":
		default:
			return "", diag.Unsupported(st.Span(), "EXPLAIN %s", d).WithHint("%s", insteadOf(d))
		}
	}
	switch st.Stmt.(type) {
	case *ast.QueryStmt, *ast.Insert, *ast.StatementSet:
		return p.Explain([]ast.Statement{st.Stmt}, st.Details...)
	}
	if t, ok := st.Stmt.(*ast.CreateTable); ok && t.AsQuery != nil {
		return p.explainAs(t, st.Details)
	}
	return "", diag.Errorf(st.Stmt.Span(), "EXPLAIN takes a query, an INSERT, a CREATE TABLE … AS or a STATEMENT SET")
}

// explainAs explains the INSERT of a CREATE TABLE … AS; the session stays as it is.
func (p *Planner) explainAs(st *ast.CreateTable, details []string) (string, error) {
	apart := New(p.session.Clone(), p.env)
	if _, err := apart.Execute(st); err != nil {
		return "", err
	}
	return apart.Explain([]ast.Statement{insertOf(st)}, details...)
}

func (t *task) explain(verbose bool) (string, error) {
	job, err := t.finish()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if verbose {
		b.WriteString("== Logical plan as written ==\n" + explain.Logical(t.bound))
		b.WriteString("\n== Logical plan, optimised ==\n" + explain.Logical(t.optimised))
		b.WriteString("\n== Rules that fired ==\n" + strings.Join(t.rules.Fired, "\n") + "\n\n== Physical plan ==\n")
	}
	b.WriteString(explain.Physical(job, verbose))
	return b.String(), nil
}

// resultSink stands for whoever asked a query, where the query is only explained or checked.
type resultSink struct{}

// Accepts gives all kinds.
func (resultSink) Accepts() connectors.ChangeSet { return connectors.Retract }

// Guarantee gives none.
func (resultSink) Guarantee() connectors.Guarantee { return connectors.NoGuarantee }

// Open fails: nothing is run.
func (resultSink) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return nil, errors.New("opening the result of a query that is only explained")
}

// Commit fails: nothing is run.
func (resultSink) Commit(context.Context, [][]byte) error {
	return errors.New("committing the result of a query that is only explained")
}
