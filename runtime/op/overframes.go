package op

import (
	"math"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// overFrames holds the rows of bounded frames, those of each partition as a queue in the order in which they
// entered. Of a row are kept: what the aggregates read, 4 bytes of the queue, and 8 bytes of time. Of
// a partition 28 bytes.
//
// Under RANGE a partition is forgotten when the watermark has passed its last row by one and a half lengths of the
// frame, as in Flink; a late row of it is then no longer known to be late.
type overFrames struct {
	rows      bool
	preceding int64

	store   *vec.RowStore
	args    []int         // input columns that the store keeps
	columns []*vec.Vector // what the rows that leave hold, in the places of the input's columns
	next    []uint32      // by row: the next of its partition
	times   []int64       // by row
	numbers numberedRows

	head, tail []uint32 // by partition
	count      []uint32 // rows of its frame
	last       []int64  // the time of the last row given
	until      []int64  // the watermark at which it is forgotten; under RANGE

	gone       []uint32 // rows that have left in this round,
	goneGroups []uint32 // and their partitions
	empty      []uint32 // partitions whose frames they left empty
	swept      int64    // no sweep before this watermark
	sweptDisk  int64    // nor one of what is on disk,
	groups     int      // of which so many key groups are to be swept now
	ids        []uint32
	places     []int32
	values     []*vec.Vector
}

func newOverFrames(n *plan.Over) *overFrames {
	in := n.Input.Properties().Schema
	f := &overFrames{rows: n.Frame.Rows, preceding: n.Frame.Preceding, columns: make([]*vec.Vector, len(in)), swept: math.MinInt64, sweptDisk: math.MinInt64}
	for _, c := range n.Calls {
		for _, a := range c.Args {
			if !among(f.args, a) {
				f.args, f.columns[a] = append(f.args, a), vec.New(in[a].Type)
			}
		}
	}
	f.store = vec.NewRowStore(columnTypes(in, f.args))
	return f
}

func (f *overFrames) grow(n int) {
	for len(f.head) < n {
		f.head, f.tail, f.count = append(f.head, noRow), append(f.tail, noRow), append(f.count, 0)
		f.last, f.until = append(f.last, math.MinInt64), append(f.until, math.MaxInt64)
	}
}

// enter puts the round's rows, from to (exclusive) of the chunk, into their frames.
func (f *overFrames) enter(cols []*vec.Vector, r *overRound, from, to int) {
	f.values = f.values[:0]
	for _, a := range f.args {
		f.values = append(f.values, cols[a])
	}
	for i := from; i < to; i++ {
		id, g := f.store.Add(f.values, i), r.groups[i]
		f.put(id, g, r.times[i])
		f.numbers.enter(g, id)
		f.last[g] = r.times[i]
	}
}

// put puts a row of the store at the end of its partition's frame.
func (f *overFrames) put(id, g uint32, t int64) {
	for len(f.next) <= int(id) {
		f.next, f.times = append(f.next, noRow), append(f.times, 0)
	}
	f.next[id], f.times[id] = noRow, t
	if f.count[g] == 0 {
		f.head[g] = id
	} else {
		f.next[f.tail[g]] = id
	}
	f.tail[g] = id
	f.count[g]++
}

// leave takes the rows out of their frames that the round's drive out, and copies what they hold.
func (f *overFrames) leave(r *overRound, from, to int) {
	f.gone, f.goneGroups, f.empty = f.gone[:0], f.goneGroups[:0], f.empty[:0]
	for i := from; i < to; i++ {
		g, before := r.groups[i], len(f.gone)
		for f.count[g] > 0 && f.drives(r.times[i], g) {
			id := f.head[g]
			f.gone, f.goneGroups = append(f.gone, id), append(f.goneGroups, g)
			f.head[g] = f.next[id]
			f.count[g]--
		}
		if f.count[g] == 0 && len(f.gone) > before {
			f.empty = append(f.empty, g)
		}
	}
	for k, a := range f.args {
		f.columns[a].Reset()
		f.places = f.store.AppendColumn(f.columns[a], k, f.gone, f.places)
	}
	f.free()
}

// free lets the rows go that have left; their partitions are still there.
func (f *overFrames) free() {
	f.numbers.forget(f.gone)
	f.store.Free(f.gone)
}

// drives reports whether a row of time t drives the first one out of its frame.
func (f *overFrames) drives(t int64, g uint32) bool {
	if f.rows {
		return int64(f.count[g]) > f.preceding
	}
	return t-f.times[f.head[g]] > f.preceding
}

// expect notes that a row of time t waits.
func (f *overFrames) expect(g uint32, t int64) {
	if f.rows {
		return
	}
	if u := f.until[g]; u == math.MaxInt64 || u < t+f.preceding+1 {
		f.until[g] = t + f.preceding + f.preceding/2 + 1
	}
}

// forgotten reports whether the watermark has passed all that is known of a partition.
func (f *overFrames) forgotten(g uint32, wm int64) bool { return f.until[g] <= wm }

// clear empties a frame and forgets what it was.
func (f *overFrames) clear(g uint32) {
	f.gone = f.gone[:0]
	for ; f.count[g] > 0; f.count[g]-- {
		f.gone = append(f.gone, f.head[g])
		f.head[g] = f.next[f.head[g]]
	}
	f.free()
	f.last[g], f.until[g] = math.MinInt64, math.MaxInt64
}

// rowsOf appends the rows of a partition's frame.
func (f *overFrames) rowsOf(dst []uint32, g uint32) []uint32 {
	for k, id := uint32(0), f.head[g]; k < f.count[g]; k, id = k+1, f.next[id] {
		dst = append(dst, id)
	}
	return dst
}

// memory gives the bytes that frames take.
func (f *overFrames) memory() int {
	rows := f.store.Memory() + f.numbers.memory() + 4*cap(f.next) + 8*cap(f.times)
	return rows + 4*(cap(f.head)+cap(f.tail)+cap(f.count)) + 8*(cap(f.last)+cap(f.until))
}

// sweep clears the partitions that are forgotten at a watermark and gives them. It looks at all of them once every
// half length of the frame.
func (f *overFrames) sweep(table *vec.GroupTable, wm int64) []uint32 {
	if f.rows || wm < f.swept || wm == MaxWatermark || len(table.Keys()) == 0 {
		return nil
	}
	f.swept = wm + f.preceding/2 + 1
	f.ids = table.IDs(f.ids[:0])
	n := 0
	for _, g := range f.ids {
		if f.forgotten(g, wm) {
			f.clear(g)
			f.ids[n] = g
			n++
		}
	}
	return f.ids[:n]
}
