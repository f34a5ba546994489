package op

import (
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

func (o *over) Open(ctx *Context) error {
	if err := o.Base.Open(ctx); err != nil {
		return err
	}
	o.lifetime(ctx)
	o.owned = o.count
	if ctx.State == nil {
		return nil
	}
	ctx.State.Int("watermark", &o.wm, state.Min)
	if err := o.restore(); err != nil {
		return err
	}
	if o.node.ProcTime && o.order.Len(0) > 0 {
		ctx.WakeAt(ctx.Clock.Now().Add(time.Millisecond))
	}
	return nil
}

// restore restores, and has kept, three tables: partitions with the state of the calls and, for bounded frames, the time of the last row and
// when they are forgotten; the rows of the frames; the rows that wait.
func (o *over) restore() (err error) {
	key := pick(o.node.Input.Properties().Schema, o.node.Partition)
	var value vec.Schema
	if o.frames != nil {
		value = vec.Schema{bigintColumn("last"), bigintColumn("until")}
	}
	value = o.expiry.column(value)
	partitions := state.Table{
		Name: "partitions", Key: key, Value: append(value, o.accs.KeptSchema()...), Values: o.appendPartitions, Load: o.loadPartitions,
		Stays:  func(g uint32) bool { return o.waits[g] > 0 },
		Owners: ownEntries(o.table),
	}
	err = o.keep(partitions, len(key) > 0 && !o.accs.HasSides())
	if err != nil {
		return err
	}
	err = o.accs.Keep(o.Ctx.State, agg.Owner{Key: key, Route: len(key), Keys: o.table.AppendKeys, Find: o.find})
	if err != nil {
		return err
	}
	if o.frames != nil {
		if err := o.keepFrames(key); err != nil {
			return err
		}
	}
	err = o.numbers.keep(o.Ctx.State, numberedTable{
		name: "waiting", key: key, groups: o.table, keys: o.keys,
		value:  append(vec.Schema{bigintColumn("time")}, named("row ", o.node.Input.Properties().Schema)...),
		values: o.appendWaiting, load: o.loadWaiting,
	})
	if err != nil {
		return err
	}
	return o.readWaiting()
}

// readWaiting reads the partitions of rows that wait, where a restore has left them in the database.
func (o *over) readWaiting() error {
	if !o.state.OnDisk() {
		return nil
	}
	b, ids := vec.NewBatch(pick(o.input, o.by)), o.table.IDs(nil)
	o.table.AppendKeys(ids, b.Cols)
	b.SetLen(len(ids))
	return o.state.Read(b.Cols, o.rowsOf(b))
}

func (o *over) appendPartitions(ids []uint32, out []*vec.Vector) error {
	if o.frames != nil {
		appendInts(out[0], o.frames.last, ids)
		appendInts(out[1], o.frames.until, ids)
		out = out[2:]
	}
	if o.expiry.on() {
		appendInts(out[0], o.expiry.written, ids)
		out = out[1:]
	}
	return o.accs.AppendKept(ids, out)
}

func (o *over) loadPartitions(cols []*vec.Vector, n int) ([]uint32, error) {
	nk := len(o.node.Partition)
	o.insert(cols[:nk], n, nil)
	cols = cols[nk:]
	if o.frames != nil {
		last, until := vec.Values[int64](cols[0]), vec.Values[int64](cols[1])
		for k, g := range o.ids {
			o.frames.last[g], o.frames.until[g] = last[k], until[k]
		}
		cols = cols[2:]
	}
	if o.expiry.on() {
		for k, at := range vec.Values[int64](cols[0]) {
			o.expiry.restore(o.ids[k], at, true)
			o.live[o.ids[k]] = true
		}
		cols = cols[1:]
	}
	return o.ids, o.accs.LoadKept(o.ids, cols)
}

// leave empties partitions of which nothing waits.
func (o *over) leave(groups []uint32) {
	for _, g := range groups {
		o.live[g] = false
		if o.frames != nil {
			o.frames.clear(g)
		}
	}
	o.expiry.forget(groups)
	o.accs.Reset(groups)
}

func (o *over) size() int {
	bytes := o.waiting.Memory() + o.order.Memory() + o.numbers.memory() + 4*cap(o.groups) + 8*cap(o.times)
	bytes += o.accs.Memory() + 4*(cap(o.waits)+cap(o.round.mark)+cap(o.round.place)) + cap(o.live)
	if o.frames != nil {
		bytes += o.frames.memory()
	}
	return bytes
}

// count is how many partitions there are, and rows in their frames.
func (o *over) count() int {
	n := o.table.Len()
	if o.frames != nil {
		n += o.frames.store.Len()
	}
	return n
}

func (o *over) appendWaiting(rows []uint32, out []*vec.Vector) error {
	appendInts(out[0], o.times, rows)
	for c, v := range out[1:] {
		o.places = o.waiting.AppendColumn(v, c, rows, o.places)
	}
	return nil
}

func (o *over) loadWaiting(dst, owners []uint32, cols []*vec.Vector) ([]uint32, error) {
	o.grow(o.table.Bound())
	for k, t := range vec.Values[int64](cols[0]) {
		id := o.waiting.Add(cols[1:], k)
		o.place(id, owners[k], t)
		dst = append(dst, id)
	}
	return dst, nil
}

// place lets a row of the store wait for its time.
func (o *over) place(id, g uint32, t int64) {
	for len(o.groups) <= int(id) {
		o.groups, o.times = append(o.groups, 0), append(o.times, 0)
	}
	o.groups[id], o.times[id] = g, t
	o.waits[g]++
	list := overWaits
	if o.back {
		list = overReturns
	}
	o.order.Insert(list, order.WordOf(t), id)
}

// keepFrames has the rows of the frames kept.
func (o *over) keepFrames(key vec.Schema) error {
	f := o.frames
	in := o.node.Input.Properties().Schema
	return f.numbers.keep(o.Ctx.State, numberedTable{
		name: "frames", key: key, groups: o.table, keys: o.keys, leader: o.state, find: o.find, entries: f.rowsOf,
		value: append(vec.Schema{bigintColumn("time")}, named("row ", pick(in, f.args))...),
		values: func(rows []uint32, out []*vec.Vector) error {
			appendInts(out[0], f.times, rows)
			for c, v := range out[1:] {
				f.places = f.store.AppendColumn(v, c, rows, f.places)
			}
			return nil
		},
		load: func(dst, owners []uint32, cols []*vec.Vector) ([]uint32, error) {
			o.grow(o.table.Bound())
			for k, t := range vec.Values[int64](cols[0]) {
				id := f.store.Add(cols[1:], k)
				f.put(id, owners[k], t)
				dst = append(dst, id)
			}
			return dst, nil
		},
	})
}
