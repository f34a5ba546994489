package pages

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"
)

// reserved makes a block, or skips the test where there are none.
func reserved(t *testing.T, size int) *Block {
	t.Helper()
	b := Reserve(size)
	if b == nil {
		t.Skip("no blocks on " + runtime.GOOS + "/" + runtime.GOARCH)
	}
	return b
}

func isZero(mem []byte) bool {
	return !slices.ContainsFunc(mem, func(x byte) bool { return x != 0 })
}

func TestBlockGrowsInPlace(t *testing.T) {
	before := Held()
	b := reserved(t, 10*Unit)
	if len(b.Bytes()) != 0 || Held() != before {
		t.Errorf("a new block has %d bytes, and all hold %d more", len(b.Bytes()), Held()-before)
	}
	if !b.Extend(1) || len(b.Bytes()) != Unit || !isZero(b.Bytes()) {
		t.Fatalf("a block of one byte has %d, or some that are not 0", len(b.Bytes()))
	}
	first := b.Bytes()
	for i := range first {
		first[i] = 'x'
	}
	if !b.Extend(10*Unit) || len(b.Bytes()) != 10*Unit || Held() != before+10*Unit {
		t.Fatalf("extended to 10 units it has %d bytes, and all hold %d more", len(b.Bytes()), Held()-before)
	}
	if all := b.Bytes(); &all[0] != &first[0] || all[Unit-1] != 'x' || !isZero(all[Unit:]) {
		t.Error("a block that was extended has moved, or new bytes are not 0")
	}
	if !b.Extend(Unit) || len(b.Bytes()) != 10*Unit {
		t.Error("a block that is large enough has changed")
	}
	if b.Extend(10*Unit+1) || len(b.Bytes()) != 10*Unit {
		t.Error("a block holds more than was reserved for it")
	}
	b.Free()
	if Held() != before {
		t.Errorf("%d bytes are held when the block is free", Held()-before)
	}
}

func TestDiscardLeavesItsNeighbours(t *testing.T) {
	b := reserved(t, 4*Unit)
	defer b.Free()
	if !b.Extend(4 * Unit) {
		t.Fatal("no memory")
	}
	mem := b.Bytes()
	for i := range mem {
		mem[i] = 'x'
	}
	b.Discard(Unit/2, 3*Unit+1)
	if !isZero(mem[Unit : 3*Unit]) {
		t.Error("what was discarded is still there")
	}
	for _, i := range []int{0, Unit / 2, Unit - 1, 3 * Unit, 3*Unit + 1, 4*Unit - 1} {
		if mem[i] != 'x' {
			t.Errorf("byte %d is gone: it shares a unit with what was not discarded", i)
		}
	}
	mem[Unit] = 'y'
	b.Discard(Unit, Unit+1)
	b.Discard(3*Unit, Unit)
	if mem[Unit] != 'y' {
		t.Error("less than a unit was discarded")
	}
}

func TestNewBlockIsUsable(t *testing.T) {
	reserved(t, Unit).Free()
	b := New(3*Unit - 1)
	if b == nil || len(b.Bytes()) != 3*Unit || !isZero(b.Bytes()) {
		t.Fatal("a new block of 3 units is none, or not empty")
	}
	b.Free()
	if b := New(math.MaxInt / 4); b != nil {
		t.Errorf("a block of a fourth of all addresses was made")
	}
}

// TestUnreachableBlocksAreFreed makes blocks that nobody holds, and waits for the collector.
func TestUnreachableBlocksAreFreed(t *testing.T) {
	reserved(t, Unit).Free()
	before := Held()
	for range 100 {
		if New(1<<20) == nil {
			t.Fatalf("no memory for a block, with %d bytes held", Held())
		}
	}
	for deadline := time.Now().Add(time.Minute); Held() > before; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are held by blocks that are not reachable", Held()-before)
		}
	}
	if g := goal.Load(); g < leastGoal {
		t.Errorf("the collector is asked for at %d bytes", g)
	}
}

// TestSlicesOutliveTheirBlock reads what a block holds once the collector has found that nothing else does.
func TestSlicesOutliveTheirBlock(t *testing.T) {
	reserved(t, Unit).Free()
	all := New(1 << 20).Bytes()
	for range 3 {
		runtime.GC()
	}
	if !isZero(all) {
		t.Error("a block's memory is another's")
	}
}
