package task

import (
	"time"

	"github.com/weirstream/weir/connectors"
)

// timers holds the earliest moment at which a task wants to be woken. Times are checked
// against the clock once a batch; a channel of the clock's is waited on only when the task
// has nothing to do.
type timers struct {
	clock connectors.Clock
	next  time.Time // zero: none
	armed time.Time // what c was asked for
	c     <-chan time.Time
}

// at asks to be woken at t.
func (t *timers) at(at time.Time) {
	if t.next.IsZero() || at.Before(t.next) {
		t.next = at
	}
}

// due gives the time when the moment has come, and forgets the moment: who has more to wait for
// asks again.
func (t *timers) due() (now time.Time, ok bool) {
	if t.next.IsZero() {
		return now, false
	}
	now = t.clock.Now()
	if now.Before(t.next) {
		return now, false
	}
	t.next = time.Time{}
	return now, true
}

// channel gives what to wait on; nil when nothing is asked for.
func (t *timers) channel() <-chan time.Time {
	if t.next.IsZero() {
		return nil
	}
	if t.c == nil || !t.armed.Equal(t.next) {
		t.armed = t.next
		t.c = t.clock.After(t.next.Sub(t.clock.Now()))
	}
	return t.c
}

// fired says that the channel has given its value.
func (t *timers) fired() { t.c = nil }
