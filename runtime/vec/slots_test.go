package vec_test

import (
	"slices"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
)

func TestNewSlotsAreEmpty(t *testing.T) {
	type wide [5000]byte // a page holds less than one
	for _, n := range []int{0, 1, 511, 512, 1 << 17} {
		if s := vec.NewSlots[uint64](n); len(s) != n || slices.ContainsFunc(s, func(x uint64) bool { return x != 0 }) {
			t.Errorf("%d slots are %d, or not empty", n, len(s))
		}
	}
	if s := vec.NewSlots[wide](3); len(s) != 3 {
		t.Errorf("3 wide slots are %d", len(s))
	}
}
