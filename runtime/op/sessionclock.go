package op

import (
	"math"
	"time"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// sessionClock is what the two operators over sessions have in common: rows get their session by event time or by the
// clock, and sessions are fired by watermarks or by the clock. A key without sessions stays in the table until there are three times as many of them as
// of others: most come again. While some are on disk there are at most half as many: memory is for those with sessions.
//
// Where memory is bounded, keys move to disk with their sessions, those that end last before others. They come back when rows of theirs have waited for a while (see away), and
// before their sessions end: a key group at a time, with those that end soon (see sessionends.go). A watermark, or the clock, waits behind rows that wait;
// for rows that come after it, though, it counts: before one is added, the sessions of its key are closed that had ended when it came. So every row meets
// the sessions that it would have met in memory.
type sessionClock struct {
	keyed
	window plan.Window
	*sessions
	fired []uint32
	past  []uint32 // sessions that had ended when rows came, before they are fired
	wm    int64
	ahead int64                    // ms: how long before their ends sessions come back from disk
	give  func(ids []uint32) error // emits sessions that have ended
	gone  []uint32                 // scratch: keys without sessions
}

// sessionEnd names the column of what is kept that has the end of a session.
const sessionEnd = "end"

func newSessionClock(op entries, w plan.Window, in vec.Schema, keys []int, give func(ids []uint32) error, merge func(into, from uint32) error) sessionClock {
	return sessionClock{keyed: newKeyed(op, in, keys), window: w, wm: MinWatermark, ahead: w.Size / 16, give: give, sessions: &sessions{merge: merge}}
}

func (c *sessionClock) Open(ctx *Context) error {
	merge := c.sessions.merge
	c.sessions = newSessions(c.window, ctx.Config.Zone)
	c.sessions.merge = merge
	if err := c.Base.Open(ctx); err != nil { // without lifetimes: sessions have ends
		return err
	}
	ctx.State.Int("watermark", &c.wm, state.Min)
	return nil
}

// wake asks for the clock where there are sessions that it ends.
func (c *sessionClock) wake() {
	if at, ok := c.nextEnd(); ok && c.window.ProcTime {
		c.Ctx.WakeAt(time.UnixMilli(at + 1))
	}
}

// process notes when a batch comes, and processes it.
func (c *sessionClock) process(b *vec.Batch) error {
	c.came.wm = c.away.newest(c.wm)
	if c.window.ProcTime {
		c.came.clock = max(c.Ctx.Clock.Now().UnixMilli(), c.came.wm+1) // a clock that is set back ends nothing twice
		c.Ctx.WakeAt(time.UnixMilli(c.came.clock + c.window.Size))
	}
	if err := c.keyed.process(b); err != nil {
		return err
	}
	c.tidy()
	return nil
}

// begin takes the rows of a batch that are added: ids are their keys. It gives the time of every row of the batch; with processing time there are none, and that
// of all is in came.
func (c *sessionClock) begin(b *vec.Batch) (times []int64, err error) {
	if !c.window.ProcTime {
		if times, err = rowtimes(b, c.window.TimeCol, c.input); err != nil {
			return nil, err
		}
	}
	c.keyCols = columns(c.keyCols, b, c.by)
	c.insert(c.keyCols, b.Rows(), b.Sel)
	c.keyed.state.Touch(c.ids)
	return times, nil
}

// timeOf gives the window time of a row.
func (c *sessionClock) timeOf(times []int64, row int) int64 {
	if times == nil {
		return c.local(c.came.clock)
	}
	return c.local(times[row])
}

func (c *sessionClock) grow(bound int) { c.sessions.grow(bound) }

// isLive is asked of what has a lifetime.
func (c *sessionClock) isLive(uint32) bool { return false }

const (
	minIdle     = 1 << 10 // keys without sessions that are kept in any case
	idlePerHeld = 3       // and those that are kept for each that has some
)

// tidy forgets the keys without sessions where they are several times as many as the others, or half of them while others are on disk. It is called between batches.
func (c *sessionClock) tidy() {
	most := idlePerHeld * c.held
	if c.keyed.state.OnDisk() {
		most = c.held / 2
	}
	if c.table.Len()-c.held <= max(minIdle, most) {
		return
	}
	c.gone = c.table.IDs(c.gone[:0])
	n := 0
	for _, key := range c.gone {
		if c.last[key].id() == noSession {
			c.gone[n] = key
			n++
		}
	}
	c.table.Delete(c.gone[:n], c.keys)
}

// reached gives the sessions that a watermark, or the clock, ends.
func (c *sessionClock) reached(wm int64) error {
	if err := c.fireUntil(wm); err != nil {
		return err
	}
	if c.window.ProcTime {
		c.wake()
		return nil
	}
	return c.Ctx.Out.EmitWatermark(wm)
}

// Watermark waits behind rows that wait, and ends sessions, but with processing time.
func (c *sessionClock) Watermark(wm int64) error {
	if c.window.ProcTime {
		return c.Ctx.Out.EmitWatermark(wm)
	}
	return c.keyed.Watermark(wm)
}

// Tick brings rows back that have waited for their keys, and gives the sessions of processing time that have ended.
func (c *sessionClock) Tick(now time.Time) error {
	if err := c.bringBackAt(now); err != nil || !c.window.ProcTime {
		return err
	}
	return c.keyed.Watermark(now.UnixMilli() - 1)
}

// Finish gives the sessions of processing time that are still open: a bounded job loses no rows.
func (c *sessionClock) Finish() error {
	if err := c.bringBack(); err != nil || !c.window.ProcTime {
		return err
	}
	return c.fireUntil(math.MaxInt64)
}
