package weir

import (
	"context"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
)

// Difference is what becomes of a job's state when its script is changed. Each text names a table that is read, an
// operator or a sink.
type Difference struct {
	Kept []string // goes on with what it had
	Lost []string // has no place in the new script: a checkpoint of the old one is refused unless that is allowed
	New  []string // begins empty, or reads from the beginning
}

// Diff compares the jobs of two scripts, without running either: what a checkpoint of the old one is worth to the new one.
// Each script is planned in an environment of its own, which must know the tables that are made outside of it.
func Diff(oldEnv *Env, oldName, oldSQL string, newEnv *Env, newName, newSQL string) (*Difference, error) {
	before, err := oldEnv.planScript(oldName, oldSQL)
	if err != nil {
		return nil, err
	}
	after, err := newEnv.planScript(newName, newSQL)
	if err != nil {
		return nil, err
	}
	x := checkpoint.Compare(checkpoint.Of(before), after)
	var d Difference
	for _, n := range plan.Nodes(after) {
		switch s, source := n.(*plan.Source); {
		case source && x.Sources[s] != nil:
			d.Kept = append(d.Kept, "table "+s.Table+": how far it has been read")
		case plan.Stateful(n) && x.Operators[n] != nil:
			d.Kept = append(d.Kept, "operator "+n.Name()+" ("+n.Properties().ID+"): its state")
		}
	}
	for _, i := range x.Lost {
		d.Lost = append(d.Lost, i.String())
	}
	for _, i := range x.New {
		d.New = append(d.New, i.String())
	}
	return &d, nil
}

// planScript runs a script's definitions and plans its job, the last one where there are several.
func (e *Env) planScript(name, sql string) (*plan.Job, error) {
	text := &diag.Text{Name: name, Body: sql}
	stmts, err := parse.Script(text)
	if err != nil {
		return nil, withText(text, err)
	}
	e.session.Text = text
	var last func() (*plan.Job, error)
	for _, s := range e.planner.Jobs(e.withOverrides(stmts)) {
		switch s := s.(type) {
		case *ast.StatementSet:
			last = func() (*plan.Job, error) { return e.planner.PlanInserts(s.Inserts) }
		case *ast.QueryStmt:
			last = func() (*plan.Job, error) {
				job, _, err := e.planner.PlanQuery(s.Query, newCollector())
				return job, err
			}
		default:
			if _, err := e.statement(context.Background(), text, s); err != nil {
				return nil, withText(text, err)
			}
		}
	}
	if last == nil {
		return nil, withText(text, diag.Errorf(diag.Span{}, "the script has no INSERT and no SELECT: there is no job in it"))
	}
	job, err := last()
	if err != nil {
		return nil, withText(text, err)
	}
	return job, nil
}
