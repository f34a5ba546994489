package planner

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// Linter checks scripts without running them, one after another in a session of its own: a script may use what
// an earlier one has defined.
type Linter struct {
	p      *Planner
	errs   []error // of the present script
	seen   map[string]bool
	failed []string // tables and views that could not be defined
}

// Linter gives a linter that begins with the session as it is, and leaves it so.
func (p *Planner) Linter() *Linter { return &Linter{p: New(p.session.Clone(), p.env)} }

// Lint checks a script and gives all its errors in order, going on behind a statement that fails. Tables are
// checked where they are created, whether something reads them or not. That a table or view named in undefined is
// not there is no error: what was to create it did not parse.
func (l *Linter) Lint(text *diag.Text, stmts []ast.Statement, undefined ...string) []error {
	l.p.session.Text, l.errs, l.seen = text, nil, map[string]bool{}
	l.failed = append(l.failed, undefined...)
	for _, s := range l.p.Jobs(stmts) {
		switch s := s.(type) {
		case *ast.QueryStmt:
			_, _, err := l.p.PlanQuery(s.Query, resultSink{})
			l.add(err)
		case *ast.StatementSet:
			l.inserts(s.Inserts)
		case *ast.Explain:
			l.add(l.explained(s))
		default:
			l.define(s)
		}
	}
	return l.errs
}

// add notes an error, once; what only follows from a definition that failed is left out.
func (l *Linter) add(err error) bool {
	if err == nil {
		return true
	}
	var d *diag.Error
	key := err.Error()
	if errors.As(err, &d) {
		key = fmt.Sprint(d.Span, d.Msg)
		for _, name := range l.failed {
			if strings.HasSuffix(d.Msg, "table or view '"+name+"'") {
				return false
			}
		}
	}
	if !l.seen[key] {
		l.seen[key] = true
		l.errs = append(l.errs, err)
	}
	return false
}

// inserts checks each INSERT of a job, and, where all are sound, the job.
func (l *Linter) inserts(all []*ast.Insert) {
	sound := true
	for _, ins := range all {
		_, err := l.p.PlanInserts([]*ast.Insert{ins})
		sound = l.add(err) && sound
	}
	if sound && len(l.errs) == 0 && len(all) > 1 {
		_, err := l.p.PlanInserts(all)
		l.add(err)
	}
}

func (l *Linter) explained(s *ast.Explain) error {
	_, err := l.p.Execute(s)
	return err
}

// define runs a statement that is no job, and checks the options of tables at once.
func (l *Linter) define(s ast.Statement) {
	_, err := l.p.Execute(s)
	if !l.add(err) {
		switch s := s.(type) {
		case *ast.CreateTable:
			l.failed = append(l.failed, s.Name.Last().Name)
		case *ast.CreateView:
			l.failed = append(l.failed, s.Name.Last().Name)
		}
		return
	}
	c, ok := s.(*ast.CreateTable)
	if !ok {
		return
	}
	if t, err := l.p.session.Table(c.Name); err == nil && t.View == nil {
		l.add(l.p.binder().CheckTable(t))
	}
}
