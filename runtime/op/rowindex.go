package op

import "github.com/weirstream/weir/runtime/vec"

// rowIndex finds rows by what they hold: open addressing over row numbers, 8 bytes a slot. Rows that are
// the same stand behind each other in a chain, of which the first to come is the first to be
// taken; so a million equal rows cost no more than a million different ones.
type rowIndex struct {
	slots []uint64 // hash in the high half, number of the chain's first row + 1 in the low; 0: empty
	used  int
	next  []uint32 // by row: the next of its chain
	last  []uint32 // by a chain's first row: its last
}

const noRow = ^uint32(0)

// add puts a row in; same says whether one that is there is the same.
func (x *rowIndex) add(hash, row uint32, same func(uint32) bool) {
	for len(x.next) <= int(row) {
		x.next, x.last = append(x.next, noRow), append(x.last, noRow)
	}
	x.next[row], x.last[row] = noRow, row
	if 2*x.used >= len(x.slots) {
		x.grow()
	}
	i, found := x.find(hash, same)
	if found {
		first := uint32(x.slots[i]) - 1
		x.next[x.last[first]] = row
		x.last[first] = row
		return
	}
	x.slots[i] = uint64(hash)<<32 | uint64(row+1)
	x.used++
}

// find gives the slot of the first row that is the same, or the empty one where it would be.
func (x *rowIndex) find(hash uint32, same func(uint32) bool) (slot int, found bool) {
	mask := len(x.slots) - 1
	for i := int(hash) & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s == 0 {
			return i, false
		}
		if uint32(s>>32) == hash && same(uint32(s)-1) {
			return i, true
		}
	}
}

// take takes out the first row that is the same and gives it, or noRow.
func (x *rowIndex) take(hash uint32, same func(uint32) bool) uint32 {
	if x.used == 0 {
		return noRow
	}
	i, found := x.find(hash, same)
	if !found {
		return noRow
	}
	first := uint32(x.slots[i]) - 1
	if n := x.next[first]; n != noRow {
		x.last[n] = x.last[first]
		x.slots[i] = uint64(hash)<<32 | uint64(n+1)
		return first
	}
	x.close(i)
	x.used--
	return first
}

// close empties a slot and moves back what lies behind it.
func (x *rowIndex) close(i int) {
	mask := len(x.slots) - 1
	for j := (i + 1) & mask; x.slots[j] != 0; j = (j + 1) & mask {
		home := int(x.slots[j]>>32) & mask
		if (j-home)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
}

// memory gives the bytes that it takes.
func (x *rowIndex) memory() int { return 8*cap(x.slots) + 4*cap(x.next) + 4*cap(x.last) }

func (x *rowIndex) grow() {
	old := x.slots
	x.slots = vec.NewSlots[uint64](max(16, 2*len(old)))
	mask := len(x.slots) - 1
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := int(s>>32) & mask
		for x.slots[i] != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = s
	}
}
