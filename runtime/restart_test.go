package runtime

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/state"
)

// TestDelaysOfRestartsGrow fails a job again and again: each restart waits half as long again, up to the limit, and after a
// long run as at first.
func TestDelaysOfRestartsGrow(t *testing.T) {
	r := restarts{Restart: plan.Restart{Delay: time.Second, Factor: 1.5, Most: 3 * time.Second, Reset: time.Hour}}
	now := time.Unix(0, 0)
	next := func() time.Duration {
		wait, why := r.next(now, errors.New("the network is down"), 1)
		if why != "" {
			t.Fatal(why)
		}
		r.began = now
		return wait
	}
	for i, want := range []time.Duration{1000, 1500, 2250, 3000, 3000} {
		if got := next(); got != want*time.Millisecond {
			t.Errorf("restart %d waits %v, want %v", i, got, want*time.Millisecond)
		}
	}
	now = now.Add(time.Hour)
	if got := next(); got != time.Second {
		t.Errorf("after an hour's run a restart waits %v, want the first delay", got)
	}
}

// TestStateThatDoesNotFitEndsTheJob has a job find state of other columns: it would find it again at each restart.
func TestStateThatDoesNotFitEndsTheJob(t *testing.T) {
	r := restarts{Restart: plan.Restart{Delay: time.Second, Factor: 1.5, Most: 3 * time.Second, Reset: time.Hour}}
	err := fmt.Errorf("running GroupAggregate: %w", fmt.Errorf("state has other columns: %w", state.ErrMismatch))
	if wait, why := r.next(time.Unix(0, 0), err, 1); why == "" {
		t.Errorf("the job is restarted after %v", wait)
	}
}
