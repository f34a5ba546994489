package main

import "math"

// groups is the limit's hash table: keys to dense numbers by open addressing, a column at a time,
// and COUNT and MAX in columns.
type groups struct {
	slots      []slot
	mask       uint32
	keys       []int64
	count, max []int64
	hash, id   [limitBatch]uint32
	fetched    uint32 // keeps the compiler from dropping the fetches
}

type slot struct {
	key int64
	id  uint32 // from 1, 0: free
}

// limitBatch is how many rows go through each step of the limit at a time.
const limitBatch = 1024

func newGroups() *groups {
	const size = 1 << 11
	return &groups{slots: make([]slot, size), mask: size - 1}
}

func hashKey(k int64) uint32 { return uint32(uint64(k) * 0x9e3779b97f4a7c15 >> 32) }

// cached is how many slots may be thought to lie in the cache.
const cached = 1 << 14

// add adds at most limitBatch rows.
func (g *groups) add(keys, prices []int64) {
	for i, n := range g.locate(keys) {
		g.count[n]++
		g.max[n] = max(g.max[n], prices[i])
	}
}

// locate gives the numbers of at most limitBatch keys.
func (g *groups) locate(keys []int64) []uint32 {
	for len(g.slots) < 2*(len(g.keys)+len(keys)) {
		g.grow()
	}
	hash, id := g.hash[:len(keys)], g.id[:len(keys)]
	for i, k := range keys {
		hash[i] = hashKey(k) & g.mask
	}
	if len(g.slots) > cached { // fetch all slots at once, instead of waiting for one after the other
		var fetched uint32
		for _, h := range hash {
			fetched += g.slots[h].id
		}
		g.fetched = fetched
	}
	g.find(keys, hash, id)
	return id
}

// find gives the number of each key's group, new ones included.
func (g *groups) find(keys []int64, hash, id []uint32) {
	slots := g.slots
	for i, k := range keys {
		h := hash[i]
		s := &slots[h]
		for s.key != k || s.id == 0 {
			if s.id == 0 {
				g.keys, g.count, g.max = append(g.keys, k), append(g.count, 0), append(g.max, math.MinInt64)
				s.key, s.id = k, uint32(len(g.keys))
				break
			}
			h = (h + 1) & g.mask
			s = &slots[h]
		}
		id[i] = s.id - 1
	}
}

func (g *groups) grow() {
	old := g.slots
	g.slots = make([]slot, 2*len(old))
	g.mask = uint32(len(g.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		h := hashKey(s.key) & g.mask
		for g.slots[h].id != 0 {
			h = (h + 1) & g.mask
		}
		g.slots[h] = s
	}
}

// fire adds the groups of a window to the result and empties the table.
func (g *groups) fire(start int64, res *result) {
	for n, k := range g.keys {
		res.add(k, g.count[n], g.max[n], start)
	}
	clear(g.slots)
	g.keys, g.count, g.max = g.keys[:0], g.count[:0], g.max[:0]
}

// tumble is the limit's operator: COUNT and MAX of the price for each key and window of rows whose
// times ascend.
type tumble struct {
	*groups
	end int64
	res result
}

func (t *tumble) add(keys, prices, times []int64) {
	for len(keys) > 0 {
		n := min(len(keys), limitBatch)
		if times[n-1] >= t.end { // a window ends inside
			if t.end > 0 && times[0] >= t.end {
				t.fire(t.end-windowMS, &t.res)
				t.end = 0
			}
			if t.end == 0 {
				t.end = times[0] - times[0]%windowMS + windowMS
			}
			for n = 0; n < min(len(keys), limitBatch) && times[n] < t.end; n++ {
				continue
			}
		}
		t.groups.add(keys[:n], prices[:n])
		keys, prices, times = keys[n:], prices[n:], times[n:]
	}
}

func (t *tumble) finish() result {
	t.fire(t.end-windowMS, &t.res)
	return t.res
}

// limitTumble runs over columns in memory.
func limitTumble(keys, prices, times []int64) result {
	t := tumble{groups: newGroups()}
	t.add(keys, prices, times)
	return t.finish()
}
