package vec

// wideIndex is the index of keys of 9 to 16 bytes. It is wordIndex with two words.
type wideIndex struct {
	slots   []wideSlot
	used    int
	touched uint32 // keeps the reads of touch
}

type wideSlot struct {
	a, b  uint64
	id    uint32 // + 1; 0 is an empty slot
	nulls uint32
}

func hashWide(a, b uint64, nulls uint32) uint64 { return Mix(hashWord(a, nulls), b) }

func (x *wideIndex) find(_ *GroupTable, b *KeyBatch, from, to int, ids []uint32, miss []int32) []int32 {
	if x.used == 0 {
		return allRows(miss, from, to)
	}
	if len(x.slots) > cached {
		x.touch(b, from, to)
	}
	return x.probe(b, from, to, ids, miss)
}

// touch fetches the slots of some rows.
func (x *wideIndex) touch(b *KeyBatch, from, to int) {
	mask, sum := uint64(len(x.slots)-1), uint32(0)
	qs := b.words[1][from:to]
	for k, p := range b.words[0][from:to] {
		sum += x.slots[hashWide(p, qs[k], 0)&mask].id
	}
	x.touched = sum
}

// probe finds the keys of the rows from (inclusive) to (exclusive).
func (x *wideIndex) probe(b *KeyBatch, from, to int, ids []uint32, miss []int32) []int32 {
	if b.nulls != nil {
		for k := from; k < to; k++ {
			if s := x.slot(b.words[0][k], b.words[1][k], b.nulls[k]); s.id != 0 {
				ids[k] = s.id - 1
			} else {
				miss = append(miss, int32(k))
			}
		}
		return miss
	}
	slots, mask := x.slots, uint64(len(x.slots)-1)
	ps, qs := b.words[0][:to], b.words[1][:to]
	ids = ids[:to]
rows:
	for k := from; k < to; k++ {
		p, q := ps[k], qs[k]
		for i := hashWide(p, q, 0); ; i++ {
			s := &slots[i&mask]
			if s.a == p && s.b == q && s.id != 0 && s.nulls == 0 {
				ids[k] = s.id - 1
				continue rows
			}
			if s.id == 0 {
				miss = append(miss, int32(k))
				continue rows
			}
		}
	}
	return miss
}

// slot gives the slot of a key, or the empty one where it belongs.
func (x *wideIndex) slot(p, q uint64, nulls uint32) *wideSlot {
	mask := uint64(len(x.slots) - 1)
	for i := hashWide(p, q, nulls); ; i++ {
		s := &x.slots[i&mask]
		if s.id == 0 || s.a == p && s.b == q && s.nulls == nulls {
			return s
		}
	}
}

// search has nothing to do: find has searched to the end.
func (x *wideIndex) search(_ *KeyBatch, _ []uint32, miss []int32) []int32 { return miss }

func (x *wideIndex) insert(t *GroupTable, b *KeyBatch, ids []uint32, miss []int32) {
	for _, k := range miss {
		if full(x.used, len(x.slots)) {
			x.grow()
		}
		p, q, nulls := b.words[0][k], b.words[1][k], b.null(k)
		s := x.slot(p, q, nulls)
		if s.id == 0 {
			*s = wideSlot{p, q, t.add(b, k) + 1, nulls}
			x.used++
		}
		ids[k] = s.id - 1
	}
}

func (x *wideIndex) grow() {
	old := x.slots
	x.slots = make([]wideSlot, max(16, 2*len(old)))
	for i := range old {
		if s := &old[i]; s.id != 0 {
			*x.slot(s.a, s.b, s.nulls) = *s
		}
	}
}

func (x *wideIndex) remove(b *KeyBatch, ids []uint32) {
	mask := uint64(len(x.slots) - 1)
	for k, id := range ids {
		i := hashWide(b.words[0][k], b.words[1][k], b.null(int32(k))) & mask
		for x.slots[i].id != id+1 {
			i = (i + 1) & mask
		}
		x.close(i, mask)
		x.used--
	}
}

// close empties slot i and moves back what lies behind it.
func (x *wideIndex) close(i, mask uint64) {
	for j := (i + 1) & mask; x.slots[j].id != 0; j = (j + 1) & mask {
		s := &x.slots[j]
		home := hashWide(s.a, s.b, s.nulls) & mask
		if (j-home)&mask >= (j-i)&mask {
			x.slots[i] = *s
			i = j
		}
	}
	x.slots[i] = wideSlot{}
}

func (x *wideIndex) reset() {
	x.slots = shrunk(x.slots, x.used)
	x.used = 0
}

func (x *wideIndex) memory() int { return 24 * cap(x.slots) }
