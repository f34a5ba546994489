package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// rankChanges collects what a round does to the ranks that are given, and turns it into changes.
//
// By rank: the rows of a partition are noted before its first change, and compared, place by place, with
// those that it has at the end. As a set: every row has two bits, whether it has been given and whether
// it is in; those that a change of the list moves over one of the limits are looked at again at the end.
type rankChanges struct {
	byRank       bool
	updateBefore bool
	lo, hi       int // places

	// By rank.
	round    []uint32 // by partition: the last round that touched it
	now      uint32
	touched  []touched
	snapshot []uint32 // rows before, one partition behind the other
	after    []uint32 // scratch

	// As a set.
	state   []uint8 // by row
	group   []uint32
	changed []uint32 // rows

	rankedOutput
}

// touched is a partition of the present round, with the rows that it had from a place on.
type touched struct {
	group      uint32
	from       int // the place
	start, end int // in the snapshot
}

// Bits of a row's state.
const (
	rowGiven uint8 = 1 << iota
	rowIn
	rowListed
)

func newRankChanges(n *plan.TopN, rows *rankedRows) rankChanges {
	return rankChanges{
		byRank: n.Number || n.From == n.To, updateBefore: n.UpdateBefore, lo: int(n.From - 1), hi: int(min(n.To, maxRank)),
		rankedOutput: newRankedOutput(n.Schema, rows, n.Number),
	}
}

func (c *rankChanges) grow(partitions int) {
	for c.byRank && len(c.round) < partitions {
		c.round = append(c.round, 0)
	}
}

func (c *rankChanges) begin() {
	c.touched, c.snapshot, c.changed = c.touched[:0], c.snapshot[:0], c.changed[:0]
	if c.now++; c.now == 0 { // after 2^32 rounds
		clear(c.round)
		c.now = 1
	}
}

// before is called before a change of a list at or behind a place.
func (c *rankChanges) before(g uint32, place int) {
	if !c.byRank || c.round[g] == c.now {
		return
	}
	c.round[g] = c.now
	t := touched{group: g, from: max(place, c.lo), start: len(c.snapshot)}
	c.snapshot = c.rows.lists.Append(c.snapshot, g, t.from, min(c.rows.lists.Len(g), c.hi))
	t.end = len(c.snapshot)
	c.touched = append(c.touched, t)
}

// inserted is called when a row has been put in at a place: the rows behind have moved back.
func (c *rankChanges) inserted(g uint32, place int, row uint32) {
	if c.byRank || place >= c.hi {
		return
	}
	n := c.rows.lists.Len(g)
	switch {
	case place >= c.lo:
		c.set(g, row, true)
	case n > c.lo:
		c.setAt(g, c.lo, true)
	}
	if n > c.hi {
		c.setAt(g, c.hi, false)
	}
}

// removed is called when a row has been taken out: the rows behind have moved up.
func (c *rankChanges) removed(g uint32, place int, row uint32) {
	if c.byRank || place >= c.hi {
		return
	}
	n := c.rows.lists.Len(g)
	switch {
	case place >= c.lo:
		c.set(g, row, false)
	case n >= c.lo:
		c.setAt(g, c.lo-1, false)
	}
	if n >= c.hi {
		c.setAt(g, c.hi-1, true)
	}
}

func (c *rankChanges) setAt(g uint32, place int, in bool) {
	_, row := c.rows.lists.At(g, place)
	c.set(g, row, in)
}

// set notes that a row is among those that are given, or no longer.
func (c *rankChanges) set(g, row uint32, in bool) {
	for len(c.state) <= int(row) {
		c.state, c.group = append(c.state, 0), append(c.group, 0)
	}
	s := c.state[row]
	if s&rowListed == 0 {
		c.changed = append(c.changed, row)
	}
	s |= rowListed
	if in {
		s |= rowIn
	} else {
		s &^= rowIn
	}
	c.state[row], c.group[row] = s, g
}

// settle has what has been inserted since the last round count as given: the rows come from disk.
func (c *rankChanges) settle() {
	for _, row := range c.changed {
		if s := c.state[row]; s&rowIn != 0 {
			c.state[row] = rowIn | rowGiven
		} else {
			c.state[row] = 0
		}
	}
	c.changed = c.changed[:0]
}

// memory gives the bytes that it takes.
func (c *rankChanges) memory() int { return 4*cap(c.round) + cap(c.state) + 4*cap(c.group) }

// forget has rows, which are let go without a word, count as not given.
func (c *rankChanges) forget(rows []uint32) {
	for _, row := range rows {
		if int(row) < len(c.state) {
			c.state[row] = 0
		}
	}
}

// give emits the round's changes.
func (c *rankChanges) give(ctx *Context) error {
	if c.byRank {
		return c.giveRanks(ctx)
	}
	return c.giveRows(ctx)
}

// giveRows gives what is gone, then what is new.
func (c *rankChanges) giveRows(ctx *Context) error {
	for _, row := range c.changed {
		if c.state[row]&(rowGiven|rowIn) == rowGiven {
			if err := c.add(ctx, c.group[row], row, vec.Delete, 0); err != nil {
				return err
			}
		}
	}
	for _, row := range c.changed {
		s := c.state[row]
		c.state[row] = 0
		if s&rowIn == 0 {
			continue
		}
		c.state[row] = rowIn | rowGiven
		if s&rowGiven == 0 {
			if err := c.add(ctx, c.group[row], row, vec.Insert, 0); err != nil {
				return err
			}
		}
	}
	return c.flush(ctx)
}

// giveRanks compares partitions, place by place.
func (c *rankChanges) giveRanks(ctx *Context) error {
	for _, t := range c.touched {
		before := c.snapshot[t.start:t.end]
		c.after = c.rows.lists.Append(c.after[:0], t.group, t.from, min(c.rows.lists.Len(t.group), c.hi))
		for i := range max(len(before), len(c.after)) {
			if err := c.givePlace(ctx, t, before, i); err != nil {
				return err
			}
		}
	}
	return c.flush(ctx)
}

func (c *rankChanges) givePlace(ctx *Context, t touched, before []uint32, i int) error {
	rank := int64(t.from + i + 1)
	switch {
	case i >= len(before):
		return c.add(ctx, t.group, c.after[i], vec.Insert, rank)
	case i >= len(c.after):
		return c.add(ctx, t.group, before[i], vec.Delete, rank)
	case before[i] == c.after[i]:
		return nil
	case c.updateBefore:
		if err := c.add(ctx, t.group, before[i], vec.UpdateBefore, rank); err != nil {
			return err
		}
	}
	return c.add(ctx, t.group, c.after[i], vec.UpdateAfter, rank)
}
