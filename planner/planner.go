// Package planner turns statements into jobs: it binds names and types, builds the
// logical plan, applies the rules, and makes the physical plan that the runtime runs.
//
// Enter at Planner. It works on a catalog.Session (what tables there are, what is SET)
// and is cheap to make: one for each session. The stages are packages of their own:
// planner/bind (syntax tree to logical plan), planner/logical (the plan's nodes),
// planner/rule (rewrites), planner/physical (logical plan to runtime/plan),
// planner/explain (plans as text).
//
// Statements are of two sorts. Those that ask or change the session (CREATE, SET, SHOW …) go
// to Execute. Those that are jobs go to PlanInserts and PlanQuery.
package planner

import (
	"errors"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// Env is what a planner needs beside the session: the functions and connectors that
// exist, and what the command line said.
type Env struct {
	Functions  *udf.Registry
	Aggregates *agg.Registry
	Connectors []*connectors.Connector
	BaseDir    string // relative paths in WITH options start here; "" is the working folder
	// Parallelism and BatchSize of the command line; 0 leaves the choice to the settings. When
	// DefaultParallelism is 0 too, it is 1.
	Parallelism        int
	DefaultParallelism int
	BatchSize          int
}

// Planner plans the statements of one session. It is not safe for concurrent use.
type Planner struct {
	session *catalog.Session
	env     Env
}

// New makes a planner.
func New(session *catalog.Session, env Env) *Planner {
	return &Planner{session: session, env: env}
}

// ErrIsJob says that a statement given to Execute is a job.
var ErrIsJob = errors.New("the statement is a job")

// Execute runs a statement that is no job: CREATE, DROP, ALTER, USE, SET, RESET, SHOW,
// DESCRIBE, EXPLAIN. What is defined is checked at once: a view or a computed column with an
// unknown name fails here. Of CREATE TABLE … AS this is the definition, Jobs has its INSERT. Statements that are jobs (queries, INSERT, STATEMENT SET) are
// refused with ErrIsJob. Errors of the user's are *diag.Error with a place.
func (p *Planner) Execute(stmt ast.Statement) (*catalog.Result, error) {
	switch st := stmt.(type) {
	case *ast.QueryStmt, *ast.Insert, *ast.StatementSet:
		return nil, ErrIsJob
	case *ast.Explain:
		text, err := p.explain(st)
		if err != nil {
			return nil, err
		}
		column := catalog.ResultColumn{Name: "result", Type: types.String()}
		return &catalog.Result{Columns: []catalog.ResultColumn{column}, Rows: [][]any{{strings.TrimRight(text, "\n")}}}, nil
	case *ast.CreateTable:
		if st.AsQuery == nil {
			break
		}
		table, err := p.createAs(st)
		if err != nil {
			return nil, err
		}
		stmt = table
	}
	return p.session.Execute(stmt, p.binder())
}

// PlanInserts makes one job of all the INSERTs; equal sub-plans are shared.
func (p *Planner) PlanInserts(stmts []*ast.Insert) (*plan.Job, error) {
	t, err := p.begin()
	if err != nil {
		return nil, err
	}
	for _, s := range stmts {
		if err := t.insert(s); err != nil {
			return nil, err
		}
	}
	return t.finish()
}

// PlanQuery makes the job of a query whose changelog goes to sink, through one writer; the
// schema is that of the rows that the sink gets.
func (p *Planner) PlanQuery(q ast.Query, sink connectors.Sink) (*plan.Job, vec.Schema, error) {
	t, err := p.begin()
	if err != nil {
		return nil, nil, err
	}
	schema, err := t.query(q, sink)
	if err != nil {
		return nil, nil, err
	}
	job, err := t.finish()
	return job, schema, err
}
