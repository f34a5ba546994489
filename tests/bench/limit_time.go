package main

// Limits of windows and frames over rows whose times ascend.

// limitSliding is COUNT(*) and MAX(price) by key in HOP and CUMULATE windows, a slice at a time: a slice is aggregated once, and when it
// ends the windows that end there are put together from slices. With cumulate a window holds all slices since its start.
func limitSliding(e *events, slice, size int64, cumulate bool) (res result) {
	var slices []*groups // the newest last
	fire := func(end int64) {
		first := end - size
		if cumulate {
			first = end - 1 - (end-1)%size
		}
		n := int((end - first) / slice)
		all := newGroups()
		for _, s := range slices[max(0, len(slices)-n):] {
			for from := 0; from < len(s.keys); from += limitBatch {
				to := min(from+limitBatch, len(s.keys))
				for i, id := range all.locate(s.keys[from:to]) {
					all.count[id] += s.count[from+i]
					all.max[id] = max(all.max[id], s.max[from+i])
				}
			}
		}
		for id, k := range all.keys {
			res.add(k, all.count[id], all.max[id], first)
		}
	}
	end := e.time[0] - e.time[0]%slice + slice
	slices = append(slices, newGroups())
	for from := 0; from < len(e.time); {
		if e.time[from] >= end {
			fire(end)
			end += slice
			slices = append(slices, newGroups())
			continue
		}
		to := from
		for to < min(from+limitBatch, len(e.time)) && e.time[to] < end {
			to++
		}
		slices[len(slices)-1].add(e.few[from:to], e.price[from:to])
		from = to
	}
	last := end + size - slice // the last window that the last slice is in
	if cumulate {
		last = end - 1 - (end-1)%size + size
	}
	for ; end <= last; end += slice {
		fire(end)
		slices = append(slices, newGroups())
	}
	return res
}

// limitSession is COUNT(*) and MAX(price) of the sessions of each key. A session is given when time has gone beyond its end, whether or not its
// key comes again, as whoever reads a stream expects: times ascend, so that sessions end in the order of their last rows, and a queue of the
// rows of the last gap finds them.
func limitSession(keys, prices, times []int64, gap int64) (res result) {
	g := newGroups()
	var start, last []int64
	var waiting []uint32 // from first on: the numbers of the keys of rows ended and after it
	ended, first := 0, 0
	give := func(id uint32) {
		res.add(g.keys[id], g.count[id], g.max[id], start[id])
		g.count[id] = 0
	}
	batches(len(keys), func(from, to int) {
		ids := g.locate(keys[from:to])
		for len(start) < len(g.keys) {
			start, last = append(start, 0), append(last, 0)
		}
		for i, id := range ids {
			t := times[from+i]
			if g.count[id] > 0 && t > last[id]+gap {
				give(id)
			}
			if g.count[id] == 0 {
				start[id], g.max[id] = t, prices[from+i]
			}
			last[id] = t
			g.count[id]++
			g.max[id] = max(g.max[id], prices[from+i])
		}
		waiting = append(waiting, ids...)
		for ; times[ended]+gap < times[to-1]; ended++ {
			if id := waiting[first]; g.count[id] > 0 && last[id] == times[ended] {
				give(id)
			}
			first++
		}
		if 2*first > len(waiting) {
			waiting = append(waiting[:0], waiting[first:]...)
			first = 0
		}
	})
	for id := range g.keys {
		if g.count[id] > 0 {
			give(uint32(id))
		}
	}
	return res
}

// limitOver is COUNT(*) and SUM(price) over the rows of each key that are at most length older, rows of the same time
// included.
func limitOver(keys, prices, times []int64, length int64) (res result) {
	g := newGroups()
	var sums []int64
	var head, tail []int32
	next := make([]int32, len(keys))
	var ids []uint32
	for from := 0; from < len(keys); {
		to := from + 1
		for to < len(keys) && times[to] == times[from] {
			to++
		}
		ids = append(ids[:0], g.locate(keys[from:to])...)
		for len(sums) < len(g.keys) {
			sums, head, tail = append(sums, 0), append(head, 0), append(tail, 0)
		}
		for i, id := range ids {
			row := int32(from + i)
			for g.count[id] > 0 && times[head[id]] < times[from]-length {
				sums[id] -= prices[head[id]]
				head[id] = next[head[id]]
				g.count[id]--
			}
			if g.count[id] == 0 {
				head[id] = row
			} else {
				next[tail[id]] = row
			}
			tail[id] = row
			g.count[id]++
			sums[id] += prices[row]
		}
		for _, id := range ids {
			res.add(g.keys[id], g.count[id], sums[id], times[from])
		}
		from = to
	}
	return res
}
