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

// TestTrimBeforeTablesDouble moves entries to disk before there are more than a power of two, where that is not far below what fits; and earlier where
// what is known of those on disk, a filter of 100 KB at least, takes much of the memory.
func TestTrimBeforeTablesDouble(t *testing.T) {
	type step struct {
		to, bytes int
		moves     bool
	}
	for budget, steps := range map[int][]step{
		4 << 20: {{600, 1<<20 + 1, false}, {959, 3 << 19, false}, {990, 3 << 19, true}, {959, 3 << 19, false}},
		1 << 20: {{600, 1<<18 + 1, false}, {959, 3 << 17, false}, {990, 3 << 17, true}, {900, 3 << 17, false}, {900, 31 << 14, true}},
	} {
		m := openMoved(t, vfs.NewMem(), "a", "", int64(budget), map[int]int64{})
		all := 0
		for i, s := range steps {
			for ; m.table.Len() < s.to; all++ {
				m.add(all, int64(all))
				m.want[all] = int64(all)
			}
			check(t, m.rows.Trim(s.bytes, m.table.Len()))
			if moved := m.table.Len() < s.to; moved != s.moves {
				t.Fatalf("budget %d, step %d: %d of %d entries are in memory", budget, i, m.table.Len(), s.to)
			}
		}
		m.compare(t, all)
	}
}
