package vec

// hashIndex is the index of all other keys. A slot holds the low half of a hash, which says where the search for it begins, and an id, in
// one word. A search takes the first slot whose half hash agrees; keys are then
// compared for the whole batch, column by column, and the few rows that met another
// key with the same half hash search again, one by one. The place takes the highest bits of the half, so that those below tell
// keys apart: 10 where there are 4 million slots, where one in a thousand rows that meet another key compares it for nothing.
type hashIndex struct {
	slotArray[uint64] // half hash << 32 | id + 1; 0 is an empty slot
	used              int

	differs [blockRows]bool // scratch of verify
	touched uint64          // keeps the reads of touch
}

func (x *hashIndex) find(t *GroupTable, b *KeyBatch, from, to int, ids []uint32, miss []int32) []int32 {
	if x.used == 0 {
		return allRows(miss, from, to)
	}
	hashes := b.words[from:to]
	if len(x.slots) > cached {
		x.touch(hashes)
	}
	x.probe(hashes, ids[from:to])
	x.verify(t, b, from, ids[from:to])
	for k := from; k < to; k++ {
		if ids[k] == NoGroup {
			miss = append(miss, int32(k))
		}
	}
	return miss
}

// touch fetches the slots of some rows.
func (x *hashIndex) touch(hashes []uint64) {
	slots, sum := x.slots, uint64(0)
	for _, h := range hashes {
		sum += slots[home(h, len(slots))]
	}
	x.touched = sum
}

// probe finds ids by half hashes.
func (x *hashIndex) probe(hashes []uint64, ids []uint32) {
	slots := x.slots
	ids = ids[:len(hashes)]
	for k, h := range hashes {
		i := home(h, len(slots))
		s := slots[i]
		for s != 0 && uint32(s>>32) != uint32(h) {
			i = after(i, len(slots))
			s = slots[i]
		}
		ids[k] = uint32(s) - 1 // NoGroup of an empty slot
	}
}

// verify compares the keys of the rows from first on with those of the ids found for them, and searches on
// where they differ.
func (x *hashIndex) verify(t *GroupTable, b *KeyBatch, first int, ids []uint32) {
	differs := x.differs[:len(ids)]
	clear(differs)
	any := false
	for c, v := range b.cols {
		if v.differAt(b.sel, first, t.keys[c], ids, differs) {
			any = true
		}
	}
	if !any {
		return
	}
	for k, d := range differs {
		if d {
			ids[k] = x.row(t, b, first+k)
		}
	}
}

// row finds row k's key, comparing keys as it goes.
func (x *hashIndex) row(t *GroupTable, b *KeyBatch, k int) uint32 {
	slots, h := x.slots, b.words[k]
	for i := home(h, len(slots)); ; i = after(i, len(slots)) {
		s := slots[i]
		if s == 0 {
			return NoGroup
		}
		if id := uint32(s) - 1; uint32(s>>32) == uint32(h) && t.sameKey(b, k, id) {
			return id
		}
	}
}

// sameKey compares row k of b with the key of an id, which may be one of b's rows that waits to be stored.
func (t *GroupTable) sameKey(b *KeyBatch, k int, id uint32) bool {
	row := rowAt(b.sel, k)
	kept := t.keys[0].n
	for c, v := range b.cols {
		key, at := t.keys[c], int(id)
		if at >= kept {
			key, at = v, int(t.rows[t.stored+at-kept])
		}
		if !EqualKeys(v, row, key, at) {
			return false
		}
	}
	return true
}

// search has nothing to do: find has searched to the end.
func (x *hashIndex) search(_ *KeyBatch, _ []uint32, miss []int32) []int32 { return miss }

// insert adds rows one by one, since a later one may have the key of an earlier one; the new keys are stored
// together.
func (x *hashIndex) insert(t *GroupTable, b *KeyBatch, ids []uint32, miss []int32) {
	for _, k := range miss {
		id := NoGroup
		if x.used > 0 {
			id = x.row(t, b, int(k))
		}
		if id == NoGroup {
			id = x.add(t, b, k)
		}
		ids[k] = id
	}
	t.store(b)
}

func (x *hashIndex) add(t *GroupTable, b *KeyBatch, k int32) uint32 {
	if full(x.used, len(x.slots)) {
		x.grow(placeSlots)
	}
	id, h := t.add(b, k), b.words[k]
	if int(id) < t.keys[0].n { // one that is used again: it is compared by its place in the columns
		t.store(b)
	}
	placeSlot(x.slots, h<<32|uint64(id+1))
	x.used++
	return id
}

// placeSlot puts what a slot holds into an empty one of slots.
func placeSlot(slots []uint64, s uint64) {
	i := home(s>>32, len(slots))
	for slots[i] != 0 {
		i = after(i, len(slots))
	}
	slots[i] = s
}

func placeSlots(some, all []uint64) {
	for _, s := range some {
		if s != 0 {
			placeSlot(all, s)
		}
	}
}

func (x *hashIndex) remove(b *KeyBatch, ids []uint32) {
	for k, id := range ids {
		i := home(b.words[k], len(x.slots))
		for uint32(x.slots[i]) != id+1 {
			i = after(i, len(x.slots))
		}
		x.close(i)
		x.used--
	}
}

// close empties slot i and moves back what lies behind it.
func (x *hashIndex) close(i int) {
	slots := x.slots
	for j := after(i, len(slots)); slots[j] != 0; j = after(j, len(slots)) {
		if h := home(slots[j]>>32, len(slots)); distance(h, j, len(slots)) >= distance(i, j, len(slots)) {
			slots[i] = slots[j]
			i = j
		}
	}
	slots[i] = 0
}

func (x *hashIndex) reset() {
	x.slotArray.reset(x.used)
	x.used = 0
}

func (x *hashIndex) memory() int { return 8 * cap(x.slots) }
