package op

import (
	"fmt"
	"math"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// over gives each row with aggregates over the frame of rows of its partition that ends with it. It takes and
// gives inserts. Rows of event time wait until the watermark has reached them, then leave in order of time, those of
// one time in the order in which they came. Under RANGE rows of one time and partition are in each other's frame
// and share one result; under ROWS each has its own. Rows of processing time leave at once; only under a bounded
// RANGE do they wait for the millisecond to end.
//
// A row is late, counted and dropped, where the frame is bounded when a row of its partition and time or of a
// later time has been given; else when the watermark has reached its time.
//
// What has fired is worked through in rounds of different partitions: rows that leave their frames are taken out
// of the accumulators, those of the round put in, and the results read. So a row costs one update in and one out a
// call, whatever the length of the frame; for MIN and MAX these cost O(log n) in the values of the frame.
//
// With table.exec.state.ttl, what is known of a partition expires where Flink has it expire (see lifetime): never under a bounded RANGE, which
// forgets partitions by the watermark.
//
// State: the rows that wait, in columns by number, and about 12 bytes each in an ordered list; a group table of
// partitions with accumulators; and the frames (see overFrames). Where memory is bounded, partitions of which no row waits move to disk with their frames, unless they
// have calls with tables of their own.
type over struct {
	keyed
	node  *plan.Over
	peers bool // rows of one time share a result
	accs  *agg.Accumulators

	waiting *vec.RowStore
	groups  []uint32      // of the waiting rows, by number
	times   []int64       // and their times
	numbers numberedRows  // of the waiting rows
	order   *order.Forest // by time: the rows that wait, and those of partitions that have just come from disk (see overaway.go)
	frames  *overFrames   // nil where nothing leaves the frame
	wm      int64
	missed  missed
	paid    int     // rows that have come since partitions on disk were swept
	live    []bool  // by partition, with a lifetime: something is known of it
	waits   []int32 // by partition: rows that wait

	sel    []int32
	some   vec.Batch // a header over rows of the input that are not late
	fired  []uint32
	places []int32
	chunk  *vec.Batch // rows that are given, with results
	round  overRound
	exact  bool
}

// overRound are rows of a chunk that are worked through together.
type overRound struct {
	groups  []uint32 // of the chunk's rows
	times   []int64
	mark    []uint32 // by group: the last round that touched it
	number  uint32
	touched []uint32 // groups of the round, each once
	place   []int32  // by group: its place in touched
	rows    []int32
	results []*vec.Vector // of the touched groups
	which   []int32       // by row of the round: its result
}

func newOver(n *plan.Over) (Operator, error) {
	in := n.Input.Properties().Schema
	if want := len(in) + len(n.Calls); len(n.Schema) != want {
		return nil, fmt.Errorf("planning an OVER aggregate of %d columns as %d", want, len(n.Schema))
	}
	all := make([]int, len(in))
	for i := range all {
		all[i] = i
	}
	o := &over{
		node: n, peers: !n.Frame.Rows && (n.Frame.Bounded() || !n.ProcTime),
		accs:    agg.NewAccumulators(n.Calls, in, n.Frame.Bounded()),
		waiting: vec.NewRowStore(columnTypes(in, all)), order: order.NewForest(nil),
		wm: MinWatermark, chunk: vec.NewBatch(n.Schema), exact: exact(n.Calls),
	}
	o.keyed = newKeyed(o, in, n.Partition)
	for _, c := range n.Calls {
		o.round.results = append(o.round.results, vec.New(c.Sig.Result))
		if n.Frame.Bounded() && c.Fn.AppendOnly {
			return nil, unsupported(c.Text + " over rows that leave the frame")
		}
	}
	if n.Frame.Bounded() {
		o.frames = newOverFrames(n)
	}
	o.order.Grow(2)
	return o, nil
}

func (o *over) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "OVER aggregate"); err != nil {
		return err
	}
	if !o.node.ProcTime && o.frames == nil && !o.expiry.on() { // with a lifetime late rows make it longer
		on, err := o.onTime(b)
		if err != nil || on == nil {
			return err
		}
		b = on
	}
	o.came = moment{wm: o.wm}
	if o.node.ProcTime || o.expiry.on() {
		o.came.clock = o.Ctx.Clock.Now().UnixMilli()
	}
	return o.process(b)
}

// onTime gives the rows of a batch, nil for none, that no watermark has reached, be it one that still waits behind rows that are away: what is late does
// not depend on where partitions lie.
func (o *over) onTime(b *vec.Batch) (*vec.Batch, error) {
	times, err := rowtimes(b, o.node.TimeCol, o.node.Input.Properties().Schema)
	if err != nil {
		return nil, err
	}
	wm := o.away.newest(o.wm)
	o.sel = o.sel[:0]
	for _, i := range o.rowsOf(b) {
		if times[i] <= wm {
			o.Ctx.dropLate(b, int(i), wm)
			continue
		}
		o.sel = append(o.sel, i)
	}
	switch len(o.sel) {
	case 0:
		return nil, nil
	case b.Rows():
		return b, nil
	}
	o.some = *b
	o.some.Sel = o.sel
	return &o.some, nil
}

func (o *over) add(b *vec.Batch) error {
	n := o.node
	var times []int64
	var err error
	if !n.ProcTime {
		if times, err = rowtimes(b, n.TimeCol, n.Input.Properties().Schema); err != nil {
			return err
		}
	}
	o.keyCols = columns(o.keyCols, b, o.by)
	o.insert(o.keyCols, b.Rows(), b.Sel)
	o.state.Touch(o.ids)
	o.paid += b.Rows()
	if o.back {
		if err := o.catchUp(b, times); err != nil {
			return err
		}
	}
	o.renew()
	if !n.ProcTime {
		o.wait(b, times)
		return nil
	}
	if o.peers {
		o.Ctx.WakeAt(o.Ctx.Clock.Now().Add(time.Millisecond))
		o.waitUntil(b, o.came.clock)
		return nil
	}
	return o.atOnce(b)
}

func (o *over) grow(n int) {
	o.accs.Grow(n)
	for len(o.round.mark) < n {
		o.round.mark, o.round.place = append(o.round.mark, 0), append(o.round.place, 0)
	}
	for len(o.live) < n {
		o.live, o.waits = append(o.live, false), append(o.waits, 0)
	}
	if o.frames != nil {
		o.frames.grow(n)
	}
}

// wait keeps the rows of a batch that are not late.
func (o *over) wait(b *vec.Batch, times []int64) {
	wm := o.came.wm
	for k, g := range o.ids {
		i := at(b.Sel, k)
		t := times[i]
		if o.frames != nil {
			if o.frames.forgotten(g, wm) {
				o.forget(g)
			}
			if t <= o.frames.last[g] {
				o.Ctx.dropLate(b, i, wm)
				continue
			}
			o.frames.expect(g, t)
			o.state.MarkOne(g)
		} else if t <= wm {
			o.Ctx.dropLate(b, i, wm)
			continue
		}
		o.hold(b, i, g, t)
	}
}

func (o *over) waitUntil(b *vec.Batch, t int64) {
	for k, g := range o.ids {
		o.hold(b, at(b.Sel, k), g, t)
	}
}

func (o *over) hold(b *vec.Batch, i int, g uint32, t int64) {
	id := o.waiting.Add(b.Cols, i)
	o.place(id, g, t)
	o.numbers.enter(g, id)
}

// forget empties the frame of a partition.
func (o *over) forget(g uint32) {
	if o.frames != nil {
		o.frames.clear(g)
	}
	o.accs.Reset([]uint32{g})
}

// atOnce gives the rows of a batch in the order in which they come.
func (o *over) atOnce(b *vec.Batch) error {
	o.chunk.Reset()
	o.round.begin()
	for c, v := range b.Cols {
		o.chunk.Cols[c].AppendRows(v, b.Sel)
	}
	for _, g := range o.ids {
		o.round.groups, o.round.times = append(o.round.groups, g), append(o.round.times, 0)
	}
	return o.give()
}

// Watermark gives the rows that the watermark has reached.
func (o *over) Watermark(wm int64) error {
	if !o.node.ProcTime {
		now := o.Ctx.Clock.Now().UnixMilli()
		if err := o.fire(overWaits, wm, now); err != nil {
			return err
		}
		o.wm = wm
		if o.away.rows > 0 {
			o.missed.all = append(o.missed.all, moment{wm, now})
		}
		if o.frames != nil {
			o.sweep()
		}
	}
	return o.keyed.Watermark(wm)
}

// Tick brings rows back that have waited for their partitions, sweeps, and gives rows of processing time whose millisecond is over.
func (o *over) Tick(now time.Time) error {
	if err := o.bringBackAt(now); err != nil {
		return err
	}
	o.sweepExpired(now)
	if err := o.sweepOnDisk(now); err != nil || !o.node.ProcTime {
		return err
	}
	return o.fire(overWaits, now.UnixMilli()-1, now.UnixMilli())
}

// Finish gives rows of processing time that still wait.
func (o *over) Finish() error {
	if err := o.keyed.Finish(); err != nil || !o.node.ProcTime {
		return err
	}
	return o.fire(overWaits, math.MaxInt64, o.Ctx.Clock.Now().UnixMilli())
}

// fire gives the rows of a list up to a time, in chunks that do not part rows of one time. now is the time of the clock, in milliseconds.
func (o *over) fire(list uint32, until, now int64) error {
	last := order.WordOf(until)
	for {
		o.fired = o.fired[:0]
		o.round.begin()
		for o.order.Len(list) > 0 {
			word, _ := o.order.At(list, 0)
			t := order.IntOf(word)
			if word > last || len(o.fired) >= batchSize(o.Ctx.Config) && t != o.round.times[len(o.fired)-1] {
				break
			}
			id := o.order.Remove(list, 0)
			g := o.groups[id]
			o.given(g, now)
			o.waits[g]--
			o.fired = append(o.fired, id)
			o.round.groups, o.round.times = append(o.round.groups, g), append(o.round.times, t)
		}
		if len(o.fired) == 0 {
			return nil
		}
		o.chunk.Reset()
		for c := range o.node.Input.Properties().Schema {
			o.places = o.waiting.ShareColumn(o.chunk.Cols[c], c, o.fired, o.places)
		}
		o.numbers.forget(o.fired)
		o.waiting.Free(o.fired)
		if err := o.give(); err != nil {
			return err
		}
	}
}

// give works the chunk through and emits it.
func (o *over) give() error {
	n, from := len(o.round.groups), 0
	for from < n {
		to := o.round.next(from, o.peers)
		if err := o.run(from, to); err != nil {
			return err
		}
		from = to
	}
	o.chunk.SetLen(n)
	return o.Ctx.Out.Emit(o.chunk)
}

// run works through a round: the rows from to (exclusive) of the chunk.
func (o *over) run(from, to int) error {
	r := &o.round
	r.rows, r.which = r.rows[:0], r.which[:0]
	for i := from; i < to; i++ {
		r.rows, r.which = append(r.rows, int32(i)), append(r.which, r.place[r.groups[i]])
	}
	groups := r.groups[from:to]
	o.state.Mark(r.touched, o.table.Bound())
	if o.frames != nil {
		if err := o.driveOut(from, to); err != nil {
			return err
		}
		o.frames.enter(o.chunk.Cols, r, from, to)
	}
	if err := o.accs.Add(groups, o.chunk.Cols, r.rows); err != nil {
		return err
	}
	results := o.chunk.Cols[len(o.chunk.Cols)-len(r.results):]
	if len(r.touched) == to-from { // a row a group, in the same order
		return o.accs.Results(r.touched, results)
	}
	for _, v := range r.results {
		v.Reset()
	}
	if err := o.accs.Results(r.touched, r.results); err != nil {
		return err
	}
	for i, v := range r.results {
		results[i].AppendRows(v, r.which)
	}
	return nil
}

// driveOut takes what the round's rows drive out of their frames back.
func (o *over) driveOut(from, to int) error {
	f := o.frames
	f.leave(&o.round, from, to)
	if len(f.gone) == 0 {
		return nil
	}
	if err := o.accs.Retract(f.goneGroups, f.columns, nil); err != nil {
		return err
	}
	if !o.exact && len(f.empty) > 0 {
		o.accs.Reset(f.empty) // rounding errors do not outlive the rows
	}
	return nil
}

// sweep forgets partitions whose frames are empty for good, now and then.
func (o *over) sweep() {
	gone := o.frames.sweep(o.table, o.wm)
	o.drop(gone)
}

// drop deletes partitions of which nothing is known.
func (o *over) drop(gone []uint32) {
	if len(gone) == 0 {
		return
	}
	o.accs.Reset(gone)
	o.state.Forget(gone)
	o.table.Delete(gone, o.keys)
}

func (r *overRound) begin() { r.groups, r.times = r.groups[:0], r.times[:0] }

// next gives the end of the round that begins with a row: with peers, whole times in which no partition
// stands twice; else rows of different partitions.
func (r *overRound) next(from int, peers bool) int {
	r.touched = r.touched[:0]
	if r.number++; r.number == 0 { // after 2^32 rounds
		clear(r.mark)
		r.number = 1
	}
	for at := from; at < len(r.groups); {
		end := at + 1
		for peers && end < len(r.groups) && r.times[end] == r.times[at] {
			end++
		}
		for _, g := range r.groups[at:end] {
			if r.mark[g] == r.number {
				return at
			}
		}
		for _, g := range r.groups[at:end] {
			if r.mark[g] != r.number {
				r.mark[g], r.place[g] = r.number, int32(len(r.touched))
				r.touched = append(r.touched, g)
			}
		}
		at = end
	}
	return len(r.groups)
}
