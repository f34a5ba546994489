package op

import "time"

// lifetime begins to count lifetimes, with those of Flink's functions: under an unbounded frame by processing time state expires a lifetime
// after its last write. By event time, and under a bounded ROWS, it expires when no row has come or been given for at least one lifetime and at most one and a half,
// and not while rows wait: when a row comes or is given, from when a lifetime would reach beyond the end that is set, that end is moved to one and a half lifetimes from then;
// and so it is where rows wait at the end.
func (o *over) lifetime(ctx *Context) {
	if o.node.Frame.Bounded() && !o.node.Frame.Rows {
		return
	}
	o.expiry.open(ctx)
	if o.node.Frame.Bounded() || !o.node.ProcTime {
		o.expiry.slack = o.expiry.ttl / 2
	}
}

// isLive reports whether something is known of a partition, and nothing of it waits.
func (o *over) isLive(g uint32) bool { return int(g) < len(o.live) && o.live[g] && o.waits[g] == 0 }

// outlive has the lifetimes of a partition that have ended while rows waited begin anew, each at the end of the one before.
func (o *over) outlive(g uint32, now int64) {
	e := &o.expiry
	if o.waits[g] == 0 || !e.gone(e.written[g], now) {
		return
	}
	whole := e.ttl + e.slack
	e.written[g] += whole * ((now-e.written[g]-e.ttl)/whole + 1)
}

// given notes that a row of a partition is given, which waits until then.
func (o *over) given(g uint32, now int64) {
	if o.expiry.on() {
		o.outlive(g, now)
		o.expiry.lengthen(g, now)
	}
}

// renew notes that the partitions of a batch are written, and forgets what has expired before.
func (o *over) renew() {
	if !o.expiry.on() {
		return
	}
	now := o.came.clock
	for _, g := range o.ids {
		o.outlive(g, now)
	}
	for _, g := range o.expiry.writeAt(now, o.ids, o.isLive) {
		o.forget(g)
	}
	for _, g := range o.ids {
		o.live[g] = true
	}
	o.state.Mark(o.ids, o.table.Bound())
}

// sweepExpired forgets the partitions that have expired. Where rows wait, a lifetime begins anew.
func (o *over) sweepExpired(now time.Time) {
	dead := o.expiry.sweep(now, func(g uint32) bool { return int(g) < len(o.live) && o.live[g] })
	n := 0
	for _, g := range dead {
		if o.waits[g] > 0 {
			o.outlive(g, now.UnixMilli())
			continue
		}
		o.forget(g)
		o.live[g] = false
		dead[n] = g
		n++
	}
	if len(o.node.Partition) > 0 {
		o.drop(dead[:n])
	}
}
