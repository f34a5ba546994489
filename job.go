package weir

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weirstream/weir/planner"
	"github.com/weirstream/weir/runtime"
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/why"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// Job is a running job: the INSERTs of a script, or a query.
type Job struct {
	name     string
	run      *runtime.Job
	started  context.Context // that it was started with
	text     *diag.Text      // for errors with a place
	stateful bool
	stateDir string
	memory   int64 // weir.memory, in bytes; 0: without a bound
}

func newJob(ctx context.Context, p *plan.Job, run *runtime.Job, text *diag.Text) *Job {
	return &Job{name: p.Name, run: run, started: ctx, text: text, stateful: slices.ContainsFunc(plan.Nodes(p), plan.Stateful), stateDir: p.Config.Checkpoints.Dir, memory: p.Config.Memory}
}

// Name is the setting pipeline.name, or a name made from the tables.
func (j *Job) Name() string { return j.name }

// Stateful reports whether an operator of the job keeps anything from one batch to the next: what a checkpoint holds
// beside the places up to which inputs have been read.
func (j *Job) Stateful() bool { return j.stateful }

// StateDir is the folder that the job takes checkpoints in: that of WithStateDir, or of the settings
// 'execution.checkpointing.dir' and 'state.checkpoints.dir'; "": it takes none.
func (j *Job) StateDir() string { return j.stateDir }

// Wait waits for the end of the job and gives its error. When ctx ends first the job goes on, and
// the error is ctx's, unless it is the context that the job was started with: then the job stops.
func (j *Job) Wait(ctx context.Context) error {
	select {
	case <-j.run.Done():
		return j.end()
	case <-ctx.Done():
	}
	if j.started.Err() == nil {
		return ctx.Err()
	}
	select {
	case <-j.run.Done():
		return j.end()
	case <-time.After(stopGrace):
		return fmt.Errorf("the job has not ended %v after it was told to stop", stopGrace)
	}
}

// stopGrace is how long Wait lets a job that stops by its context come to its end: longer than after what the job itself gives up stopping.
const stopGrace = 45 * time.Second

// Stop stops the job cleanly and waits for its end: what was read is processed and committed, windows
// that are still open do not fire.
func (j *Job) Stop() error {
	j.run.Stop()
	return j.end()
}

// end waits for the job's end and gives its error.
func (j *Job) end() error { return withText(j.text, withAdvice(j.run.Wait())) }

// Done is closed when the job has ended.
func (j *Job) Done() <-chan struct{} { return j.run.Done() }

// Metrics are a job's numbers at one moment: for each source and operator, rows, event time
// and what was dropped.
type Metrics struct{ *metrics.Snapshot }

// Metrics gives the job's numbers as they are now.
func (j *Job) Metrics() Metrics {
	s := j.run.Metrics()
	return Metrics{&s}
}

// Why is what a job's event time waits for at one moment: for every operator with event time its watermark, what holds
// that back and since when, what waits for which window, and how many rows were late. String is the text of weir run --why.
type Why struct{ why.Report }

// Why says what the job's windows wait for.
func (j *Job) Why() Why { return Why{j.run.Why()} }

// Rejected counts the rows that could not be decoded and were skipped.
func (m Metrics) Rejected() (rows int64) {
	for _, s := range m.Sources {
		rows += s.Rejected
	}
	return rows
}

// Watermark is the job's event time: the lowest watermark of its sources. It is false where
// there is none yet, and at the end of bounded input.
func (m Metrics) Watermark() (time.Time, bool) {
	wm := m.Snapshot.Watermark()
	if wm == metrics.NoWatermark || wm == op.MaxWatermark {
		return time.Time{}, false
	}
	return time.UnixMilli(wm), true
}

func (e *Env) startInserts(ctx context.Context, text *diag.Text, inserts []*ast.Insert) (*Result, error) {
	p, err := e.planner.PlanInserts(inserts)
	if err != nil {
		return nil, err
	}
	run, err := e.start(ctx, p, func(again *planner.Planner) (*plan.Job, error) { return again.PlanInserts(inserts) })
	if err != nil {
		return nil, err
	}
	return &Result{kind: Started, job: newJob(ctx, p, run, text), ctx: ctx}, nil
}

func (e *Env) startQuery(ctx context.Context, text *diag.Text, q ast.Query) (*Result, error) {
	sink := newCollector()
	p, schema, err := e.planner.PlanQuery(q, sink)
	if err != nil {
		return nil, err
	}
	run, err := e.start(ctx, p, func(again *planner.Planner) (*plan.Job, error) {
		p, _, err := again.PlanQuery(q, sink)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	res := &Result{kind: Changelog, sink: sink, job: newJob(ctx, p, run, text), ctx: ctx, zone: p.Config.Zone}
	for _, f := range schema {
		res.columns = append(res.columns, Column{f.Name, f.Type})
	}
	res.changes = p.Sinks[0].Input.Properties().Changes
	return res, nil
}
