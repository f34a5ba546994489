package vec

import (
	"runtime"
	"slices"

	"github.com/weirstream/weir/sql/types"
)

// NoGroup is the id of a key that is not in a table.
const NoGroup = ^uint32(0)

// GroupTable maps keys of any number of columns to dense ids: 0, 1, 2, … in the order of
// first appearance, so that accumulators can be plain columns indexed by id. It works a batch
// at a time: a KeyBatch packs or hashes whole columns, then a loop whose iterations do not
// depend on each other probes for all rows, so that the processor overlaps their cache misses.
//
// Layout: an open-addressing index (linear probing, at most half full, a large one three quarters) in
// one of two forms, and the keys themselves once, in columns indexed by id.
//
//	up to 8 bytes of key       the key in the slot          16 bytes a slot
//	strings, more columns      32 bits of hash and the id    8 bytes a slot
//
// Slots and columns of a megabyte or more lie beside the heap (package pages).
//
// The ids of deleted keys are given out again, the last deleted first. A deletion moves
// the slots behind it back, so that a table with much coming and going stays fast. NULL is
// a key like another.
//
// A GroupTable is used by one goroutine.
type GroupTable struct {
	keys  []*Vector // by id
	index groupIndex

	next  uint32   // ids below are or were in use
	live  int      // keys
	free  []uint32 // deleted ids
	dead  []bool   // by id; nil until something is deleted
	fresh []uint32 // ids that the last Insert gave to new keys
	rows  []int32  // and the rows that they come from
	// stored counts those of fresh whose keys are in the columns already.
	stored int

	garbage int  // bytes that deleted strings left behind in the keys' arenas
	nested  bool // nested keys cannot be overwritten: their ids are not given out again
}

// groupIndex finds the ids of a batch's keys.
type groupIndex interface {
	// find sets ids[k] for rows from (inclusive) to (exclusive) whose keys are there, and appends
	// the others to miss: those whose keys are not, and those for which that takes a longer search.
	find(t *GroupTable, b *KeyBatch, from, to int, ids []uint32, miss []int32) []int32
	// search does that, and narrows miss to the rows whose keys are not there.
	search(b *KeyBatch, ids []uint32, miss []int32) []int32
	// insert sets ids[k] for the rows miss, adding what is new by t.add.
	insert(t *GroupTable, b *KeyBatch, ids []uint32, miss []int32)
	// remove takes keys out; b holds the keys of ids.
	remove(b *KeyBatch, ids []uint32)
	reset()
	memory() int
}

// Batches are worked through a few rows at a time. A key that is new is then found by the
// rows after the next few, instead of going the slow way for each of them. And it lets an index
// that is larger than the cache be read ahead: a probe's loop has branches that depend on
// what it reads, which keeps the processor from running past a cache miss, so a loop
// without them goes before it and fetches the slots.
const (
	blockRows = 256
	cached    = 1 << 14 // slots
	vast      = 1 << 18 // slots
)

// NewGroupTable makes an empty table for keys of these types. With no types it has a single
// key.
func NewGroupTable(keys []types.Type) *GroupTable {
	t := &GroupTable{}
	for _, k := range keys {
		key := New(k)
		key.Apart()
		t.keys = append(t.keys, key)
		t.nested = t.nested || k.IsNested()
	}
	switch {
	case len(keys) == 0:
		t.index = &soleIndex{}
	case packingOf(keys) == nil:
		t.index = &hashIndex{}
	default:
		t.index = &wordIndex{}
	}
	return t
}

// Insert gives the ids of the batch's rows, adding keys that are not there. It fills and
// returns ids, which grows as needed.
func (t *GroupTable) Insert(b *KeyBatch, ids []uint32) []uint32 {
	t.fresh, t.rows, t.stored = t.fresh[:0], t.rows[:0], 0
	ids = sizeIDs(ids, b.n)
	for at := 0; at < b.n; at += blockRows {
		b.miss = t.index.find(t, b, at, min(at+blockRows, b.n), ids, b.miss[:0])
		if len(b.miss) > 0 {
			t.index.insert(t, b, ids, b.miss)
		}
	}
	t.store(b)
	runtime.KeepAlive(t) // it holds the memory of slots and keys (package pages)
	return ids
}

// Lookup is Insert for reading: keys that are not there get NoGroup.
func (t *GroupTable) Lookup(b *KeyBatch, ids []uint32) []uint32 {
	ids = sizeIDs(ids, b.n)
	for at := 0; at < b.n; at += blockRows {
		b.miss = t.index.find(t, b, at, min(at+blockRows, b.n), ids, b.miss[:0])
		for _, k := range t.index.search(b, ids, b.miss) {
			ids[k] = NoGroup
		}
	}
	runtime.KeepAlive(t)
	return ids
}

func sizeIDs(ids []uint32, n int) []uint32 {
	if cap(ids) < n {
		return make([]uint32, n, max(n, DefaultBatchSize))
	}
	return ids[:n]
}

// Fresh gives the ids that the last Insert gave to new keys, in the order of their rows.
func (t *GroupTable) Fresh() []uint32 { return t.fresh }

// Len gives the number of keys.
func (t *GroupTable) Len() int { return t.live }

// Bound gives the least number that is greater than every id in use.
func (t *GroupTable) Bound() int { return int(t.next) }

// IDs appends all ids in use to ids, ascending: without deletions, in the order in which
// the keys came.
func (t *GroupTable) IDs(ids []uint32) []uint32 {
	for id := range t.next {
		if int(id) >= len(t.dead) || !t.dead[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// Live removes those of ids from them that are not in use.
func (t *GroupTable) Live(ids []uint32) []uint32 {
	return slices.DeleteFunc(ids, func(id uint32) bool { return int(id) < len(t.dead) && t.dead[id] })
}

// Keys gives the key columns by id. They are the table's own: not to be written, and valid until
// it changes.
func (t *GroupTable) Keys() []*Vector { return t.keys }

// AppendKeys appends the keys of ids to the vectors out, one for each key column.
func (t *GroupTable) AppendKeys(ids []uint32, out []*Vector) {
	for c, k := range t.keys {
		out[c].AppendRows(k, AsRows(ids))
	}
	runtime.KeepAlive(t)
}

// Reset empties the table and keeps its memory.
func (t *GroupTable) Reset() {
	t.index.reset()
	for _, k := range t.keys {
		k.Reset()
	}
	t.next, t.live, t.garbage = 0, 0, 0
	t.free, t.dead, t.fresh, t.stored = t.free[:0], t.dead[:0], t.fresh[:0], 0
}

// Delete takes the keys of ids out. b is scratch memory.
func (t *GroupTable) Delete(ids []uint32, b *KeyBatch) {
	if len(ids) == 0 {
		return
	}
	b.Set(t.keys, len(ids), AsRows(ids))
	t.index.remove(b, ids)
	for len(t.dead) < int(t.next) {
		t.dead = append(t.dead, false)
	}
	for _, id := range ids {
		t.dead[id] = true
		t.garbage += stringBytes(t.keys, int(id))
	}
	t.live -= len(ids)
	if !t.nested {
		t.free = append(t.free, ids...)
	}
	if t.garbage > 1<<20 && 2*t.garbage > t.Memory() {
		t.compact()
	}
	runtime.KeepAlive(t)
}

// stringBytes gives the bytes that row i of cols holds outside of its views.
func stringBytes(cols []*Vector, i int) int {
	n := 0
	for _, c := range cols {
		if c.phys != View || c.IsNull(i) {
			continue
		}
		if s := &Values[StringView](c)[i]; !s.Inline() {
			n += int(s.Len)
		}
	}
	return n
}

// compact copies the strings that are still in use to new arenas.
func (t *GroupTable) compact() {
	for c, k := range t.keys {
		if k.phys != View {
			continue
		}
		for id, dead := range t.dead {
			if dead {
				Values[StringView](k)[id] = StringView{}
			}
		}
		fresh := New(k.typ)
		fresh.Apart()
		fresh.AppendRows(k, nil)
		t.keys[c] = fresh
	}
	t.garbage = 0
}

// Memory gives the bytes held.
func (t *GroupTable) Memory() int {
	m := t.index.memory() + 4*cap(t.free) + cap(t.dead) + 4*cap(t.fresh) + 4*cap(t.rows)
	for _, k := range t.keys {
		m += k.Memory()
	}
	return m
}

// add gives row k of b, whose key is new, an id. Its key is written by store.
func (t *GroupTable) add(b *KeyBatch, k int32) uint32 {
	id := t.next
	if n := len(t.free); n > 0 {
		id = t.free[n-1]
		t.free = t.free[:n-1]
		t.dead[id] = false
	} else {
		t.next++
	}
	t.live++
	t.fresh = append(t.fresh, id)
	t.rows = append(t.rows, int32(rowAt(b.sel, int(k))))
	return id
}

// store writes the keys of what add was called for since the last store.
func (t *GroupTable) store(b *KeyBatch) {
	ids, rows := t.fresh[t.stored:], t.rows[t.stored:]
	if len(ids) == 0 {
		return
	}
	t.stored = len(t.fresh)
	// Reused ids come first: add takes new ones only when none is free.
	reused := 0
	for reused < len(ids) && (len(t.keys) == 0 || int(ids[reused]) < t.keys[0].n) {
		reused++
	}
	for c, k := range t.keys {
		for j, id := range ids[:reused] {
			k.CopyRow(int(id), b.cols[c], int(rows[j]))
		}
		k.AppendRows(b.cols[c], rows[reused:])
	}
}
