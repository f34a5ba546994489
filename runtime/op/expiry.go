package op

import (
	"math"
	"time"

	"github.com/weirstream/weir/runtime/vec"
)

// expiry drops the state of groups (or keys) that have not been written for table.exec.state.ttl, by processing time. Nothing is
// emitted for them: the next row of such a key begins anew, with +I. With a lifetime, results that are the same as before are
// given too, so that a sink with a lifetime of its own sees that they live.
//
// A group that has expired counts as gone as soon as a row comes for it; one for which none comes is found by a sweep over
// all groups, once a lifetime. What has been moved to disk is swept there, a key group at a time (keyed.Tick).
type expiry struct {
	ctx     *Context
	ttl     int64   // milliseconds; 0: for ever
	slack   int64   // milliseconds by which a lifetime is made longer, so that it need not be made longer at each write
	written []int64 // by group: processing time of the last write, or later by slack
	dead    []uint32
	due     time.Time // of the next sweep
}

// open begins to count lifetimes where the job has them.
func (e *expiry) open(ctx *Context) {
	e.ctx, e.ttl = ctx, ctx.Config.StateTTL.Milliseconds()
	if e.on() {
		e.ask(ctx.Clock.Now())
	}
}

func (e *expiry) on() bool { return e.ttl > 0 }

// ask asks for the next sweep.
func (e *expiry) ask(now time.Time) {
	e.due = now.Add(time.Duration(e.ttl) * time.Millisecond)
	e.ctx.WakeAt(e.due)
}

// write notes that groups are written now, and gives those whose state had expired before.
func (e *expiry) write(groups []uint32, live func(id uint32) bool) []uint32 {
	if !e.on() {
		return nil
	}
	return e.writeAt(e.ctx.Clock.Now().UnixMilli(), groups, live)
}

// writeAt is write at another time than now, with a lifetime.
func (e *expiry) writeAt(now int64, groups []uint32, live func(id uint32) bool) []uint32 {
	e.dead = e.dead[:0]
	for _, id := range groups {
		e.restore(id, math.MinInt64, false)
		if live(id) && e.gone(e.written[id], now) {
			e.dead = append(e.dead, id)
		}
		e.lengthen(id, now)
	}
	return e.dead
}

// lengthen has a lifetime begin anew.
func (e *expiry) lengthen(id uint32, now int64) {
	if e.slack == 0 || now > e.written[id] {
		e.written[id] = now + e.slack
	}
}

// renew notes that a group is written now.
func (e *expiry) renew(id uint32) {
	if e.on() {
		e.restore(id, math.MinInt64, false)
		e.lengthen(id, e.ctx.Clock.Now().UnixMilli())
	}
}

// forget forgets when groups were written.
func (e *expiry) forget(groups []uint32) {
	for _, id := range groups {
		if int(id) < len(e.written) {
			e.written[id] = math.MinInt64
		}
	}
}

// past reports whether what was written of a group has expired.
func (e *expiry) past(id uint32) bool {
	return e.on() && int(id) < len(e.written) && e.gone(e.written[id], e.ctx.Clock.Now().UnixMilli())
}

// writtenColumn names the time of the last write among the columns that are kept of a group.
const writtenColumn = "written"

// column adds the time of the last write to the columns that are kept of a group, behind them; append and restored fill and read it.
func (e *expiry) column(value vec.Schema) vec.Schema {
	if !e.on() {
		return value
	}
	return append(value[:len(value):len(value)], bigintColumn(writtenColumn))
}

// append gives the last column of groups.
func (e *expiry) append(ids []uint32, out []*vec.Vector) {
	if e.on() {
		appendInts(out[len(out)-1], e.written, ids)
	}
}

// appendOf gives the last column of rows that have owners: the time of their owner. The latest of an owner's rows counts.
func (e *expiry) appendOf(rows, owner []uint32, out []*vec.Vector) {
	if !e.on() {
		return
	}
	for _, row := range rows {
		vec.Append(out[len(out)-1], e.written[owner[row]])
	}
}

// restoredOf takes the last column of row k, which has come back to its owner; first says that the owner has no rows yet.
func (e *expiry) restoredOf(owner uint32, cols []*vec.Vector, k int, first bool) {
	if e.on() {
		e.restore(owner, vec.Values[int64](cols[len(cols)-1])[k], first)
	}
}

// restored takes the last column of new groups.
func (e *expiry) restored(ids []uint32, cols []*vec.Vector) {
	if !e.on() {
		return
	}
	for k, at := range vec.Values[int64](cols[len(cols)-1]) {
		e.restore(ids[k], at, true)
	}
}

// gone reports whether what was written at a time has expired.
func (e *expiry) gone(written, now int64) bool { return written+e.ttl <= now }

// restore notes when a group was written that comes back from a checkpoint; of several times the latest counts. From says
// that the group has just been made.
func (e *expiry) restore(id uint32, at int64, first bool) {
	for len(e.written) <= int(id) {
		e.written = append(e.written, math.MinInt64)
	}
	if first || at > e.written[id] {
		e.written[id] = at
	}
}

// sweep gives all groups whose state has expired, if a sweep is due, and asks for the next.
func (e *expiry) sweep(now time.Time, live func(id uint32) bool) []uint32 {
	e.dead = e.dead[:0]
	if !e.on() || now.Before(e.due) {
		return nil
	}
	for id, at := range e.written {
		if live(uint32(id)) && e.gone(at, now.UnixMilli()) {
			e.dead = append(e.dead, uint32(id))
		}
	}
	e.ask(now)
	return e.dead
}
