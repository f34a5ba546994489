package op

// rounds tells the groups that a round has touched, each once: a sparse set (Briggs and Torczon, 1993), which is emptied without a look at the groups.
type rounds struct {
	places  []uint32 // by group: its place in touched, if it stands there
	touched []uint32
}

// begin begins a round over groups below bound.
func (r *rounds) begin(bound int) {
	for len(r.places) < bound {
		r.places = append(r.places, 0)
	}
	r.touched = r.touched[:0]
}

// place gives the place of a group in touched; false: the round has not touched it.
func (r *rounds) place(id uint32) (int, bool) {
	at := int(r.places[id])
	return at, at < len(r.touched) && r.touched[at] == id
}

func (r *rounds) has(id uint32) bool {
	_, ok := r.place(id)
	return ok
}

// touch gives the place of a group in touched, the next one if it is new there.
func (r *rounds) touch(id uint32) int {
	if at, ok := r.place(id); ok {
		return at
	}
	r.places[id] = uint32(len(r.touched))
	r.touched = append(r.touched, id)
	return len(r.touched) - 1
}

func (r *rounds) memory() int { return 4 * (cap(r.places) + cap(r.touched)) }
