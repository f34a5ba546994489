package task

import (
	"testing"

	"github.com/weirstream/weir/runtime/plan"
)

// TestWatermarkOfASourceWaitsForAllSubtasks has a checkpoint come before one subtask has read a row: a job that goes on from it with the watermark of
// the others would take that one's rows for late.
func TestWatermarkOfASourceWaitsForAllSubtasks(t *testing.T) {
	at := func(wm int64) *int64 { return &wm }
	n := &plan.Source{}
	first, second, third := &task{}, &task{}, &task{}
	p := newProgress()
	report := func(from *task, active bool, wm *int64) {
		p.take(ack{task: from, sources: []sourceReport{{source: n, active: active, watermark: wm}}})
	}
	watermark := func() *int64 { return p.of(n).manifest(n, func(string) bool { return true }).Watermark }
	report(first, true, at(30_000))
	report(second, true, nil)
	report(third, false, nil)
	if wm := watermark(); wm != nil {
		t.Errorf("the watermark is %d although a subtask has none yet", *wm)
	}
	report(second, true, at(20_000))
	if wm := watermark(); wm == nil || *wm != 20_000 {
		t.Errorf("the watermark is %v, want the least of those that hold event time back", wm)
	}
}
