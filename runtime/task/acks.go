package task

import (
	"time"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/state"
)

// ack is what a task hands over when a barrier has gone through it, or when it has ended.
type ack struct {
	task    *task
	id      int64 // of the barrier
	ended   bool
	staged  []prepared
	sources []sourceReport
	nodes   []nodeReport
	frozen  []state.Frozen
	held    time.Duration // that freezing has taken
}

// sourceReport is how far a subtask of a source has come.
type sourceReport struct {
	source    *plan.Source
	open      []checkpoint.Split
	finished  []string // since the last report
	active    bool     // it holds event time back
	watermark *int64   // nil: none yet
}

// nodeReport is what an operator's subtask has at a barrier.
type nodeReport struct {
	node      plan.Node
	watermark *int64
}

// ack gathers what the task has to say at a barrier, or at its end.
func (t *task) ack(id int64, ended bool) ack {
	a := ack{task: t, id: id, ended: ended, staged: t.staged, frozen: t.frozen, held: t.held}
	t.staged, t.frozen, t.held = nil, nil, 0
	if t.job.durable() {
		for _, s := range t.sources {
			a.sources = append(a.sources, s.report())
		}
		for _, n := range t.nodes {
			a.nodes = append(a.nodes, nodeReport{n.plan, reached(n.inputs.wm)})
		}
	}
	return a
}

// report says how far the source has come.
func (s *source) report() sourceReport {
	r := sourceReport{source: s.plan, finished: s.finished}
	s.finished = nil
	for _, p := range s.open {
		r.open = append(r.open, s.reportSplit(p, p.reader.Position()))
	}
	for _, p := range s.drained {
		r.open = append(r.open, s.reportSplit(p, p.end))
	}
	if r.active = !s.over && !s.marks.idle; r.active {
		r.watermark = reached(s.marks.wm)
	}
	return r
}

func (s *source) reportSplit(p *split, at []byte) checkpoint.Split {
	return checkpoint.Split{ID: p.id, Position: at, Watermark: reached(s.marks.inputs[p.mark].wm), Rows: p.rows}
}
