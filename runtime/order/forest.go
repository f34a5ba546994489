package order

// Forest keeps ordered lists of rows, one for each group. An entry is a row's number and its
// word (see Comparer.Words). A row that is equal to others goes behind them.
//
// A list is a B-tree with the size of every subtree in it, so that putting a row in, taking the i-th
// out, and finding the i-th or the place of a row cost O(log n) in the length of the list. A list of
// up to 32 rows, which most are, is a single leaf: its words side by side in one arena and its rows
// in another. Leaves have as much room as their list needs, in steps.
//
// An entry takes 12 bytes and the rest of its leaf's step, a list 8 bytes more; a list of more
// than 32 rows takes in addition 20 bytes for every leaf. (Bayer and McCreight, 1972; the counts
// are those of an order-statistic tree.)
type Forest struct {
	// tie orders two rows with the same word; nil where all such are equal.
	tie func(a, b uint32) int

	roots []node
	words []uint64 // of the leaves, each leaf in one piece
	rows  []uint32
	free  [len(steps)][]uint32 // pieces that leaves have left, by step

	inners    []inner
	freeInner []uint32

	touched uint64 // keeps the reads of Touch
}

// node is a leaf or an inner node, as its parent or root holds it.
type node struct {
	at     uint32 // first entry in the arenas; of an inner node, its place among inners
	n      uint16 // entries or children
	step   uint8  // of a leaf's room
	height uint8  // 0 for leaves
}

// steps are the sizes of leaves.
var steps = [...]int{2, 4, 6, 8, 12, 16, 24, 32}

const fanout = 32

// inner is a node of leaves or of inner nodes.
type inner struct {
	words [fanout]uint64 // the first entry of each child
	rows  [fanout]uint32
	sizes [fanout]uint32 // entries below each child
	kids  [fanout]node
}

// NewForest makes a forest without lists. tie orders rows with the same word, nil where these are
// equal in any case.
func NewForest(tie func(a, b uint32) int) *Forest { return &Forest{tie: tie} }

// Grow makes empty lists until there are n.
func (f *Forest) Grow(n int) {
	for len(f.roots) < n {
		f.roots = append(f.roots, node{})
	}
}

// Touch fetches the first leaves of lists, for who goes through many that do not lie in the cache: what is done with a list has
// branches that depend on it, which keep the processor from running past a cache miss.
func (f *Forest) Touch(lists []uint32) {
	if len(f.words) == 0 {
		return
	}
	sum := uint64(0)
	for _, l := range lists {
		sum += uint64(f.roots[l].at)
	}
	for _, l := range lists {
		at := f.roots[l].at
		if f.roots[l].height > 0 {
			at = 0
		}
		sum += f.words[at] + uint64(f.rows[at])
	}
	f.touched = sum
}

// Len gives the length of a list.
func (f *Forest) Len(list uint32) int { return f.size(f.roots[list]) }

func (f *Forest) size(nd node) int {
	if nd.height == 0 {
		return int(nd.n)
	}
	sum := 0
	for _, s := range f.inners[nd.at].sizes[:nd.n] {
		sum += int(s)
	}
	return sum
}

// At gives entry i of a list.
func (f *Forest) At(list uint32, i int) (word uint64, row uint32) {
	nd, i := f.leafOf(f.roots[list], i)
	return f.words[int(nd.at)+i], f.rows[int(nd.at)+i]
}

// leafOf gives the leaf of entry i, and where it is in there.
func (f *Forest) leafOf(nd node, i int) (node, int) {
	for nd.height > 0 {
		in, c := &f.inners[nd.at], 0
		for c < int(nd.n)-1 && i >= int(in.sizes[c]) {
			i -= int(in.sizes[c])
			c++
		}
		nd = in.kids[c]
	}
	return nd, i
}

// Append appends the rows of entries from to (exclusive) to dst.
func (f *Forest) Append(dst []uint32, list uint32, from, to int) []uint32 {
	for from < to {
		nd, i := f.leafOf(f.roots[list], from)
		n := min(int(nd.n)-i, to-from)
		at := int(nd.at) + i
		dst = append(dst, f.rows[at:at+n]...)
		from += n
	}
	return dst
}

// Search gives the place behind all entries that are not after the row.
func (f *Forest) Search(list uint32, word uint64, row uint32) int {
	nd, before := f.roots[list], 0
	for nd.height > 0 {
		in := &f.inners[nd.at]
		c := f.child(in, int(nd.n), word, row)
		for _, s := range in.sizes[:c] {
			before += int(s)
		}
		nd = in.kids[c]
	}
	return before + f.inLeaf(nd, word, row)
}

// after reports whether the row goes behind an entry.
func (f *Forest) after(word uint64, row uint32, w uint64, r uint32) bool {
	if word != w {
		return word > w
	}
	return f.tie == nil || f.tie(row, r) >= 0
}

// child gives the last child whose first entry is not after the row, or the first.
func (f *Forest) child(in *inner, n int, word uint64, row uint32) int {
	lo, hi := 1, n
	for lo < hi {
		if mid := (lo + hi) / 2; f.after(word, row, in.words[mid], in.rows[mid]) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

func (f *Forest) inLeaf(nd node, word uint64, row uint32) int {
	words, rows := f.words[nd.at:nd.at+uint32(nd.n)], f.rows[nd.at:nd.at+uint32(nd.n)]
	lo, hi := 0, len(words)
	for lo < hi {
		if mid := (lo + hi) / 2; f.after(word, row, words[mid], rows[mid]) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Reset empties all lists, keeps the memory, and leaves none.
func (f *Forest) Reset() {
	f.roots, f.words, f.rows = f.roots[:0], f.words[:0], f.rows[:0]
	f.inners, f.freeInner = f.inners[:0], f.freeInner[:0]
	for i := range f.free {
		f.free[i] = f.free[i][:0]
	}
}

// Memory gives the bytes held.
func (f *Forest) Memory() int {
	m := 8*cap(f.roots) + 8*cap(f.words) + 4*cap(f.rows) + 4*cap(f.freeInner)
	m += cap(f.inners) * (fanout * (8 + 4 + 4 + 8))
	for _, x := range f.free {
		m += 4 * cap(x)
	}
	return m
}
