package op

import "math"

// fireUntil gives the sessions that a watermark ends: those in memory in the order of their ends, then, a key group at a time, those that are on disk.
func (c *sessionClock) fireUntil(wm int64) error {
	c.wm = max(c.wm, wm)
	if err := c.fireInMemory(wm); err != nil {
		return err
	}
	if c.keyed.state.OnDisk() {
		if err := c.fireOnDisk(wm); err != nil {
			return err
		}
	}
	c.tidy()
	return nil
}

func (c *sessionClock) fireInMemory(wm int64) error {
	for {
		c.fired = c.ended(c.fired[:0], wm, batchSize(c.Ctx.Config))
		if len(c.fired) == 0 {
			return nil
		}
		if err := c.give(c.fired); err != nil {
			return err
		}
		c.close(c.fired)
	}
}

// fireOnDisk gives the sessions on disk that have ended. No row waits for its key.
func (c *sessionClock) fireOnDisk(wm int64) error {
	groups := c.Ctx.State.Groups()
	for g := groups.From; g < groups.To; g++ {
		for {
			at, ok := c.keyed.state.NextDueIn(g)
			if !ok || c.slicer.fireAt(at) > wm {
				break
			}
			if err := c.fetchEnds(g, max(at, c.horizon(wm)), wm); err != nil {
				return err
			}
			c.tidy() // the keys of one group after the other would be known
			if !c.Ctx.State.Due() {
				continue
			}
			if err := c.trim(); err != nil {
				return err
			}
		}
	}
	return nil
}

// horizon is the window time up to which sessions that end are read with those that a watermark has ended.
func (c *sessionClock) horizon(wm int64) int64 {
	end := c.slicer.endBy(wm)
	if end == math.MaxInt64 || end == math.MinInt64 {
		return end
	}
	return end + c.ahead
}

// fetchEnds reads the sessions of a key group that end until some time, and gives those that have ended. The more of the others it has read, the less
// ahead of its end the next will be read.
func (c *sessionClock) fetchEnds(group int, until, wm int64) error {
	before := c.owned()
	if err := c.keyed.state.FetchDue(group, until); err != nil {
		return err
	}
	if err := c.fireInMemory(wm); err != nil {
		return err
	}
	switch read, most := c.owned()-before, c.keyed.state.Ahead(); {
	case read > most:
		c.ahead /= 2
	case read < most/2:
		c.ahead = min(2*c.ahead+1, c.window.Size)
	}
	return nil
}

// endsSoon reports whether a key has a session that would be read from disk now.
func (c *sessionClock) endsSoon(key uint32) bool {
	id := c.first(key)
	return id != noSession && c.sessions.all[id].end <= c.horizon(c.wm)
}

// nextEnd gives the watermark at which a session may end; ok is false where there is none.
func (c *sessionClock) nextEnd() (wm int64, ok bool) {
	wm, ok = c.next()
	if end, onDisk := c.keyed.state.NextDue(); onDisk {
		if at := c.slicer.fireAt(end); !ok || at < wm {
			wm, ok = at, true
		}
	}
	return wm, ok
}

// endBefore ends the sessions of a key that had ended when the present rows came: a watermark waits that had come before. They are given with givePast.
func (c *sessionClock) endBefore(key uint32) {
	for {
		id := c.first(key)
		if id == noSession || c.slicer.fireAt(c.sessions.all[id].end) > c.came.wm {
			return
		}
		c.unlink(key, id)
		c.past = append(c.past, id)
	}
}

// waits reports whether the watermark that the present rows came behind still waits.
func (c *sessionClock) waits() bool { return c.came.wm > c.wm }

// givePast gives the sessions that have ended before rows that have been added.
func (c *sessionClock) givePast() error {
	if len(c.past) == 0 {
		return nil
	}
	if err := c.give(c.past); err != nil {
		return err
	}
	c.tracked.Forget(c.past)
	for _, id := range c.past {
		c.vacate(id)
	}
	c.past = c.past[:0]
	return nil
}
