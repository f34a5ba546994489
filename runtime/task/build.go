package task

import (
	"fmt"

	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// builder makes the tasks of a job.
type builder struct {
	job   *Job
	graph *graph
	tasks map[*stage][]*task
}

func (b *builder) build() error {
	for _, s := range b.graph.list {
		for i := range s.parallelism {
			t := &task{job: b.job, stage: s, index: i, woken: make(chan struct{}, 1)}
			t.timers.clock = b.job.clock
			b.tasks[s] = append(b.tasks[s], t)
			b.job.tasks = append(b.job.tasks, t)
		}
	}
	ports := map[*edge][]*sender{}
	for _, e := range b.graph.edges {
		ports[e] = b.exchange(e)
	}
	for _, s := range b.graph.list {
		for _, t := range b.tasks[s] {
			if err := b.chain(t, ports); err != nil {
				return err
			}
		}
	}
	return nil
}

// exchange makes the senders, lanes and entries of an edge.
func (b *builder) exchange(e *edge) []*sender {
	receivers := b.tasks[e.receives]
	senders := make([]*sender, len(b.tasks[e.sends]))
	limit := laneLimit(b.job.plan.Config.BatchSize, len(receivers))
	for i, t := range b.tasks[e.sends] {
		senders[i] = &sender{
			task: t, schema: e.schema, kind: e.partition, keys: e.keys, groups: b.job.plan.Config.MaxGroups,
			limit: limit, turn: i, fill: make([]*vec.Batch, len(receivers)),
		}
		t.senders = append(t.senders, senders[i])
	}
	for r, t := range receivers {
		if t.inbox == nil {
			t.inbox = &inbox{wake: t.notify}
		}
		stats := b.job.metrics.Operator("", e.name, e.order, r)
		for i, s := range senders {
			s.lanes = append(s.lanes, t.inbox.addLane(len(t.entries), i))
			if i%len(receivers) == r || s.stats == nil {
				s.stats = stats
			}
		}
		t.entries = append(t.entries, &entry{
			senders: newMerger(len(senders)), open: len(senders), stats: stats,
			out: outlet{wm: op.MinWatermark},
		})
	}
	return senders
}

// chain makes the members of a task and joins them. Consumers are made before what feeds
// them.
func (b *builder) chain(t *task, senders map[*edge][]*sender) error {
	inputs := map[place]port{}
	for i := len(t.stage.nodes) - 1; i >= 0; i-- {
		n := t.stage.nodes[i]
		out := outlet{wm: op.MinWatermark}
		var late *lateRows
		for _, to := range b.graph.chains[n] {
			if l, ok := to.node.(*plan.LateRows); ok {
				if late == nil {
					late = newLateRows(l)
				}
				late.to = append(late.to, inputs[to])
				out.to = append(out.to, muted{inputs[to]})
				continue
			}
			out.to = append(out.to, inputs[to])
		}
		for _, e := range b.graph.edges {
			if e.from == n {
				out.to = append(out.to, senders[e][t.index])
			}
		}
		if err := b.member(t, n, out, late, inputs); err != nil {
			return err
		}
	}
	for i, e := range t.stage.inputs {
		for _, to := range e.to {
			t.entries[i].out.to = append(t.entries[i].out.to, inputs[to])
		}
	}
	return nil
}

// member makes what runs a node in a task, and the ports of its inputs.
func (b *builder) member(t *task, n plan.Node, out outlet, late *lateRows, inputs map[place]port) error {
	stats := b.job.metrics.Operator(n.Properties().ID, n.Name(), b.graph.rank[n], t.index)
	switch n := n.(type) {
	case *plan.Sink:
		s := &sinkPort{plan: n, task: t, place: "the sink of table " + n.Table, jobID: b.job.sinkID(n), stats: stats}
		t.sinks = append(t.sinks, s)
		inputs[place{n, 0}] = s
		return nil
	case *plan.Source:
		return b.source(t, n, out, stats)
	}
	o, err := b.operator(n)
	if err != nil {
		return within("making "+n.Name(), err)
	}
	m := &node{op: metrics.Measure(o, stats), plan: n, place: n.Name(), out: out, late: late, task: t, from: op.MinWatermark}
	m.open = len(n.Inputs())
	m.inputs = newMerger(m.open)
	before := b.job.before(n)
	if before != nil && before.Watermark != nil {
		m.from = *before.Watermark
		m.inputs.floor(m.from)
	}
	for in, input := range n.Inputs() {
		m.schemas = append(m.schemas, input.Properties().Schema)
		if _, ok := n.(*plan.LateRows); ok {
			m.schemas[in] = n.Properties().Schema
		}
		inputs[place{n, in}] = m.input(in)
	}
	t.nodes = append([]*node{m}, t.nodes...)
	if m.open == 0 {
		m.absent = t.index > 0 || before != nil // its rows were given before the checkpoint
		t.leaves = append(t.leaves, m)
	}
	return nil
}

func (b *builder) operator(n plan.Node) (op.Operator, error) {
	if _, ok := n.(*plan.UnionAll); ok {
		return &union{}, nil
	}
	o, err := b.job.newOperator(n)
	if err != nil || b.job.plan.Config.Memory <= 0 {
		return o, err
	}
	return &budgeted{o, b.job}, nil
}

// source makes a subtask of a source. Where the stage has more subtasks than the source,
// those have nothing to read.
func (b *builder) source(t *task, n *plan.Source, out outlet, stats *metrics.Operator) error {
	if n.Rowtime >= len(n.Schema) {
		return fmt.Errorf("internal error: source %s has no column %d", n.Table, n.Rowtime)
	}
	rows, err := newRowMaker(n, b.job.env)
	if err != nil {
		return within("reading table "+n.Table, err)
	}
	shared := b.shared(n)
	s := &source{
		plan: n, task: t, splits: shared.splits, subtask: t.index, out: out, rows: rows,
		limit: b.job.plan.Config.BatchSize, interval: b.job.plan.Config.WatermarkInterval,
		marks: newMerger(0), stats: shared.stats, op: stats,
		place: "the source of table " + n.Table, batch: &vec.Batch{}, byKey: !n.Source.Changes().Has(vec.UpdateBefore),
	}
	if from := b.job.restored(n); from != nil && from.Watermark != nil {
		s.marks.floor(*from.Watermark)
	}
	for _, c := range n.Columns {
		s.batch.Cols = append(s.batch.Cols, vec.New(c.Type))
		s.decoded = append(s.decoded, vec.Field{Name: c.Name, Type: c.Type})
	}
	t.sources = append(t.sources, s)
	if t.index >= parallelism(n) {
		s.splits, s.subtask = noSplits(n.Source), 0
		return nil
	}
	shared.splits.wake[t.index] = t.notify
	if shared.pace != nil {
		shared.pace.wake[t.index] = t.notify
		s.pace = &paced{pace: shared.pace, subtask: t.index}
	}
	return nil
}

// shared makes, once, what the subtasks of a source share.
func (b *builder) shared(n *plan.Source) *sharedSource {
	if known := b.job.sources[n]; known != nil {
		return known
	}
	s := &sharedSource{splits: newAssigner(n.Source, parallelism(n)), stats: b.job.metrics.Source(n.ID, n.Table)}
	s.splits.barriers = !b.job.durable() || b.job.options.Checkpoints.Interval > 0
	if n.Source.Concurrent() && n.Watermark != nil && parallelism(n) > 1 {
		s.pace = newPace(parallelism(n))
	}
	b.job.sources[n] = s
	return s
}
