package vec

// Size gives the bytes that the values take, not the memory's capacity. Text in shared
// buffers is not counted.
func (v *Vector) Size() int {
	size := v.n * v.phys.width()
	if v.phys == Bool {
		size = (v.n + 7) / 8
	}
	if v.own > 0 {
		size += v.full + len(v.bufs[v.own-1])
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
