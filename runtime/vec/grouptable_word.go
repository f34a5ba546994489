package vec

import (
	"math/bits"
	"slices"
)

// wordIndex is the index of keys of up to 8 bytes.
type wordIndex struct {
	slotArray[wordSlot]
	used    int
	touched uint32 // keeps the reads of touch

	elsewhere [blockRows]uint8 // scratch of probe
}

type wordSlot struct {
	key   uint64
	id    uint32 // + 1; 0 is an empty slot
	nulls uint32
}

func hashWord(key uint64, nulls uint32) uint64 {
	hi, lo := bits.Mul64(key^hashSeed, hashMul-uint64(nulls)<<1)
	return hi ^ lo
}

func (x *wordIndex) find(_ *GroupTable, b *KeyBatch, from, to int, ids []uint32, miss []int32) []int32 {
	if x.used == 0 {
		return allRows(miss, from, to)
	}
	if b.nulls != nil {
		return x.findNullable(b, from, to, ids, miss)
	}
	keys := b.words[from:to]
	if len(x.slots) > cached {
		x.touch(keys)
	}
	return x.probe(keys, from, ids[from:to], miss)
}

// touch fetches the slots of some rows.
func (x *wordIndex) touch(keys []uint64) {
	slots, sum := x.slots, uint32(0)
	for _, key := range keys {
		sum += slots[home(hashWord(key, 0), len(slots))].id
	}
	x.touched = sum
}

// probe finds keys without NULLs, the first of which is row first of the batch. Whether a key lies in the
// first slot that it may lie in cannot be foretold, so no branch asks: the rows for which it does not
// are noted.
func (x *wordIndex) probe(keys []uint64, first int, ids []uint32, miss []int32) []int32 {
	slots := x.slots
	ids = ids[:len(keys)]
	n := 0
	for k, key := range keys {
		s := &slots[home(hashWord(key, 0), len(slots))]
		ids[k] = s.id - 1
		x.elsewhere[n&(blockRows-1)] = uint8(k)
		differs := s.key ^ key | uint64(s.nulls)
		if s.id == 0 {
			differs = 1
		}
		n += int(notZero(differs))
	}
	for _, k := range x.elsewhere[:n] {
		miss = append(miss, int32(first)+int32(k))
	}
	return miss
}

func (x *wordIndex) search(b *KeyBatch, ids []uint32, miss []int32) []int32 {
	if x.used == 0 {
		return miss
	}
	n := 0
	for _, k := range miss {
		if s := x.slot(b.words[k], b.null(k)); s.id != 0 {
			ids[k] = s.id - 1
		} else {
			miss[n] = k
			n++
		}
	}
	return miss[:n]
}

func (x *wordIndex) findNullable(b *KeyBatch, from, to int, ids []uint32, miss []int32) []int32 {
	for k := from; k < to; k++ {
		if s := x.slot(b.words[k], b.nulls[k]); s.id != 0 {
			ids[k] = s.id - 1
		} else {
			miss = append(miss, int32(k))
		}
	}
	return miss
}

// slot gives the slot of a key, or the empty one where it belongs.
func (x *wordIndex) slot(key uint64, nulls uint32) *wordSlot { return slotOf(x.slots, key, nulls) }

func slotOf(slots []wordSlot, key uint64, nulls uint32) *wordSlot {
	for i := home(hashWord(key, nulls), len(slots)); ; i = after(i, len(slots)) {
		s := &slots[i]
		if s.id == 0 || s.key == key && s.nulls == nulls {
			return s
		}
	}
}

func (x *wordIndex) insert(t *GroupTable, b *KeyBatch, ids []uint32, miss []int32) {
	if b.nulls != nil || len(t.free) > 0 {
		x.insertEach(t, b, ids, miss)
		return
	}
	for len(miss) > 0 {
		for crowded(x.used, len(x.slots)) {
			x.grow(placeWords)
		}
		n := min(len(miss), x.room())
		x.insertNew(t, b, ids, miss[:n])
		miss = miss[n:]
	}
}

func (x *wordIndex) insertEach(t *GroupTable, b *KeyBatch, ids []uint32, miss []int32) {
	for _, k := range miss {
		if crowded(x.used, len(x.slots)) {
			x.grow(placeWords)
		}
		key, nulls := b.words[k], b.null(k)
		s := x.slot(key, nulls)
		if s.id == 0 {
			*s = wordSlot{key, t.add(b, k) + 1, nulls}
			x.used++
		}
		ids[k] = s.id - 1
	}
}

// insertNew is insertEach where there is room, no key is NULL, and new keys get new ids. Whether a key is new, or the same as that of another
// row of the batch, cannot be foretold, so no branch asks.
func (x *wordIndex) insertNew(t *GroupTable, b *KeyBatch, ids []uint32, miss []int32) {
	slots, words := x.slots, b.words
	next, at := t.next, len(t.fresh)
	fresh, rows := slices.Grow(t.fresh, len(miss)), slices.Grow(t.rows, len(miss))
	fresh, rows = fresh[:at+len(miss)], rows[:at+len(miss)]
	for _, k := range miss {
		key := words[k]
		i := home(hashWord(key, 0), len(slots))
		s := &slots[i]
		for notZero(uint64(s.id))&notZero(s.key^key|uint64(s.nulls)) != 0 {
			i = after(i, len(slots))
			s = &slots[i]
		}
		isNew := 1 - uint32(notZero(uint64(s.id)))
		id := s.id | (next+1)&-isNew
		*s = wordSlot{key: key, id: id}
		ids[k], fresh[at], rows[at] = id-1, id-1, k
		next += isNew
		at += int(isNew)
	}
	if b.sel != nil {
		for j, k := range rows[len(t.rows):at] {
			rows[len(t.rows)+j] = b.sel[k]
		}
	}
	x.used += int(next - t.next)
	t.live += int(next - t.next)
	t.next, t.fresh, t.rows = next, fresh[:at], rows[:at]
}

// notZero gives 1 for all x but 0.
func notZero(x uint64) uint64 { return (x | -x) >> 63 }

func placeWords(some, all []wordSlot) {
	for i := range some {
		if s := &some[i]; s.id != 0 {
			*slotOf(all, s.key, s.nulls) = *s
		}
	}
}

func (x *wordIndex) remove(b *KeyBatch, ids []uint32) {
	for k := range ids {
		if k%blockRows == 0 && len(x.slots) > cached {
			x.touch(b.words[k:min(k+blockRows, len(ids))])
		}
		key, nulls := b.words[k], b.null(int32(k))
		i := home(hashWord(key, nulls), len(x.slots))
		for x.slots[i].key != key || x.slots[i].nulls != nulls || x.slots[i].id != ids[k]+1 {
			i = after(i, len(x.slots))
		}
		x.close(i)
		x.used--
	}
}

// close empties slot i and moves back what lies behind it, so that no search ends early.
func (x *wordIndex) close(i int) {
	slots := x.slots
	for j := after(i, len(slots)); slots[j].id != 0; j = after(j, len(slots)) {
		h := home(hashWord(slots[j].key, slots[j].nulls), len(slots))
		if distance(h, j, len(slots)) >= distance(i, j, len(slots)) {
			slots[i] = slots[j]
			i = j
		}
	}
	slots[i] = wordSlot{}
}

func (x *wordIndex) reset() {
	x.slotArray.reset(x.used)
	x.used = 0
}

// room is how many keys may be added before the index is crowded.
func (x *wordIndex) room() int { return crowd(len(x.slots)) - x.used }

func (x *wordIndex) memory() int { return 16 * cap(x.slots) }

func allRows(miss []int32, from, to int) []int32 {
	for k := from; k < to; k++ {
		miss = append(miss, int32(k))
	}
	return miss
}
