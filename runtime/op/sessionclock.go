package op

import (
	"math"
	"time"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// sessionClock is what the two operators over sessions have in common: rows get their session by event time or by the
// clock, and sessions are fired by watermarks or by the clock.
type sessionClock struct {
	Base
	window plan.Window
	in     vec.Schema
	keys   []int
	*sessions
	fired []uint32
	wm    int64
	give  func(ids []uint32) error // emits sessions that have ended
}

func (c *sessionClock) Open(ctx *Context) error {
	merge := c.sessions.merge
	c.sessions = newSessions(c.window, c.in, c.keys, ctx.Config.Zone)
	c.sessions.merge = merge
	if err := c.Base.Open(ctx); err != nil {
		return err
	}
	ctx.State.Int("watermark", &c.wm, state.Min)
	return nil
}

// wake asks for the clock where sessions have been restored that it ends.
func (c *sessionClock) wake() {
	if at, ok := c.next(); ok && c.window.ProcTime {
		c.Ctx.WakeAt(time.UnixMilli(at + 1))
	}
}

// times gives the time of every row of the batch; with processing time there are none, and now is that of all.
func (c *sessionClock) times(b *vec.Batch) (times []int64, now int64, err error) {
	if !c.window.ProcTime {
		times, err = rowtimes(b, c.window.TimeCol, c.in)
		return times, 0, err
	}
	now = max(c.Ctx.Clock.Now().UnixMilli(), c.wm+1) // a clock that is set back ends nothing twice
	c.Ctx.WakeAt(time.UnixMilli(now + c.window.Size))
	return nil, now, nil
}

// Watermark gives the sessions that it ends.
func (c *sessionClock) Watermark(wm int64) error {
	if !c.window.ProcTime {
		if err := c.fireUntil(wm); err != nil {
			return err
		}
	}
	return c.Ctx.Out.EmitWatermark(wm)
}

// Tick gives the sessions of processing time that have ended.
func (c *sessionClock) Tick(now time.Time) error {
	if !c.window.ProcTime {
		return nil
	}
	if err := c.fireUntil(now.UnixMilli() - 1); err != nil {
		return err
	}
	if at, ok := c.next(); ok {
		c.Ctx.WakeAt(time.UnixMilli(at + 1))
	}
	return nil
}

// Finish gives the sessions of processing time that are still open: a bounded job loses no rows.
func (c *sessionClock) Finish() error {
	if c.window.ProcTime {
		return c.fireUntil(math.MaxInt64)
	}
	return nil
}

func (c *sessionClock) fireUntil(wm int64) error {
	c.wm = max(c.wm, wm)
	for {
		c.fired = c.ended(c.fired[:0], wm, batchSize(c.Ctx.Config))
		if len(c.fired) == 0 {
			c.tidy()
			return nil
		}
		if err := c.give(c.fired); err != nil {
			return err
		}
		c.close(c.fired)
	}
}
