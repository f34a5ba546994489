package task

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/clock"
)

func TestBoundedJob(t *testing.T) {
	src := &fakeSource{splits: []*fakeSplit{newSplit("a", rows(5)...)}}
	sink := newSink()
	job := jobOf(sinkNode(sink, 1, traceNode(sink, 1, sourceNode(src, 1))))
	j := start(t, job, clock.Real{})
	wait(t, j)
	if d := cmp.Diff([]string{"0", "1", "2", "3", "4", "w4", "wmax", "end"}, sink.written); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"0", "1", "2", "3", "4"}, sink.committed); d != "" {
		t.Error(d)
	}
	if sink.closed != 1 || src.closes != 1 {
		t.Errorf("%d writers and %d readers were closed", sink.closed, src.closes)
	}
	if got := j.Metrics(); got.RowsRead() != 5 {
		t.Errorf("%d rows read", got.RowsRead())
	}
}
