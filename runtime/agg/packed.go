package agg

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// packedSet is a set of 64-bit integers for each of many groups, with the calls that have counted them as bits, in as little memory as can be: in the order of groups and
// values, of each the distance from the one before, as a varint. A value of a group with a hundred takes about three bytes, where a hash table takes 30 to 45. What is new comes a
// lot at a time, which is merged with what is there, as runs are in a log-structured merge tree (O'Neil et al., 1996), but in memory, and with one level. A value is found by
// a binary search for its block, and by going through that.
//
// A block is the number of its values, a byte of calls for each, and the distances of all but the first: a varint of at least 1 within a group; a 0, the varint of the
// distance in groups, and the zigzag varint of the value where another group begins. Blocks lie in segments, which are given back and used again while all is merged.
type packedSet struct {
	n        int // values
	blocks   packedBlocks
	segments [][]byte
	ends     []uint32 // by group: how many blocks begin with it or with one before it
	filter   []uint64 // tells most values that are not there; a power of two of words, or none

	old  packedBlocks // scratch of merge
	free [][]byte
}

// packedBlocks says of each block its first value, and where it lies: the segment, in the upper half, and the place there.
type packedBlocks struct {
	values []int64
	groups []uint32
	at     []uint32
}

// packedValue is a value of a group. No calls: it is not there.
type packedValue struct {
	value int64
	group uint32
	calls uint8
}

const (
	packedBlock   = 32      // values
	packedSegment = 1 << 16 // bytes
	packedPerWord = 8       // values a word of the filter at most
	// packedLargest is how many bytes a block may have.
	packedLargest = 1 + packedBlock*(1+1+binary.MaxVarintLen32+binary.MaxVarintLen64)
)

// mayHave reports whether a value of a group may be there: of those that are not about one in thirty passes, where the filter, a Bloom filter of a word a key (Putze et al., 2007), is full.
func (p *packedSet) mayHave(group uint32, value int64) bool {
	if len(p.filter) == 0 {
		return false
	}
	at, mask := p.probe(group, value)
	return p.filter[at]&mask == mask
}

// probe gives the word of the filter for a value, and the bits there.
func (p *packedSet) probe(group uint32, value int64) (at int, mask uint64) {
	hi, lo := bits.Mul64(uint64(value)^uint64(group)<<40, 0x9e3779b97f4a7c15)
	h := (hi ^ lo) * 0xd6e8feb86659fd93
	return int(h>>32) & (len(p.filter) - 1), 1<<(h&63) | 1<<(h>>6&63) | 1<<(h>>12&63) | 1<<(h>>18&63)
}

func (p *packedSet) note(x packedValue) {
	at, mask := p.probe(x.group, x.value)
	p.filter[at] |= mask
}

// take gives the calls of a value of a group, which is removed; 0: it is not there.
func (p *packedSet) take(group uint32, value int64) uint8 {
	calls := p.lookup(group, value)
	if calls == nil {
		return 0
	}
	c := *calls
	*calls = 0
	p.n--
	return c
}

// lookup gives where the calls of a value of a group stand, nil: the value is not there.
func (p *packedSet) lookup(group uint32, value int64) *uint8 {
	if !p.mayHave(group, value) || int(group) >= len(p.ends) {
		return nil
	}
	from, to := uint32(0), p.ends[group]
	if group > 0 {
		from = p.ends[group-1]
	}
	for from < to {
		if mid := (from + to) / 2; p.blocks.values[mid] <= value {
			from = mid + 1
		} else {
			to = mid
		}
	}
	if from == 0 {
		return nil
	}
	if calls := p.find(int(from)-1, group, value); calls != nil && *calls != 0 {
		return calls
	}
	return nil
}

// find gives where the calls of a value stand in a block, nil: the value is not there.
func (p *packedSet) find(block int, group uint32, value int64) *uint8 {
	src := p.bytes(block)
	n := int(src[0])
	calls, src := src[1:1+n], src[1+n:]
	g, v, at := p.blocks.groups[block], p.blocks.values[block], 0
	for k := range calls {
		if k > 0 {
			d := uint64(src[at])
			if at++; d >= 0x80 {
				e := uint64(src[at])
				if at++; e < 0x80 {
					d = d&0x7f | e<<7
				} else {
					var size int
					d, size = binary.Uvarint(src[at-2:])
					at += size - 2
				}
			}
			if v += int64(d); d == 0 {
				more, size := binary.Uvarint(src[at:])
				g, at = g+uint32(more), at+size
				v, size = binary.Varint(src[at:])
				at += size
			}
		}
		if g == group && v >= value || g > group {
			if g == group && v == value {
				return &calls[k]
			}
			return nil
		}
	}
	return nil
}

func (p *packedSet) bytes(block int) []byte {
	at := p.blocks.at[block]
	return p.segments[at>>16][at&(packedSegment-1):]
}

// merge adds values, in the order of groups and values, which are not there.
func (p *packedSet) merge(values []packedValue) {
	old, segments, n := p.blocks, p.segments, p.n
	p.blocks, p.segments, p.n = p.old.reset(), nil, 0
	w := packedWriter{set: p}
	if most := n + len(values); most > packedPerWord*len(p.filter) {
		p.filter = make([]uint64, 1<<bits.Len(uint(most/packedPerWord)))
		w.notes = true
	} else {
		for _, x := range values {
			p.note(x)
		}
	}
	var some [packedBlock]packedValue
	for k := range old.at {
		at := old.at[k]
		if s := int(at >> 16); s > 0 && segments[s-1] != nil {
			p.free, segments[s-1] = append(p.free, segments[s-1]), nil
		}
		for _, x := range unpack(segments[at>>16][at&(packedSegment-1):], old.groups[k], old.values[k], &some) {
			if x.calls == 0 {
				continue
			}
			for len(values) > 0 && values[0].before(x) {
				w.add(values[0])
				values = values[1:]
			}
			w.add(x)
		}
	}
	for _, x := range values {
		w.add(x)
	}
	w.end()
	p.old = old
	if n := len(segments); n > 0 {
		p.free = append(p.free, segments[n-1])
	}
	p.free = p.free[:min(len(p.free), 1)]
	clear(p.free[len(p.free):cap(p.free)])
}

func (x packedValue) before(y packedValue) bool {
	return x.group < y.group || x.group == y.group && x.value < y.value
}

func (b packedBlocks) reset() packedBlocks {
	return packedBlocks{b.values[:0], b.groups[:0], b.at[:0]}
}

// unpack gives the values of a block, of which the first is known.
func unpack(src []byte, group uint32, value int64, into *[packedBlock]packedValue) []packedValue {
	n := int(src[0])
	calls, src := src[1:1+n], src[1+n:]
	into[0] = packedValue{value, group, calls[0]}
	for k := 1; k < n; k++ {
		d, size := binary.Uvarint(src)
		src = src[size:]
		if value += int64(d); d == 0 {
			d, size = binary.Uvarint(src)
			group, src = group+uint32(d), src[size:]
			value, size = binary.Varint(src)
			src = src[size:]
		}
		into[k] = packedValue{value, group, calls[k]}
	}
	return into[:n]
}

// packedWriter appends values, in their order, to a set without any.
type packedWriter struct {
	set   *packedSet
	block [packedBlock]packedValue
	n     int
	notes bool // values are noted in the filter
}

func (w *packedWriter) add(x packedValue) {
	if w.n == packedBlock {
		w.write()
	}
	w.block[w.n] = x
	w.n++
}

// write writes the block that has been filled.
func (w *packedWriter) write() {
	p, first := w.set, w.block[0]
	last := len(p.segments) - 1
	if last < 0 || len(p.segments[last])+packedLargest > packedSegment {
		p.segments = append(p.segments, p.segment())
		last++
	}
	dst := p.segments[last]
	b := &p.blocks
	b.values, b.groups, b.at = append(b.values, first.value), append(b.groups, first.group), append(b.at, uint32(last<<16|len(dst)))
	dst = append(dst, uint8(w.n))
	for _, x := range w.block[:w.n] {
		dst = append(dst, x.calls)
		if w.notes {
			p.note(x)
		}
	}
	for k, x := range w.block[1:w.n] {
		if y := w.block[k]; x.group == y.group {
			dst = binary.AppendUvarint(dst, uint64(x.value-y.value))
		} else {
			dst = binary.AppendUvarint(append(dst, 0), uint64(x.group-y.group))
			dst = binary.AppendVarint(dst, x.value)
		}
	}
	p.segments[last] = dst
	p.n += w.n
	w.n = 0
}

// segment gives an empty segment.
func (p *packedSet) segment() []byte {
	if n := len(p.free); n > 0 {
		s := p.free[n-1]
		p.free = p.free[:n-1]
		return s[:0]
	}
	return make([]byte, 0, packedSegment)
}

// end writes what is left, and says which blocks are whose.
func (w *packedWriter) end() {
	p := w.set
	p.ends = p.ends[:0]
	if w.n == 0 {
		return
	}
	last := w.block[w.n-1].group
	w.write()
	p.ends = slices.Grow(p.ends[:0], int(last)+1)[:last+1]
	clear(p.ends)
	for _, g := range p.blocks.groups {
		p.ends[g]++
	}
	for g := range last {
		p.ends[g+1] += p.ends[g]
	}
}

// remove removes all values of a group, and calls each with every one.
func (p *packedSet) remove(group uint32, each func(x packedValue) error) error {
	if int(group) >= len(p.ends) {
		return nil
	}
	from := 0
	if group > 0 {
		from = max(int(p.ends[group-1])-1, 0)
	}
	var some [packedBlock]packedValue
	for k := from; k < int(p.ends[group]); k++ {
		calls := p.bytes(k)[1:]
		for i, x := range p.unpack(k, &some) {
			if x.group != group || x.calls == 0 {
				continue
			}
			calls[i] = 0
			p.n--
			if err := each(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// drop is remove for what need not be known: it gives how many values there were.
func (p *packedSet) drop(group uint32) int {
	n := p.n
	_ = p.remove(group, func(packedValue) error { return nil })
	return n - p.n
}

// owners appends the groups that have values, ascending.
func (p *packedSet) owners(dst []uint32) []uint32 {
	var some [packedBlock]packedValue
	from := len(dst)
	for k := range p.blocks.at {
		for _, x := range p.unpack(k, &some) {
			if x.calls != 0 && (len(dst) == from || dst[len(dst)-1] != x.group) {
				dst = append(dst, x.group)
			}
		}
	}
	return dst
}

// unpack gives the values of a block.
func (p *packedSet) unpack(block int, into *[packedBlock]packedValue) []packedValue {
	return unpack(p.bytes(block), p.blocks.groups[block], p.blocks.values[block], into)
}

// clear removes all values.
func (p *packedSet) clear() { *p = packedSet{} }

func (p *packedSet) memory() int {
	n := 4*cap(p.ends) + 8*cap(p.filter)
	for _, b := range []packedBlocks{p.blocks, p.old} {
		n += 8*cap(b.values) + 4*cap(b.groups) + 4*cap(b.at)
	}
	return n + packedSegment*(len(p.segments)+len(p.free))
}
