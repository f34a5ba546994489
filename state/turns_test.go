package state_test

import (
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
)

// turned is a table of which half the keys fit into memory.
type turned struct{ *moved }

const turnedBudget = 4 << 20

// openTurns makes one that has been full: after it 968 keys fit.
func openTurns(t *testing.T) turned {
	t.Helper()
	m := turned{openMoved(t, vfs.NewMem(), "a", "", turnedBudget, map[int]int64{})}
	for i := range 500 {
		m.add(i, 1)
		m.want[i]++
	}
	check(t, m.rows.Trim(turnedBudget/4+1, m.table.Len()))
	return m
}

// come has one row of a key come, and reports whether its entry was in memory.
func (m turned) come(t *testing.T, key int) (found bool) {
	t.Helper()
	brought := m.bring(t, []int{key})
	m.add(key, 1)
	m.want[key]++
	check(t, m.rows.Return(brought, turnedBudget/4+1, m.table.Len()))
	check(t, m.rows.Trim(turnedBudget/4+1, m.table.Len()))
	return len(brought) == 0
}

// TestKeysInTurns has nearly twice as many keys as fit come in turns. Half of them are then found in memory, although the next is always the one that was not used for the longest time; and when
// a few keys come much more often than others, these are.
func TestKeysInTurns(t *testing.T) {
	const keys = 1800
	m := openTurns(t)
	found := 0
	for pass := range 5 {
		found = 0
		for i := range keys {
			if m.come(t, i) {
				found++
			}
		}
		if pass == 0 && m.table.Len() > 968 {
			t.Fatalf("%d entries are in memory, where 968 fit", m.table.Len())
		}
	}
	if found < keys*2/5 || found > keys*3/5 {
		t.Errorf("%d of %d keys in turns were found in memory, where about half of them fit", found, keys)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	const rows, often = 20 * keys, 50
	found = 0
	for i := range rows {
		if i%10 == 0 { // in turns
			m.come(t, i/10%keys)
		} else if hit := m.come(t, rng.IntN(often)); hit && i >= rows/2 {
			found++
		}
	}
	if least := rows / 2 * 9 / 10 * 99 / 100; found < least {
		t.Errorf("of the keys that come often %d rows were found in memory, fewer than %d", found, least)
	}
	m.compare(t, keys)
}

// TestRestoredKeysStayInMemory has keys of a checkpoint come in turns, all of which are on disk, in a job that has memory for all of them: they are read once.
func TestRestoredKeysStayInMemory(t *testing.T) {
	const keys, budget = 1800, 4 << 20
	fs := vfs.NewMem()
	m := openMoved(t, fs, "a", "", budget, map[int]int64{})
	for i := range keys {
		m.add(i, 1)
		m.want[i]++
	}
	check(t, m.rows.Trim(budget/4+1, 1))
	for range 11 { // each time half of them
		check(t, m.rows.Trim(budget/4+1, m.table.Len()))
	}
	m.checkpoint(t)

	m = openMoved(t, fs, "b", "checkpoint", budget, m.want)
	for pass := range 2 {
		read := 0
		for i := range keys {
			brought := m.bring(t, []int{i})
			read += len(brought)
			m.add(i, 1)
			m.want[i]++
			check(t, m.rows.Return(brought, 1, m.table.Len()))
			check(t, m.rows.Trim(1, m.table.Len()))
		}
		if pass == 0 && read < keys-1 || pass == 1 && read > 0 {
			t.Errorf("in turn %d %d keys were read from disk, of %d", pass, read, keys)
		}
	}
	m.compare(t, keys)
}

// TestKeysAfterTurns has keys come in turns, and then a few of those that lie on disk alone: they come to stay in memory.
func TestKeysAfterTurns(t *testing.T) {
	const keys = 1800
	m := openTurns(t)
	for range 4 {
		for i := range keys {
			m.come(t, i)
		}
	}
	var few []int
	for i := 0; len(few) < 50; i++ {
		m.keys.Set(m.batch([]int{i}), 1, nil)
		if m.table.Lookup(m.keys, nil)[0] == vec.NoGroup {
			few = append(few, i)
		}
	}
	found := 0
	const rows = 40_000
	for i := range rows {
		if hit := m.come(t, few[i%len(few)]); hit && i >= rows/2 {
			found++
		}
	}
	if found < rows/2*9/10 {
		t.Errorf("of the keys that come alone %d of %d rows were found in memory", found, rows/2)
	}
	m.compare(t, keys)
}
