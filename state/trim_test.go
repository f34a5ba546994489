package state_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestTrimByBytes moves entries to disk when what they take has doubled since the budget was half used, also where they are no more than before;
// and not again and again where that frees nothing.
func TestTrimByBytes(t *testing.T) {
	const some, keys, budget = 4096, 6016, 4 << 20
	m := openMoved(t, vfs.NewMem(), "a", "", budget, map[int]int64{})
	add := func(from, to int) {
		for i := from; i < to; i++ {
			m.add(i, int64(i))
			m.want[i] = int64(i)
		}
	}
	add(0, some)
	trim := func(bytes, want int) {
		t.Helper()
		check(t, m.rows.Trim(bytes, m.table.Len()))
		if got := m.table.Len(); got != want {
			t.Fatalf("%d entries are in memory when they take %d bytes, not %d", got, bytes, want)
		}
	}
	trim(budget/4, some) // half of what tables may take, which is half of the budget
	trim(budget/4+1, some)
	add(some, keys)
	trim(budget/3, keys)
	trim(budget/2, keys/2)
	trim(4*budget, keys/2)
	m.compare(t, keys)
}
