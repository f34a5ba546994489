package optest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// Resume asserts that an operator survives: it runs a script with barriers at random steps, at some of which the operator is
// thrown away and restored from a checkpoint into new ones, at another parallelism, and compares the rows with those of
// a run that is not disturbed. keys are the input columns by which rows are spread over subtasks; without any there is
// one subtask, and the rows must come in the same order too.
//
// Memory is bounded in two of the runs: so that everything is on disk that can be, and so that rows wait for it, up to the next barrier or a second of
// the clock. In the latter every row gives its own changes (RowByRow): how those of a batch are merged depends on which rows wait. A lifetime must not end in the
// second that a row may wait.
func Resume(t testing.TB, n plan.Node, cfg plan.Config, script string, batch int, keys []int) {
	t.Helper()
	resume(t, n, cfg, script, batch, keys, []int64{0, onDisk, 0, 1 << 13})
}

// ResumeBounded is Resume with an amount of memory, in bytes, in both of the bounded runs.
func ResumeBounded(t testing.TB, n plan.Node, cfg plan.Config, script string, batch int, keys []int, memory int64) {
	t.Helper()
	resume(t, n, cfg, script, batch, keys, []int64{0, memory, 0, memory})
}

// onDisk is so little memory that everything is on disk that can be.
const onDisk = 2

// Bounded asserts that a script gives what it does without a bound where memory is bounded to so many bytes and there are no checkpoints; its barriers are left out. Every row gives its own changes, as in Resume.
func Bounded(t testing.TB, n plan.Node, cfg plan.Config, script string, batch int, keys []int, memory int64) {
	t.Helper()
	cfg.RowByRow = true
	script = strings.ReplaceAll(script, "barrier\n", "")
	want, err := Run(n, cfg, script, batch)
	if err != nil {
		t.Fatal(err)
	}
	got, err := runWith(&spread{node: n, keys: keys, rng: rand.New(rand.NewPCG(1, 1)), fs: vfs.NewMem(), memory: memory, scratch: true}, n, cfg, script, batch)
	if err != nil {
		t.Fatal(err)
	}
	if g, w := rowsOf(got.Out, len(keys) > 0), rowsOf(want.Out, len(keys) > 0); g != w {
		t.Fatalf("with %d bytes\n%s\nwithout a bound\n%s\nscript:\n%s", memory, g, w, script)
	}
}

func resume(t testing.TB, n plan.Node, cfg plan.Config, script string, batch int, keys []int, memories []int64) {
	t.Helper()
	for k, memory := range memories {
		seed, cfg := uint64(k), cfg
		rng := rand.New(rand.NewPCG(seed, 1))
		cfg.RowByRow = cfg.RowByRow || memory > onDisk
		marked := withBarriers(script, rng)
		want, err := Run(n, cfg, marked, batch)
		if err != nil {
			t.Fatal(err)
		}
		s := &spread{node: n, keys: keys, rng: rng, fs: vfs.NewMem(), every: seed == 0, memory: memory}
		got, err := runWith(s, n, cfg, marked, batch)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if g, w := rowsOf(got.Out, len(keys) > 0), rowsOf(want.Out, len(keys) > 0); g != w || got.Late != want.Late {
			t.Fatalf("seed %d: restored %d times, %d late rows and\n%s\nundisturbed %d late rows and\n%s\nscript:\n%s", seed, s.restored, got.Late, g, want.Late, w, marked)
		}
	}
}

// withBarriers puts barriers between the steps of a script, if it has none.
func withBarriers(script string, rng *rand.Rand) string {
	if strings.Contains(script, "barrier\n") {
		return script
	}
	var out []string
	for _, line := range strings.Split(script, "\n") {
		out = append(out, line)
		if rng.IntN(3) == 0 {
			out = append(out, "barrier")
		}
	}
	return strings.Join(out, "\n")
}

// rowsOf gives the rows of an output, without watermarks.
func rowsOf(out string, sorted bool) string {
	var rows []string
	for _, line := range strings.Split(out, "\n") {
		if line != "" && !strings.HasPrefix(line, "watermark") {
			rows = append(rows, line)
		}
	}
	if sorted {
		slices.Sort(rows)
	}
	return strings.Join(rows, "\n")
}

// spread is an operator in several subtasks, whose rows it deals out by key group, with a store.
type spread struct {
	node   plan.Node
	keys   []int
	rng    *rand.Rand
	fs     vfs.FS
	every  bool // restore at every barrier
	memory int64
	// scratch: there are no checkpoints.
	scratch bool

	ctx      *op.Context
	store    *state.Store
	ops      []op.Operator
	wake     []time.Time
	restored int
	dirs     int
	hashes   []uint64
}

const keyGroups = 128

func (s *spread) Open(ctx *op.Context) error {
	s.ctx = ctx
	return s.start("", 1+s.rng.IntN(3))
}

// start opens a store and the operators over it.
func (s *spread) start(checkpoint string, parallelism int) (err error) {
	if len(s.keys) == 0 {
		parallelism = 1
	}
	s.dirs++
	s.store, err = state.Open(state.Options{
		Dir: fmt.Sprint("live", s.dirs), Restore: checkpoint, MaxGroups: keyGroups, FS: s.fs, Memory: s.memory, Scratch: s.scratch,
		LoadAtOnce: []int64{0, 1}[s.rng.IntN(2)],
	})
	if err != nil {
		return err
	}
	s.ops, s.wake = nil, make([]time.Time, parallelism)
	for i := range parallelism {
		o, err := op.New(s.node)
		if err != nil {
			return err
		}
		c := *s.ctx
		c.Subtask, c.Parallelism = i, parallelism
		c.State = s.store.Scope("op", i, state.GroupsOf(i, parallelism, keyGroups))
		c.WakeAt = func(t time.Time) {
			if s.wake[i].IsZero() || t.Before(s.wake[i]) {
				s.wake[i] = t
			}
			s.ctx.WakeAt(t)
		}
		s.ops = append(s.ops, o)
		if err := o.Open(&c); err != nil {
			return err
		}
	}
	if checkpoint != "" && len(s.store.Unclaimed()) > 0 {
		return fmt.Errorf("nobody took %v", s.store.Unclaimed())
	}
	return nil
}

// Process deals the rows out, keeping their order in each subtask.
func (s *spread) Process(in int, b *vec.Batch) error {
	if len(s.ops) == 1 {
		return s.ops[0].Process(in, b)
	}
	var cols []*vec.Vector
	for _, k := range s.keys {
		cols = append(cols, b.Cols[k])
	}
	s.hashes = make([]uint64, b.Len())
	vec.HashRows(cols, nil, s.hashes)
	for i, o := range s.ops {
		rows := []int32{}
		for k, h := range s.hashes {
			if vec.KeyGroup(h, keyGroups)*len(s.ops)/keyGroups == i {
				rows = append(rows, int32(k))
			}
		}
		if len(rows) == 0 {
			continue
		}
		part := &vec.Batch{Kinds: b.Kinds, Cols: b.Cols}
		part.SetLen(b.Len())
		part.Narrow(rows)
		if err := o.Process(in, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *spread) each(f func(o op.Operator) error) error {
	for _, o := range s.ops {
		if err := f(o); err != nil {
			return err
		}
	}
	return nil
}

func (s *spread) Watermark(wm int64) error {
	return s.each(func(o op.Operator) error { return o.Watermark(wm) })
}

func (s *spread) Tick(now time.Time) error {
	for i, o := range s.ops {
		if s.wake[i].IsZero() || s.wake[i].After(now) {
			continue
		}
		s.wake[i] = time.Time{}
		if err := o.Tick(now); err != nil {
			return err
		}
	}
	for _, w := range s.wake {
		if !w.IsZero() {
			s.ctx.WakeAt(w)
		}
	}
	return nil
}

func (s *spread) Finish() error { return s.each(op.Operator.Finish) }

func (s *spread) Close() error {
	if err := s.each(op.Operator.Close); err != nil {
		return err
	}
	return s.store.Close()
}

// Snapshot is a barrier: state is written, and now and then all begins anew from it.
func (s *spread) Snapshot() (state.Frozen, error) {
	for _, o := range s.ops {
		f, err := o.Snapshot()
		if err != nil {
			return f, err
		}
		if err := s.store.Write(context.Background(), f); err != nil {
			return f, err
		}
	}
	if !s.every && s.rng.IntN(2) == 0 {
		s.store.Abandon()
		return state.Frozen{}, nil
	}
	s.dirs++
	dir := fmt.Sprint("checkpoint", s.dirs)
	files, err := s.store.Checkpoint(dir)
	if err != nil {
		return state.Frozen{}, err
	}
	if err := state.Verify(s.fs, dir, files); err != nil {
		return state.Frozen{}, err
	}
	if err := s.Close(); err != nil {
		return state.Frozen{}, err
	}
	s.restored++
	return state.Frozen{}, s.start(dir, 1+s.rng.IntN(4))
}
