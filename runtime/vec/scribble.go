package vec

// Scribble overwrites the batch's own memory with garbage, so that whoever kept a
// reference to a borrowed batch is found. Shared buffers of views are left alone, the
// views into them are not. The batch is empty afterwards.
func Scribble(b *Batch) {
	for _, c := range b.Cols {
		c.scribble()
	}
	for i := range b.Kinds {
		b.Kinds[i] = Delete
	}
	for i := range b.Sel {
		b.Sel[i] = int32(max(b.n-1, 0))
	}
	b.Reset()
}

const garbage = 0x5a5a5a5a5a5a5a5a

func (v *Vector) scribble() {
	if v.own > 0 {
		arena := v.bufs[v.own-1]
		for i := range arena {
			arena[i] = '#'
		}
	}
	if v.phys == View {
		views := Values[StringView](v)
		for i := range views {
			views[i] = MakeInline([]byte("#scribbled#"))
		}
	} else {
		for i := range v.words {
			v.words[i] = garbage
		}
	}
	for i := range v.valid {
		v.valid[i] = garbage
	}
	for _, c := range v.children {
		c.scribble()
	}
}

// Size gives the bytes that the values take: what an exchange would copy, not what the
// memory's capacity is.
func (v *Vector) Size() int {
	size := v.n * v.phys.width()
	if v.phys == Bool {
		size = (v.n + 7) / 8
	}
	if v.own > 0 {
		size += len(v.bufs[v.own-1])
	}
	size += 4 * max(len(v.offsets)-1, 0)
	for _, c := range v.children {
		size += c.Size()
	}
	return size
}

// Size gives the bytes that the batch's values take.
func (b *Batch) Size() int {
	size := len(b.Kinds)
	for _, c := range b.Cols {
		size += c.Size()
	}
	return size
}
