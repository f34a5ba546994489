package blackhole

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

func TestRowsAreCounted(t *testing.T) {
	var rows atomic.Int64
	sink, err := Connector(&rows).Sink(&connectors.Table{})
	if err != nil {
		t.Fatal(err)
	}
	for subtask := range 2 {
		w, err := sink.Open(context.Background(), connectors.WriteRequest{Subtask: subtask, Parallelism: 2})
		if err != nil {
			t.Fatal(err)
		}
		b := &vec.Batch{}
		b.SetLen(10)
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		b.Sel = []int32{1, 4}
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if done, err := w.Prepare(true); err != nil || len(done) > 0 {
			t.Errorf("prepared %v, error %v", done, err)
		}
	}
	if rows.Load() != 24 {
		t.Errorf("%d rows, want 24", rows.Load())
	}
}

// TestTakesUpdatesWithoutBefore: a table takes no -U, and needs no key for that.
func TestTakesUpdatesWithoutBefore(t *testing.T) {
	sink, err := Connector(nil).Sink(&connectors.Table{})
	if err != nil {
		t.Fatal(err)
	}
	if got := sink.Accepts(); got != connectors.Upsert {
		t.Errorf("it takes %v, want %v", got, connectors.Upsert)
	}
	if _, ok := sink.(connectors.Keyless); !ok {
		t.Error("updates need a key")
	}
}
