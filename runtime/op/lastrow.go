package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// lastRow gives, for each key, the row with the largest event time, of several with the same the one that came
// last; by processing time, the row that came last. It takes inserts and gives a changelog: +I
// for a key's first row, then -U (where somebody needs it) and +U when another takes its place. By
// processing time a row that holds the same as the one before gives nothing. The changes that a
// batch makes to a key are merged, in the order of the rows that are left; with Config.RowByRow (mini-batching switched off) every row gives its own. A row
// that is earlier than its key's is passed over; none is late. With table.exec.state.ttl, a key's row expires (see expiry), and by
// processing time the same row again is an update.
//
// State: one table of keys, and for each 13 bytes: whether it has a row, the row's time, its place in the last round. The rows themselves (see lastRows) are kept only where they
// are needed: for -U, or to find rows that hold the same. Cost: a hash probe a row, and for each key of a batch a copy of its row, if rows are kept.
type lastRow struct {
	keyed
	node *plan.Deduplicate
	kept *lastRows // nil: nobody needs the rows
	has  []bool    // by key: it has a row
	time []int64   // by key: of its row, in a round of what will be its row; MinWatermark by processing time

	round   rounds
	winner  []int32  // of the keys touched in a round: the row of the batch
	rows    []int32  // of the batch, that become their keys' rows in the round
	changed []uint32 // and their keys
	lent    vec.Batch
}

func newLastRow(n *plan.Deduplicate) *lastRow {
	l := &lastRow{node: n}
	l.keyed = newKeyed(l, n.Input.Properties().Schema, n.Keys)
	return l
}

func (l *lastRow) Open(ctx *Context) error {
	if err := l.keyed.Open(ctx); err != nil {
		return err
	}
	// By processing time, with a lifetime, a row that holds the same as the one before is an update.
	if !l.node.KeepsTimes() && (l.node.UpdateBefore || !l.expiry.on()) {
		l.kept = newLastRows(l.node)
	}
	return l.keep(state.Table{
		Name: "rows", Key: pick(l.node.Schema, l.node.Keys), Value: l.expiry.column(l.value()), Values: l.appendValues, Load: l.load,
	}, true)
}

// value is what is kept of a key beside it and its lifetime: its row, or of that the time alone.
func (l *lastRow) value() vec.Schema {
	switch {
	case l.kept != nil:
		return named("row ", l.node.Schema)
	case l.node.ProcTime:
		return nil
	}
	return vec.Schema{{Name: "time", Type: l.node.Schema[l.node.TimeCol].Type}}
}

func (l *lastRow) appendValues(ids []uint32, out []*vec.Vector) error {
	switch {
	case l.kept != nil:
		l.kept.append(ids, out[:len(l.node.Schema)])
	case !l.node.ProcTime:
		appendInts(out[0], l.time, ids)
	}
	l.expiry.append(ids, out)
	return nil
}

func (l *lastRow) load(cols []*vec.Vector, n int) ([]uint32, error) {
	nk := len(l.node.Keys)
	l.insert(cols[:nk], n, nil)
	value, timeCol := cols[nk:], 0
	if l.kept != nil {
		value, timeCol = value[:len(l.node.Schema)], l.node.TimeCol
		l.kept.load(l.ids, value)
	}
	for k, id := range l.ids {
		l.has[id] = true
		if !l.node.ProcTime {
			l.time[id] = vec.Values[int64](value[timeCol])[k]
		}
	}
	l.expiry.restored(l.ids, cols)
	return l.ids, nil
}

func (l *lastRow) isLive(id uint32) bool { return int(id) < len(l.has) && l.has[id] }

func (l *lastRow) leave(ids []uint32) {
	for _, id := range ids {
		l.has[id], l.time[id] = false, MinWatermark
	}
	if l.kept != nil {
		l.kept.forget(ids)
	}
}

func (l *lastRow) size() int {
	bytes := cap(l.has) + 8*cap(l.time) + l.round.memory()
	if l.kept != nil {
		bytes += l.kept.memory()
	}
	return bytes
}

func (l *lastRow) grow(bound int) {
	for len(l.has) < bound {
		l.has, l.time = append(l.has, false), append(l.time, MinWatermark)
	}
	if l.kept != nil {
		l.kept.grow(bound)
	}
}

func (l *lastRow) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "deduplication"); err != nil {
		return err
	}
	return l.process(b)
}

func (l *lastRow) add(b *vec.Batch) error {
	var times []int64
	if !l.node.ProcTime {
		var err error
		if times, err = rowtimes(b, l.node.TimeCol, l.node.Input.Properties().Schema); err != nil {
			return err
		}
	}
	l.keyCols = columns(l.keyCols, b, l.by)
	l.insert(l.keyCols, b.Rows(), b.Sel)
	if l.kept != nil {
		l.kept.begin(b)
	}
	step := b.Rows()
	if l.Ctx.Config.RowByRow {
		step = 1
	}
	for from := 0; from < b.Rows(); from += step {
		if err := l.run(b, times, from, from+step); err != nil {
			return err
		}
	}
	return nil
}

// run works through entries from to (exclusive) of the batch and gives their changes together.
func (l *lastRow) run(b *vec.Batch, times []int64, from, to int) error {
	l.winners(b, times, from, to)
	l.rows, l.changed = l.rows[:0], l.changed[:0]
	same := l.node.ProcTime && !l.expiry.on()
	for k := from; k < to; k++ {
		id, i := l.ids[k], at(b.Sel, k)
		place, ok := l.round.place(id)
		if !ok || l.winner[place] != int32(i) || same && l.has[id] && l.kept.same(id, i) {
			continue
		}
		l.rows, l.changed = append(l.rows, int32(i)), append(l.changed, id)
	}
	l.expiry.write(l.round.touched, l.isLive)
	l.state.Mark(l.round.touched, l.table.Bound())
	if len(l.rows) == 0 {
		return nil
	}
	return l.give(b)
}

// winners finds the row that entries from to (exclusive) of the batch leave each of their keys.
func (l *lastRow) winners(b *vec.Batch, times []int64, from, to int) {
	l.round.begin(l.table.Bound())
	l.winner = l.winner[:0]
	expires := l.expiry.on()
	for k := from; k < to; k++ {
		id, i := l.ids[k], at(b.Sel, k)
		if expires && l.expiry.past(id) && l.isLive(id) && !l.round.has(id) {
			l.leave([]uint32{id})
		}
		if times != nil {
			if times[i] < l.time[id] {
				continue
			}
			l.time[id] = times[i]
		}
		place := l.round.touch(id)
		if place == len(l.winner) {
			l.winner = append(l.winner, 0)
		}
		l.winner[place] = int32(i)
	}
}

// give makes the rows of a round their keys' rows, and gives them as they lie in the batch.
func (l *lastRow) give(b *vec.Batch) error {
	if l.kept != nil {
		if err := l.kept.replace(l.Ctx, b, l.rows, l.changed); err != nil {
			return err
		}
	}
	l.lent = vec.Batch{Cols: b.Cols, Sel: l.rows, Kinds: l.lent.Kinds[:0]}
	l.lent.SetLen(b.Len())
	kinds := l.lent.EnsureKinds()
	for k, id := range l.changed {
		kinds[l.rows[k]] = vec.Insert
		if l.has[id] {
			kinds[l.rows[k]] = vec.UpdateAfter
		}
		l.has[id] = true
	}
	return l.Ctx.Out.Emit(&l.lent)
}
