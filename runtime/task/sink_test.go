package task

import (
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// keyedSink takes changes by key, that is without -U.
type keyedSink struct{ connectors.Sink }

func (keyedSink) Accepts() connectors.ChangeSet { return connectors.Upsert }

// TestBatchOfNothingButUpdateBefore finds a sink that is given rows that it does not take, because
// a selection without rows was taken for none.
func TestBatchOfNothingButUpdateBefore(t *testing.T) {
	port := &sinkPort{plan: &plan.Sink{Sink: keyedSink{}}}
	for _, c := range []struct {
		kinds []vec.ChangeKind
		rows  int
	}{
		{[]vec.ChangeKind{vec.UpdateBefore, vec.UpdateBefore}, 0},
		{[]vec.ChangeKind{vec.UpdateBefore, vec.UpdateAfter}, 1},
		{[]vec.ChangeKind{vec.UpdateBefore}, 0},
		{[]vec.ChangeKind{vec.Insert, vec.Delete}, 2},
	} {
		b := &vec.Batch{Kinds: c.kinds}
		b.SetLen(len(c.kinds))
		got, err := port.accepted(b)
		if err != nil || got.Rows() != c.rows {
			t.Errorf("%v: %d rows, %v, want %d", c.kinds, got.Rows(), err, c.rows)
		}
	}
}
