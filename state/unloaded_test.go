package state_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// moved is a table of sums whose entries can be on disk, with what it should hold.
type moved struct {
	*sums
	store  *state.Store
	scope  *state.Scope
	want   map[int]int64
	loaded int             // entries
	came   map[uint32]bool // those of the last call
}

func openMoved(t *testing.T, fs vfs.FS, dir, restore string, memory int64, want map[int]int64) *moved {
	t.Helper()
	s, err := state.Open(state.Options{Dir: dir, Restore: restore, MaxGroups: groups, Memory: memory, LoadAtOnce: 1, FS: fs})
	check(t, err)
	t.Cleanup(func() { _ = s.Close() })
	m := &moved{sums: newSums(), store: s, scope: s.Scope("op", 0, state.GroupsOf(0, 1, groups)), want: want, came: map[uint32]bool{}}
	check(t, m.open())
	return m
}

// open has the table kept.
func (m *moved) open() (err error) {
	d := m.declare()
	d.Load = func(cols []*vec.Vector, n int) ([]uint32, error) {
		m.loaded += n
		ids, err := m.load(cols, n)
		for _, id := range ids {
			m.came[id] = true
		}
		return ids, err
	}
	d.Find = func(cols []*vec.Vector, n int) []uint32 {
		m.keys.Set(cols, n, nil)
		return m.table.Lookup(m.keys, nil)
	}
	d.Evict = func(ids []uint32) {
		for _, id := range ids {
			m.values[id] = 0
		}
		m.table.Delete(ids, m.keys)
	}
	m.rows, err = m.scope.Table(d)
	return err
}

// bring has the entries of some keys in memory, as an operator does, and gives those that were on disk.
func (m *moved) bring(t *testing.T, keys []int) (brought []uint32) {
	t.Helper()
	if !m.rows.OnDisk() {
		return nil
	}
	cols := m.batch(keys)
	m.keys.Set(cols, len(keys), nil)
	miss := m.rows.Missing(m.table.Lookup(m.keys, nil), rowNumbers(len(keys)), nil)
	if len(miss) == 0 {
		return nil
	}
	check(t, m.rows.Read(cols, miss))
	if gone, _ := m.rows.Away(cols, miss); len(gone) > 0 {
		var some []int
		for _, i := range gone {
			some = append(some, keys[i])
		}
		m.rows.Returning()
		m.insert(m.batch(some), len(some))
		fresh := slices.Clone(m.table.Fresh())
		clear(m.came)
		check(t, m.rows.Fetch(fresh))
		fresh = slices.DeleteFunc(fresh, func(id uint32) bool { return m.came[id] })
		m.table.Delete(fresh, m.keys) // the filter was wrong about them
		for id := range m.came {
			brought = append(brought, id)
		}
	}
	slices.Sort(brought)
	return brought
}

func rowNumbers(n int) (rows []int32) {
	for i := range n {
		rows = append(rows, int32(i))
	}
	return rows
}

func (m *moved) write(t *testing.T, f state.Frozen) {
	t.Helper()
	check(t, m.store.Write(context.Background(), f))
}

// checkpoint makes one, in a folder of that name.
func (m *moved) checkpoint(t *testing.T) {
	t.Helper()
	f, err := m.scope.Snapshot()
	check(t, err)
	m.write(t, f)
	_, err = m.store.Checkpoint("checkpoint")
	check(t, err)
}

// compare asserts that keys below bound have what they should.
func (m *moved) compare(t *testing.T, bound int) {
	t.Helper()
	var all []int
	for i := range bound {
		all = append(all, i)
	}
	m.bring(t, all)
	m.keys.Set(m.batch(all), bound, nil)
	for i, id := range m.table.Lookup(m.keys, nil) {
		var got int64
		if id != vec.NoGroup {
			got = m.values[id]
		}
		if got != m.want[i] {
			t.Fatalf("key %d has %d, want %d", i, got, m.want[i])
		}
	}
}

// TestRestoredEntriesAreReadWhenWanted has little of a restored table loaded for few rows, whatever its size, and all in the end.
func TestRestoredEntriesAreReadWhenWanted(t *testing.T) {
	for name, memory := range map[string]int64{"memory for all": 0, "little memory": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			const keys = 30_000
			fs := vfs.NewMem()
			m := openMoved(t, fs, "a", "", 0, map[int]int64{})
			for i := range keys {
				m.add(i, int64(i))
				m.want[i] = int64(i)
			}
			m.checkpoint(t)

			m = openMoved(t, fs, "b", "checkpoint", memory, m.want)
			const wanted = 100
			var some []int
			for i := range wanted {
				some = append(some, 250*i)
			}
			m.bring(t, some)
			check(t, m.rows.LoadMore())
			if m.loaded < wanted || m.loaded > 20*wanted+2*keys/groups {
				t.Errorf("%d entries of %d were loaded for %d rows", m.loaded, keys, wanted)
			}
			rewritten := 0
			if memory > 0 { // what is in memory of key groups whose other entries have left the database
				rewritten = wanted
			}
			f, err := m.scope.Snapshot()
			if err != nil || f.Rows() > rewritten {
				t.Errorf("a snapshot has %d rows, of which none has changed; error %v", f.Rows(), err)
			}
			m.write(t, f)
			for from := 0; from < keys; from += wanted {
				some = some[:0]
				for i := range wanted {
					some = append(some, from+i)
				}
				m.bring(t, some)
				check(t, m.rows.LoadMore())
			}
			if memory == 0 && (m.rows.OnDisk() || m.loaded != keys) {
				t.Errorf("on disk is %v, when %d entries of %d have been loaded", m.rows.OnDisk(), m.loaded, keys)
			}
			m.compare(t, keys)
		})
	}
}

// TestRestoredEntriesChange writes, deletes and moves entries of restored tables at random, with checkpoints in between that are written late
// or given up, and restores, and compares with a map.
func TestRestoredEntriesChange(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			const keys = 6000
			rng := rand.New(rand.NewPCG(seed, 3))
			fs := vfs.NewMem()
			memory := []int64{0, 2}[seed%2]
			m := openMoved(t, fs, "0", "", memory, map[int]int64{})
			for round := range 4 {
				for range 25 {
					m.disturb(t, rng, keys)
				}
				f, err := m.scope.Snapshot()
				check(t, err)
				m.write(t, f)
				checkpoint := fmt.Sprint("checkpoint", round)
				_, err = m.store.Checkpoint(checkpoint)
				check(t, err)
				check(t, m.store.Close())
				m = openMoved(t, fs, fmt.Sprint(round+1), checkpoint, memory, m.want)
			}
			m.compare(t, keys)
		})
	}
}

// disturb has some rows come.
func (m *moved) disturb(t *testing.T, rng *rand.Rand, keys int) {
	t.Helper()
	late := func() {}
	if rng.IntN(3) == 0 {
		f, err := m.scope.Snapshot()
		check(t, err)
		late = func() { // the database learns of it after more rows
			m.write(t, f)
			m.store.Abandon()
		}
	}
	for range 1 + rng.IntN(2) {
		some, seen := []int{}, map[int]bool{}
		for range 1 + rng.IntN(40) {
			if i := rng.IntN(keys); !seen[i] {
				some, seen[i] = append(some, i), true
			}
		}
		m.bring(t, some)
		for _, i := range some {
			if rng.IntN(3) == 0 {
				m.remove(i)
				delete(m.want, i)
				continue
			}
			m.add(i, int64(i)+1)
			m.want[i] += int64(i) + 1
		}
		for range rng.IntN(3) { // the same again, of which some are gone
			m.bring(t, some)
			m.keys.Set(m.batch(some), len(some), nil)
			for k, id := range m.table.Lookup(m.keys, nil) {
				if _, there := m.want[some[k]]; there != (id != vec.NoGroup) {
					t.Fatalf("key %d has an entry: %v, want %v", some[k], !there, there)
				}
			}
		}
		check(t, m.rows.LoadMore())
	}
	late()
	check(t, m.rows.Trim(m.table.Memory(), m.table.Len()))
	for range 1 + rng.IntN(3) { // nor is there anything of them later
		m.bring(t, []int{rng.IntN(keys)})
	}
}
