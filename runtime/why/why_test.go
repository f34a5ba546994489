package why

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func ms(s string) int64 {
	t, err := time.Parse("15:04:05", s)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 1, 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC).UnixMilli()
}

// endless is a source that may always give more.
type endless struct{ connectors.Source }

func (endless) Bounded() bool { return false }

// job is a table of events that is sorted by time.
func job(idle time.Duration) *plan.Job {
	schema := vec.Schema{{Name: "ts", Type: types.TimestampOf(3)}}
	src := &plan.Source{Props: plan.Props{ID: "src", Schema: schema, Rowtime: 0}, Table: "events", Source: endless{}, Watermark: &expr.Column{T: schema[0].Type}, IdleTimeout: idle}
	sorted := &plan.Sort{Props: plan.Props{ID: "sort", Schema: schema, Rowtime: 0}, Input: src, Order: []order.Key{{Column: 0}}}
	return &plan.Job{Sinks: []*plan.Sink{{Props: plan.Props{ID: "sink", Schema: schema}, Input: sorted}}}
}

func report(idle time.Duration, wm int64, splits ...metrics.SplitStatus) string {
	s := metrics.Snapshot{
		Operators: []metrics.OperatorStatus{{ID: "sort", Name: "Sort", Watermark: wm, Moved: now.Add(-7 * time.Second), Late: 2, Waiting: []op.Waiting{{At: ms("10:00:09"), Rows: 5}}}},
		Sources:   []metrics.SourceStatus{{ID: "src", Table: "events", Rows: 1, Splits: splits}},
	}
	return Make(job(idle), s, now).String()
}

func TestWhatHoldsTheWatermarkBack(t *testing.T) {
	ahead := metrics.SplitStatus{ID: "fast", Watermark: ms("10:30:00"), Rows: 9, Moved: now, LastRow: now}
	still := metrics.SplitStatus{ID: "still", Watermark: ms("10:00:00"), Rows: 4, Moved: now.Add(-7 * time.Second), LastRow: now.Add(-7 * time.Second)}
	stuck := still
	stuck.LastRow = now
	idle := still
	idle.IdleSince = now.Add(-2 * time.Second)
	none := metrics.SplitStatus{ID: "empty", Watermark: metrics.NoWatermark}
	blank := none
	blank.Rows, blank.LastRow = 3, now
	for name, c := range map[string]struct {
		idle   time.Duration
		wm     int64
		splits []metrics.SplitStatus
		want   []string
	}{
		"a split without rows": {0, ms("10:00:00"), []metrics.SplitStatus{ahead, still}, []string{
			"watermark  2026-01-01 10:00:00.000, for 7s", "held by    table events, split still, which is at 2026-01-01 10:00:00.000 since 7s",
			"no rows come from it; the last came 7s ago. SET 'table.exec.source.idle-timeout'", "waiting    5 rows; the first is given at watermark 2026-01-01 10:00:09.000, 9s of event time to go",
			"late       2 rows",
		}},
		"a split that will be idle":     {time.Minute, ms("10:00:00"), []metrics.SplitStatus{ahead, still}, []string{"no rows come from it; after 1m0s it will be left out"}},
		"rows, but none newer":          {0, ms("10:00:00"), []metrics.SplitStatus{ahead, stuck}, []string{"rows come from it, but none is newer"}},
		"a split that gave nothing yet": {0, math.MinInt64, []metrics.SplitStatus{ahead, none}, []string{"watermark  none yet", "split empty: it has given no event time yet"}},
		"rows without a watermark":      {0, math.MinInt64, []metrics.SplitStatus{blank, ahead}, []string{"split empty: 3 rows came, and none has a watermark"}},
		"an idle split is left out":     {time.Second, ms("10:30:00"), []metrics.SplitStatus{idle, ahead}, []string{"split fast, which is at 2026-01-01 10:30:00.000"}},
		"all are idle":                  {time.Second, ms("10:00:00"), []metrics.SplitStatus{idle, idle}, []string{"idle       all splits of table events have given no rows for 1s"}},
		"rows on their way":             {0, ms("10:00:00"), []metrics.SplitStatus{ahead}, []string{"held by    nothing: table events, split fast is at 2026-01-01 10:30:00.000, rows are on their way"}},
		"no split is open": {0, ms("10:00:00"), nil, []string{
			"watermark  2026-01-01 10:00:00.000", "held by    table events: what is there has been read to its end (1 row): event time stands still until more comes",
		}},
	} {
		got := report(c.idle, c.wm, c.splits...)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not in\n%s", name, w, got)
			}
		}
	}
}

func TestNothingWaits(t *testing.T) {
	if got := Make(&plan.Job{}, metrics.Snapshot{}, now).String(); !strings.HasPrefix(got, "No operator of this job waits") {
		t.Error(got)
	}
}
