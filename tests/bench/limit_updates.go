package main

// Limits of queries whose results are updated: each takes off the row that was given for a group before and gives
// the new one, once a batch.

// remove takes a row off the result.
func (r *result) remove(values ...int64) {
	var other result
	other.add(values...)
	r.rows -= other.rows
	r.sum -= other.sum
}

// batches calls f with the bounds of at most limitBatch rows at a time.
func batches(n int, f func(from, to int)) {
	for from := 0; from < n; from += limitBatch {
		f(from, min(from+limitBatch, n))
	}
}

// updated are the groups that a batch touches.
type updated struct {
	mark    []uint32 // by group: the last batch that touched it
	batch   uint32
	touched []uint32
}

func (u *updated) begin() {
	u.batch++
	u.touched = u.touched[:0]
}

func (u *updated) touch(id uint32) {
	for len(u.mark) <= int(id) {
		u.mark = append(u.mark, 0)
	}
	if u.mark[id] != u.batch {
		u.mark[id] = u.batch
		u.touched = append(u.touched, id)
	}
}

// limitGroup is COUNT(*) and SUM(price) by key.
func limitGroup(keys, prices []int64) (res result) {
	g, u := newGroups(), updated{}
	var sums []int64
	batches(len(keys), func(from, to int) {
		ids := g.locate(keys[from:to])
		for len(sums) < len(g.keys) {
			sums = append(sums, 0)
		}
		u.begin()
		for _, id := range ids {
			u.touch(id)
		}
		for _, id := range u.touched {
			if g.count[id] > 0 {
				res.remove(g.keys[id], g.count[id], sums[id])
			}
		}
		for i, id := range ids {
			g.count[id]++
			sums[id] += prices[from+i]
		}
		for _, id := range u.touched {
			res.add(g.keys[id], g.count[id], sums[id])
		}
	})
	return res
}

// limitDistinct is COUNT(DISTINCT value) by key: a second table holds key and value in a word.
func limitDistinct(keys, values []int64) (res result) {
	g, u, seen := newGroups(), updated{}, newGroups()
	words := make([]int64, limitBatch)
	batches(len(keys), func(from, to int) {
		ids := g.locate(keys[from:to])
		u.begin()
		for i, id := range ids {
			u.touch(id)
			words[i] = int64(id)<<32 | values[from+i]
		}
		for _, id := range u.touched {
			if g.count[id] > 0 {
				res.remove(g.keys[id], g.count[id])
			}
		}
		before := uint32(len(seen.keys))
		for i, w := range seen.locate(words[:to-from]) {
			if w >= before { // new in this batch: counted once
				before = max(before, w+1)
				g.count[ids[i]]++
			}
		}
		for _, id := range u.touched {
			res.add(g.keys[id], g.count[id])
		}
	})
	return res
}

// topSize is the N of the Top-N.
const topSize = 10

// limitTop keeps the topSize greatest prices of each key, in order.
func limitTop(keys, prices []int64) (res result) {
	g := newGroups()
	var top []int64
	batches(len(keys), func(from, to int) {
		ids := g.locate(keys[from:to])
		for len(top) < topSize*len(g.keys) {
			top = append(top, 0)
		}
		for i, id := range ids {
			p, n := prices[from+i], g.count[id]
			best := top[topSize*int(id):][:topSize]
			if n == topSize {
				if p <= best[n-1] {
					continue
				}
				res.remove(g.keys[id], best[n-1])
				n--
			}
			at := n
			for ; at > 0 && best[at-1] < p; at-- {
				best[at] = best[at-1]
			}
			best[at] = p
			g.count[id] = n + 1
			res.add(g.keys[id], p)
		}
	})
	return res
}
