package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// materialize keeps, for each key of a sink, all rows that there are, in the order in which they came, and gives
// the newest: +I for a key's first row, +U when another one is the newest, -D when the last one goes. Updates of rows with
// one sink key come from different keys of the query, in any order; whichever is taken back, the sink shows one that
// is still there. A row with the same row key as one that is there takes its place as the newest; a retraction of
// a row that is not there is passed over. With table.exec.state.ttl, the rows of a key expire together (see expiry), and a change of
// such a row is passed over. What a batch does to a key is merged; with Config.RowByRow every row gives its own.
//
// State: one table of sink keys, the rows (columns by number), 28 bytes a row for its place in the list and the index that
// finds it, 4 bytes a key. Where memory is bounded, keys move to disk with their rows. Cost: two hash probes a row, whatever the number of rows of its key.
type materialize struct {
	keyed
	node  *plan.Materialize
	store *vec.RowStore
	index rowIndex
	apart []int // columns that tell the rows of a key apart

	kept       numberedRows
	newest     []uint32 // by key
	group      []uint32 // by row: its key
	prev, next []uint32 // by row: the list of a key

	shown  []uint32 // by key, in a round: the newest when it began
	round  rounds
	hashes []uint64
	byCols []*vec.Vector
	cols   []*vec.Vector // of the batch
	gone   []uint32      // keys
	one    [1]uint32
	out    storedOutput
	// What same compares with.
	inGroup uint32
	atRow   int
	equal   func(uint32) bool
}

func newMaterialize(n *plan.Materialize) *materialize {
	in := n.Input.Properties().Schema
	o := &materialize{node: n, apart: n.RowKey}
	o.keyed = newKeyed(o, in, n.Keys)
	var all []int
	for c := range in {
		all = append(all, c)
	}
	if o.apart == nil {
		o.apart = all
	}
	o.store = vec.NewRowStore(columnTypes(in, all))
	o.out.init(n.Schema, o.store)
	o.equal = o.same
	return o
}

func (o *materialize) Open(ctx *Context) error {
	o.out.ctx = ctx
	if err := o.keyed.Open(ctx); err != nil {
		return err
	}
	return o.keepRows(&o.kept, o.store, numberedTable{
		name: "rows", key: pick(o.node.Schema, o.node.Keys), value: named("row ", o.node.Schema), values: o.appendRows, load: o.load,
	}, o.appendOf)
}

// appendOf appends the rows of a key, the newest first.
func (o *materialize) appendOf(dst []uint32, id uint32) []uint32 {
	for row := o.newest[id]; row != noRow; row = o.prev[row] {
		dst = append(dst, row)
	}
	return dst
}

// appendRows appends rows, and with a lifetime when their key was written last: the greatest that a key's rows have counts.
func (o *materialize) appendRows(rows []uint32, out []*vec.Vector) error {
	n := len(o.node.Schema)
	o.out.rows(rows, out[:n])
	if o.expiry.on() {
		for _, row := range rows {
			vec.Append(out[n], o.expiry.written[o.group[row]])
		}
	}
	return nil
}

// load takes the rows of a checkpoint in, the oldest first.
func (o *materialize) load(dst, owners []uint32, cols []*vec.Vector) ([]uint32, error) {
	n := len(o.node.Schema)
	o.begin(cols[:n], len(owners), nil)
	o.grow(o.table.Bound())
	for k, id := range owners {
		if o.expiry.on() {
			o.expiry.restore(id, vec.Values[int64](cols[n])[k], o.newest[id] == noRow)
		}
		o.inGroup, o.atRow = id, k
		dst = append(dst, o.link(k, o.hash(k, id)))
	}
	return dst, nil
}

func (o *materialize) isLive(id uint32) bool { return int(id) < len(o.newest) && o.newest[id] != noRow }

// leave has the rows of keys go with the next output.
func (o *materialize) leave(keys []uint32) {
	var rows []uint32
	for _, id := range keys {
		rows = o.appendOf(rows, id)
	}
	if len(rows) == 0 {
		return
	}
	o.kept.forget(rows)
	b := vec.NewBatch(o.node.Schema)
	o.out.share(rows, b.Cols)
	o.begin(b.Cols, len(rows), nil)
	for k, row := range rows {
		o.inGroup, o.atRow = o.group[row], k
		o.index.take(o.hash(k, o.group[row]), o.equal)
		o.out.free(row)
	}
	for _, id := range keys {
		o.newest[id] = noRow
	}
}

func (o *materialize) size() int {
	rows := 4 * (cap(o.group) + cap(o.prev) + cap(o.next))
	keys := 4*(cap(o.newest)+cap(o.shown)) + o.round.memory()
	return o.store.Memory() + o.index.memory() + o.kept.memory() + rows + keys
}

// renew lets go what has expired of the keys that a batch is about to change.
func (o *materialize) renew(b *vec.Batch) {
	for _, id := range o.ids {
		o.round.touch(id)
	}
	if dead := o.expiry.write(o.round.touched, o.isLive); len(dead) > 0 {
		o.leave(dead)
		o.begin(b.Cols, b.Rows(), b.Sel)
	}
	for _, id := range o.round.touched {
		o.shown[id] = o.newest[id]
	}
}

// begin takes the columns of the rows that come.
func (o *materialize) begin(cols []*vec.Vector, n int, sel []int32) {
	o.cols, o.byCols = cols, o.byCols[:0]
	for _, c := range o.apart {
		o.byCols = append(o.byCols, cols[c])
	}
	if cap(o.hashes) < n {
		o.hashes = make([]uint64, max(n, vec.DefaultBatchSize))
	}
	o.hashes = o.hashes[:n]
	vec.HashRows(o.byCols, sel, o.hashes)
}

func (o *materialize) grow(bound int) {
	for len(o.newest) < bound {
		o.newest, o.shown = append(o.newest, noRow), append(o.shown, noRow)
	}
}

func (o *materialize) Process(_ int, b *vec.Batch) error { return o.process(b) }

func (o *materialize) add(b *vec.Batch) error {
	o.begin(b.Cols, b.Rows(), b.Sel)
	o.keyCols = columns(o.keyCols, b, o.node.Keys)
	step := b.Rows()
	if o.Ctx.Config.RowByRow {
		step = 1
	}
	for from := 0; from < b.Rows(); from += step {
		to := min(from+step, b.Rows())
		o.keys.Set(o.keyCols, to-from, span(b.Sel, from, to, &o.out.scratch))
		if err := o.run(b, from); err != nil {
			return err
		}
	}
	return nil
}

// run works through the entries of o.keys, which are those of the batch from from on.
func (o *materialize) run(b *vec.Batch, from int) error {
	o.ids = o.table.Insert(o.keys, o.ids)
	o.grow(o.table.Bound())
	o.state.Touch(o.ids)
	o.round.begin(o.table.Bound())
	if o.expiry.on() {
		o.renew(b)
	}
	for k, id := range o.ids {
		if !o.round.has(id) {
			o.round.touch(id)
			o.shown[id] = o.newest[id]
		}
		i := at(b.Sel, from+k)
		hash := o.hash(from+k, id)
		o.inGroup, o.atRow = id, i
		if b.Kind(i).Retracts() {
			o.take(hash)
			continue
		}
		if o.node.RowKey != nil {
			o.take(hash)
		}
		o.kept.enter(id, o.link(i, hash))
	}
	return o.give()
}

// hash mixes the key into the hash of entry k of the batch.
func (o *materialize) hash(k int, group uint32) uint32 {
	return uint32((o.hashes[k] ^ uint64(group)) * 0x9e3779b97f4a7c15 >> 32)
}

func (o *materialize) same(row uint32) bool {
	return o.group[row] == o.inGroup && o.store.Equal(row, o.apart, o.byCols, o.atRow)
}

// link adds row i of the batch as its key's newest.
func (o *materialize) link(i int, hash uint32) uint32 {
	row, id := o.store.Add(o.cols, i), o.inGroup
	for len(o.group) <= int(row) {
		o.group, o.prev, o.next = append(o.group, 0), append(o.prev, noRow), append(o.next, noRow)
	}
	o.group[row], o.prev[row], o.next[row] = id, o.newest[id], noRow
	if last := o.newest[id]; last != noRow {
		o.next[last] = row
	}
	o.newest[id] = row
	o.index.add(hash, row, o.equal)
	return row
}

// take takes out the first row that is the same as the present one.
func (o *materialize) take(hash uint32) {
	row := o.index.take(hash, o.equal)
	if row == noRow {
		return
	}
	if p := o.prev[row]; p != noRow {
		o.next[p] = o.next[row]
	}
	if n := o.next[row]; n != noRow {
		o.prev[n] = o.prev[row]
	} else {
		o.newest[o.inGroup] = o.prev[row]
	}
	o.one[0] = row
	o.kept.forget(o.one[:])
	o.out.free(row)
}

// give gives the newest rows of the keys that a round has touched, where they are others than before.
func (o *materialize) give() error {
	o.gone = o.gone[:0]
	for _, id := range o.round.touched {
		before, after := o.shown[id], o.newest[id]
		if after == noRow {
			o.gone = append(o.gone, id)
		}
		if o.expiry.on() && after != noRow {
			o.kept.touch(after)
		}
		row, kind := after, vec.UpdateAfter
		switch {
		case before == after:
			continue
		case after == noRow:
			row, kind = before, vec.Delete
		case before == noRow:
			kind = vec.Insert
		}
		if err := o.out.add(row, kind); err != nil {
			return err
		}
	}
	o.table.Delete(o.gone, o.keys)
	return o.out.flush()
}
