package metrics

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/vec"
)

// Operator holds the numbers of one subtask of an operator, a source's or a sink's among
// them.
type Operator struct {
	id, name       string
	order, subtask int

	RowsIn, RowsOut Counter
	Batches         Counter // taken in
	BytesOut        Counter // sent over an exchange
	Late            Counter // rows dropped behind the watermark
	Busy            Counter // nanoseconds in the operator itself, not in what it emits to
	Watermark       Mark    // the last one that it got
	moved           atomic.Int64

	mu      sync.Mutex
	waits   bool // it is one that waits for event time
	waiting []op.Waiting
}

// noteEvery is how often a busy operator is asked what waits in it; one that has come to rest is asked at once.
const noteEvery = 250 * time.Millisecond

// note keeps what waits in an operator.
func (s *Operator) note(w op.Waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits, s.waiting = true, w.Waiting(s.waiting[:0])
}

// Rest tells an operator's telemetry that there is nothing to do for it now.
func Rest(o op.Operator) {
	if m, ok := o.(*measured); ok && m.waiter != nil && m.changed {
		m.note(m.out.now())
	}
}

// Measure puts telemetry around an operator: what goes in and out and how long it takes
// is counted in s.
func Measure(o op.Operator, s *Operator) op.Operator {
	w, _ := o.(op.Waiter)
	return &measured{Operator: o, stats: s, waiter: w, out: measuredOut{stats: s, began: time.Now()}}
}

type measured struct {
	op.Operator
	stats *Operator
	out   measuredOut

	waiter  op.Waiter     // nil where nothing waits
	noted   time.Duration // when it was asked last
	changed bool          // it has been called since
}

func (m *measured) note(now time.Duration) {
	m.stats.note(m.waiter)
	m.noted, m.changed = now, false
}

func (m *measured) Open(ctx *op.Context) error {
	c := *ctx
	m.out.next, c.Out, c.Late = ctx.Out, &m.out, &m.stats.Late
	return m.Operator.Open(&c)
}

func (m *measured) Process(in int, b *vec.Batch) error {
	m.stats.RowsIn.Add(int64(b.Rows()))
	m.stats.Batches.Add(1)
	start, away := m.out.now(), m.out.away
	err := m.Operator.Process(in, b)
	m.busy(start, away)
	return err
}

func (m *measured) Watermark(wm int64) error {
	m.stats.Watermark.Store(wm)
	m.stats.moved.Store(time.Now().UnixNano())
	start, away := m.out.now(), m.out.away
	err := m.Operator.Watermark(wm)
	m.busy(start, away)
	return err
}

func (m *measured) Tick(now time.Time) error {
	start, away := m.out.now(), m.out.away
	err := m.Operator.Tick(now)
	m.busy(start, away)
	return err
}

func (m *measured) Finish() error {
	start, away := m.out.now(), m.out.away
	err := m.Operator.Finish()
	m.busy(start, away)
	if m.waiter != nil {
		m.note(m.out.now())
	}
	return err
}

// busy counts the time since start without what was spent downstream since then.
func (m *measured) busy(start, away time.Duration) {
	now := m.out.now()
	m.stats.Busy.Add(int64(now - start - (m.out.away - away)))
	if m.waiter == nil {
		return
	}
	if m.changed = true; now-m.noted >= noteEvery {
		m.note(now)
	}
}

// measuredOut counts what an operator emits and the time that this takes downstream.
type measuredOut struct {
	next  op.Output
	stats *Operator
	began time.Time
	away  time.Duration
}

func (o *measuredOut) now() time.Duration { return time.Since(o.began) }

func (o *measuredOut) Emit(b *vec.Batch) error {
	o.stats.RowsOut.Add(int64(b.Rows()))
	start := o.now()
	err := o.next.Emit(b)
	o.away += o.now() - start
	return err
}

func (o *measuredOut) EmitWatermark(wm int64) error {
	start := o.now()
	err := o.next.EmitWatermark(wm)
	o.away += o.now() - start
	return err
}
