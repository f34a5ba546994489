package vec

import (
	"sync/atomic"
	"unsafe"

	"github.com/weirstream/weir/runtime/vec/pages"
)

// home is where the search for a hash begins in n slots: as far from the first of them as the hash's low half is from 0. Slots
// lie nearly in the order of these halves, so that an index that grows is read and written from one end to the other, and has any number of slots.
// The high half is left alone: the keys of a subtask share its highest bits, by which rows are sent there.
func home(hash uint64, n int) int { return int(uint64(uint32(hash)) * uint64(n) >> 32) }

// after is the slot that is looked at after slot i of n.
func after(i, n int) int {
	if i++; i < n {
		return i
	}
	return 0
}

// distance is how many slots after slot i slot j comes, of n.
func distance(i, j, n int) int {
	if j < i {
		return j - i + n
	}
	return j - i
}

// larger is the number of slots to which an index of n grows: twice as many, and from a quarter of a million on half as many more.
func larger(n int) int {
	if n < vast {
		return max(16, 2*n)
	}
	return n + n/2
}

// crowded says when an index must grow: at half full. A small one, which stays in the cache even so, at a
// fourth: nearly all keys then lie in the first slot that they may lie in.
func crowded(used, slots int) bool { return used >= crowd(slots) }

// crowd is the number of keys at which an index of so many slots is crowded.
func crowd(slots int) int {
	if slots < cached {
		return slots / 4
	}
	return limit(slots)
}

// full says when an index must grow, whose slots are not in the cache.
func full(used, slots int) bool { return used >= limit(slots) }

// limit is the number of keys at which an index of so many slots is full: half of them, and where it takes a few megabytes
// three quarters. A few slots more to look at lie next to each other; half the memory has fewer misses.
func limit(slots int) int {
	if slots < vast {
		return slots / 2
	}
	return slots / 4 * 3
}

// slotArray is the slots of an index: in the heap, or where they take much memory in a block of their own.
type slotArray[S any] struct {
	slots []S
	block *pages.Block
}

func newSlotArray[S any](n int) slotArray[S] {
	var empty S
	if size := n * int(unsafe.Sizeof(empty)); size >= pages.Least {
		if b := pages.New(size); b != nil {
			return slotArray[S]{unsafe.Slice((*S)(unsafe.Pointer(unsafe.SliceData(b.Bytes()))), n), b}
		}
	}
	return slotArray[S]{slots: NewSlots[S](n)}
}

// growStep is how many slots move at a time.
const growStep = 1 << 16

// grow makes the array larger. move is called to move some of its slots, in order, to their places among all of the new; their memory
// is given back behind each call, so that there are never two arrays in memory.
func (a *slotArray[S]) grow(move func(some, all []S)) {
	old := *a
	*a = newSlotArray[S](larger(len(old.slots)))
	if old.block == nil {
		move(old.slots, a.slots)
		return
	}
	var empty S
	size := int(unsafe.Sizeof(empty))
	for from := 0; from < len(old.slots); from += growStep {
		to := min(from+growStep, len(old.slots))
		a.touch(scaled(from, len(old.slots), len(a.slots)), scaled(to, len(old.slots), len(a.slots)))
		move(old.slots[from:to], a.slots)
		old.block.Discard(from*size, to*size)
	}
	old.block.Free()
}

// scaled is the place among n slots of what begins at a place among fewer.
func scaled(at, of, n int) int { return int(uint64(at) * uint64(n) / uint64(of)) }

// touch writes to each page of some slots, as NewSlots does. Some of them may be in use: by what lay at the front of the old array and belongs at the end, or has gone beyond what the step
// before has touched.
func (a *slotArray[S]) touch(from, to int) { touchPages(a.slots[from:to]) }

// reset empties the array: it keeps the memory, or a quarter of it where only a
// sixteenth was in use, so that one large window does not make the small ones
// after it pay for clearing.
func (a *slotArray[S]) reset(used int) {
	if len(a.slots) <= 1024 || 16*used >= len(a.slots) {
		clear(a.slots)
		return
	}
	old := *a
	*a = newSlotArray[S](len(old.slots) / 4)
	if old.block != nil {
		old.block.Free()
	}
}

// pageBytes is the memory that the kernel hands out at a time, or less.
const pageBytes = 4096

// NewSlots makes n empty slots of a hash table, and writes to each page of them. A page that is read first, as slots are, is the kernel's page of
// zeros until something is written to it: then it faults again, and every processor on which the program has a thread is told to
// forget the page before. That was a fourth of the time in which two workers filled a table of a million keys.
func NewSlots[S any](n int) []S {
	slots := make([]S, n)
	touchPages(slots)
	return slots
}

// touchPages writes to each page of slots, of a multiple of 8 bytes each, what is there: an addition, since the compiler drops a plain write of that.
func touchPages[S any](slots []S) {
	var empty S
	for i := 0; i < len(slots); i += max(1, pageBytes/int(unsafe.Sizeof(empty))) {
		atomic.AddUint64((*uint64)(unsafe.Pointer(&slots[i])), 0)
	}
}
