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
