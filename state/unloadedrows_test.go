package state_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// owned is a table of rows of owners, which move with them, with what it should hold.
type owned struct {
	*testing.T
	table   *vec.GroupTable
	keys    *vec.KeyBatch
	written []int64    // by owner: when it was written last
	list    [][]uint32 // by owner: its rows
	owner   []uint32   // by row
	number  []int64
	free    []uint32 // rows
	loaded  int

	rows  *state.Rows
	store *state.Store
	scope *state.Scope
	want  map[int]ownedWant
	clock int64 // numbers and times
}

type ownedWant struct {
	numbers []int64
	written int64
}

func (o *owned) open(fs vfs.FS, dir, restore string, memory int64) {
	o.Helper()
	var err error
	o.store, err = state.Open(state.Options{Dir: dir, Restore: restore, MaxGroups: groups, Memory: memory, LoadAtOnce: 1, FS: fs})
	check(o.T, err)
	o.scope = o.store.Scope("op", 0, state.GroupsOf(0, 1, groups))
	text, bigint := types.String(), types.New(types.BigInt)
	o.table, o.keys = vec.NewGroupTable([]types.Type{text}), vec.NewKeyBatch([]types.Type{text})
	o.written, o.list, o.owner, o.number, o.free, o.loaded = nil, nil, nil, nil, nil, 0
	o.rows, err = o.scope.Table(state.Table{
		Name: "rows", Key: vec.Schema{{Name: "k", Type: text}, {Name: "number", Type: bigint}}, Route: 1,
		Value: vec.Schema{{Name: "written", Type: bigint}},
		Keys: func(ids []uint32, out []*vec.Vector) {
			for _, id := range ids {
				o.table.AppendKeys(o.owner[id:][:1], out[:1])
				vec.Append(out[1], o.number[id])
			}
		},
		Values: func(ids []uint32, out []*vec.Vector) error {
			for _, id := range ids {
				vec.Append(out[0], o.written[o.owner[id]])
			}
			return nil
		},
		Load: o.load, Find: o.find, Evict: o.evict,
		Owners: &state.Owners{
			IDs: o.table.IDs, Keys: o.table.AppendKeys, Latest: "written",
			Entries: func(dst []uint32, owner uint32) []uint32 { return append(dst, o.list[owner]...) },
		},
	})
	check(o.T, err)
}

// name is the key of an owner: many begin with others, or with what ends a text in the database.
func (o *owned) name(key int) string {
	var s []byte
	for ; key > 0; key /= 3 {
		s = append(s, "\x00\x01k"[key%3])
	}
	return string(s)
}

func (o *owned) batch(keys []int) []*vec.Vector {
	v := vec.New(types.String())
	for _, k := range keys {
		v.AppendString(o.name(k))
	}
	return []*vec.Vector{v}
}

func (o *owned) insert(cols []*vec.Vector, n int) []uint32 {
	o.keys.Set(cols, n, nil)
	ids := o.table.Insert(o.keys, nil)
	for len(o.list) < o.table.Bound() {
		o.list, o.written = append(o.list, nil), append(o.written, 0)
	}
	return ids
}

func (o *owned) find(cols []*vec.Vector, n int) []uint32 {
	o.keys.Set(cols, n, nil)
	return o.table.Lookup(o.keys, nil)
}

func (o *owned) load(cols []*vec.Vector, n int) (rows []uint32, err error) {
	o.loaded += n
	for k, id := range o.insert(cols[:1], n) {
		at := vec.Values[int64](cols[2])[k]
		if len(o.list[id]) == 0 || at > o.written[id] {
			o.written[id] = at
		}
		rows = append(rows, o.put(id, vec.Values[int64](cols[1])[k]))
	}
	return rows, nil
}

func (o *owned) put(owner uint32, number int64) uint32 {
	row := uint32(len(o.owner))
	if n := len(o.free); n > 0 {
		row, o.free = o.free[n-1], o.free[:n-1]
	} else {
		o.owner, o.number = append(o.owner, 0), append(o.number, 0)
	}
	o.owner[row], o.number[row] = owner, number
	o.list[owner] = append(o.list[owner], row)
	return row
}

// drop lets rows of an owner go, those from a place on, as far as there are n.
func (o *owned) drop(owner uint32, at, n int) {
	gone := slices.Clone(o.list[owner][at:min(at+n, len(o.list[owner]))])
	o.rows.Forget(gone)
	o.free = append(o.free, gone...)
	o.list[owner] = slices.Delete(o.list[owner], at, at+len(gone))
}

func (o *owned) evict(owners []uint32) {
	for _, id := range owners {
		o.drop(id, 0, len(o.list[id]))
	}
	o.table.Delete(owners, o.keys)
}

// bring has the rows of owners in memory, as an operator does.
func (o *owned) bring(keys []int) {
	o.Helper()
	cols := o.batch(keys)
	var miss []int32
	for k, id := range o.find(cols, len(keys)) {
		if id == vec.NoGroup {
			miss = append(miss, int32(k))
		}
	}
	if len(miss) == 0 || !o.rows.OnDisk() {
		return
	}
	check(o.T, o.rows.Read(cols, miss))
	gone, _ := o.rows.Away(cols, miss)
	if len(gone) == 0 {
		return
	}
	var some []int
	for _, i := range gone {
		some = append(some, keys[i])
	}
	o.insert(o.batch(some), len(some))
	fresh := slices.Clone(o.table.Fresh())
	check(o.T, o.rows.Fetch(fresh))
	o.dropEmpty(fresh) // the filter was wrong about them
}

func (o *owned) dropEmpty(owners []uint32) {
	o.table.Delete(slices.DeleteFunc(owners, func(id uint32) bool { return len(o.list[id]) > 0 }), o.keys)
}

func (o *owned) compare(keys []int) {
	o.Helper()
	o.bring(keys)
	for k, id := range o.find(o.batch(keys), len(keys)) {
		var got ownedWant
		if id != vec.NoGroup {
			got.written = o.written[id]
			for _, row := range o.list[id] {
				got.numbers = append(got.numbers, o.number[row])
			}
		}
		if want := o.want[keys[k]]; !slices.Equal(got.numbers, want.numbers) || got.written != want.written {
			o.Fatalf("owner %q has %v, want %v", o.name(keys[k]), got, want)
		}
	}
}

// add gives an owner that is in memory, or new, some rows.
func (o *owned) add(key, n int) {
	id := o.insert(o.batch([]int{key}), 1)[0]
	w := o.want[key]
	o.clock++
	o.written[id], w.written = o.clock, o.clock
	for range n {
		o.clock++
		o.rows.MarkOne(o.put(id, o.clock))
		w.numbers = append(w.numbers, o.clock)
	}
	o.rows.Touch([]uint32{id})
	o.want[key] = w
}

// remove takes some rows from an owner that is in memory, and writes another.
func (o *owned) remove(key, at, n int) {
	id := o.find(o.batch([]int{key}), 1)[0]
	w := o.want[key]
	o.clock++
	o.written[id], w.written = o.clock, o.clock
	o.drop(id, at, n)
	w.numbers = slices.Delete(w.numbers, at, min(at+n, len(w.numbers)))
	if o.want[key] = w; len(w.numbers) == 0 {
		delete(o.want, key)
		o.dropEmpty([]uint32{id})
		return
	}
	o.rows.MarkOne(o.list[id][0])
}

// disturb has some rows come and go.
func (o *owned) disturb(rng *rand.Rand, keys int) {
	o.Helper()
	late := func() {}
	if rng.IntN(3) == 0 {
		f, err := o.scope.Snapshot()
		check(o.T, err)
		late = func() { // the database learns of it after more rows
			check(o.T, o.store.Write(context.Background(), f))
			o.store.Abandon()
		}
	}
	for range 1 + rng.IntN(3) {
		var some []int
		for range 1 + rng.IntN(10) {
			some = append(some, rng.IntN(keys))
		}
		o.compare(some)
		for _, key := range some {
			n := len(o.want[key].numbers)
			switch {
			case n == 0 || rng.IntN(3) == 0:
				o.add(key, 1+rng.IntN(3))
			case rng.IntN(3) == 0:
				o.remove(key, 0, n)
			default:
				o.remove(key, rng.IntN(n), 1+rng.IntN(2))
			}
		}
		o.compare(some)
		check(o.T, o.rows.LoadMore())
	}
	late()
	check(o.T, o.rows.Trim(o.table.Memory(), len(o.owner)-len(o.free)))
}

func (o *owned) checkpoint(dir string) {
	o.Helper()
	f, err := o.scope.Snapshot()
	check(o.T, err)
	check(o.T, o.store.Write(context.Background(), f))
	_, err = o.store.Checkpoint(dir)
	check(o.T, err)
}

// TestRestoredRowsOfOwnersChange adds, takes and moves rows of owners of restored tables at random, with checkpoints in between that are written
// late or given up, and restores, and compares with a map.
func TestRestoredRowsOfOwnersChange(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			const keys = 2000
			rng := rand.New(rand.NewPCG(seed, 5))
			fs := vfs.NewMem()
			memory := []int64{0, 2}[seed%2]
			o := &owned{T: t, want: map[int]ownedWant{}}
			o.open(fs, "0", "", memory)
			for key := range keys / 2 {
				o.bring([]int{key})
				o.add(key, 1+rng.IntN(4))
			}
			for round := range 5 {
				for range 20 {
					o.disturb(rng, keys)
				}
				checkpoint := fmt.Sprint("checkpoint", round)
				o.checkpoint(checkpoint)
				check(t, o.store.Close())
				o.open(fs, fmt.Sprint(round+1), checkpoint, memory)
			}
			for key := range keys {
				o.compare([]int{key})
				check(t, o.rows.LoadMore())
			}
			check(t, o.store.Close())
		})
	}
}

// TestRestoredRowsOfOwnersAreReadWhenWanted has little of a restored table loaded for few owners, and all in the end, also for owners that are new.
func TestRestoredRowsOfOwnersAreReadWhenWanted(t *testing.T) {
	const keys, each, wanted = 10_000, 3, 100
	fs := vfs.NewMem()
	o := &owned{T: t, want: map[int]ownedWant{}}
	o.open(fs, "a", "", 0)
	for key := range keys {
		o.add(key, each)
	}
	const large = keys - 1
	o.add(large, 3*vec.DefaultBatchSize) // more than a batch has
	o.checkpoint("checkpoint")
	check(t, o.store.Close())
	o.open(fs, "b", "checkpoint", 0)
	var some []int
	for i := range wanted {
		some = append(some, 90*i)
	}
	o.compare(some)
	check(t, o.rows.LoadMore())
	if o.loaded < wanted*each || o.loaded > wanted*(8+2*each)+2*each*keys/groups+3*vec.DefaultBatchSize {
		t.Errorf("%d rows of %d were loaded for %d owners", o.loaded, keys*each, wanted)
	}
	for from := keys; o.rows.OnDisk() && from < 5*keys; from += wanted {
		for i := range some {
			some[i] = from + i
		}
		o.compare(some)
		check(t, o.rows.LoadMore())
	}
	if all := keys*each + 3*vec.DefaultBatchSize; o.rows.OnDisk() || o.loaded != all {
		t.Errorf("on disk is %v, when %d rows of %d have been loaded", o.rows.OnDisk(), o.loaded, all)
	}
	o.compare([]int{0, large})
	check(t, o.store.Close())
}
