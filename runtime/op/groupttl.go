package op

import "time"

// expiry drops the state of groups that have not been written for table.exec.state.ttl. Nothing is
// emitted for them: the next row of such a key begins a new group, with +I. With a lifetime, unchanged
// results are given too, so that a sink with a lifetime of its own sees that they live.
//
// A group that has expired counts as gone as soon as a row comes for it; one for which none
// comes is found by a sweep over all groups, once a lifetime.
type expiry struct {
	ttl     int64   // milliseconds; 0: for ever
	written []int64 // by group: processing time of the last row
	dead    []uint32
}

// write notes that groups are written now, and gives those whose state had expired before.
func (e *expiry) write(groups []uint32, live []bool, now int64) []uint32 {
	e.dead = e.dead[:0]
	for _, id := range groups {
		for len(e.written) <= int(id) {
			e.written = append(e.written, now)
		}
		if live[id] && e.written[id]+e.ttl <= now {
			e.dead = append(e.dead, id)
		}
		e.written[id] = now
	}
	return e.dead
}

// set notes when a group was written that comes back from a checkpoint.
func (e *expiry) set(id uint32, at int64) {
	for len(e.written) <= int(id) {
		e.written = append(e.written, at)
	}
	e.written[id] = at
}

// sweep gives all groups whose state has expired.
func (e *expiry) sweep(live []bool, now int64) []uint32 {
	e.dead = e.dead[:0]
	for id, alive := range live {
		if alive && e.written[id]+e.ttl <= now {
			e.dead = append(e.dead, uint32(id))
		}
	}
	return e.dead
}

// openExpiry begins to count lifetimes where the job has them.
func (g *groupAggregate) openExpiry() {
	g.expiry.ttl = g.Ctx.Config.StateTTL.Milliseconds()
	g.log.repeat = g.expiry.ttl > 0
	g.wakeForSweep()
}

func (g *groupAggregate) wakeForSweep() {
	if g.expiry.ttl > 0 {
		g.Ctx.WakeAt(g.Ctx.Clock.Now().Add(time.Duration(g.expiry.ttl) * time.Millisecond))
	}
}

// renew forgets what has expired of the groups of a round, before it is worked through.
func (g *groupAggregate) renew() {
	if g.expiry.ttl > 0 {
		g.forget(g.expiry.write(g.touched, g.live, g.Ctx.Clock.Now().UnixMilli()))
	}
}

// forget empties groups without a word.
func (g *groupAggregate) forget(ids []uint32) {
	if len(ids) == 0 {
		return
	}
	g.accs.Reset(ids)
	for _, id := range ids {
		g.live[id] = false
		if g.node.InputRetract {
			g.rows[id] = 0
		}
	}
}

// Tick sweeps.
func (g *groupAggregate) Tick(now time.Time) error {
	if g.expiry.ttl == 0 {
		return nil
	}
	dead := g.expiry.sweep(g.live, now.UnixMilli())
	g.forget(dead)
	g.state.Forget(dead)
	g.table.Delete(dead, g.keys)
	g.wakeForSweep()
	return nil
}
