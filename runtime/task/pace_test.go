package task

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/op"
)

func TestPace(t *testing.T) {
	c := manual()
	shared := newPace(2)
	woken := 0
	shared.wake[0] = func() { woken++ }
	fast, slow := &paced{pace: shared, subtask: 0}, &paced{pace: shared, subtask: 1}
	reads := func(p *paced, wm int64) bool {
		_, wait := p.hold(wm, c.Now)
		return !wait
	}
	reads(slow, 0)
	for i := range int64(paceBatches) {
		if !reads(fast, 10+i) {
			t.Fatalf("held back after %d batches", i)
		}
	}
	if reads(fast, 1000) {
		t.Fatal("not held back")
	}
	reads(slow, 5)
	if woken > 0 || reads(fast, 1000) {
		t.Error("let go although the slow one has reached nothing")
	}
	c.Advance(paceHold)
	if !reads(fast, 1000) || reads(fast, 1001) {
		t.Error("not one batch in the time that it is held back at most")
	}
	reads(slow, 10+paceBatches/2+2)
	if woken != 1 || !reads(fast, 1001) {
		t.Errorf("woken %d times when the slow one caught up", woken)
	}
	for i := int64(0); reads(fast, 2000+i); i++ {
	}
	slow.leave()
	if woken != 2 || !reads(fast, 3000) {
		t.Error("held back by one that has nothing to read")
	}
	if until, wait := fast.hold(3001, func() time.Time { return time.Time{} }); wait || !until.IsZero() || shared.slowest(0) != op.MaxWatermark {
		t.Error("the slow one is still counted")
	}
}
