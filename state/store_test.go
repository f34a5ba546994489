package state_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// sums is a table as operators have them: keys with ids, a value for each id.
type sums struct {
	table  *vec.GroupTable
	keys   *vec.KeyBatch
	values []int64
	rows   *state.Rows
}

var (
	keySchema   = vec.Schema{{Name: "k", Type: types.String()}, {Name: "n", Type: types.New(types.BigInt)}}
	valueSchema = vec.Schema{{Name: "sum", Type: types.New(types.BigInt)}}
)

func newSums() *sums {
	ts := []types.Type{keySchema[0].Type, keySchema[1].Type}
	return &sums{table: vec.NewGroupTable(ts), keys: vec.NewKeyBatch(ts)}
}

func (s *sums) declare() state.Table {
	return state.Table{
		Name: "sums", Key: keySchema, Value: valueSchema, Route: 2,
		Keys: s.table.AppendKeys, Values: s.append, Load: s.load,
	}
}

func (s *sums) append(ids []uint32, out []*vec.Vector) error {
	for _, id := range ids {
		vec.Append(out[0], s.values[id])
	}
	return nil
}

func (s *sums) insert(cols []*vec.Vector, n int) []uint32 {
	s.keys.Set(cols, n, nil)
	ids := s.table.Insert(s.keys, nil)
	for len(s.values) < s.table.Bound() {
		s.values = append(s.values, 0)
	}
	return ids
}

func (s *sums) load(cols []*vec.Vector, n int) ([]uint32, error) {
	ids := s.insert(cols[:2], n)
	for k, id := range ids {
		s.values[id] = vec.Values[int64](cols[2])[k]
	}
	return ids, nil
}

func key(i int) (string, int64) { return fmt.Sprintf("key %d of some length", i), int64(i) - 50 }

func (s *sums) batch(is []int) []*vec.Vector {
	b := vec.NewBatch(keySchema)
	for _, i := range is {
		k, n := key(i)
		b.Cols[0].AppendString(k)
		vec.Append(b.Cols[1], n)
	}
	return b.Cols
}

func (s *sums) add(i int, x int64) {
	ids := s.insert(s.batch([]int{i}), 1)
	s.values[ids[0]] += x
	s.rows.Mark(ids, s.table.Bound())
}

func (s *sums) remove(i int) {
	s.keys.Set(s.batch([]int{i}), 1, nil)
	ids := s.table.Lookup(s.keys, nil)
	if ids[0] == vec.NoGroup {
		return
	}
	s.rows.Forget(ids)
	s.values[ids[0]] = 0
	s.table.Delete(ids, s.keys)
}

// content is what the tables hold together, as text.
func content(tables ...*sums) string {
	var lines []string
	for _, s := range tables {
		for _, id := range s.table.IDs(nil) {
			lines = append(lines, fmt.Sprintf("%s %d = %d", s.table.Keys()[0].Bytes(int(id)), vec.Values[int64](s.table.Keys()[1])[id], s.values[id]))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

const groups = 128

func open(t *testing.T, dir, restore string) *state.Store {
	t.Helper()
	s, err := state.Open(state.Options{Dir: dir, Restore: restore, MaxGroups: groups})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// subtasks opens the table in as many subtasks.
func subtasks(t *testing.T, s *state.Store, n int) ([]*sums, []*state.Scope) {
	t.Helper()
	var tables []*sums
	var scopes []*state.Scope
	for i := range n {
		sc := s.Scope("op", i, state.GroupsOf(i, n, groups))
		x := newSums()
		rows, err := sc.Table(x.declare())
		check(t, err)
		x.rows = rows
		tables, scopes = append(tables, x), append(scopes, sc)
	}
	return tables, scopes
}

// owner is the subtask that a key belongs to.
func owner(tables []*sums, i int) *sums {
	var hash [1]uint64
	vec.HashRows(tables[0].batch([]int{i}), nil, hash[:])
	return tables[vec.KeyGroup(hash[0], groups)*len(tables)/groups]
}

func checkpoint(t *testing.T, s *state.Store, scopes []*state.Scope, dir string) []state.File {
	t.Helper()
	for _, sc := range scopes {
		f, err := sc.Snapshot()
		check(t, err)
		check(t, s.Write(context.Background(), f))
	}
	files, err := s.Checkpoint(dir)
	check(t, err)
	return files
}

// TestRestoreElsewhere runs a random history with checkpoints, and restores each at another parallelism.
func TestRestoreElsewhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	root := t.TempDir()
	s := open(t, filepath.Join(root, "live0"), "")
	tables, scopes := subtasks(t, s, 2)
	for round := range 12 {
		for range 500 {
			if i := rng.IntN(400); rng.IntN(4) == 0 {
				owner(tables, i).remove(i)
			} else {
				owner(tables, i).add(i, rng.Int64N(100))
			}
		}
		want := content(tables...)
		dir := filepath.Join(root, fmt.Sprint("chk", round))
		check(t, state.Verify(nil, dir, checkpoint(t, s, scopes, dir)))
		check(t, s.Close())
		s = open(t, filepath.Join(root, fmt.Sprint("live", round+1)), dir)
		tables, scopes = subtasks(t, s, 1+rng.IntN(4))
		if got := content(tables...); got != want {
			t.Fatalf("round %d: restored\n%s\nwant\n%s", round, got, want)
		}
	}
}

func TestOldCheckpointStays(t *testing.T) {
	root := t.TempDir()
	s := open(t, filepath.Join(root, "live"), "")
	tables, scopes := subtasks(t, s, 1)
	tables[0].add(1, 5)
	files := checkpoint(t, s, scopes, filepath.Join(root, "a"))
	want := content(tables...)
	tables[0].add(1, 5)
	tables[0].remove(1)
	tables[0].add(2, 5)
	checkpoint(t, s, scopes, filepath.Join(root, "b"))
	check(t, s.Close())
	check(t, state.Verify(nil, filepath.Join(root, "a"), files))
	restored, _ := subtasks(t, open(t, filepath.Join(root, "live2"), filepath.Join(root, "a")), 1)
	if got := content(restored...); got != want {
		t.Errorf("restored %s, want %s", got, want)
	}
}

func TestInts(t *testing.T) {
	root := t.TempDir()
	s := open(t, filepath.Join(root, "live"), "")
	var scopes []*state.Scope
	for i, wm := range []int64{40, 30, 70} {
		sc, x, y := s.Scope("op", i, state.GroupsOf(i, 3, groups)), wm, wm
		sc.Int("wm", &x, state.Min)
		sc.Int("came", &y, state.Max)
		scopes = append(scopes, sc)
		if sc.Restored() {
			t.Error("restored from nothing")
		}
	}
	checkpoint(t, s, scopes, filepath.Join(root, "a"))
	check(t, s.Close())
	s = open(t, filepath.Join(root, "live2"), filepath.Join(root, "a"))
	sc, wm, came := s.Scope("op", 0, state.GroupsOf(0, 1, groups)), int64(math.MinInt64), int64(0)
	sc.Int("wm", &wm, state.Min)
	sc.Int("came", &came, state.Max)
	if wm != 30 || came != 70 || !sc.Restored() {
		t.Errorf("restored %d and %d, want 30 and 70", wm, came)
	}
}

func TestRefusals(t *testing.T) {
	root := t.TempDir()
	s := open(t, filepath.Join(root, "live"), "")
	tables, scopes := subtasks(t, s, 1)
	for i := range 2000 {
		tables[0].add(i, 1)
	}
	a := filepath.Join(root, "a")
	files := checkpoint(t, s, scopes, a)
	check(t, s.Close())

	t.Run("other columns", func(t *testing.T) {
		s := open(t, filepath.Join(root, "other"), a)
		d := newSums().declare()
		d.Value = vec.Schema{{Name: "sum", Type: types.New(types.Double)}}
		_, err := s.Scope("op", 0, state.GroupsOf(0, 1, groups)).Table(d)
		if !errors.Is(err, state.ErrMismatch) || !strings.Contains(err.Error(), `state "sums" of operator op has the columns (sum BIGINT), the job needs (sum DOUBLE)`) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("other key groups", func(t *testing.T) {
		_, err := state.Open(state.Options{Dir: filepath.Join(root, "groups"), Restore: a, MaxGroups: 64})
		if err == nil || !strings.Contains(err.Error(), "pipeline.max-parallelism") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("unclaimed", func(t *testing.T) {
		s := open(t, filepath.Join(root, "unclaimed"), a)
		if u := s.Unclaimed(); len(u) != 1 || u[0].Name != "sums" {
			t.Errorf("unclaimed %v", u)
		}
		check(t, s.DropUnclaimed())
		restored, _ := subtasks(t, s, 1)
		if got := content(restored...); got != "" || len(s.Unclaimed()) != 0 {
			t.Errorf("still there: %.100s", got)
		}
	})
	for _, f := range files {
		for _, damage := range []string{"flip", "truncate", "remove"} {
			t.Run(damage+" "+f.Name, func(t *testing.T) { damaged(t, a, f, files, damage) })
		}
	}
}

// damaged damages a file of a checkpoint's copy, which it gives: Verify names it.
func damaged(t *testing.T, from string, f state.File, files []state.File, how string) (dir string) {
	dir = filepath.Join(t.TempDir(), "a")
	check(t, os.CopyFS(dir, os.DirFS(from)))
	name := filepath.Join(dir, f.Name)
	data, err := os.ReadFile(name)
	check(t, err)
	switch {
	case how == "remove":
		err = os.Remove(name)
	case how == "truncate" && len(data) > 0:
		err = os.WriteFile(name, data[:len(data)-1], 0o644)
	case how == "flip" && len(data) > 0:
		data[len(data)/2] ^= 1
		err = os.WriteFile(name, data, 0o644)
	default:
		t.Skip("an empty file")
	}
	check(t, err)
	if err := state.Verify(nil, dir, files); !errors.Is(err, state.ErrCorrupt) || !strings.Contains(err.Error(), f.Name) {
		t.Errorf("got %v", err)
	}
	return dir
}

func TestInspect(t *testing.T) {
	root := t.TempDir()
	s := open(t, filepath.Join(root, "live"), "")
	tables, scopes := subtasks(t, s, 2)
	for i := range 100 {
		owner(tables, i).add(i, int64(i))
	}
	files := checkpoint(t, s, scopes, filepath.Join(root, "a"))
	check(t, s.Close())
	got, err := state.Inspect(nil, filepath.Join(root, "a"), 7)
	check(t, err)
	if len(got) != 1 || got[0].Name != "sums" || got[0].Operator != "op" || got[0].Rows != 100 || got[0].Sample.Len() != 7 {
		t.Errorf("got %+v", got)
	}
	if k, n := key(int(vec.Values[int64](got[0].Sample.Cols[2])[0])); string(got[0].Sample.Cols[0].Bytes(0)) != k || vec.Values[int64](got[0].Sample.Cols[1])[0] != n {
		t.Errorf("a sample of %s", got[0].Sample.Cols[0].Bytes(0))
	}
	check(t, state.Verify(nil, filepath.Join(root, "a"), files)) // nothing was written
}

// TestInterruptedRestore ends a job before its state has been loaded.
func TestInterruptedRestore(t *testing.T) {
	root := t.TempDir()
	s := open(t, filepath.Join(root, "live"), "")
	tables, scopes := subtasks(t, s, 1)
	for i := range 2 * vec.DefaultBatchSize {
		tables[0].add(i, 1)
	}
	checkpoint(t, s, scopes, filepath.Join(root, "chk"))
	again, over := open(t, filepath.Join(root, "live2"), filepath.Join(root, "chk")), errors.New("over")
	again.Interrupt(over)
	if _, err := again.Scope("op", 0, state.GroupsOf(0, 1, groups)).Table(newSums().declare()); !errors.Is(err, over) {
		t.Errorf("loading the state ends with %v", err)
	}
}
