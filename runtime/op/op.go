// Package op holds the operators of running jobs, one a file. An operator is
// single-threaded and knows nothing of channels, locks or other operators: it is
// opened, gets batches and watermarks, emits batches, is closed. Package task
// connects operators, merges watermarks, aligns barriers and measures.
//
// Enter at Operator for the contract and at New for the list.
package op

import (
	"math"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
	"github.com/weirstream/weir/udf"
)

// Watermarks are milliseconds since the epoch, in the time of the rowtime attribute.
const (
	MinWatermark = math.MinInt64
	MaxWatermark = math.MaxInt64
)

// Operator processes the rows of one subtask. Calls come from one goroutine, in this
// order: Open, any number of Process, Watermark and Tick, Finish once all inputs
// have ended (after the maximum watermark), Close. Snapshot comes between two other
// calls, at a barrier.
//
// An operator without inputs (Values) emits its rows in Finish, which comes once, before
// the maximum watermark.
//
// What an operator holds between two calls survives the process if it is declared in Open: tables by
// Context.State.Table and Spans, single values by Int. See "How an operator keeps state" in docs/design/state.md.
//
// Embed Base for the defaults: pass watermarks on, no timers, freeze what is declared.
type Operator interface {
	Open(ctx *Context) error
	// Process takes a batch of input in, borrowed for the call.
	Process(in int, b *vec.Batch) error
	// Watermark says that event time has reached wm on all inputs: it has grown since the last call. The
	// operator emits what that completes, then passes a watermark on.
	Watermark(wm int64) error
	// Tick is called when the clock has reached the time asked for by Context.WakeAt.
	Tick(now time.Time) error
	Finish() error
	// Snapshot gives copies of the state that has changed since the last one. An operator that holds rows without keeping
	// them as state emits them here, before the barrier is passed on.
	Snapshot() (state.Frozen, error)
	Close() error
}

// Output takes what an operator emits. The batch is borrowed for the call; the
// operator may reuse it afterwards.
type Output interface {
	Emit(b *vec.Batch) error
	EmitWatermark(wm int64) error
}

// Context is an operator's surroundings, valid from Open to Close.
type Context struct {
	Out         Output
	Clock       connectors.Clock
	Env         *udf.Env
	Config      *plan.Config
	Subtask     int
	Parallelism int
	// WakeAt asks for one Tick at or after t; a later call with an earlier time brings it forward.
	WakeAt func(t time.Time)
	// Late counts rows dropped because they came behind the watermark.
	Late Counter
	// LateRows takes these rows where somebody wants them; nil where nobody does.
	LateRows LateRows
	// Alive is set when the task is to stop soon: a long loop looks at it.
	Done <-chan struct{}
	// State is what the operator keeps, of the key groups of its subtask; nil where nothing is kept, which
	// its methods take.
	State *state.Scope
}

// Counter is a metric that only grows.
type Counter interface{ Add(n int64) }

// Base gives an operator its defaults.
type Base struct{ Ctx *Context }

// Open keeps the context.
func (b *Base) Open(ctx *Context) error { b.Ctx = ctx; return nil }

// Watermark passes it on.
func (b *Base) Watermark(wm int64) error { return b.Ctx.Out.EmitWatermark(wm) }

// Tick does nothing.
func (b *Base) Tick(time.Time) error { return nil }

// Finish does nothing.
func (b *Base) Finish() error { return nil }

// Snapshot freezes what the operator has declared.
func (b *Base) Snapshot() (state.Frozen, error) { return b.Ctx.State.Snapshot() }

// Close does nothing.
func (b *Base) Close() error { return nil }
