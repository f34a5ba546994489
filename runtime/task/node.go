package task

import (
	"time"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// node runs one operator in a task. It merges what the operator's inputs say about
// watermarks, idleness, barriers and ends, so that the operator sees each once.
type node struct {
	op    op.Operator
	plan  plan.Node
	place string // what errors call it: "WindowAggregate"
	out   outlet
	late  *lateRows // nil where nobody wants them
	task  *task

	inputs  *merger
	from    int64        // the watermark of the checkpoint that it goes on from; op.MinWatermark: none
	schemas []vec.Schema // of the inputs
	open    int          // inputs that have not ended
	arrived int          // inputs whose barrier has come
	stopped bool         // an input has ended because the job was told to stop
	absent  bool         // has nothing to give: another subtask gives the rows of Values

	wakeAt time.Time // when the operator wants its Tick; zero: never
}

// input gives the port of the operator's input in.
func (n *node) input(in int) port { return &nodePort{n, in} }

func (n *node) fail(err error) error {
	return within("running "+n.place, err)
}

// call runs a method of the operator and keeps in mind, for the report of a panic, which
// one is running. It uses no defer: a panic must leave the innermost name behind.
// Rows that turned out to be late go to who takes them: those that have waited for their state do so in any method.
func (n *node) call(f func() error) error {
	outer := n.task.running
	n.task.running = n.place
	err := f()
	n.task.running = outer
	if err != nil {
		return n.fail(err)
	}
	return n.flushLate()
}

func (n *node) flushLate() error {
	if n.late == nil {
		return nil
	}
	return n.late.flush()
}

func (n *node) start() error {
	t := n.task
	ctx := &op.Context{
		Out:         &n.out,
		Clock:       t.job.clock,
		Env:         t.job.env,
		Config:      &t.job.plan.Config,
		Subtask:     t.index,
		Parallelism: t.stage.parallelism,
		WakeAt:      n.wake,
		Late:        discard{},
		Done:        t.job.ctx.Done(),
		State:       t.job.scope(n.plan, t),
	}
	if n.late != nil {
		ctx.LateRows = n.late
	}
	return n.call(func() error { return n.op.Open(ctx) })
}

// wake is the operator's Context.WakeAt.
func (n *node) wake(at time.Time) {
	if n.wakeAt.IsZero() || at.Before(n.wakeAt) {
		n.wakeAt = at
		n.task.timers.at(at)
	}
}

// tick calls the operator if its time has come.
func (n *node) tick(now time.Time) error {
	if n.wakeAt.IsZero() || now.Before(n.wakeAt) {
		return nil
	}
	n.wakeAt = time.Time{}
	return n.call(func() error { return n.op.Tick(now) })
}

// raised tells the operator about the merged watermark, and the consumers about idleness
// where it has changed.
func (n *node) raised(grown bool) error {
	if err := n.out.activity(n.inputs.idle, false); err != nil {
		return err
	}
	if grown {
		if err := n.watermark(n.inputs.wm); err != nil {
			return err
		}
	}
	return n.out.activity(n.inputs.idle, true)
}

// watermark tells the operator, which passes it on; of that of a checkpoint it knows already.
func (n *node) watermark(wm int64) error {
	if wm == n.from {
		return n.out.EmitWatermark(wm)
	}
	return n.call(func() error { return n.op.Watermark(wm) })
}

// ended ends the operator after its last input.
func (n *node) ended() error {
	if !n.stopped {
		if err := n.call(n.op.Finish); err != nil {
			return err
		}
	}
	return n.out.end(!n.stopped)
}

// runLeaf runs an operator that has no inputs.
func (n *node) runLeaf() error {
	if n.absent {
		return n.out.end(true)
	}
	if err := n.call(n.op.Finish); err != nil {
		return err
	}
	if err := n.watermark(op.MaxWatermark); err != nil {
		return err
	}
	return n.out.end(true)
}

// nodePort is one input of a node.
type nodePort struct {
	*node
	in int
}

func (p *nodePort) rows(b *vec.Batch) error {
	t := p.task
	outer := t.running
	t.running = p.place
	err := p.op.Process(p.in, b)
	t.running = outer
	if err != nil {
		return within("running "+p.place+onRow(err, p.schemas[p.in], b, t.job.env.Zone), err)
	}
	return p.flushLate()
}

func (p *nodePort) watermark(wm int64) error {
	return p.raised(p.inputs.advance(p.in, wm))
}

func (p *nodePort) idle(idle bool) error {
	return p.raised(p.inputs.setIdle(p.in, idle))
}

// barrier is passed on when all inputs that are still open have given theirs. Before that, the
// operator's state is frozen.
func (p *nodePort) barrier(id int64) error {
	if p.arrived++; p.arrived < p.open {
		return nil
	}
	p.arrived = 0
	if err := p.freeze(); err != nil {
		return err
	}
	return p.out.barrier(id)
}

// freeze copies what has changed of the operator's state since the last barrier.
func (n *node) freeze() error {
	if !n.task.job.durable() {
		return nil
	}
	return n.call(func() error {
		begun := time.Now()
		frozen, err := n.op.Snapshot()
		n.task.held += time.Since(begun)
		n.task.frozen = append(n.task.frozen, frozen)
		return err
	})
}

// end notes that the input gives no more. One that was stopped goes on holding event time back: it is not at its end, and
// windows that are open stay so.
func (p *nodePort) end(drained bool) error {
	p.open--
	p.stopped = p.stopped || !drained
	if drained && (p.open > 0 || !p.stopped) {
		if err := p.raised(p.inputs.end(p.in)); err != nil {
			return err
		}
	}
	if p.open > 0 {
		return nil
	}
	return p.ended()
}

// union passes on the rows of all its inputs.
type union struct{ op.Base }

func (u *union) Process(_ int, b *vec.Batch) error { return u.Ctx.Out.Emit(b) }

// discard is the counter of operators that nobody measures.
type discard struct{}

func (discard) Add(int64) {}
