package planner

import (
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/bind"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/planner/physical"
	"github.com/weirstream/weir/planner/rule"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
	"github.com/weirstream/weir/udf"
)

// task is the planning of one job, from statements to operators.
type task struct {
	p      *Planner
	binder *bind.Binder
	sinks  []logical.Node
	// bound and optimised are the plan's stages, kept for EXPLAIN.
	bound, optimised []logical.Node
	rules            *rule.Context
}

func (p *Planner) binder() *bind.Binder {
	return &bind.Binder{
		Session: p.session, Scalars: p.env.Functions, Aggregates: p.env.Aggregates, Connectors: p.env.Connectors, BaseDir: p.env.BaseDir,
		Sources: map[string]connectors.Source{},
	}
}

func (p *Planner) begin() (*task, error) {
	s := p.session.Settings
	if mode := s.Enum(settings.RuntimeMode); mode == "BATCH" {
		return nil, diag.Unsupported(diag.Span{}, "execution.runtime-mode = 'batch'").
			WithHint("bounded input runs as a stream to its end: RESET '%s'", settings.RuntimeMode)
	}
	return &task{p: p, binder: p.binder(), rules: &rule.Context{
		Env:   &udf.Env{Zone: s.Zone(), Now: time.Now, Start: time.Now()},
		Share: s.Bool(settings.ReuseSubPlan), ShareSources: s.Bool(settings.ReuseSubPlan) && s.Bool(settings.ReuseSource),
	}}, nil
}

func (t *task) insert(ins *ast.Insert) error {
	sink, err := t.binder.Insert(ins)
	if err != nil {
		return err
	}
	t.sinks = append(t.sinks, sink)
	return nil
}

func (t *task) query(q ast.Query, sink connectors.Sink) (vec.Schema, error) {
	n, err := t.binder.Query(q)
	if err != nil {
		return nil, err
	}
	schema := n.Schema().Vec()
	columns := make([]connectors.Column, len(schema))
	for i, f := range schema {
		columns[i] = connectors.Column{Name: f.Name, Type: f.Type}
	}
	t.sinks = append(t.sinks, logical.NewSink(n, logical.SinkSpec{Sink: sink, Columns: columns, At: q.Span()}))
	return schema, nil
}

// finish optimises what was bound and makes the job.
func (t *task) finish() (*plan.Job, error) {
	t.bound = t.sinks
	var err error
	if t.optimised, err = rule.Optimise(t.rules, t.sinks); err != nil {
		return nil, err
	}
	if t.optimised, err = t.routeLate(t.optimised); err != nil {
		return nil, err
	}
	if err := compiles(t.optimised, t.rules.Env); err != nil {
		return nil, err
	}
	job, err := physical.Build(t.optimised, t.p.physicalOptions(), t.rules.Note)
	if err != nil {
		return nil, err
	}
	job.Config = t.p.config()
	job.Name = t.p.session.Settings.String(settings.PipelineName)
	if job.Name == "" {
		job.Name = defaultName(job)
	}
	return job, nil
}

// defaultName names a job after the tables that it writes.
func defaultName(job *plan.Job) string {
	var names []string
	for _, s := range job.Sinks {
		if s.Table != "" {
			names = append(names, s.Table)
		}
	}
	if names == nil {
		return "query"
	}
	return "insert-into_" + strings.Join(names, ",")
}

func (p *Planner) physicalOptions() physical.Options {
	s := p.session.Settings
	return physical.Options{
		Parallelism: p.parallelism(), OnePhase: s.Enum(settings.AggPhaseStrategy) == "ONE_PHASE", RowByRow: p.rowByRow(),
		MiniBatch: physical.MiniBatch{
			Enabled: s.Bool(settings.MiniBatchEnabled), Rows: int(s.Int(settings.MiniBatchSize)), Wait: s.Duration(settings.MiniBatchLatency),
		},
		KeyedShuffle: s.Enum(settings.KeyedShuffle) != "NONE",
		Materialize: map[string]physical.Materialization{
			"NONE": physical.MaterializeNone, "FORCE": physical.MaterializeForce,
		}[s.Enum(settings.UpsertMaterialize)],
	}
}

// rowByRow reports whether mini-batches were switched off by a SET.
func (p *Planner) rowByRow() bool {
	s := p.session.Settings
	return s.Has(settings.MiniBatchEnabled) && !s.Bool(settings.MiniBatchEnabled)
}

// parallelism is the command line's, else what is SET, else the environment's default.
func (p *Planner) parallelism() int {
	s := p.session.Settings
	for _, n := range []int{
		p.env.Parallelism, int(s.Int(settings.TableParallelism)), int(s.Int(settings.Parallelism)), p.env.DefaultParallelism,
	} {
		if n > 0 {
			return n
		}
	}
	return 1
}

// config gives the settings that the runtime needs.
func (p *Planner) config() plan.Config {
	s := p.session.Settings
	c := plan.Config{
		Zone: s.Zone(), BatchSize: p.env.BatchSize, WatermarkInterval: s.Duration(settings.AutoWatermark), RowByRow: p.rowByRow(),
		MaxGroups: int(s.Int(settings.MaxParallelism)), StateTTL: s.Duration(settings.StateTTL), Checkpoints: checkpoints(s),
	}
	if c.BatchSize == 0 {
		c.BatchSize = int(s.Int(settings.BatchSize))
	}
	c.Memory = s.Size(settings.Memory)
	if c.BatchSize == 0 {
		c.BatchSize = vec.DefaultBatchSize
	}
	if c.MaxGroups < 1 {
		c.MaxGroups = defaultKeyGroups
	}
	return c
}

const defaultKeyGroups = 128
