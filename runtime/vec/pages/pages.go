// Package pages gives large arrays without pointers memory of their own, beside the heap. An array in the heap grows by being copied to a larger one, and leaves
// the smaller to the collector, which lets the heap double before it looks for it: while its tables grow, a program
// holds half as much again as it needs, or more. A Block grows where it lies: it reserves addresses for all that it may come to hold (Reserve), and has
// memory for what has been written to. What is no longer needed goes back to the system at once (Discard, Free).
//
// The collector does not see slices of a block. Who holds one must hold the block: soon after that is no longer reachable its memory goes, and reading
// from there ends the program. Slices stay valid while the block grows.
//
// On other systems than Linux with 64 bits Reserve gives nil, and arrays stay in the heap.
package pages

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Least is from how many bytes on an array is worth a block.
const Least = 1 << 20

// Unit is what blocks grow by, in bytes: a multiple of the system's pages.
const Unit = 64 << 10

// Block is memory beside the heap. It is used by one goroutine at a time.
type Block struct {
	mapped  *mapping
	cleanup runtime.Cleanup
}

// mapping is what a block must give back.
type mapping struct {
	reserved []byte
	usable   int
}

// Reserve makes a block that can come to hold so many bytes, and holds none. It gives nil where addresses cannot be had.
func Reserve(size int) *Block {
	reserved := reserve(rounded(size))
	if reserved == nil {
		return nil
	}
	b := &Block{mapped: &mapping{reserved: reserved}}
	b.cleanup = runtime.AddCleanup(b, (*mapping).drop, b.mapped)
	return b
}

// New makes a block of so many bytes or a few more, all 0, or gives nil.
func New(size int) *Block {
	b := Reserve(size)
	if b != nil && !b.Extend(size) {
		b.Free()
		return nil
	}
	return b
}

// Extend makes the block at least so many bytes long, new ones 0, and reports whether that could be done.
func (b *Block) Extend(size int) bool {
	m := b.mapped
	size = rounded(size)
	if size <= m.usable {
		return true
	}
	if size > len(m.reserved) || !commit(m.reserved[m.usable:size]) {
		return false
	}
	count(size - m.usable)
	m.usable = size
	return true
}

// Bytes gives what the block holds.
func (b *Block) Bytes() []byte { return b.mapped.reserved[:b.mapped.usable] }

// Discard gives back the memory of the bytes from (inclusive) to (exclusive), as far as no other bytes share it. They are 0, or what they were, after it.
func (b *Block) Discard(from, to int) {
	if from, to = rounded(from), to&^(Unit-1); from < to {
		discard(b.mapped.reserved[from:to])
	}
}

// Free gives everything back. The block is not used any more.
func (b *Block) Free() {
	b.cleanup.Stop()
	b.mapped.free()
}

func (m *mapping) free() {
	count(-m.usable)
	m.unmap()
}

func (m *mapping) unmap() {
	unmap(m.reserved)
	m.reserved, m.usable = nil, 0
}

// grace is how long the memory of a block that has become unreachable stays: the collector may find that in the middle of a loop over a slice of it, behind which nothing asks for
// the block any more.
const grace = 2 * time.Second

// drop frees a block that has become unreachable.
func (m *mapping) drop() {
	count(-m.usable)
	goal.Store(max(leastGoal, 2*held.Load()))
	time.AfterFunc(grace, m.unmap)
}

func rounded(size int) int { return (size + Unit - 1) &^ (Unit - 1) }

// Blocks are no part of the heap that the collector looks at, and yet it is what finds those that are no longer reachable. It is asked to run whenever all blocks together have doubled since
// it has found some.
var held, goal atomic.Int64

const leastGoal = 64 << 20

// Held gives the bytes that all blocks of the process hold, but for those of which only the memory is left for a while.
func Held() int64 { return held.Load() }

func count(size int) {
	h, g := held.Add(int64(size)), max(goal.Load(), leastGoal)
	if h > g && size > 0 {
		goal.Store(2 * h)
		go runtime.GC()
	}
}
