package vec

// hashIndex is the index of all other keys. A slot holds the high half of a hash and an id, in
// one word; the whole hashes are kept by id, for growing and deleting without looking at
// the keys. A search takes the first slot whose half hash agrees; keys are then
// compared for the whole batch, column by column, and the few rows that met another
// key with the same half hash search again, one by one.
type hashIndex struct {
	slots  []uint64 // half hash << 32 | id + 1; 0 is an empty slot
	hashes []uint64 // by id
	used   int

	differs [blockRows]bool // scratch of verify
	touched uint64          // keeps the reads of touch
}

const halfHash = 0xffffffff << 32

func (x *hashIndex) find(t *GroupTable, b *KeyBatch, from, to int, ids []uint32, miss []int32) []int32 {
	if x.used == 0 {
		return allRows(miss, from, to)
	}
	hashes := b.words[0][from:to]
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
	mask, sum := uint64(len(x.slots)-1), uint64(0)
	for _, h := range hashes {
		sum += x.slots[h&mask]
	}
	x.touched = sum
}

// probe finds ids by half hashes.
func (x *hashIndex) probe(hashes []uint64, ids []uint32) {
	slots, mask := x.slots, uint64(len(x.slots)-1)
	ids = ids[:len(hashes)]
	for k, h := range hashes {
		i := h
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
	mask, h := uint64(len(x.slots)-1), b.words[0][k]
	for i := h; ; i++ {
		s := x.slots[i&mask]
		if s == 0 {
			return NoGroup
		}
		if id := uint32(s) - 1; (s^h)&halfHash == 0 && x.hashes[id] == h && t.sameKey(b, k, id) {
			return id
		}
	}
}

func (t *GroupTable) sameKey(b *KeyBatch, k int, id uint32) bool {
	row := rowAt(b.sel, k)
	for c, v := range b.cols {
		if !EqualKeys(v, row, t.keys[c], int(id)) {
			return false
		}
	}
	return true
}

// search has nothing to do: find has searched to the end.
func (x *hashIndex) search(_ *KeyBatch, _ []uint32, miss []int32) []int32 { return miss }

// insert adds rows one by one: keys are stored at once, so that a later row of the
// batch can be compared with an earlier one.
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
}

func (x *hashIndex) add(t *GroupTable, b *KeyBatch, k int32) uint32 {
	if full(x.used, len(x.slots)) {
		x.grow(t)
	}
	id, h := t.add(b, k), b.words[0][k]
	t.store(b)
	for len(x.hashes) <= int(id) {
		x.hashes = append(x.hashes, 0)
	}
	x.hashes[id] = h
	x.place(id, h)
	x.used++
	return id
}

func (x *hashIndex) place(id uint32, h uint64) {
	mask := uint64(len(x.slots) - 1)
	i := h & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = h&halfHash | uint64(id+1)
}

func (x *hashIndex) grow(t *GroupTable) {
	old := x.slots
	x.slots = make([]uint64, max(16, 2*len(old)))
	for _, s := range old {
		if s != 0 {
			id := uint32(s) - 1
			x.place(id, x.hashes[id])
		}
	}
}

func (x *hashIndex) remove(_ *KeyBatch, ids []uint32) {
	mask := uint64(len(x.slots) - 1)
	for _, id := range ids {
		i := x.hashes[id] & mask
		for uint32(x.slots[i]) != id+1 {
			i = (i + 1) & mask
		}
		x.close(i, mask)
		x.used--
	}
}

// close empties slot i and moves back what lies behind it.
func (x *hashIndex) close(i, mask uint64) {
	for j := (i + 1) & mask; x.slots[j] != 0; j = (j + 1) & mask {
		home := x.hashes[uint32(x.slots[j])-1] & mask
		if (j-home)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
}

func (x *hashIndex) reset() {
	x.slots = shrunk(x.slots, x.used)
	x.hashes = x.hashes[:0]
	x.used = 0
}

func (x *hashIndex) memory() int { return 8*cap(x.slots) + 8*cap(x.hashes) }
