package agg

import (
	"math"

	"github.com/weirstream/weir/runtime/vec"
)

// ranked is an ordered multiset of numbers for every group that knows its values by their rank: what PERCENTILE
// needs. It is bag's treap for DOUBLEs, with the number of values below each node. Adding, taking back and finding
// the value of a rank cost O(log n) in the distinct values of the group; a node takes 36 bytes.
//
// Counts may be negative for a while, as in bag; ranks mean something when they no longer are.
type ranked struct {
	countedNodes
	words       []uint64 // by node: the value, in an order of words
	sums        []int64  // of the counts in the node's subtree
	left, right []uint32
	free        []uint32
	root        []uint32 // by group
}

// wordOf gives a number's place in the order: -0.0 before 0.0, NaN last.
func wordOf(f float64) uint64 {
	w := vec.KeyBits64(f)
	if w>>63 == 1 {
		return ^w
	}
	return w | 1<<63
}

func numberOf(w uint64) float64 {
	if w>>63 == 1 {
		return math.Float64frombits(w &^ (1 << 63))
	}
	return math.Float64frombits(^w)
}

func (r *ranked) grow(n int) { r.root = grown(r.root, n, noNode) }

func (r *ranked) sum(n uint32) int64 {
	if n == noNode {
		return 0
	}
	return r.sums[n]
}

func (r *ranked) pull(n uint32) { r.sums[n] = r.sum(r.left[n]) + r.counts[n] + r.sum(r.right[n]) }

// change adds d to the count of x in group g, and gives the value's node, noNode where it is gone.
func (r *ranked) change(g uint32, x float64, d int64) uint32 {
	w := wordOf(x)
	n := r.find(g, w)
	if n == noNode {
		return r.insert(g, w, d)
	}
	r.counts[n] += d
	p := &r.root[g]
	for *p != n {
		r.sums[*p] += d
		p = r.towards(*p, w)
	}
	r.sums[n] += d
	if r.counts[n] == 0 {
		*p = r.join(r.left[n], r.right[n])
		r.release(n)
		return noNode
	}
	r.kept.MarkOne(n)
	return n
}

func (r *ranked) release(n uint32) {
	r.kept.ForgetOne(n)
	r.free = append(r.free, n)
}

// towards gives the link from n to where w is.
func (r *ranked) towards(n uint32, w uint64) *uint32 {
	if w < r.words[n] {
		return &r.left[n]
	}
	return &r.right[n]
}

func (r *ranked) find(g uint32, w uint64) uint32 {
	n := r.root[g]
	for n != noNode && r.words[n] != w {
		n = *r.towards(n, w)
	}
	return n
}

// insert hangs a new node where its priority belongs and splits what was there around it.
func (r *ranked) insert(g uint32, w uint64, count int64) uint32 {
	n := r.node(w, count)
	r.owner[n] = g
	r.kept.MarkOne(n)
	p := &r.root[g]
	for *p != noNode && priority(*p) >= priority(n) {
		r.sums[*p] += count
		p = r.towards(*p, w)
	}
	r.left[n], r.right[n] = r.split(*p, w)
	*p = n
	r.pull(n)
	return n
}

func (r *ranked) node(w uint64, count int64) uint32 {
	if f := len(r.free); f > 0 {
		n := r.free[f-1]
		r.free = r.free[:f-1]
		r.words[n], r.counts[n] = w, count
		return n
	}
	r.words, r.counts, r.sums = append(r.words, w), append(r.counts, count), append(r.sums, count)
	r.left, r.right, r.owner = append(r.left, noNode), append(r.right, noNode), append(r.owner, 0)
	return uint32(len(r.words) - 1)
}

// split parts the tree n into what is below w and what is above.
func (r *ranked) split(n uint32, w uint64) (below, above uint32) {
	if n == noNode {
		return noNode, noNode
	}
	if r.words[n] < w {
		r.right[n], above = r.split(r.right[n], w)
		r.pull(n)
		return n, above
	}
	below, r.left[n] = r.split(r.left[n], w)
	r.pull(n)
	return below, n
}

// join makes one tree of two, all of a below all of b.
func (r *ranked) join(a, b uint32) uint32 {
	switch {
	case a == noNode:
		return b
	case b == noNode:
		return a
	case priority(a) >= priority(b):
		r.right[a] = r.join(r.right[a], b)
		r.pull(a)
		return a
	}
	r.left[b] = r.join(a, r.left[b])
	r.pull(b)
	return b
}

// at gives the value of a rank, from 1, in group g.
func (r *ranked) at(g uint32, rank int64) float64 {
	n, last := r.root[g], noNode
	for n != noNode {
		last = n
		below := r.sum(r.left[n])
		switch {
		case rank <= below:
			n = r.left[n]
		case rank <= below+r.counts[n]:
			return numberOf(r.words[n])
		default:
			rank -= below + r.counts[n]
			n = r.right[n]
		}
	}
	return numberOf(r.words[last]) // counts below 0 on the way
}

// each calls f with every node under n, in order.
func (r *ranked) each(n uint32, f func(n uint32)) {
	if n == noNode {
		return
	}
	r.each(r.left[n], f)
	right := r.right[n]
	f(n)
	r.each(right, f)
}

func (r *ranked) reset(g uint32) {
	r.each(r.root[g], r.release)
	r.root[g] = noNode
}

func (r *ranked) clear() {
	r.words, r.counts, r.sums = r.words[:0], r.counts[:0], r.sums[:0]
	r.left, r.right, r.free, r.root, r.owner = r.left[:0], r.right[:0], r.free[:0], r.root[:0], r.owner[:0]
}

func (r *ranked) memory() int {
	return 8*(cap(r.words)+cap(r.counts)+cap(r.sums)) + 4*(cap(r.left)+cap(r.right)+cap(r.free)+cap(r.root)+cap(r.owner))
}
