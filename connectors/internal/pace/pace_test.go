package pace

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/clock"
)

func TestWakerCallsWhenTheTimeHasCome(t *testing.T) {
	manual := clock.NewManual(time.Unix(0, 0))
	woken := make(chan struct{}, 10)
	w := NewWaker(manual, func() { woken <- struct{}{} })
	defer w.Close()
	for range 3 { // it can be used again
		w.After(time.Second)
		w.After(time.Second) // asked twice, called once
		manual.Advance(999 * time.Millisecond)
		if len(woken) > 0 {
			t.Fatal("woken too early")
		}
		manual.Advance(time.Millisecond)
		<-woken
	}
	if len(woken) > 0 {
		t.Error("woken more than once for a wait")
	}
}

func TestCloseEndsAWait(t *testing.T) {
	manual := clock.NewManual(time.Unix(0, 0))
	w := NewWaker(manual, func() { t.Error("woken after Close") })
	w.After(time.Second)
	w.Close()
	manual.Advance(time.Minute)
}
