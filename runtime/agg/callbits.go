package agg

// callBits has a bit for each of a set's calls by entry: a byte an entry where 8 are enough, else a word.
type callBits struct {
	few  []uint8
	many []uint64
}

// grow gives the entries below n their bits, none set, for so many calls, which must be the same every time.
func (b *callBits) grow(n, calls int) {
	if calls <= 8 {
		b.few = grown(b.few, n, 0)
	} else {
		b.many = grown(b.many, n, 0)
	}
}

func (b *callBits) get(e uint32) uint64 {
	if b.many != nil {
		return b.many[e]
	}
	return uint64(b.few[e])
}

func (b *callBits) set(e uint32, bits uint64) {
	if b.many != nil {
		b.many[e] = bits
	} else {
		b.few[e] = uint8(bits)
	}
}

func (b *callBits) clear() { b.few, b.many = b.few[:0], b.many[:0] }

func (b *callBits) memory() int { return cap(b.few) + 8*cap(b.many) }
