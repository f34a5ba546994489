package vec

// hashIndex is the index of all other keys. A slot holds the high half of a hash and an id, in
// one word. It is searched for from the place that the low half says, which is kept by id, for growing and deleting
// without looking at the keys; there are at most 2^32 slots. A search takes the first slot whose half hash agrees; keys are then
// compared for the whole batch, column by column, and the few rows that met another
// key with the same half hash search again, one by one.
type hashIndex struct {
	slots []uint64 // half hash << 32 | id + 1; 0 is an empty slot
	lows  []uint32 // by id: the other half
	used  int

	differs [blockRows]bool // scratch of verify
	touched uint64          // keeps the reads of touch
}

const halfHash = 0xffffffff << 32

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
	mask, sum := uint32(len(x.slots)-1), uint64(0)
	for _, h := range hashes {
		sum += x.slots[uint32(h)&mask]
	}
	x.touched = sum
}

// probe finds ids by half hashes.
func (x *hashIndex) probe(hashes []uint64, ids []uint32) {
	slots, mask := x.slots, uint32(len(x.slots)-1)
	ids = ids[:len(hashes)]
	for k, h := range hashes {
		i := uint32(h)
		s := slots[i&mask]
		for s != 0 && (s^h)&halfHash != 0 {
			i++
			s = slots[i&mask]
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
	mask, h := uint32(len(x.slots)-1), b.words[k]
	for i := uint32(h); ; i++ {
		s := x.slots[i&mask]
		if s == 0 {
			return NoGroup
		}
		if id := uint32(s) - 1; (s^h)&halfHash == 0 && x.lows[id] == uint32(h) && t.sameKey(b, k, id) {
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
		x.grow()
	}
	id, h := t.add(b, k), b.words[k]
	if int(id) < t.keys[0].n { // one that is used again: it is compared by its place in the columns
		t.store(b)
	}
	for len(x.lows) <= int(id) {
		x.lows = append(x.lows, 0)
	}
	x.lows[id] = uint32(h)
	x.place(id, h)
	x.used++
	return id
}

// place puts an id into an empty slot.
func (x *hashIndex) place(id uint32, h uint64) {
	mask := uint32(len(x.slots) - 1)
	i := uint32(h) & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = h&halfHash | uint64(id+1)
}

func (x *hashIndex) grow() {
	old := x.slots
	x.slots = NewSlots[uint64](max(16, 2*len(old)))
	for _, s := range old {
		if s != 0 {
			id := uint32(s) - 1
			x.place(id, s&halfHash|uint64(x.lows[id]))
		}
	}
}

func (x *hashIndex) remove(_ *KeyBatch, ids []uint32) {
	mask := uint32(len(x.slots) - 1)
	for _, id := range ids {
		i := x.lows[id] & mask
		for uint32(x.slots[i]) != id+1 {
			i = (i + 1) & mask
		}
		x.close(i, mask)
		x.used--
	}
}

// close empties slot i and moves back what lies behind it.
func (x *hashIndex) close(i, mask uint32) {
	for j := (i + 1) & mask; x.slots[j] != 0; j = (j + 1) & mask {
		home := x.lows[uint32(x.slots[j])-1] & mask
		if (j-home)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
}

func (x *hashIndex) reset() {
	x.slots = shrunk(x.slots, x.used)
	x.lows = x.lows[:0]
	x.used = 0
}

func (x *hashIndex) memory() int { return 8*cap(x.slots) + 4*cap(x.lows) }
