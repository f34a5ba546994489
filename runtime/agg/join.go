package agg

import "github.com/weirstream/weir/runtime/vec"

// Joining prepares for Join: the entries of each group of a set are chained from now on. To be called before there are any.
func (a *Accumulators) Joining() {
	for _, s := range a.sets {
		s.chains = &chains{}
	}
}

// Join makes the rows of group from those of group into; from is empty then. It costs what from holds.
func (a *Accumulators) Join(into, from uint32) error {
	state := a.scratch()
	a.ids = append(a.ids[:0], from)
	for i, acc := range a.accs {
		n := a.widths[i]
		cols := state[:n]
		state = state[n:]
		if a.calls[i].distinct() {
			acc.Reset(a.ids) // its set is joined instead
			continue
		}
		for _, c := range cols {
			c.Reset()
		}
		if err := acc.AppendState(a.ids, cols); err != nil {
			return err
		}
		acc.Reset(a.ids)
		if err := acc.Merge([]uint32{into}, cols, nil); err != nil {
			return err
		}
	}
	for _, s := range a.sets {
		if err := s.join(a, into, from); err != nil {
			return err
		}
	}
	return nil
}

// scratch gives vectors for the state of all calls.
func (a *Accumulators) scratch() []*vec.Vector {
	if a.state == nil {
		for _, acc := range a.accs {
			for _, f := range acc.State() {
				a.state = append(a.state, vec.New(f.Type))
			}
		}
	}
	return a.state
}

// chains list the entries of a set by group: 8 bytes an entry, 4 a group.
type chains struct {
	head       []uint32 // by group
	next, prev []uint32 // by entry
}

func (c *chains) link(g, e uint32) {
	c.head = grown(c.head, int(g)+1, noNode)
	c.next, c.prev = grown(c.next, int(e)+1, noNode), grown(c.prev, int(e)+1, noNode)
	h := c.head[g]
	c.next[e], c.prev[e], c.head[g] = h, noNode, e
	if h != noNode {
		c.prev[h] = e
	}
}

func (c *chains) unlink(g, e uint32) {
	p, n := c.prev[e], c.next[e]
	if p == noNode {
		c.head[g] = n
	} else {
		c.next[p] = n
	}
	if n != noNode {
		c.prev[n] = p
	}
}

// of appends the entries of a group to dst.
func (c *chains) of(dst []uint32, g uint32) []uint32 {
	if int(g) >= len(c.head) {
		return dst
	}
	for e := c.head[g]; e != noNode; e = c.next[e] {
		dst = append(dst, e)
	}
	return dst
}

func (c *chains) clear() { c.head, c.next, c.prev = c.head[:0], c.next[:0], c.prev[:0] }

func (c *chains) memory() int { return 4 * (cap(c.head) + cap(c.next) + cap(c.prev)) }

// join moves the entries of group from to group into: they are copied, dropped, and taken in as those of another set would be.
func (s *distinctSet) join(a *Accumulators, into, from uint32) error {
	s.dead = s.chains.of(s.dead[:0], from)
	if len(s.dead) == 0 {
		return nil
	}
	moved := &distinctSet{calls: s.calls}
	cols := []*vec.Vector{vec.New(s.group.Type())}
	cols[0].Resize(len(s.dead)) // all of group 0
	for i, v := range s.table.Keys()[1:] {
		c := vec.New(s.types[i])
		c.AppendRows(v, vec.AsRows(s.dead))
		cols = append(cols, c)
	}
	if !s.retract {
		moved.flags.grow(len(s.dead), len(s.calls))
	}
	rows := make([]uint32, len(s.dead))
	for k, e := range s.dead {
		rows[k] = uint32(k)
		if s.retract {
			at := int(e) * len(s.calls)
			moved.counts = append(moved.counts, s.counts[at:at+len(s.calls)]...)
		} else {
			moved.flags.set(uint32(k), s.flags.get(e))
		}
	}
	s.drop()
	for at := 0; at < len(rows); at += vec.DefaultBatchSize {
		part := rows[at:min(at+vec.DefaultBatchSize, len(rows))]
		if err := s.absorbPart(a, moved, cols, part, []uint32{into}); err != nil {
			return err
		}
	}
	return nil
}
