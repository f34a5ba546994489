package op

import (
	"time"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// away holds rows of a group aggregate whose groups lie on disk, until there are so many that reading pays, or time is up: many
// groups share what reading costs. The order of a key's rows stays: those that come for it meanwhile wait too. Watermarks wait with them, and
// a barrier brings all back.
type away struct {
	held  []*vec.Batch // by key group
	bytes int
	rows  int
	until time.Time // when they have waited for long enough
	wm    int64     // waits too, if late
	late  bool

	byGroup [][]int32 // scratch: rows of a batch
	rest    []int32
	miss    []int32
}

// awayLatency is how long rows may wait.
const awayLatency = time.Second

// hold takes rows of a batch; groups are their key groups.
func (a *away) hold(b *vec.Batch, schema vec.Schema, rows []int32, groups []int, max int) {
	if a.held == nil {
		a.held, a.byGroup = make([]*vec.Batch, max), make([][]int32, max)
	}
	for k, g := range groups {
		a.byGroup[g] = append(a.byGroup[g], rows[k])
	}
	for g, rows := range a.byGroup {
		if len(rows) == 0 {
			continue
		}
		if a.held[g] == nil {
			a.held[g] = vec.NewBatch(schema)
		}
		a.bytes -= a.held[g].Size()
		a.held[g].AppendRows(b, rows)
		a.bytes += a.held[g].Size()
		a.byGroup[g] = rows[:0]
	}
	a.rows += len(rows)
}

// without sets rest to rows, but for those of gone, which are in the same order.
func (a *away) without(rows, gone []int32) {
	a.rest = a.rest[:0]
	for _, i := range rows {
		if len(gone) > 0 && gone[0] == i {
			gone = gone[1:]
			continue
		}
		a.rest = append(a.rest, i)
	}
}

// addPresent processes those rows of a batch whose groups are in memory, or new, and holds the others.
func (g *groupAggregate) addPresent(b *vec.Batch) error {
	a := &g.away
	g.keyCols = columns(g.keyCols, b, g.node.Keys)
	g.keys.Set(g.keyCols, b.Rows(), b.Sel)
	g.ids = g.table.Lookup(g.keys, g.ids)
	rows := g.rowsOf(b)
	a.miss = a.miss[:0]
	for k, id := range g.ids {
		if id == vec.NoGroup {
			a.miss = append(a.miss, rows[k])
		}
	}
	if len(a.miss) == 0 {
		return g.add(b)
	}
	gone, groups := g.state.Away(g.keyCols, a.miss)
	if len(gone) == 0 {
		return g.add(b)
	}
	if a.rows == 0 {
		a.until = g.Ctx.Clock.Now().Add(awayLatency)
		g.Ctx.WakeAt(a.until)
	}
	a.hold(b, g.node.Input.Properties().Schema, gone, groups, g.state.MaxGroups())
	if a.without(rows, gone); len(a.rest) > 0 {
		some := *b
		some.Sel = a.rest
		if err := g.add(&some); err != nil {
			return err
		}
	}
	if a.bytes < g.state.Patience() {
		return nil
	}
	return g.bringBack()
}

// bringBackAt brings the rows back that have waited for long enough.
func (g *groupAggregate) bringBackAt(now time.Time) error {
	switch {
	case g.away.rows == 0:
		return nil
	case now.Before(g.away.until):
		g.Ctx.WakeAt(g.away.until)
		return nil
	}
	return g.bringBack()
}

// bringBack processes the rows that wait, one key group after the other, and lets the watermark go that has waited with them.
func (g *groupAggregate) bringBack() error {
	a := &g.away
	if a.rows == 0 {
		return nil
	}
	a.rows, a.bytes = 0, 0
	for _, b := range a.held {
		if b == nil || b.Len() == 0 {
			continue
		}
		if err := g.fetch(b); err != nil {
			return err
		}
		if err := g.addInSteps(b); err != nil {
			return err
		}
		b.Reset()
		if err := g.trimNow(); err != nil { // not before: what was read is needed to the end
			return err
		}
	}
	if !a.late {
		return nil
	}
	a.late = false
	return g.Ctx.Out.EmitWatermark(a.wm)
}

// fetch reads the groups of a batch's rows, none of which are in memory.
func (g *groupAggregate) fetch(b *vec.Batch) error {
	g.keyCols = columns(g.keyCols, b, g.node.Keys)
	g.keys.Set(g.keyCols, b.Len(), nil)
	g.ids = g.table.Insert(g.keys, g.ids)
	g.grow(g.table.Bound())
	return g.state.Fetch(g.table.Fresh())
}

// addInSteps processes a batch that may be larger than others.
func (g *groupAggregate) addInSteps(b *vec.Batch) error {
	size := batchSize(g.Ctx.Config)
	rows := g.rowsOf(b)
	for from := 0; from < b.Len(); from += size {
		some := *b
		some.Sel = rows[from:min(from+size, b.Len())]
		if err := g.add(&some); err != nil {
			return err
		}
	}
	return nil
}

// Watermark waits behind the rows that wait; the last one brings them back.
func (g *groupAggregate) Watermark(wm int64) error {
	if g.away.rows > 0 && wm != MaxWatermark {
		g.away.wm, g.away.late = wm, true
		return nil
	}
	if err := g.bringBack(); err != nil {
		return err
	}
	return g.Ctx.Out.EmitWatermark(wm)
}

// Finish brings back what waits.
func (g *groupAggregate) Finish() error { return g.bringBack() }

// Snapshot brings back what waits, which is no state of its own.
func (g *groupAggregate) Snapshot() (state.Frozen, error) {
	if err := g.bringBack(); err != nil {
		return state.Frozen{}, err
	}
	return g.Base.Snapshot()
}
