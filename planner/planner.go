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

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/udf"
)

// Env is what a planner needs beside the session: the functions and connectors that
// exist, and what the command line said.
type Env struct {
	Functions  *udf.Registry
	Aggregates []*agg.Func
	Connectors []*connectors.Connector
	BaseDir    string // relative paths in WITH options start here; "" is the working folder
	// Parallelism and BatchSize of the command line; 0 leaves the choice to the settings. When
	// DefaultParallelism is 0 too, it is 1.
	Parallelism        int
	DefaultParallelism int
	BatchSize          int
	MemoryLimit        int64
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

var errUnfinished = errors.New("the planner is being written")

// Execute runs a statement that is no job: CREATE, DROP, ALTER, USE, SET, RESET, SHOW,
// DESCRIBE, EXPLAIN. What is defined is checked at once: a view or a computed column with an
// unknown name fails here. Statements that are jobs (queries, INSERT, STATEMENT SET) are
// refused with ErrIsJob.
func (p *Planner) Execute(stmt ast.Statement) (*catalog.Result, error) {
	return nil, errUnfinished
}

// PlanInserts makes one job of all the INSERTs; equal sub-plans are shared.
func (p *Planner) PlanInserts(stmts []*ast.Insert) (*plan.Job, error) {
	return nil, errUnfinished
}

// PlanQuery makes the job of a query whose changelog goes to sink, through one writer; the
// schema is that of the rows that the sink gets.
func (p *Planner) PlanQuery(q ast.Query, sink connectors.Sink) (*plan.Job, vec.Schema, error) {
	return nil, nil, errUnfinished
}

// Explain gives the plan of a query, an INSERT or a STATEMENT SET as text. Execute does it for
// EXPLAIN statements; this is for "weir explain", which takes the INSERTs of a script together.
func (p *Planner) Explain(stmts []ast.Statement, details ...string) (string, error) {
	return "", errUnfinished
}

// Lint checks a script without running it and gives all its errors in order, going on behind
// a statement that fails. The session is left as it was.
func (p *Planner) Lint(stmts []ast.Statement) []error {
	return []error{errUnfinished}
}
