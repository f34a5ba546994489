package state

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// Member says to which entries of another table, their owners, those of a table belong, such as the values of DISTINCT to their groups. The key begins with the owner's.
// Members are moved to disk and read back each by itself, so that an owner may have more of them than the memory holds; but none is in memory without its owner, and what
// moves an owner moves its members before.
type Member struct {
	Of *Rows
	// Owner gives the owner of an entry.
	Owner func(entry uint32) uint32
	// Packed, which may be nil, are those that the operator keeps apart from its table, in less memory.
	Packed Packed
}

// Packed are members in memory that have no ids (Rows.Leave). They are moved to disk before others are, all at a time.
type Packed interface {
	// Owners appends those that have some.
	Owners(dst []uint32) []uint32
	// Take gives what owners have, as rows of the table's columns, some at a time, and has it be on disk. The batch is the callee's for the call.
	Take(owners []uint32, give func(b *vec.Batch) error) error
}

// Leave says that entries have left the table without being deleted: they are packed. It is for tables of no checkpoint.
func (r *Rows) Leave(ids []uint32) {
	if r == nil || r.cold == nil {
		return
	}
	for _, id := range ids {
		if w := int(id >> 6); w < len(r.dirty) {
			r.dirty[w] &^= 1 << (id & 63)
		}
	}
}

// packed reports whether there are members, and all of them can be packed: their tables are small and need not double.
func (e *eviction) packed() bool {
	return len(e.members) > 0 && !slices.ContainsFunc(e.members, func(m *Rows) bool { return m.cold.member.Packed == nil })
}

// movePacked moves all packed entries.
func (r *Rows) movePacked() error {
	e := r.cold
	if e.member.Packed == nil {
		return nil
	}
	owners := e.member.Packed.Owners(nil)
	if len(owners) == 0 {
		return nil
	}
	of := e.member.Of
	of.cold.sortMoved(of, owners)
	going := &of.cold.going
	e.any = true
	from := 0
	for group, to := range going.ends {
		if from == to {
			continue
		}
		if err := e.member.Packed.Take(going.ids[from:to], func(b *vec.Batch) error { return r.putRestored(group, b) }); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// fewOwners is which part of all entries the owners of members must be, for some to be moved that were written lately: with each go all of its members.
const fewOwners = 16

// join has the entries of a table be members, if they are.
func (r *Rows) join(m *Member) {
	if m == nil {
		return
	}
	r.cold.member = m
	m.Of.cold.members = append(m.Of.cold.members, r)
}

// family gives a table, those that follow it and those of its members.
func (e *eviction) family(r *Rows) []*Rows { return append(e.withFollowers(r), e.members...) }

// AwayMembers is Away for members, of which it gives the rows alone. What the filter of keys on disk errs about is found out there and then, as far as it is little: a row that waits has all later
// ones of its owner wait, too.
func (r *Rows) AwayMembers(keys []*vec.Vector, sel []int32) (rows []int32, err error) {
	rows, groups := r.Away(keys, sel)
	tries := triesLeast + len(sel)/triesPart
	kept := rows[:0]
	for k, i := range rows {
		if tries > 0 {
			tries--
			there, err := r.cold.cold.mayHave(groups[k], r.cold.hashes[k])
			if err != nil {
				return nil, r.reading(err)
			}
			if !there {
				continue
			}
			tries -= triesHit
		}
		kept = append(kept, i)
	}
	return kept, nil
}

// How many keys AwayMembers looks up in a call: some, and one of so many rows; for one that is there that many fewer.
const (
	triesLeast = 8
	triesPart  = 64
	triesHit   = 3
)

// mayHave reports whether there is a row whose key has the same hash in its low half.
func (c *cold) mayHave(group int, hash uint64) (bool, error) {
	g, low := &c.groups[group], uint32(hash)
	for _, k := range [...]int{g.bucket(low), fresh} {
		for i := range g.buckets[k] {
			if k == fresh {
				g.paid += searchCost
			}
			there, err := c.chunkMayHave(&g.buckets[k][i], low)
			if there || err != nil {
				return there, err
			}
		}
	}
	return false, nil
}

func (c *cold) chunkMayHave(x *coldChunk, low uint32) (bool, error) {
	hashes, err := c.log.readHead(x.ref, hashLen*int(x.n))
	if err != nil {
		return false, err
	}
	for i := range x.n {
		if binary.LittleEndian.Uint32(hashes[hashLen*i:]) == low && x.has(i) {
			return true, nil
		}
	}
	return false, nil
}

// tracked counts the entries in memory.
func (r *Rows) tracked() int {
	n := 0
	for w := range r.stored {
		n += bits.OnesCount64(r.stored[w] | r.dirty[w])
	}
	return n
}

// moveWithMembers moves half of the entries, of which there are live, and half of those of each table of members.
func (r *Rows) moveWithMembers(live int) error {
	e := r.cold
	for _, m := range e.members {
		if err := m.movePacked(); err != nil {
			return err
		}
	}
	stay := make([]int, len(e.members))
	for k, m := range e.members {
		stay[k] = (m.tracked() + 1) / 2
	}
	if !e.fixed {
		if err := r.moveOwnersOfMembers(live); err != nil {
			return err
		}
	}
	for k, m := range e.members {
		for _, ids := range m.coldest(m.tracked()-stay[k], true) {
			if _, err := m.move(ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// moveOwnersOfMembers moves half of the entries that have members, with what follows them.
func (r *Rows) moveOwnersOfMembers(live int) error {
	own := 0
	for _, t := range r.cold.withFollowers(r) {
		own += t.tracked()
	}
	others := own >= live/fewOwners
	if r.cold.owners != nil {
		return r.moveOwners(own, others)
	}
	for _, ids := range r.coldest(own/2, others) {
		if _, err := r.move(ids); err != nil {
			return err
		}
	}
	return nil
}

// moveMembers moves all members of some entries.
func (r *Rows) moveMembers(owners []uint32) error {
	if len(r.cold.members) == 0 {
		return nil
	}
	going := make([]uint64, len(r.stored))
	for _, id := range owners {
		vec.SetBit(going, int(id))
	}
	for _, m := range r.cold.members {
		var ids []uint32
		for w := range m.stored {
			for x := m.stored[w] | m.dirty[w]; x != 0; x &= x - 1 {
				id := uint32(w<<6 + bits.TrailingZeros64(x))
				if vec.Bit(going, int(m.cold.member.Owner(id))) {
					ids = append(ids, id)
				}
			}
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := m.move(ids); err != nil {
			return err
		}
	}
	return nil
}

// ForgetOf says that all members of some owners are going, those that lie on disk: each chunk of their key groups is looked through. The owners' keys must still be there;
// Forget is called for the members in memory.
func (r *Rows) ForgetOf(owners []uint32) error {
	if !r.OnDisk() || len(owners) == 0 {
		return nil
	}
	of := r.cold.member.Of
	keys := vec.NewBatch(of.table.Key)
	of.keys(owners, keys.Cols)
	keys.SetLen(len(owners))
	groups := append([]int(nil), r.cold.route.of(keys.Cols, len(owners))...)
	order := make([]int32, len(owners))
	byGroup(order, groups, r.table.max)
	some := vec.NewBatch(of.table.Key)
	for from := 0; from < len(order); {
		group, to := groups[order[from]], from+1
		for to < len(order) && groups[order[to]] == group {
			to++
		}
		some.Reset()
		some.AppendRows(keys, order[from:to])
		if err := r.takeMembers(group, some.Cols, to-from); err != nil {
			return r.reading(err)
		}
		from = to
	}
	return nil
}

// takeMembers removes the members that n owners, all of one key group, have on disk. keys are the owners'.
func (r *Rows) takeMembers(group int, keys []*vec.Vector, n int) error {
	ts := typesOf(r.table.Key[:len(keys)])
	table, batch := vec.NewGroupTable(ts), vec.NewKeyBatch(ts)
	batch.Set(keys, n, nil)
	ids := table.Insert(batch, nil)
	return r.cold.cold.sweepGroup(group, func(cols []*vec.Vector, sel, dead []int32) []int32 {
		batch.Set(cols[:len(ts)], len(sel), sel)
		ids = table.Lookup(batch, ids)
		for k, id := range ids {
			if id != vec.NoGroup {
				dead = append(dead, sel[k])
			}
		}
		return dead
	}, vec.NewBatch(r.table.Key), func(uint32) {})
}
