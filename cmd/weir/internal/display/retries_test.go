package display

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/metrics"
)

// TestRetriesAreTold tells of records that are refused at once, then every half a minute as long as there are more.
func TestRetriesAreTold(t *testing.T) {
	var out strings.Builder
	r := NewRetries(&out)
	for _, at := range []struct {
		second  int
		records int64
		want    string
	}{
		{1, 0, ""},
		{2, 1, "weir: warning: table t: 1 record refused so far, and written again: InternalFailure: out of order\n"},
		{3, 5, ""},
		{31, 6, ""},
		{32, 7, "weir: warning: table t: 7 records refused so far, and written again: InternalFailure: out of order\n"},
		{70, 7, ""},
		{71, 8, "weir: warning: table t: 8 records refused so far, and written again: InternalFailure: out of order\n"},
	} {
		out.Reset()
		sink := metrics.SinkStatus{ID: "s", Table: "t", Retried: at.records, Cause: errors.New("InternalFailure: out of order")}
		r.look(time.Unix(int64(at.second), 0), weir.Metrics{Snapshot: &metrics.Snapshot{Sinks: []metrics.SinkStatus{sink}}})
		if out.String() != at.want {
			t.Errorf("second %d: %q, want %q", at.second, out.String(), at.want)
		}
	}
}
