package state_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// movedJob is a job whose subtasks have a table of sums each that moves to disk.
type movedJob struct {
	fs    vfs.FS
	root  string // of the folders of live states
	dirs  int
	store *state.Store
	parts []*moved
	want  map[int]int64
}

// open begins with a checkpoint, or with nothing where it is "".
func (j *movedJob) open(t *testing.T, restore string, memory int64, subtasks int) {
	t.Helper()
	if j.store != nil {
		check(t, j.store.Close())
	}
	j.dirs++
	var err error
	j.store, err = state.Open(state.Options{Dir: j.fs.PathJoin(j.root, fmt.Sprint("live", j.dirs)), Restore: restore, MaxGroups: groups, Memory: memory, FS: j.fs})
	check(t, err)
	s := j.store
	t.Cleanup(func() { _ = s.Close() })
	j.parts = nil
	for i := range subtasks {
		m := &moved{sums: newSums(), store: j.store, want: j.want, came: map[uint32]bool{}}
		m.scope = j.store.Scope("op", i, state.GroupsOf(i, subtasks, groups))
		check(t, m.open())
		j.parts = append(j.parts, m)
	}
}

// part is the subtask that a key belongs to.
func (j *movedJob) part(key int) *moved {
	b := j.parts[0].batch([]int{key})
	hash := make([]uint64, 1)
	vec.HashRows(b, nil, hash)
	return j.parts[vec.KeyGroup(hash[0], groups)*len(j.parts)/groups]
}

func (j *movedJob) add(t *testing.T, key int, x int64) {
	t.Helper()
	p := j.part(key)
	p.bring(t, []int{key})
	p.add(key, x)
	j.want[key] += x
}

func (j *movedJob) remove(t *testing.T, key int) {
	t.Helper()
	p := j.part(key)
	p.bring(t, []int{key})
	p.remove(key)
	delete(j.want, key)
}

// begin has entries move from now on: the first time tells how many fit.
func (j *movedJob) begin(t *testing.T) {
	t.Helper()
	j.add(t, 0, 1)
	j.trim(t)
}

// trim moves entries to disk.
func (j *movedJob) trim(t *testing.T) {
	t.Helper()
	for _, p := range j.parts {
		check(t, p.rows.Trim(p.table.Memory(), p.table.Len()))
	}
}

func (j *movedJob) freeze(t *testing.T) (frozen []state.Frozen) {
	t.Helper()
	for _, p := range j.parts {
		f, err := p.scope.Snapshot()
		check(t, err)
		frozen = append(frozen, f)
	}
	return frozen
}

// finish makes the checkpoint of what was frozen.
func (j *movedJob) finish(t *testing.T, dir string, frozen []state.Frozen) []state.File {
	t.Helper()
	check(t, j.store.Write(context.Background(), frozen...))
	files, err := j.store.Checkpoint(dir)
	check(t, err)
	check(t, state.Verify(j.fs, dir, files))
	return files
}

// compare asserts that keys below a bound have what they should.
func (j *movedJob) compare(t *testing.T, bound int, want map[int]int64) {
	t.Helper()
	for key := range bound {
		p := j.part(key)
		p.bring(t, []int{key})
		p.keys.Set(p.batch([]int{key}), 1, nil)
		id := p.table.Lookup(p.keys, nil)[0]
		if x, there := want[key]; there != (id != vec.NoGroup) || there && p.values[id] != x {
			t.Fatalf("key %d: it is there: %v, want %d, %v", key, id != vec.NoGroup, x, there)
		}
	}
}

func coldFiles(files []state.File) (cold []state.File) {
	for _, f := range files {
		if strings.HasSuffix(f.Name, ".cold") {
			cold = append(cold, f)
		}
	}
	return cold
}

func clone(m map[int]int64) map[int]int64 {
	out := map[int]int64{}
	for k, x := range m {
		out[k] = x
	}
	return out
}

// TestMovedEntriesAreTakenOver writes and deletes entries that move to disk at random, has checkpoints written after later rows, which move too, and goes on from
// them, or from one before, with other numbers of subtasks, with memory and without.
func TestMovedEntriesAreTakenOver(t *testing.T) {
	taken := 0
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { taken += takeOver(t, rand.New(rand.NewPCG(seed, 5))) })
		})
	}
	if taken < 8 {
		t.Errorf("%d checkpoints have taken over what was moved to disk", taken)
	}
}

// takeOver gives how many checkpoints have taken something over.
func takeOver(t *testing.T, rng *rand.Rand) (taken int) {
	const keys = 400
	j := &movedJob{fs: vfs.NewMem(), want: map[int]int64{}}
	disturb := func() {
		for range rng.IntN(200) {
			switch key := rng.IntN(keys); rng.IntN(4) {
			case 0:
				j.remove(t, key)
			default:
				j.add(t, key, rng.Int64N(1000))
			}
			if rng.IntN(10) == 0 {
				j.trim(t)
			}
		}
	}
	j.open(t, "", 2, 1+rng.IntN(3))
	j.begin(t)
	var kept map[int]int64
	last := ""
	for round := range 12 {
		disturb()
		want, frozen := clone(j.want), j.freeze(t)
		disturb()
		dir := fmt.Sprint("checkpoint", round)
		files := j.finish(t, dir, frozen)
		if len(coldFiles(files)) > 0 {
			taken++
		}
		tables, err := state.Inspect(j.fs, dir, 0)
		check(t, err)
		if tables[0].Rows != int64(len(want)) {
			t.Fatalf("the checkpoint has %d rows, not %d", tables[0].Rows, len(want))
		}
		switch rng.IntN(3) {
		case 0:
			continue
		case 1:
			if last != "" { // the newer one is lost
				break
			}
			fallthrough
		default:
			last, kept = dir, want
		}
		j.want = clone(kept)
		j.open(t, last, []int64{0, 2, 2, 1 << 20}[rng.IntN(4)], 1+rng.IntN(4))
		if rng.IntN(2) == 0 {
			j.compare(t, keys, kept)
		}
	}
	j.compare(t, keys, j.want)
	check(t, j.store.Close())
	return taken
}

// TestMovingDoesNotWait moves entries between a barrier and its checkpoint: at once, and without the database being told.
func TestMovingDoesNotWait(t *testing.T) {
	j := &movedJob{fs: vfs.NewMem(), want: map[int]int64{}}
	j.open(t, "", 2, 1)
	j.begin(t)
	for key := range 1000 {
		j.add(t, key, 1)
	}
	j.trim(t)
	want, frozen := clone(j.want), j.freeze(t)
	begin := time.Now()
	for key := range 2000 {
		j.add(t, key, 10)
		j.trim(t)
	}
	if n := j.parts[0].table.Len(); n > 2 {
		t.Errorf("%d entries are in memory after %v", n, time.Since(begin))
	}
	j.finish(t, "checkpoint", frozen)
	j.want = want
	j.open(t, "checkpoint", 2, 2)
	j.compare(t, 2000, want)
}

// TestMovedEntriesAreWrittenOnce has a checkpoint refer to what was moved to disk before instead of writing it again.
func TestMovedEntriesAreWrittenOnce(t *testing.T) {
	j := &movedJob{fs: vfs.NewMem(), want: map[int]int64{}}
	j.open(t, "", 1<<20, 1)
	const keys = 60_000
	for key := range keys {
		j.add(t, key, 1)
		if key%1000 == 0 {
			j.trim(t)
		}
	}
	first := coldFiles(j.finish(t, "a", j.freeze(t)))
	var size, database int64
	for _, f := range first {
		size += f.Size
	}
	if size < keys*20 {
		t.Errorf("%d bytes were taken over, of %d entries", size, keys)
	}
	if database = j.store.Written(); database > size/2 {
		t.Errorf("%d bytes were written to the database, beside %d that were taken over", database, size)
	}
	for _, f := range coldFiles(j.finish(t, "b", j.freeze(t))) {
		if f.New {
			t.Errorf("%s is written again, although nothing has changed", f.Name)
		}
	}
}

// TestFilesOfMovedEntriesGo has checkpoints that follow each other closely: files of few bytes are put together, and what is of no use is removed from the folder
// of the live state, while checkpoints keep what they have.
func TestFilesOfMovedEntriesGo(t *testing.T) {
	j := &movedJob{fs: vfs.NewMem(), want: map[int]int64{}}
	j.open(t, "", 2, 1)
	var want map[int]int64
	for round := range 40 {
		for key := range 50 {
			j.add(t, key, int64(round))
			j.add(t, 1000*round+key, 1)
		}
		j.trim(t)
		frozen := j.freeze(t)
		if round == 30 {
			want = clone(j.want)
		}
		j.finish(t, fmt.Sprint("checkpoint", round), frozen)
	}
	names, err := j.fs.List("live1")
	check(t, err)
	n := 0
	for _, name := range names {
		if strings.HasSuffix(name, ".cold") {
			n++
		}
	}
	if n == 0 || n > 20 {
		t.Errorf("%d files hold what was moved to disk", n)
	}
	j.want = clone(want)
	j.open(t, "checkpoint30", 2, 3)
	j.compare(t, 3000, want)
}

// TestDamagedMovedEntries: files that a checkpoint has taken over and that are not what they were are refused.
func TestDamagedMovedEntries(t *testing.T) {
	root := t.TempDir()
	j := &movedJob{fs: vfs.Default, root: root, want: map[int]int64{}}
	j.open(t, "", 2, 1)
	j.begin(t)
	for key := range 3000 {
		j.add(t, key, 1)
	}
	j.trim(t)
	checkpoint := filepath.Join(root, "checkpoint")
	files := j.finish(t, checkpoint, j.freeze(t))
	cold := coldFiles(files)
	if len(cold) == 0 {
		t.Fatal("no file was taken over")
	}
	for _, how := range []string{"flip", "truncate", "remove"} {
		t.Run(how, func(t *testing.T) {
			dir := damaged(t, checkpoint, cold[0], files, how)
			if _, err := state.Inspect(nil, dir, 0); !errors.Is(err, state.ErrCorrupt) {
				t.Errorf("looking into it: %v", err)
			}
			for _, memory := range []int64{0, 2} {
				s, err := state.Open(state.Options{Dir: filepath.Join(root, "other"), Restore: dir, MaxGroups: groups, Memory: memory})
				check(t, err)
				m := &moved{sums: newSums(), store: s, came: map[uint32]bool{}}
				m.scope = s.Scope("op", 0, state.GroupsOf(0, 1, groups))
				err = m.open()
				for range groups {
					if err == nil { // what was flipped is not read before it is wanted
						err = m.rows.Sweep(func([]*vec.Vector, int) bool { return false })
					}
				}
				if !errors.Is(err, state.ErrCorrupt) {
					t.Errorf("going on from it: %v", err)
				}
				check(t, s.Close())
			}
		})
	}
}

// TestRestoreWithLessMemory goes on with less memory than a job had, some of whose entries were on disk, and the others more than fit now: none is loaded before it is wanted.
func TestRestoreWithLessMemory(t *testing.T) {
	const keys = 20_000
	j := &movedJob{fs: vfs.NewMem(), want: map[int]int64{}}
	j.open(t, "", 1<<20, 1)
	for key := range keys {
		j.add(t, key, 1)
		if key%1000 == 0 {
			j.trim(t)
		}
	}
	had := j.parts[0].table.Len()
	if cold := coldFiles(j.finish(t, "a", j.freeze(t))); len(cold) == 0 || had < keys/10 {
		t.Fatalf("%d files of moved entries, %d entries in memory", len(cold), had)
	}
	j.open(t, "a", 16<<10, 2)
	for i, p := range j.parts {
		if p.loaded > 0 {
			t.Errorf("subtask %d has loaded %d entries", i, p.loaded)
		}
	}
	j.add(t, 0, 1)
	j.trim(t)
	j.finish(t, "b", j.freeze(t))
	j.open(t, "b", 0, 3)
	j.compare(t, keys, j.want)
}
