package vec

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// grownIDs grows an index and gives the ids that it has then.
func grownIDs(x *hashIndex) map[uint32]bool {
	x.grow(placeSlots)
	ids := map[uint32]bool{}
	for _, s := range x.slots {
		if s != 0 {
			ids[uint32(s)] = true
		}
	}
	runtime.KeepAlive(x) // it holds the slots
	return ids
}

// TestGrowKeepsWhatWrapped grows an index in steps, the first of which moves an entry from the front of the old slots to where the last step begins a page.
func TestGrowKeepsWhatWrapped(t *testing.T) {
	const n, page = 1 << 18, 512
	half := func(home int) uint64 { return uint64(home) << 32 / n }
	x := &hashIndex{slotArray: newSlotArray[uint64](n)}
	ids := uint64(0)
	for i := n - page/2; i < n; i++ {
		ids++
		placeSlot(x.slots, half(i)<<32|ids)
	}
	ids++
	placeSlot(x.slots, half(n-page/2)<<32|ids)
	if uint32(x.slots[0]) != uint32(ids) {
		t.Fatal("the last entry does not lie at the front")
	}
	if left := grownIDs(x); len(left) != int(ids) {
		t.Errorf("%d of %d entries are left", len(left), ids)
	}
}

// TestGrowKeepsWhatSpills grows an index whose steps do not begin at whole slots of the new one.
func TestGrowKeepsWhatSpills(t *testing.T) {
	const n = 1594323
	r := rand.New(rand.NewPCG(1, 3))
	x := &hashIndex{slotArray: newSlotArray[uint64](n)}
	for id := range limit(n) {
		placeSlot(x.slots, r.Uint64()<<32|uint64(id+1))
	}
	if left := grownIDs(x); len(left) != limit(n) {
		t.Errorf("%d of %d entries are left", len(left), limit(n))
	}
}
