package weir

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestBoundMemory has the bound of a job's state bound the process, unless nothing bounds the job or the environment bounds the process.
func TestBoundMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
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
		res, err := env.ExecuteSQL(t.Context(), "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		debug.SetMemoryLimit(math.MaxInt64)
		res.Job().BoundMemory()
		if got := debug.SetMemoryLimit(-1); got != c.want {
			t.Errorf("weir.memory %q, GOMEMLIMIT %q: the limit is %d, want %d", c.memory, c.env, got, c.want)
		}
		if err := res.Job().Wait(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestResidenceGivesWay has the collector's limit be a quarter above what is in use, at least, and come down again when that is gone; behind the job there is none.
func TestResidenceGivesWay(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	ended := make(chan struct{})
	r := newResidence(1<<20, ended)
	held := make([]byte, 128<<20)
	runtime.GC()
	r.keep()
	if got := debug.SetMemoryLimit(-1); got < 160<<20 {
		t.Errorf("with 128 MB in use the limit is %d", got)
	}
	runtime.KeepAlive(held)
	held = nil
	wait := func(what string, reached func(limit int64) bool) {
		for deadline := time.Now().Add(time.Minute); !reached(debug.SetMemoryLimit(-1)); runtime.GC() {
			if time.Now().After(deadline) {
				t.Fatalf("with %s the limit is still %d", what, debug.SetMemoryLimit(-1))
			}
		}
	}
	wait("nothing in use", func(limit int64) bool { return limit < 160<<20 })
	close(ended)
	wait("the job ended", func(limit int64) bool { return limit == math.MaxInt64 })
}
