package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// bag is an ordered multiset of values for every group: what MIN and MAX need to take rows
// back. The values of a group form a treap (Seidel and Aragon, 1996) whose nodes are entries of columns
// shared by all groups; a node's priority is a hash of its number. Adding, taking back and
// finding the first or last value cost O(log n) in the distinct values of the group; a node
// takes its value and 20 bytes.
//
// Counts may be negative for a while: a value may be taken back before it is added, in
// another subtask or behind in a changelog. Only values with a positive count are seen.
type bag struct {
	countedNodes
	nodeValues
	left, right []uint32
	root        []uint32 // by group
	negative    int      // nodes with a count below 0
}

func newBag(t types.Type) bag { return bag{nodeValues: newNodeValues(t)} }

const noNode = ^uint32(0)

func (b *bag) grow(n int) { b.root = grown(b.root, n, noNode) }

// change adds d to the count of value i of v in group g, and gives the value's node, noNode where it is gone.
func (b *bag) change(g uint32, v *vec.Vector, i int, d int64) uint32 {
	p := b.find(g, v, i)
	if *p == noNode {
		return b.insert(g, v, i, d)
	}
	n := *p
	before := b.counts[n]
	b.counts[n] += d
	after := b.counts[n]
	b.negative += below(after) - below(before)
	if after == 0 {
		b.remove(p)
		return noNode
	}
	b.kept.MarkOne(n)
	return n
}

func below(count int64) int {
	if count < 0 {
		return 1
	}
	return 0
}

// find gives the link to the value's node, or the one where it would hang.
func (b *bag) find(g uint32, v *vec.Vector, i int) *uint32 {
	p := &b.root[g]
	for *p != noNode {
		n := *p
		of, j := b.at(n)
		switch d := vec.CompareRows(v, i, of, j); {
		case d == 0:
			return p
		case d < 0:
			p = &b.left[n]
		default:
			p = &b.right[n]
		}
	}
	return p
}

// insert hangs a new node where its priority belongs and splits what was there around it.
func (b *bag) insert(g uint32, v *vec.Vector, i int, count int64) uint32 {
	n := b.node(v, i, count)
	b.owner[n] = g
	b.kept.MarkOne(n)
	b.negative += below(count)
	p := &b.root[g]
	for *p != noNode && priority(*p) >= priority(n) {
		if b.less(n, *p) {
			p = &b.left[*p]
		} else {
			p = &b.right[*p]
		}
	}
	rest, l, r := *p, &b.left[n], &b.right[n]
	for rest != noNode {
		if b.less(rest, n) {
			*l, l, rest = rest, &b.right[rest], b.right[rest]
		} else {
			*r, r, rest = rest, &b.left[rest], b.left[rest]
		}
	}
	*l, *r, *p = noNode, noNode, n
	return n
}

func priority(n uint32) uint64 { return vec.Mix(0x9e3779b97f4a7c15, uint64(n)) }

// node makes a node without links.
func (b *bag) node(v *vec.Vector, i int, count int64) uint32 {
	n := b.put(v, i)
	if int(n) < len(b.counts) {
		b.counts[n] = count
		return n
	}
	b.counts, b.owner = append(b.counts, count), append(b.owner, 0)
	b.left, b.right = append(b.left, noNode), append(b.right, noNode)
	return n
}

// less compares the values of two nodes.
func (b *bag) less(n, m uint32) bool {
	v, i := b.at(n)
	w, j := b.at(m)
	return vec.CompareRows(v, i, w, j) < 0
}

// remove frees the node at p and joins its subtrees.
func (b *bag) remove(p *uint32) {
	n := *p
	l, r := b.left[n], b.right[n]
	b.release(n)
	for l != noNode && r != noNode {
		if priority(l) >= priority(r) {
			*p, p, l = l, &b.right[l], b.right[l]
		} else {
			*p, p, r = r, &b.left[r], b.left[r]
		}
	}
	if l == noNode {
		l = r
	}
	*p = l
}

// release frees a node.
func (b *bag) release(n uint32) {
	b.kept.ForgetOne(n)
	b.letGo(n)
}

// end gives the node of group g's last value (first, unless last is set) with a positive
// count.
func (b *bag) end(g uint32, last bool) uint32 {
	if b.negative > 0 {
		return b.positive(b.root[g], last)
	}
	near := b.left
	if last {
		near = b.right
	}
	n := b.root[g]
	for n != noNode && near[n] != noNode {
		n = near[n]
	}
	return n
}

// positive is end among nodes whose count may be negative.
func (b *bag) positive(n uint32, last bool) uint32 {
	if n == noNode {
		return n
	}
	near, far := b.left[n], b.right[n]
	if last {
		near, far = far, near
	}
	if m := b.positive(near, last); m != noNode {
		return m
	}
	if b.counts[n] > 0 {
		return n
	}
	return b.positive(far, last)
}

// each calls f with every node under n, in order.
func (b *bag) each(n uint32, f func(n uint32)) {
	if n == noNode {
		return
	}
	b.each(b.left[n], f)
	right := b.right[n]
	f(n)
	b.each(right, f)
}

// reset empties group g.
func (b *bag) reset(g uint32) {
	b.each(b.root[g], func(n uint32) {
		b.negative -= below(b.counts[n])
		b.release(n)
	})
	b.root[g] = noNode
}

func (b *bag) clear() {
	b.store.Reset()
	b.counts, b.left, b.right, b.owner = b.counts[:0], b.left[:0], b.right[:0], b.owner[:0]
	b.root, b.negative = b.root[:0], 0
}

func (b *bag) memory() int {
	return b.store.Memory() + 8*cap(b.counts) + 4*(cap(b.left)+cap(b.right)+cap(b.root)+cap(b.owner))
}
