package op

import (
	"time"

	"github.com/weirstream/weir/runtime/vec"
)

func (g *groupAggregate) isLive(id uint32) bool { return int(id) < len(g.live) && g.live[id] }

// renew forgets what has expired of the groups of a round, before it is worked through.
func (g *groupAggregate) renew() {
	if g.expiry.on() {
		g.forget(g.expiry.write(g.touched, g.isLive))
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

// leastStep bounds how often a part of the groups on disk is swept.
const leastStep = 10 * time.Millisecond

// Tick sweeps: what is in memory once a lifetime, what is on disk a key group at a time, all of them in a lifetime.
// Rows that have waited for groups on disk are brought back before.
func (g *groupAggregate) Tick(now time.Time) error {
	if err := g.bringBackAt(now); err != nil || !g.expiry.on() {
		return err
	}
	dead := g.expiry.sweep(now, g.isLive)
	g.forget(dead)
	g.state.Forget(dead)
	g.table.Delete(dead, g.keys)
	if !g.state.OnDisk() {
		return nil
	}
	groups := g.Ctx.State.Groups()
	step := time.Duration(g.expiry.ttl) * time.Millisecond / time.Duration(max(groups.To-groups.From, 1))
	g.Ctx.WakeAt(now.Add(max(step, leastStep)))
	return g.state.Sweep(func(value []*vec.Vector, row int) bool {
		return g.expiry.gone(vec.Values[int64](value[g.writtenColumn()])[row], now.UnixMilli())
	})
}

// writtenColumn is the place of the time of the last write among the columns that are kept of a group.
func (g *groupAggregate) writtenColumn() int {
	if g.node.InputRetract {
		return 1
	}
	return 0
}
