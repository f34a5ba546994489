package order

// Insert puts a row into a list, behind what is equal to it, and gives its place.
func (f *Forest) Insert(list uint32, word uint64, row uint32) int {
	nd, right, split, at := f.insert(f.roots[list], word, row)
	if split {
		nd = f.join(nd, right)
	}
	f.roots[list] = nd
	return at
}

// insert puts a row below nd. It gives what nd is then, and what was split off it. Nodes go by value: the
// slices that they lie in may move.
func (f *Forest) insert(nd node, word uint64, row uint32) (left, right node, split bool, at int) {
	if nd.height == 0 {
		i := f.inLeaf(nd, word, row)
		left, right, split = f.insertLeaf(nd, i, word, row)
		return left, right, split, i
	}
	c := f.child(&f.inners[nd.at], int(nd.n), word, row)
	kid, sibling, kidSplit, i := f.insert(f.inners[nd.at].kids[c], word, row)
	f.set(nd, c, kid)
	for _, s := range f.inners[nd.at].sizes[:c] {
		at += int(s)
	}
	at += i
	if !kidSplit {
		return nd, node{}, false, at
	}
	left, right, split = f.insertKid(nd, c+1, sibling)
	return left, right, split, at
}

func (f *Forest) insertLeaf(nd node, i int, word uint64, row uint32) (left, right node, split bool) {
	if nd.n == 0 || int(nd.n) == steps[nd.step] {
		if int(nd.n) == steps[len(steps)-1] {
			left, right = f.splitLeaf(nd, i)
			if h := int(left.n); i <= h && i < fanout {
				left, _, _ = f.insertLeaf(left, i, word, row)
			} else {
				right, _, _ = f.insertLeaf(right, i-h, word, row)
			}
			return left, right, true
		}
		nd = f.resize(nd, int(nd.n)+1)
	}
	at, end := nd.at+uint32(i), nd.at+uint32(nd.n)
	copy(f.words[at+1:end+1], f.words[at:end])
	copy(f.rows[at+1:end+1], f.rows[at:end])
	f.words[at], f.rows[at] = word, row
	nd.n++
	return nd, node{}, false
}

// splitLeaf splits a full leaf for a row at place i: in the middle, but at the end for a row at the
// end, so that rows that come in order fill their leaves.
func (f *Forest) splitLeaf(nd node, i int) (left, right node) {
	if i == fanout {
		return nd, node{}
	}
	const h = fanout / 2
	right = f.leaf(fanout - h)
	right.n = uint16(fanout - h)
	copy(f.words[right.at:], f.words[nd.at+uint32(h):nd.at+fanout])
	copy(f.rows[right.at:], f.rows[nd.at+uint32(h):nd.at+fanout])
	nd.n = uint16(h)
	return nd, right
}

// leaf gives an empty leaf with room for n entries.
func (f *Forest) leaf(n int) node {
	step := uint8(0)
	for steps[step] < n {
		step++
	}
	if k := len(f.free[step]); k > 0 {
		at := f.free[step][k-1]
		f.free[step] = f.free[step][:k-1]
		return node{at: at, step: step}
	}
	at := len(f.words)
	f.words = append(f.words, make([]uint64, steps[step])...)
	f.rows = append(f.rows, make([]uint32, steps[step])...)
	return node{at: uint32(at), step: step}
}

// resize moves a leaf to where it has room for n entries.
func (f *Forest) resize(nd node, n int) node {
	out := f.leaf(n)
	out.n = nd.n
	copy(f.words[out.at:], f.words[nd.at:nd.at+uint32(nd.n)])
	copy(f.rows[out.at:], f.rows[nd.at:nd.at+uint32(nd.n)])
	if nd.n > 0 {
		f.free[nd.step] = append(f.free[nd.step], nd.at)
	}
	return out
}

// join makes an inner node of two nodes of the same height.
func (f *Forest) join(left, right node) node {
	nd := node{at: f.newInner(), n: 2, height: left.height + 1}
	f.set(nd, 0, left)
	f.set(nd, 1, right)
	return nd
}

func (f *Forest) newInner() uint32 {
	if k := len(f.freeInner); k > 0 {
		at := f.freeInner[k-1]
		f.freeInner = f.freeInner[:k-1]
		return at
	}
	f.inners = append(f.inners, inner{})
	return uint32(len(f.inners) - 1)
}

// set makes kid the child c of nd.
func (f *Forest) set(nd node, c int, kid node) {
	in := &f.inners[nd.at]
	in.kids[c], in.sizes[c] = kid, uint32(f.size(kid))
	in.words[c], in.rows[c] = f.first(kid)
}

func (f *Forest) first(nd node) (uint64, uint32) {
	if nd.height == 0 {
		return f.words[nd.at], f.rows[nd.at]
	}
	in := &f.inners[nd.at]
	return in.words[0], in.rows[0]
}

// insertKid puts a child at place c of an inner node.
func (f *Forest) insertKid(nd node, c int, kid node) (left, right node, split bool) {
	if int(nd.n) == fanout {
		right = node{at: f.newInner(), height: nd.height}
		h := fanout / 2
		if c == fanout {
			h = fanout
		}
		f.moveKids(right, 0, nd, h, fanout)
		nd.n, right.n = uint16(h), uint16(fanout-h)
		if c <= h && c < fanout {
			nd, _, _ = f.insertKid(nd, c, kid)
		} else {
			right, _, _ = f.insertKid(right, c-h, kid)
		}
		return nd, right, true
	}
	f.moveKids(nd, c+1, nd, c, int(nd.n))
	nd.n++
	f.set(nd, c, kid)
	return nd, node{}, false
}

// moveKids moves children from to (exclusive) of an inner node to place at of another, or of
// the same.
func (f *Forest) moveKids(dst node, at int, src node, from, to int) {
	d, s := &f.inners[dst.at], &f.inners[src.at]
	copy(d.words[at:], s.words[from:to])
	copy(d.rows[at:], s.rows[from:to])
	copy(d.sizes[at:], s.sizes[from:to])
	copy(d.kids[at:], s.kids[from:to])
}

// Remove takes entry i out of a list and gives its row.
func (f *Forest) Remove(list uint32, i int) uint32 {
	nd, row := f.remove(f.roots[list], i)
	for nd.height > 0 && nd.n == 1 {
		f.freeInner = append(f.freeInner, nd.at)
		nd = f.inners[nd.at].kids[0]
	}
	f.roots[list] = nd
	return row
}

// remove takes entry i out below nd; what nd is then may be empty, and has left its room.
func (f *Forest) remove(nd node, i int) (node, uint32) {
	if nd.height == 0 {
		return f.removeLeaf(nd, i)
	}
	in, c := &f.inners[nd.at], 0
	for c < int(nd.n)-1 && i >= int(in.sizes[c]) {
		i -= int(in.sizes[c])
		c++
	}
	kid, row := f.remove(in.kids[c], i)
	if kid.n > 0 {
		f.set(nd, c, kid)
		return nd, row
	}
	f.moveKids(nd, c, nd, c+1, int(nd.n))
	if nd.n--; nd.n == 0 {
		f.freeInner = append(f.freeInner, nd.at)
		return node{}, row
	}
	return nd, row
}

func (f *Forest) removeLeaf(nd node, i int) (node, uint32) {
	at, end := nd.at+uint32(i), nd.at+uint32(nd.n)
	row := f.rows[at]
	copy(f.words[at:end-1], f.words[at+1:end])
	copy(f.rows[at:end-1], f.rows[at+1:end])
	switch nd.n--; {
	case nd.n == 0:
		f.free[nd.step] = append(f.free[nd.step], nd.at)
		return node{}, row
	case nd.step > 1 && 4*int(nd.n) <= steps[nd.step]:
		nd = f.resize(nd, int(nd.n)+1)
	}
	return nd, row
}

// Clear empties a list.
func (f *Forest) Clear(list uint32) {
	f.release(f.roots[list])
	f.roots[list] = node{}
}

func (f *Forest) release(nd node) {
	if nd.height == 0 {
		if nd.n > 0 {
			f.free[nd.step] = append(f.free[nd.step], nd.at)
		}
		return
	}
	for c := range nd.n {
		f.release(f.inners[nd.at].kids[c])
	}
	f.freeInner = append(f.freeInner, nd.at)
}
