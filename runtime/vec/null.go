package vec

// A vector's validity bitmap is kept, but marked unused by a length of 0, when the
// vector is reset: the hot path allocates none.

func (v *Vector) hasValid() bool { return len(v.valid) > 0 }

// Valid gives the validity bitmap (bit set: not NULL), or nil where no value is
// NULL. It may be given also when all its bits are set.
func (v *Vector) Valid() []uint64 {
	if !v.hasValid() {
		return nil
	}
	return v.valid[:WordsFor(v.n)]
}

// IsNull reports whether value i is NULL.
func (v *Vector) IsNull(i int) bool {
	return len(v.valid) > 0 && v.valid[i>>6]>>(uint(i)&63)&1 == 0
}

// NullCount counts the NULLs.
func (v *Vector) NullCount() int {
	if !v.hasValid() {
		return 0
	}
	return v.n - CountBits(v.valid, v.n)
}

// EnsureValid gives the validity bitmap for writing; it is made, all valid, where
// there is none.
func (v *Vector) EnsureValid() []uint64 {
	if !v.hasValid() {
		n := WordsFor(max(v.n, 1))
		if cap(v.valid) < n {
			v.valid = make([]uint64, max(n, 2*cap(v.valid)))
		}
		v.valid = v.valid[:cap(v.valid)]
		SetBits(v.valid, 0, v.n)
	}
	return v.valid
}

// SetNull makes value i NULL.
func (v *Vector) SetNull(i int) { ClearBit(v.EnsureValid(), i) }

// SetAllValid drops the validity bitmap: no value is NULL.
func (v *Vector) SetAllValid() { v.valid = v.valid[:0] }

// SetAllNull makes every value NULL.
func (v *Vector) SetAllNull() {
	w := v.EnsureValid()
	clear(w[:WordsFor(v.n)])
}

// SetValidity makes the vector's validity a copy of w (nil: no NULL).
func (v *Vector) SetValidity(w []uint64) {
	if w == nil {
		v.SetAllValid()
		return
	}
	copy(v.EnsureValid(), w[:WordsFor(v.n)])
}

// AndValidity makes NULL what is NULL in w; nil changes nothing.
func (v *Vector) AndValidity(w []uint64) {
	if w == nil {
		return
	}
	valid := v.EnsureValid()
	for i, x := range w[:WordsFor(v.n)] {
		valid[i] &= x
	}
}
