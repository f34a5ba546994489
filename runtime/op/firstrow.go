package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// newDeduplicate makes the operator of one of the four forms of deduplication.
func newDeduplicate(n *plan.Deduplicate) (Operator, error) {
	if len(n.Schema) != len(n.Input.Properties().Schema) {
		return nil, fmt.Errorf("planning a deduplication of %d columns as %d", len(n.Input.Properties().Schema), len(n.Schema))
	}
	switch {
	case n.Last:
		return newLastRow(n), nil
	case n.ProcTime:
		return newFirstArrival(n), nil
	}
	return newFirstRow(n), nil
}

// firstArrival passes on the first row of each key that comes, and no other. It takes inserts and gives
// inserts, without copying them.
//
// State: one table of keys, which grows with every new key; with table.exec.state.ttl a key expires, counted from its
// first row (see expiry). Cost: a hash probe a row.
type firstArrival struct {
	keyed
	node  *plan.Deduplicate
	given []bool // by key: a row has been given, and has not expired
	fresh []uint32
	sel   []int32
	out   vec.Batch // a header over the input's columns
}

func newFirstArrival(n *plan.Deduplicate) *firstArrival {
	f := &firstArrival{node: n}
	f.keyed = newKeyed(f, n.Input.Properties().Schema, n.Keys)
	return f
}

func (f *firstArrival) Open(ctx *Context) error {
	if err := f.keyed.Open(ctx); err != nil {
		return err
	}
	return f.keep(state.Table{
		Name: "keys", Key: pick(f.node.Schema, f.node.Keys), Value: f.expiry.column(nil),
		Values: func(ids []uint32, out []*vec.Vector) error {
			f.expiry.append(ids, out)
			return nil
		},
		Load: func(cols []*vec.Vector, n int) ([]uint32, error) {
			f.insert(cols[:len(f.by)], n, nil)
			for _, id := range f.ids {
				f.given[id] = true
			}
			f.expiry.restored(f.ids, cols)
			return f.ids, nil
		},
	}, true)
}

func (f *firstArrival) grow(bound int) {
	for len(f.given) < bound {
		f.given = append(f.given, false)
	}
}

func (f *firstArrival) isLive(id uint32) bool { return int(id) < len(f.given) && f.given[id] }

func (f *firstArrival) leave(ids []uint32) {
	for _, id := range ids {
		f.given[id] = false
	}
}

func (f *firstArrival) size() int { return cap(f.given) }

func (f *firstArrival) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "deduplication"); err != nil {
		return err
	}
	return f.process(b)
}

// add passes on the rows of keys that have not been given, or not within a lifetime.
func (f *firstArrival) add(b *vec.Batch) error {
	f.keyCols = columns(f.keyCols, b, f.by)
	f.insert(f.keyCols, b.Rows(), b.Sel)
	f.sel, f.fresh = f.sel[:0], f.fresh[:0]
	expires := f.expiry.on()
	for k, id := range f.ids {
		if f.given[id] && !(expires && f.expiry.past(id)) {
			continue
		}
		f.given[id] = true
		f.expiry.renew(id)
		f.sel, f.fresh = append(f.sel, int32(at(b.Sel, k))), append(f.fresh, id)
	}
	f.state.Touch(f.ids)
	if len(f.sel) == 0 {
		return nil
	}
	f.state.Mark(f.fresh, f.table.Bound())
	f.out = vec.Batch{Cols: b.Cols, Sel: f.sel}
	f.out.SetLen(b.Len())
	return f.Ctx.Out.Emit(&f.out)
}

// firstRow gives, for each key, the row with the smallest event time, once the watermark has reached it;
// of several with the same time, the one that came first. It takes inserts and gives inserts, in the
// order of event time. A row that comes behind the watermark is late: it is counted and dropped; later rows of a
// key that has been given are just that. With table.exec.state.ttl, that a key has been given expires (see expiry): then its next row
// that is not late is given; a row that waits does not expire.
//
// State: a table of the keys that have been given, which grows with every new key and moves to disk where memory is bounded, and one of those that
// wait, which stay in memory: for each its row (columns by number) and an entry of 12 bytes in the list of rows by time. A key is in one of the two. Cost:
// a hash probe a row, and O(log n) in the keys that wait for one that is the earliest of its key so far.
type firstRow struct {
	keyed
	node    *plan.Deduplicate
	store   *vec.RowStore
	waiting *order.Forest // one list, by time
	kept    *state.Rows   // what waits; those that have been given are in keyed's table
	row     []uint32      // by key: the row that waits, or what follows

	fired  []uint32
	out    *vec.Batch
	wm     int64
	places []int32
}

// What a key has in place of a row that waits.
const (
	keyIsNew = noRow
	keyGiven = noRow - 1
)

func newFirstRow(n *plan.Deduplicate) *firstRow {
	in := n.Input.Properties().Schema
	all := make([]int, len(in))
	for c := range in {
		all[c] = c
	}
	f := &firstRow{
		node: n, store: vec.NewRowStore(columnTypes(in, all)),
		waiting: order.NewForest(compareNumbers), out: vec.NewBatch(n.Schema), wm: MinWatermark,
	}
	f.keyed = newKeyed(f, in, n.Keys)
	f.waiting.Grow(1)
	return f
}

// compareNumbers orders rows of the same time, so that each has its place.
func compareNumbers(a, b uint32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (f *firstRow) Open(ctx *Context) error {
	if err := f.keyed.Open(ctx); err != nil {
		return err
	}
	ctx.State.Int("watermark", &f.wm, state.Min)
	key := pick(f.node.Schema, f.node.Keys)
	err := f.keep(state.Table{
		Name: "keys", Key: key, Value: f.expiry.column(nil),
		Values: func(ids []uint32, out []*vec.Vector) error {
			f.expiry.append(ids, out)
			return nil
		},
		Load: f.load,
	}, true)
	if err != nil {
		return err
	}
	f.kept, err = ctx.State.Table(state.Table{
		Name: "waiting", Key: key, Value: named("row ", f.node.Schema), Route: len(key),
		Keys: f.table.AppendKeys, Values: f.appendRows, Load: f.loadWaiting,
	})
	return err
}

// appendRows appends the rows that wait for some keys.
func (f *firstRow) appendRows(ids []uint32, out []*vec.Vector) error {
	f.fired = f.fired[:0]
	for _, id := range ids {
		f.fired = append(f.fired, f.row[id])
	}
	for c, v := range out {
		f.places = f.store.AppendColumn(v, c, f.fired, f.places)
	}
	return nil
}

// isLive reports whether a key has been given: a row that waits does not expire.
func (f *firstRow) isLive(id uint32) bool { return int(id) < len(f.row) && f.row[id] == keyGiven }

func (f *firstRow) leave(ids []uint32) {
	for _, id := range ids {
		f.row[id] = keyIsNew
	}
}

func (f *firstRow) size() int { return f.store.Memory() + 4*cap(f.row) + f.waiting.Memory() }

// load takes keys in that have been given.
func (f *firstRow) load(cols []*vec.Vector, n int) ([]uint32, error) {
	f.insert(cols[:len(f.by)], n, nil)
	for _, id := range f.ids {
		f.row[id] = keyGiven
	}
	f.expiry.restored(f.ids, cols)
	return f.ids, nil
}

// loadWaiting takes keys in with the rows that wait.
func (f *firstRow) loadWaiting(cols []*vec.Vector, n int) ([]uint32, error) {
	f.insert(cols[:len(f.by)], n, nil)
	row := cols[len(f.by):]
	times := vec.Values[int64](row[f.node.TimeCol])
	for k, id := range f.ids {
		f.row[id] = f.store.Add(row, k)
		f.waiting.Insert(0, order.WordOf(times[k]), f.row[id])
	}
	return f.ids, nil
}

func (f *firstRow) grow(bound int) {
	for len(f.row) < bound {
		f.row = append(f.row, keyIsNew)
	}
}

// pick gives some columns of a schema.
func pick(s vec.Schema, cols []int) vec.Schema {
	var out vec.Schema
	for _, c := range cols {
		out = append(out, s[c])
	}
	return out
}

// named gives the columns of a schema with a word before their names, so that they differ from others.
func named(before string, s vec.Schema) vec.Schema {
	var out vec.Schema
	for _, f := range s {
		out = append(out, vec.Field{Name: before + f.Name, Type: f.Type})
	}
	return out
}

func (f *firstRow) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "deduplication"); err != nil {
		return err
	}
	return f.process(b)
}

func (f *firstRow) add(b *vec.Batch) error {
	times, err := rowtimes(b, f.node.TimeCol, f.node.Input.Properties().Schema)
	if err != nil {
		return err
	}
	f.keyCols = columns(f.keyCols, b, f.by)
	f.insert(f.keyCols, b.Rows(), b.Sel)
	expires := f.expiry.on()
	for k, id := range f.ids {
		if f.row[id] == keyGiven {
			if !expires || !f.expiry.past(id) {
				continue
			}
			f.row[id] = keyIsNew
			f.state.ForgetOne(id)
		}
		i := at(b.Sel, k)
		if times[i] < f.wm {
			f.Ctx.dropLate(b, i, f.wm)
			continue
		}
		f.take(b, id, i, times[i])
	}
	return nil
}

// take lets row i wait for its key, in place of a later one.
func (f *firstRow) take(b *vec.Batch, id uint32, i int, t int64) {
	if before := f.row[id]; before != keyIsNew {
		then := vec.Values[int64](f.store.Columns()[f.node.TimeCol])[before]
		if then <= t {
			return
		}
		f.waiting.Remove(0, f.waiting.Search(0, order.WordOf(then), before)-1)
		f.store.Free([]uint32{before})
	}
	row := f.store.Add(b.Cols, i)
	f.row[id] = row
	f.kept.MarkOne(id)
	f.waiting.Insert(0, order.WordOf(t), row)
}

// Watermark gives the rows that it has reached. It does not wait behind rows whose keys are on disk: which ones are late
// depends on it.
func (f *firstRow) Watermark(wm int64) error {
	if err := f.bringBack(); err != nil {
		return err
	}
	f.wm = wm
	if err := f.fire(order.WordOf(wm)); err != nil {
		return err
	}
	return f.Ctx.Out.EmitWatermark(wm)
}

func (f *firstRow) fire(until uint64) error {
	size := batchSize(f.Ctx.Config)
	for f.waiting.Len(0) > 0 {
		f.fired = f.fired[:0]
		for f.waiting.Len(0) > 0 && len(f.fired) < size {
			if t, _ := f.waiting.At(0, 0); t > until {
				break
			}
			f.fired = append(f.fired, f.waiting.Remove(0, 0))
		}
		if len(f.fired) == 0 {
			return nil
		}
		if err := f.give(); err != nil {
			return err
		}
	}
	return nil
}

// give emits the rows that have fired, and forgets them.
func (f *firstRow) give() error {
	f.out.Reset()
	for c, v := range f.out.Cols {
		f.places = f.store.ShareColumn(v, c, f.fired, f.places)
	}
	f.out.SetLen(len(f.fired))
	f.keyCols = columns(f.keyCols, f.out, f.by)
	f.keys.Set(f.keyCols, len(f.fired), nil)
	f.ids = f.table.Lookup(f.keys, f.ids)
	for _, id := range f.ids {
		f.row[id] = keyGiven
		f.expiry.renew(id)
	}
	f.kept.Forget(f.ids)
	f.state.Mark(f.ids, f.table.Bound())
	f.store.Free(f.fired)
	return f.Ctx.Out.Emit(f.out)
}
