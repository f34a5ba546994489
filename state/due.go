package state

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// Entries that are due at some time, such as sessions that end, are found on disk without an index of their own: each chunk knows when the first of its rows is due, and
// each key group when the first of its chunks is. Those of a key group that are due, and more that are due soon, are read together: as every chunk has some of
// these, an index by time would be of no use but to know them before. It takes 8 bytes a chunk of some hundred entries.

// noColumn stands for the column of a table that has none, never for the time at which nothing is due.
const (
	noColumn = -1
	never    = math.MaxInt64
)

// appendDue appends when the rows of a batch are due to the chunk that is made, and gives the first time.
func (c *cold) appendDue(dst []byte, b *vec.Batch) (_ []byte, soonest int64) {
	soonest = never
	if c.due == noColumn {
		return dst, soonest
	}
	for _, at := range vec.Values[int64](b.Cols[c.due]) {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(at))
		soonest = min(soonest, at)
	}
	return dst, soonest
}

// takeDue gives the rows of a key group whose owners have one that is due at a time or before, and forgets them. The batch is the callee's for the call.
func (c *cold) takeDue(group int, until int64, give func(b *vec.Batch) error) error {
	g := &c.groups[group]
	c.found.Reset()
	next := int64(never)
	for k := range g.buckets {
		if err := c.searchDue(g, k, until); err != nil {
			return err
		}
		for _, x := range g.buckets[k] {
			next = min(next, x.soonest)
		}
		if c.found.Len() >= vec.DefaultBatchSize {
			if err := give(c.found); err != nil {
				return err
			}
			c.found.Reset()
		}
	}
	g.soonest = next
	if c.found.Len() == 0 {
		return nil
	}
	return give(c.found)
}

// searchDue moves the rows of a bucket whose owners have one that is due to found. Owners whose hashes have the same low half share it.
func (c *cold) searchDue(g *coldGroup, k int, until int64) error {
	c.wanted = c.wanted[:0]
	for i := range g.buckets[k] {
		x := &g.buckets[k][i]
		if x.soonest > until {
			continue
		}
		var err error
		if c.raw, err = c.log.read(x.ref); err != nil {
			return err
		}
		x.soonest = never
		for row := range x.n {
			switch at := int64(binary.LittleEndian.Uint64(c.raw[hashLen*x.n+8*row:])); {
			case !x.has(row):
			case at > until:
				x.soonest = min(x.soonest, at)
			default:
				c.wanted = append(c.wanted, uint64(c.hashAt(row)))
			}
		}
	}
	if len(c.wanted) == 0 {
		return nil
	}
	slices.Sort(c.wanted)
	c.wantedSet.reset(len(c.wanted))
	for _, h := range c.wanted {
		c.wantedSet.add(uint32(h))
	}
	var ids []uint32
	var hashes []uint64
	return c.search(g, k, g.rows, &c.wantedSet, func(cols []*vec.Vector, n int) []uint32 {
		hashes = slices.Grow(hashes[:0], n)[:n]
		vec.HashRows(cols, nil, hashes)
		ids = ids[:0]
		for _, h := range hashes {
			id := uint32(0)
			if _, ok := slices.BinarySearch(c.wanted, h&math.MaxUint32); !ok {
				id = vec.NoGroup
			}
			ids = append(ids, id)
		}
		return ids
	})
}

// moveRestored has restored entries be where those that were moved out of memory are: which are due is not known before they have been read.
func (r *Rows) moveRestored(groups Groups) error {
	for g := groups.From; g < groups.To; g++ {
		if err := r.loadGroup(g); err != nil {
			return err
		}
	}
	return nil
}

// NextDue gives a time before which no entry on disk is due (see Owners.Due); ok is false where none will be.
func (r *Rows) NextDue() (at int64, ok bool) {
	at = never
	if r.OnDisk() {
		for g := r.scope.groups.From; g < r.scope.groups.To; g++ {
			at = min(at, r.cold.cold.groups[g].soonest)
		}
	}
	return at, at != never
}

// NextDueIn is NextDue of a key group of the subtask.
func (r *Rows) NextDueIn(group int) (at int64, ok bool) {
	if !r.OnDisk() {
		return never, false
	}
	at = r.cold.cold.groups[group].soonest
	return at, at != never
}

// FetchDue takes the owners of a key group in that have an entry on disk which is due at a time or before, with all of their entries.
// No rows of theirs may wait (see Away). NextDueIn is later than that time afterwards.
func (r *Rows) FetchDue(group int, until int64) error {
	return r.reading(r.cold.cold.takeDue(group, until, r.takeBack))
}

// aheadOf is which part of the entries that fit into memory may be there only because they are due soon.
const aheadOf = 4

// Ahead is how many entries of a key group, that are not due yet, FetchDue should take in at a time.
func (r *Rows) Ahead() int {
	return max(1, r.cold.full/aheadOf/(r.scope.groups.To-r.scope.groups.From))
}

// renewFilter makes the filter of keys on disk anew, a key group at a time, when it knows twice as many as there are: where entries are due, or members, keys go for good.
func (r *Rows) renewFilter() error {
	e := r.cold
	if e.member == nil && e.cold.due == noColumn {
		return nil
	}
	if !e.sweep.on {
		rows := 0
		for g := range e.cold.groups {
			rows += e.cold.groups[g].rows
		}
		if e.known.count() < 2*rows+firstFilter {
			return nil
		}
	}
	return r.Sweep(func([]*vec.Vector, int) bool { return false })
}
