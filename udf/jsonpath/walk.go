package jsonpath

// Find gives the nodes that a path leads to. A path that is not plain gives a list, even
// an empty one; ok is false where a plain one leads nowhere, or where what a list is
// made of is not there.
func (d *Document) Find(p *Path) (found []int32, ok bool) {
	found = d.walk(p.steps, []int32{Root})
	return found, !p.plain || len(found) > 0
}

func (d *Document) walk(steps []step, from []int32) []int32 {
	for k := range steps {
		var next []int32
		for _, id := range from {
			next = d.step(next, &steps[k], id)
		}
		from = next
	}
	return from
}

// step appends where one step leads from a node.
func (d *Document) step(dst []int32, s *step, id int32) []int32 {
	switch s.op {
	case opName:
		return d.named(dst, id, s.name)
	case opNames:
		for _, name := range s.names {
			dst = d.named(dst, id, name)
		}
		return dst
	case opDeep:
		return d.deep(dst, id)
	}
	kind := d.nodes[id].kind
	if kind != Array && (kind != Object || s.op != opAll && s.op != opFilter) {
		return dst
	}
	elems := d.Elements(nil, id)
	switch s.op {
	case opAll:
		return append(dst, elems...)
	case opIndex:
		return pick(dst, elems, s.index)
	case opList:
		for _, i := range s.list {
			dst = pick(dst, elems, i)
		}
		return dst
	case opSlice:
		from, to := bounds(s, len(elems))
		return append(dst, elems[from:to]...)
	}
	if kind == Object {
		elems = []int32{id}
	}
	for _, e := range elems {
		if s.filter.holds(d, e) {
			dst = append(dst, e)
		}
	}
	return dst
}

func (d *Document) named(dst []int32, id int32, name []byte) []int32 {
	if k := d.member(id, name); k >= 0 {
		dst = append(dst, k)
	}
	return dst
}

func (d *Document) deep(dst []int32, id int32) []int32 {
	dst = append(dst, id)
	for k := d.nodes[id].first; k >= 0; k = d.nodes[k].next {
		if kind := d.nodes[k].kind; kind == Array || kind == Object {
			dst = d.deep(dst, k)
		}
	}
	return dst
}

func pick(dst, elems []int32, i int) []int32 {
	if i < 0 {
		i += len(elems)
	}
	if i >= 0 && i < len(elems) {
		dst = append(dst, elems[i])
	}
	return dst
}

// bounds gives a slice's, cut to the array.
func bounds(s *step, n int) (from, to int) {
	to = n
	at := func(p *int, byDefault int) int {
		if p == nil {
			return byDefault
		}
		i := *p
		if i < 0 {
			i += n
		}
		return max(0, min(i, n))
	}
	from, to = at(s.from, 0), at(s.to, n)
	return min(from, to), to
}
