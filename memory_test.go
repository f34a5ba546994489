package weir

import (
	"math"
	"runtime/debug"
	"testing"
)

// TestBoundMemory has the bound of a job's state bound the process, unless nothing bounds the job or the environment bounds the process.
func TestBoundMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	for _, c := range []struct {
		memory string
		env    string
		want   int64
	}{{"", "", math.MaxInt64}, {"512mb", "1GiB", math.MaxInt64}, {"512mb", "", 768 << 20}, {"1mb", "", 65 << 20}} {
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
