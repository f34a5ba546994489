package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// lastRow keeps, for each key, the row with the largest event time, of several with the same the one that came
// last; by processing time, the row that came last. It takes inserts and gives a changelog: +I
// for a key's first row, then -U (where somebody needs it) and +U when another takes its place. By
// processing time a row that holds the same as the one before gives nothing. The changes that a
// batch makes to a key are merged, in the order of the rows that are left; with Config.RowByRow (mini-batching switched off) every row gives its own. A row
// that is earlier than its key's is passed over; none is late. With table.exec.state.ttl, a key's row expires (see expiry), and by
// processing time the same row again is an update.
//
// State: one table of keys, and for each its row (columns by number) and 16 bytes: the row's number, its
// time, the last round. Cost: a hash probe a row, and for each key of a batch a copy of its row.
type lastRow struct {
	keyed
	node    *plan.Deduplicate
	store   *vec.RowStore
	compare []int    // columns that tell rows apart, by processing time
	row     []uint32 // by key
	time    []int64  // of the row, in a round of what will be the row
	winner  []int32  // in a round: the row of the batch
	round   []uint32
	now     uint32
	touched []uint32

	cmpCols []*vec.Vector
	rows    []int32  // of the batch, that become their keys' rows in the round
	changed []uint32 // and their keys
	gone    []uint32 // rows that were there before
	given   []uint32
	places  []int32
	out     *vec.Batch
	lent    vec.Batch // the batch's rows, as they are given
}

func newLastRow(n *plan.Deduplicate) *lastRow {
	in := n.Input.Properties().Schema
	l := &lastRow{node: n, out: vec.NewBatch(n.Schema)}
	l.keyed = newKeyed(l, in, n.Keys)
	var all []int
	for c := range in {
		all = append(all, c)
		if c != n.TimeCol {
			l.compare = append(l.compare, c)
		}
	}
	l.store = vec.NewRowStore(columnTypes(in, all))
	return l
}

func (l *lastRow) Open(ctx *Context) error {
	if err := l.keyed.Open(ctx); err != nil {
		return err
	}
	return l.keep(state.Table{
		Name: "rows", Key: pick(l.node.Schema, l.node.Keys), Value: l.expiry.column(named("row ", l.node.Schema)),
		Values: l.appendRows, Load: l.load,
	}, true)
}

func (l *lastRow) appendRows(ids []uint32, out []*vec.Vector) error {
	l.given = l.given[:0]
	for _, id := range ids {
		l.given = append(l.given, l.row[id])
	}
	for c, v := range out[:len(l.node.Schema)] {
		l.places = l.store.AppendColumn(v, c, l.given, l.places)
	}
	l.given = l.given[:0]
	l.expiry.append(ids, out)
	return nil
}

func (l *lastRow) load(cols []*vec.Vector, n int) ([]uint32, error) {
	nk := len(l.node.Keys)
	l.insert(cols[:nk], n, nil)
	row := cols[nk:][:len(l.node.Schema)]
	for k, id := range l.ids {
		l.row[id] = l.store.Add(row, k)
		if !l.node.ProcTime {
			l.time[id] = vec.Values[int64](row[l.node.TimeCol])[k]
		}
	}
	l.expiry.restored(l.ids, cols)
	return l.ids, nil
}

func (l *lastRow) isLive(id uint32) bool { return int(id) < len(l.row) && l.row[id] != noRow }

func (l *lastRow) leave(ids []uint32) {
	for _, id := range ids {
		l.gone = append(l.gone, l.row[id])
		l.row[id], l.time[id] = noRow, MinWatermark
	}
	l.store.Free(l.gone)
	l.gone = l.gone[:0]
}

func (l *lastRow) size() int { return l.store.Memory() + 20*cap(l.row) }

func (l *lastRow) grow(bound int) {
	for len(l.row) < bound {
		l.row, l.time, l.round = append(l.row, noRow), append(l.time, MinWatermark), append(l.round, 0)
		l.winner = append(l.winner, 0)
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
	l.cmpCols = columns(l.cmpCols, b, l.compare)
	l.insert(l.keyCols, b.Rows(), b.Sel)
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
	l.touched = l.touched[:0]
	if l.now++; l.now == 0 { // after 2^32 rounds
		clear(l.round)
		l.now = 1
	}
	expires := l.expiry.on()
	for k := from; k < to; k++ {
		id, i := l.ids[k], at(b.Sel, k)
		if expires && l.expiry.past(id) && l.isLive(id) && l.round[id] != l.now {
			l.leave([]uint32{id})
		}
		if times != nil {
			if times[i] < l.time[id] {
				continue
			}
			l.time[id] = times[i]
		}
		l.winner[id] = int32(i)
		if l.round[id] != l.now {
			l.round[id] = l.now
			l.touched = append(l.touched, id)
		}
	}
	l.rows, l.changed = l.rows[:0], l.changed[:0]
	for k := from; k < to; k++ {
		id, i := l.ids[k], at(b.Sel, k)
		if l.round[id] != l.now || l.winner[id] != int32(i) {
			continue
		}
		if before := l.row[id]; before != noRow {
			if l.node.ProcTime && !l.expiry.on() && l.store.Equal(before, l.compare, l.cmpCols, i) {
				continue
			}
			l.gone = append(l.gone, before)
		}
		l.rows, l.changed = append(l.rows, int32(i)), append(l.changed, id)
	}
	l.expiry.write(l.touched, l.isLive)
	l.state.Mark(l.touched, l.table.Bound())
	return l.replace(b)
}

// replace makes the rows of a round their keys' rows: what was there before is taken back and let go, then the
// rows are given as they lie in the batch.
func (l *lastRow) replace(b *vec.Batch) error {
	if len(l.rows) == 0 {
		return nil
	}
	if l.node.UpdateBefore && len(l.gone) > 0 {
		l.out.Reset()
		for c, v := range l.out.Cols {
			l.places = l.store.ShareColumn(v, c, l.gone, l.places)
		}
		l.out.SetLen(len(l.gone))
		kinds := l.out.EnsureKinds()
		for k := range kinds {
			kinds[k] = vec.UpdateBefore
		}
		if err := l.Ctx.Out.Emit(l.out); err != nil {
			return err
		}
	}
	l.store.Free(l.gone)
	l.gone = l.gone[:0]
	l.given = l.store.AddRows(b.Cols, l.rows, l.given[:0])
	l.lent = vec.Batch{Cols: b.Cols, Sel: l.rows, Kinds: l.lent.Kinds[:0]}
	l.lent.SetLen(b.Len())
	kinds := l.lent.EnsureKinds()
	for k, id := range l.changed {
		kinds[l.rows[k]] = vec.Insert
		if l.row[id] != noRow {
			kinds[l.rows[k]] = vec.UpdateAfter
		}
		l.row[id] = l.given[k]
	}
	return l.Ctx.Out.Emit(&l.lent)
}
