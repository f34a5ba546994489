package state

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// hashSet is a set of hashes: a bitmap, which most that are not in it do not pass, and a hash table. It is exact, so that what is read for some owners is the
// same in tables that go together, however each of them deals out its rows.
type hashSet struct {
	bits  []uint64 // their number is a power of two
	slots []uint64 // the hash and 1 more, or 0: none; their number is a power of two
}

// reset empties a set and gives it room for so many hashes.
func (s *hashSet) reset(hashes int) {
	words := 64
	for words < hashes/4 {
		words *= 2
	}
	slots := 8
	for slots < 2*hashes {
		slots *= 2
	}
	s.bits, s.slots = slices.Grow(s.bits[:0], words)[:words], slices.Grow(s.slots[:0], slots)[:slots]
	clear(s.bits)
	clear(s.slots)
}

// place gives the slot that a hash has, or may take.
func (s *hashSet) place(h uint32) int {
	mask := len(s.slots) - 1
	at := int(h*0x9e3779b1>>7) & mask
	for s.slots[at] != 0 && s.slots[at] != uint64(h)+1 {
		at = (at + 1) & mask
	}
	return at
}

func (s *hashSet) add(h uint32) {
	s.bits[int(h>>6)&(len(s.bits)-1)] |= 1 << (h & 63)
	s.slots[s.place(h)] = uint64(h) + 1
}

func (s *hashSet) has(h uint32) bool {
	return s.bits[int(h>>6)&(len(s.bits)-1)]>>(h&63)&1 != 0 && s.slots[s.place(h)] != 0
}

// read reads a chunk: its bytes into raw, its rows that are still here into part, named by sel. A set, which may be nil, leaves out those whose hash is
// not in it; if none is left, part is not read, and of a large chunk no more than the hashes.
func (c *cold) read(x *coldChunk, f *hashSet) (err error) {
	if f != nil && x.ref.size > wholeChunk {
		if c.raw, err = c.log.readHead(x.ref, hashLen*int(x.n)); err != nil {
			return err
		}
		if c.choose(x, f); len(c.sel) == 0 {
			return nil
		}
	}
	if c.raw, err = c.log.read(x.ref); err != nil {
		return err
	}
	if c.choose(x, f); len(c.sel) == 0 {
		return nil
	}
	c.part.Reset()
	n, err := readChunk(c.raw[c.head*int(x.n):], c.part.Cols)
	if err == nil && n != int(x.n) {
		err = fmt.Errorf("a chunk of %d rows has %d", x.n, n)
	}
	if err != nil {
		return corrupt("reading "+c.table.String(), err)
	}
	c.part.SetLen(n)
	return nil
}

// choose has sel name the rows of a chunk that are still here and whose hash is in a set, if there is one, by the hashes at the beginning of raw.
func (c *cold) choose(x *coldChunk, f *hashSet) {
	c.sel = c.sel[:0]
	for i := range x.n {
		if x.has(i) && (f == nil || f.has(c.hashAt(i))) {
			c.sel = append(c.sel, i)
		}
	}
}

// take gives the rows of keys, as long as they are here, and forgets them. groups and hashes are those of the keys; find gives for each
// row that may be wanted whether it is (anything but vec.NoGroup). The batch is the callee's for the call.
func (c *cold) take(groups []int, hashes []uint64, find func(cols []*vec.Vector, n int) []uint32, give func(b *vec.Batch) error) error {
	c.wanted = c.wanted[:0]
	for k, h := range hashes {
		c.wanted = append(c.wanted, uint64(groups[k])<<32|h&(1<<32-1))
	}
	c.sortWanted()
	c.found.Reset()
	for at := 0; at < len(c.wanted); {
		group, from := c.wanted[at]>>32, at
		for at < len(c.wanted) && c.wanted[at]>>32 == group {
			at++
		}
		if err := c.takeFrom(&c.groups[group], c.wanted[from:at], find, give); err != nil {
			return err
		}
	}
	if c.found.Len() == 0 {
		return nil
	}
	return give(c.found)
}

// takeFrom is take of one key group. What has been found is given when it is much, or when fresh rows are dealt out behind it.
func (c *cold) takeFrom(g *coldGroup, wanted []uint64, find func(cols []*vec.Vector, n int) []uint32, give func(b *vec.Batch) error) error {
	search := func(k int, some []uint64) error {
		if len(g.buckets[k]) == 0 {
			return nil
		}
		c.wantedSet.reset(len(some))
		for _, h := range some {
			c.wantedSet.add(uint32(h))
		}
		if err := c.search(g, k, len(some), &c.wantedSet, find); err != nil || c.found.Len() < vec.DefaultBatchSize {
			return err
		}
		err := give(c.found)
		c.found.Reset()
		return err
	}
	if err := search(fresh, wanted); err != nil {
		return err
	}
	for at := 0; at < len(wanted); {
		k, from := g.bucket(uint32(wanted[at])), at
		for at < len(wanted) && g.bucket(uint32(wanted[at])) == k {
			at++
		}
		if err := search(k, wanted[from:at]); err != nil {
			return err
		}
	}
	if !g.dealsNow() {
		return nil
	}
	if c.found.Len() > 0 { // dealing works with the batch
		if err := give(c.found); err != nil {
			return err
		}
	}
	g.changed = true
	err := c.dealFresh(g)
	c.found.Reset()
	return err
}

// sortWanted has what is wanted of a bucket stand together: of one key group, as mostly, without comparing.
func (c *cold) sortWanted() {
	if len(c.wanted) == 0 {
		return
	}
	group := c.wanted[0] >> 32
	if slices.ContainsFunc(c.wanted, func(w uint64) bool { return w>>32 != group }) {
		slices.Sort(c.wanted)
		return
	}
	g := &c.groups[group]
	c.places = slices.Grow(c.places[:0], len(g.buckets)+1)[:len(g.buckets)+1]
	clear(c.places)
	for _, w := range c.wanted {
		c.places[g.bucket(uint32(w))+1]++
	}
	for k := range g.buckets {
		c.places[k+1] += c.places[k]
	}
	c.apart = slices.Grow(c.apart[:0], len(c.wanted))[:len(c.wanted)]
	for _, w := range c.wanted {
		at := &c.places[g.bucket(uint32(w))]
		c.apart[*at] = w
		*at++
	}
	c.wanted, c.apart = c.apart, c.wanted
}

// search moves the wanted rows of a bucket to found, of which there may be so many in all of the group. The set has their hashes.
func (c *cold) search(g *coldGroup, k, wanted int, f *hashSet, find func(cols []*vec.Vector, n int) []uint32) error {
	kept := g.buckets[k][:0]
	for _, x := range g.buckets[k] {
		if err := c.read(&x, f); err != nil {
			return err
		}
		if k == fresh {
			g.pay(&x, wanted, len(c.sel) > 0)
		}
		if len(c.sel) > 0 {
			c.rows.Reset()
			c.rows.AppendRows(c.part, c.sel)
			n := 0
			for j, id := range find(c.rows.Cols[:c.by], c.rows.Len()) {
				if id != vec.NoGroup {
					c.sel[n] = c.sel[j]
					n++
				}
			}
			c.sel = c.sel[:n]
			c.found.AppendRows(c.part, c.sel)
			x.forget(c.sel)
			g.rows -= n
			g.changed = g.changed || n > 0
		}
		if x.left > 0 {
			kept = append(kept, x)
			continue
		}
		if err := c.log.free(x.ref); err != nil {
			return err
		}
	}
	clear(g.buckets[k][len(kept):])
	g.buckets[k] = kept
	return nil
}

// pay notes that a fresh chunk has been searched for so many rows: it costs more than if its rows were dealt out where all of it was read for a few of them, or for rows that are gone.
func (g *coldGroup) pay(x *coldChunk, wanted int, whole bool) {
	g.paid += searchCost
	switch {
	case !whole:
	case wanted < len(g.buckets):
		g.paid += int(x.n)
	default:
		g.paid += int(x.n - x.left)
	}
}
