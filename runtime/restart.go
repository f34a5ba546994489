package runtime

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/state"
)

// restarts counts the failures of a job.
type restarts struct {
	plan.Restart
	attempts int
	delay    time.Duration
	began    time.Time // of the present attempt

	// last is what the job failed with, at is the checkpoint that it had begun with.
	last string
	at   int64
	same int // how often it came again
}

// sameFailure is how often a job may fail with the same fault of its input without getting any further.
const sameFailure = 2

// next decides after a failure at a time, of an attempt that would begin again with a checkpoint. It gives why not, or how
// long to wait.
func (r *restarts) next(now time.Time, err error, from int64) (wait time.Duration, why string) {
	if r.Delay <= 0 {
		return 0, "restarts are switched off ('restart-strategy.type')"
	}
	if errors.Is(err, state.ErrMismatch) {
		return 0, "its state does not fit the job, and will not the next time"
	}
	if damaged := (*checkpoint.DamagedError)(nil); errors.As(err, &damaged) {
		return 0, "the checkpoint that it would go on from is damaged"
	}
	if r.repeats(err, from) {
		return 0, "the same row fails again, and will each time"
	}
	if r.delay == 0 || r.Reset > 0 && now.Sub(r.began) >= r.Reset {
		r.delay, r.attempts = r.Delay, 0
	} else {
		r.delay = min(time.Duration(float64(r.delay)*max(r.Factor, 1)), max(r.Most, r.Delay))
	}
	if r.attempts++; r.Attempts > 0 && r.attempts > r.Attempts {
		return 0, "it has been restarted as often as 'restart-strategy' allows"
	}
	jitter := 1 + r.Jitter*(2*rand.Float64()-1)
	return time.Duration(float64(r.delay) * jitter), ""
}

// repeats reports whether a fault in the input has come again from the same checkpoint: it is in the rows, and another
// attempt would find it there.
func (r *restarts) repeats(err error, from int64) bool {
	var fault *diag.Error
	if !errors.As(err, &fault) {
		return false
	}
	if err.Error() != r.last || from != r.at {
		r.last, r.at, r.same = err.Error(), from, 0
		return false
	}
	r.same++
	return r.same >= sameFailure
}
