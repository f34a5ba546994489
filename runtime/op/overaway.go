package op

import (
	"github.com/weirstream/weir/runtime/vec"
)

// A watermark gives the rows that wait in memory at once, also where rows of partitions on disk are away; only that it passes on waits for these. When the partitions of
// a key group come back, they live through what they have missed: their rows are put in a list of their own, and given as the watermarks did that have come since then. So what a partition gives, and
// what of it is late, does not depend on where it lies.

// The lists of rows: those that wait, and those of partitions that have just come from disk.
const (
	overWaits   = uint32(0)
	overReturns = uint32(1)
)

// missed are the watermarks, with the time of the clock, that have come while rows are away.
type missed struct {
	all  []moment
	seen int // how many of them the partitions have lived through that are coming back
}

// catchUp has the partitions that are coming back live through what they had missed when the rows of a batch came, where it matters for these.
func (o *over) catchUp(b *vec.Batch, times []int64) error {
	if o.node.ProcTime {
		return o.fire(overReturns, o.came.clock-1, o.came.clock)
	}
	for k, g := range o.ids {
		if o.expiry.on() || times[at(b.Sel, k)] <= o.came.wm || o.frames != nil && o.frames.forgotten(g, o.came.wm) {
			return o.liveThrough(o.came.wm)
		}
	}
	return nil
}

// liveThrough gives the rows of the partitions that are coming back that the watermarks up to one have reached.
func (o *over) liveThrough(wm int64) error {
	m := &o.missed
	for ; m.seen < len(m.all) && m.all[m.seen].wm <= wm; m.seen++ {
		if err := o.fire(overReturns, m.all[m.seen].wm, m.all[m.seen].clock); err != nil {
			return err
		}
	}
	return nil
}

// returned has partitions that have come back wait with the others.
func (o *over) returned() error {
	err := o.liveThrough(MaxWatermark)
	o.missed.seen = 0
	if now := o.Ctx.Clock.Now().UnixMilli(); err == nil && o.node.ProcTime {
		err = o.fire(overReturns, now-1, now)
	}
	for err == nil && o.order.Len(overReturns) > 0 {
		word, _ := o.order.At(overReturns, 0)
		o.order.Insert(overWaits, word, o.order.Remove(overReturns, 0))
	}
	return err
}

// reached passes the watermark on, and sweeps partitions on disk: no row waits for one.
func (o *over) reached(wm int64) error {
	o.missed.all = o.missed.all[:0]
	if err := o.sweepFrames(wm); err != nil {
		return err
	}
	return o.keyed.reached(wm)
}

// sweepPerRow is for how many partitions on disk that are looked at a row that has come pays.
const sweepPerRow = 2

// sweepFrames removes the partitions on disk that are forgotten at a watermark, a key group at a time: all of them in half a length of the frame, or later, if few rows come.
func (o *over) sweepFrames(wm int64) error {
	f := o.frames
	if f == nil || f.rows || o.node.ProcTime || wm == MaxWatermark || !o.state.OnDisk() {
		return nil
	}
	if f.groups == 0 {
		if wm < f.sweptDisk {
			o.paid = 0
			return nil
		}
		g := o.Ctx.State.Groups()
		f.sweptDisk, f.groups = wm+f.preceding/2+1, g.To-g.From
	}
	for f.groups > 0 {
		n, ok := o.state.NextSweep()
		if !ok || sweepPerRow*o.paid < n {
			return nil
		}
		o.paid -= n / sweepPerRow
		f.groups--
		err := o.state.Sweep(func(value []*vec.Vector, row int) bool { return vec.Values[int64](value[1])[row] <= wm })
		if err != nil {
			return err
		}
	}
	return nil
}
