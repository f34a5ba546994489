package state

import "github.com/weirstream/weir/runtime/vec"

// filter tells keys that may be on disk from those that are not: Bloom filters (Bloom, 1970) in blocks of a cache line, each
// of twice the size of the one before. A key that is not there passes once in about a hundred times.
type filter struct {
	parts []filterPart
	first int // keys of the first part
	block int // keys of a block

	touched uint64 // keeps the reads of touch
}

type filterPart struct {
	blocks     [][8]uint64
	keys, room int
}

func newFilter(member bool) filter {
	if member {
		return filter{first: firstFilter, block: membersPerBlock}
	}
	return filter{first: firstFilter, block: keysPerBlock}
}

const (
	firstFilter  = 1 << 16 // keys
	keysPerBlock = 42      // of 512 bits
	filterProbes = 6
	// membersPerBlock is keysPerBlock of members: with one that waits do all later rows of its owner.
	membersPerBlock = 36
)

// add adds a key, unless it passes already.
func (f *filter) add(h uint64) {
	if f.has(h) {
		return
	}
	if n := len(f.parts); n == 0 || f.parts[n-1].room == 0 {
		keys := f.first << n
		f.parts = append(f.parts, filterPart{make([][8]uint64, keys/f.block+1), keys, keys})
	}
	p := &f.parts[len(f.parts)-1]
	p.room--
	b := &p.blocks[vec.KeyGroup(h, len(p.blocks))]
	for range filterProbes {
		h = h*0x9e3779b97f4a7c15 + 1
		b[h>>61] |= 1 << (h >> 55 & 63)
	}
}

// memory is how many bytes it takes.
func (f *filter) memory() int {
	n := 0
	for i := range f.parts {
		n += 64 * len(f.parts[i].blocks)
	}
	return n
}

// touchStep is of how many keys what is read of a filter is fetched at a time, without waiting for one after the other.
const touchStep = 128

// touch fetches what is read of the filter for some keys.
func (f *filter) touch(hashes []uint64) {
	sum := uint64(0)
	for i := range f.parts {
		blocks := f.parts[i].blocks
		for _, h := range hashes {
			sum += blocks[vec.KeyGroup(h, len(blocks))][0]
		}
	}
	f.touched = sum
}

// count is how many keys have been added.
func (f *filter) count() int {
	n := 0
	for _, p := range f.parts {
		n += p.keys - p.room
	}
	return n
}

func (f *filter) has(h uint64) bool {
	for i := range f.parts {
		if f.parts[i].has(h) {
			return true
		}
	}
	return false
}

func (p *filterPart) has(h uint64) bool {
	b := &p.blocks[vec.KeyGroup(h, len(p.blocks))]
	for range filterProbes {
		h = h*0x9e3779b97f4a7c15 + 1
		if b[h>>61]>>(h>>55&63)&1 == 0 {
			return false
		}
	}
	return true
}
