package agg

import (
	"context"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// TestACheckpointWritesOnlyWhatChanged gives every aggregate whose state grows with its rows a large group: one more row, or
// one taken back, is one more row of the state, and a restore gives the result again.
func TestACheckpointWritesOnlyWhatChanged(t *testing.T) {
	double, text := types.New(types.Double), types.String()
	median, err := Builtins().Lookup("PERCENTILE").With([]any{0.5})
	if err != nil {
		t.Fatal(err)
	}
	builtin := func(name string) *Func { return Builtins().Lookup(name) }
	for _, c := range []struct {
		fn       *Func
		arg      types.Type
		distinct bool
	}{
		{median, double, false},
		{builtin("MAX"), double, false},
		{builtin("COLLECT"), double, false},
		{builtin("ARRAY_AGG"), double, false},
		{builtin("LISTAGG"), text, false},
		{builtin("JSON_ARRAYAGG"), text, false},
		{builtin("FIRST_VALUE"), double, false},
		{builtin("COUNT"), double, true},
	} {
		t.Run(c.fn.Name, func(t *testing.T) {
			sig, err := c.fn.Resolve([]types.Type{c.arg})
			if err != nil {
				t.Fatal(err)
			}
			testOneMore(t, Call{Fn: c.fn, Sig: sig, Args: []int{0}, Distinct: c.distinct, Filter: -1}, c.arg)
		})
	}
}

func testOneMore(t *testing.T, call Call, arg types.Type) {
	fs := vfs.NewMem()
	store, scope, accs := openKept(t, fs, "", call, arg)
	const many = 1000
	change(t, accs, arg, 0, many)
	if n := kept(t, store, scope); n != many {
		t.Errorf("%d values are %d rows of the state", many, n)
	}
	change(t, accs, arg, many, many+1)
	if n := kept(t, store, scope); n != 1 {
		t.Errorf("one more value writes %d rows", n)
	}
	if err := accs.Retract([]uint32{0}, []*vec.Vector{values(arg, 7, 8)}, nil); err != nil {
		t.Fatal(err)
	}
	if n := kept(t, store, scope); n != 1 {
		t.Errorf("a value that is taken back deletes %d rows", n)
	}
	if _, err := store.Checkpoint("checkpoint"); err != nil {
		t.Fatal(err)
	}
	_, _, again := openKept(t, fs, "checkpoint", call, arg)
	carry(t, accs, again)
	if vec.CompareRows(result(t, again, call), 0, result(t, accs, call), 0) != 0 {
		t.Error("the restored accumulators have another result")
	}
}

// openKept makes accumulators with one group that are kept in a new store.
func openKept(t *testing.T, fs vfs.FS, checkpoint string, call Call, arg types.Type) (*state.Store, *state.Scope, *Accumulators) {
	t.Helper()
	store, err := state.Open(state.Options{Dir: "live" + checkpoint, Restore: checkpoint, MaxGroups: 128, FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	scope := store.Scope("op", 0, state.GroupsOf(0, 1, 128))
	accs := NewAccumulators([]Call{call}, vec.Schema{{Name: "x", Type: arg}}, true)
	accs.Grow(1)
	one := Owner{
		Key:   vec.Schema{{Name: "k", Type: types.New(types.Int).WithoutNull()}},
		Route: 1,
		Keys: func(groups []uint32, out []*vec.Vector) {
			for range groups {
				vec.Append(out[0], int32(0))
			}
		},
		Find: func(_ []*vec.Vector, n int) []uint32 { return make([]uint32, n) },
	}
	if err := accs.Keep(scope, one); err != nil {
		t.Fatal(err)
	}
	return store, scope, accs
}

// kept takes a snapshot, writes it, and counts its rows.
func kept(t *testing.T, store *state.Store, scope *state.Scope) int {
	t.Helper()
	f, err := scope.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	n := f.Rows()
	if err := store.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	return n
}

// change adds the values from i to j to the group.
func change(t *testing.T, accs *Accumulators, arg types.Type, i, j int) {
	t.Helper()
	if err := accs.Add(make([]uint32, j-i), []*vec.Vector{values(arg, i, j)}, nil); err != nil {
		t.Fatal(err)
	}
}

// values are the numbers from i to j, as doubles or as texts.
func values(typ types.Type, i, j int) *vec.Vector {
	v := vec.New(typ)
	for ; i < j; i++ {
		if typ.IsString() {
			v.AppendBytes([]byte{'v', byte('a' + i/100), byte('0' + i/10%10), byte('0' + i%10)})
		} else {
			vec.Append(v, float64(i))
		}
	}
	return v
}

// carry takes over what is a value a group, which the operator keeps.
func carry(t *testing.T, from, to *Accumulators) {
	t.Helper()
	var cols []*vec.Vector
	for _, f := range from.KeptSchema() {
		cols = append(cols, vec.New(f.Type))
	}
	if err := from.AppendKept([]uint32{0}, cols); err != nil {
		t.Fatal(err)
	}
	if err := to.LoadKept([]uint32{0}, cols); err != nil {
		t.Fatal(err)
	}
}

func result(t *testing.T, accs *Accumulators, call Call) *vec.Vector {
	t.Helper()
	out := vec.New(call.Sig.Result)
	if err := accs.Results([]uint32{0}, []*vec.Vector{out}); err != nil {
		t.Fatal(err)
	}
	return out
}
