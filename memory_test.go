package weir

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/vec/pages"
)

// TestBoundMemory has the bound of a job's state bound the process while it runs, unless nothing bounds the job or the environment bounds the process.
func TestBoundMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	awaitLimit(t, "blocks of other tests' jobs", func(int64) bool { return pages.Held() == 0 })
	for _, c := range []struct {
		memory string
		env    string
		want   int64
	}{{"", "", math.MaxInt64}, {"512mb", "1GiB", math.MaxInt64}, {"1gb", "", 1008 << 20}, {"512mb", "", 496 << 20}} {
		t.Setenv("GOMEMLIMIT", c.env)
		var opts []Option
		if c.memory != "" {
			opts = append(opts, WithSetting("weir.memory", c.memory))
		}
		env, err := NewEnv(opts...)
		if err != nil {
			t.Fatal(err)
		}
		rows := make(chan struct{ N int64 })
		if err := FromChannel(env, "t", rows); err != nil {
			t.Fatal(err)
		}
		res, err := env.ExecuteSQL(t.Context(), "SELECT n FROM t")
		if err != nil {
			t.Fatal(err)
		}
		res.Job().BoundMemory()
		if got := debug.SetMemoryLimit(-1); got != c.want {
			t.Errorf("weir.memory %q, GOMEMLIMIT %q: the limit is %d, want %d", c.memory, c.env, got, c.want)
		}
		close(rows)
		if err := res.Job().Wait(t.Context()); err != nil {
			t.Error(err)
		}
		awaitLimit(t, "no job", func(limit int64) bool { return limit == math.MaxInt64 })
	}
}

// awaitLimit collects garbage until the collector's limit is as wanted.
func awaitLimit(t *testing.T, with string, reached func(limit int64) bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !reached(debug.SetMemoryLimit(-1)); runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("with %s the limit is still %d", with, debug.SetMemoryLimit(-1))
		}
	}
}

// TestBoundMemoryOfSeveralJobs gives jobs of one process the sum of what they may take, whichever ends first, and the program its own limit back behind the last with a
// bound; one without changes nothing.
func TestBoundMemoryOfSeveralJobs(t *testing.T) {
	const own, one = 3 << 30, 1 << 30
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(own))
	var r residence
	first, second, third, free := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	r.bound(0, free)
	awaitLimit(t, "one without a bound", func(limit int64) bool { return limit == own })
	r.bound(one, first)
	r.bound(one, second)
	is := func(want int64) func(int64) bool { return func(limit int64) bool { return limit == want } }
	awaitLimit(t, "two jobs", is(2*one-programPages))
	close(first)
	awaitLimit(t, "the second", is(one-programPages))
	for range 3 {
		runtime.GC()
	}
	awaitLimit(t, "the second, behind collections", is(one-programPages))
	r.bound(2*one, third)
	close(second)
	awaitLimit(t, "the third", is(2*one-programPages))
	close(third)
	awaitLimit(t, "none with a bound", is(own))
	close(free)
}

// TestBoundMemoryCountsBlocks has memory beside the heap count for the bound, as long as it is held.
func TestBoundMemoryCountsBlocks(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	block := pages.New(64 << 20)
	if block == nil {
		t.Skip("no memory is beside the heap")
	}
	var r residence
	ended := make(chan struct{})
	defer close(ended)
	r.bound(1<<30, ended)
	awaitLimit(t, "a block", func(limit int64) bool { return limit == 1<<30-programPages-64<<20 })
	block.Free()
	awaitLimit(t, "none", func(limit int64) bool { return limit == 1<<30-programPages })
}

// TestBoundMemoryLeavesOthersLimit does not take a limit away that the program has set itself.
func TestBoundMemoryLeavesOthersLimit(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	var r residence
	ended := make(chan struct{})
	r.bound(1<<30, ended)
	debug.SetMemoryLimit(5 << 30)
	close(ended)
	for jobs := 1; jobs > 0; runtime.Gosched() {
		r.mu.Lock()
		jobs = r.jobs
		r.mu.Unlock()
	}
	if got := debug.SetMemoryLimit(-1); got != 5<<30 {
		t.Errorf("the limit is %d", got)
	}
}

// TestResidenceGivesWay has the collector's limit be a quarter above what is in use, at least, and come down again when that is gone; behind the job there is none.
func TestResidenceGivesWay(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	var r residence
	ended := make(chan struct{})
	held := make([]byte, 128<<20)
	runtime.GC()
	r.bound(1<<20, ended)
	if got := debug.SetMemoryLimit(-1); got < 160<<20 {
		t.Errorf("with 128 MB in use the limit is %d", got)
	}
	runtime.KeepAlive(held)
	held = nil
	awaitLimit(t, "nothing in use", func(limit int64) bool { return limit < 160<<20 })
	close(ended)
	awaitLimit(t, "the job ended", func(limit int64) bool { return limit == math.MaxInt64 })
}
