package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// normalize keeps the last row of each key and gives a changelog with whole rows: +I for a key's first row, -U
// (where somebody needs it) and +U when another takes its place, -D when a delete, which may hold no more than the
// key, takes it away. A row that holds the same as the one before gives nothing, and neither does the delete of a key
// that is not there, so that changes may come more than once. With table.exec.state.ttl, rows expire (see expiry), and the same row again is an update. A -U is passed over: the +U of the same key follows. The
// changes that a batch makes to a key are merged; with Config.RowByRow every row gives its own.
//
// State: one table of keys, and for each its row (columns by number) and 12 bytes; a key that is deleted is
// forgotten. Cost: a hash probe a row, and for each key of a batch a copy of its row.
type normalize struct {
	keyed
	node  *plan.Normalize
	store *vec.RowStore
	all   []int
	row   []uint32 // by key; noRow: none
	last  []int32  // in a round: the row of the batch, or deleted
	round rounds
	gone  []uint32 // keys
	out   storedOutput
}

// deleted stands for a row of the batch where a key's last change takes its row away.
const deleted = -1

func newNormalize(n *plan.Normalize) *normalize {
	in := n.Input.Properties().Schema
	o := &normalize{node: n}
	o.keyed = newKeyed(o, in, n.Keys)
	for c := range in {
		o.all = append(o.all, c)
	}
	o.store = vec.NewRowStore(columnTypes(in, o.all))
	o.out.init(n.Schema, o.store)
	return o
}

func (o *normalize) Open(ctx *Context) error {
	o.out.ctx = ctx
	if err := o.keyed.Open(ctx); err != nil {
		return err
	}
	return o.keep(state.Table{
		Name: "rows", Key: pick(o.node.Schema, o.node.Keys), Value: o.expiry.column(named("row ", o.node.Schema)),
		Values: o.appendRows, Load: o.load,
	}, true)
}

func (o *normalize) appendRows(ids []uint32, out []*vec.Vector) error {
	rows := make([]uint32, len(ids))
	for k, id := range ids {
		rows[k] = o.row[id]
	}
	o.out.rows(rows, out[:len(o.all)])
	o.expiry.append(ids, out)
	return nil
}

func (o *normalize) load(cols []*vec.Vector, n int) ([]uint32, error) {
	nk := len(o.node.Keys)
	o.insert(cols[:nk], n, nil)
	row := cols[nk:][:len(o.all)]
	for k, id := range o.ids {
		o.row[id] = o.store.Add(row, k)
	}
	o.expiry.restored(o.ids, cols)
	return o.ids, nil
}

func (o *normalize) isLive(id uint32) bool { return int(id) < len(o.row) && o.row[id] != noRow }

// leave has the rows of keys go with the next output.
func (o *normalize) leave(ids []uint32) {
	for _, id := range ids {
		o.out.free(o.row[id])
		o.row[id] = noRow
	}
}

func (o *normalize) size() int { return o.store.Memory() + 8*cap(o.row) + o.round.memory() }

func (o *normalize) grow(bound int) {
	for len(o.row) < bound {
		o.row, o.last = append(o.row, noRow), append(o.last, deleted)
	}
}

func (o *normalize) Process(_ int, b *vec.Batch) error { return o.process(b) }

func (o *normalize) add(b *vec.Batch) error {
	o.keyCols = columns(o.keyCols, b, o.by)
	step := b.Rows()
	if o.Ctx.Config.RowByRow {
		step = 1
	}
	for from := 0; from < b.Rows(); from += step {
		if err := o.run(b, b.Sel, from, min(from+step, b.Rows())); err != nil {
			return err
		}
	}
	return nil
}

// run works through entries from to (exclusive) of the batch and gives their changes together.
func (o *normalize) run(b *vec.Batch, sel []int32, from, to int) error {
	o.insert(o.keyCols, to-from, span(sel, from, to, &o.out.scratch))
	o.round.begin(o.table.Bound())
	for k, id := range o.ids {
		i := at(sel, from+k)
		kind := b.Kind(i)
		if kind == vec.UpdateBefore {
			if o.row[id] == noRow && !o.round.has(id) {
				o.round.touch(id) // to be forgotten again where nothing follows
				o.last[id] = deleted
			}
			continue
		}
		o.round.touch(id)
		o.last[id] = int32(i)
		if kind == vec.Delete {
			o.last[id] = deleted
		}
	}
	o.leave(o.expiry.write(o.round.touched, o.isLive))
	o.gone = o.gone[:0]
	for _, id := range o.round.touched {
		if err := o.change(b, id); err != nil {
			return err
		}
	}
	o.state.Forget(o.gone)
	o.table.Delete(o.gone, o.keys)
	return o.out.flush()
}

// change gives what a round has made of a key.
func (o *normalize) change(b *vec.Batch, id uint32) error {
	before, i := o.row[id], int(o.last[id])
	switch {
	case i == deleted:
		o.row[id] = noRow
		o.gone = append(o.gone, id)
		if before == noRow {
			return nil
		}
		o.out.free(before)
		return o.out.add(before, vec.Delete)
	case before == noRow:
		o.put(b, id, i)
		return o.out.add(o.row[id], vec.Insert)
	case !o.expiry.on() && o.store.Equal(before, o.all, b.Cols, i):
		return nil
	}
	o.out.free(before)
	if o.node.UpdateBefore {
		if err := o.out.add(before, vec.UpdateBefore); err != nil {
			return err
		}
	}
	o.put(b, id, i)
	return o.out.add(o.row[id], vec.UpdateAfter)
}

// put makes row i of the batch its key's.
func (o *normalize) put(b *vec.Batch, id uint32, i int) {
	o.row[id] = o.store.Add(b.Cols, i)
	o.state.MarkOne(id)
}

// span gives entries from to (exclusive) of a selection.
func span(sel []int32, from, to int, scratch *[]int32) []int32 {
	if sel != nil {
		return sel[from:to]
	}
	if from == 0 {
		return nil
	}
	*scratch = (*scratch)[:0]
	for i := from; i < to; i++ {
		*scratch = append(*scratch, int32(i))
	}
	return *scratch
}
