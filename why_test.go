package weir

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/op"
)

// TestWhy asks a running job why its window does not fire, before and after the rows that make it.
func TestWhy(t *testing.T) {
	for _, parallelism := range []int{1, 3} {
		e, err := NewEnv(WithParallelism(parallelism))
		if err != nil {
			t.Fatal(err)
		}
		type event struct {
			K  string    `weir:"k"`
			TS time.Time `weir:"ts"`
		}
		in, out := make(chan event), make(chan Change[struct {
			K string
			N int64
		}], 8)
		if err := FromChannel(e, "events", in, WithWatermark("ts", "ts - INTERVAL '5' SECOND")); err != nil {
			t.Fatal(err)
		}
		if err := ToChannel(e, "counts", out); err != nil {
			t.Fatal(err)
		}
		res, err := e.ExecuteSQL(t.Context(), "INSERT INTO counts SELECT k, COUNT(*) AS n FROM TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY k, window_start, window_end")
		if err != nil {
			t.Fatal(err)
		}
		job := res.Job()
		minute := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
		wait := func(what string, ok func(Why) bool) Why {
			t.Helper()
			deadline := time.Now().Add(time.Minute)
			for {
				w := job.Why()
				if len(w.Operators) == 1 && ok(w) {
					return w
				}
				if time.Now().After(deadline) {
					t.Fatalf("parallelism %d: never saw %s:\n%s", parallelism, what, w)
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
		wait("an operator that waits", func(w Why) bool { return strings.Contains(w.String(), "waiting    nothing") })
		for _, s := range []int{1, 30, 58} {
			in <- event{"a", minute.Add(time.Duration(s) * time.Second)}
		}
		w := wait("three rows that wait", func(w Why) bool {
			o := w.Operators[0]
			return len(o.Waiting) == 1 && o.Waiting[0].Rows == 3 && o.Watermark == minute.Add(53*time.Second).UnixMilli()
		})
		o := w.Operators[0]
		if o.Waiting[0].Start != minute.UnixMilli() || o.Waiting[0].At != minute.Add(time.Minute).UnixMilli()-1 || o.Waiting[0].Keys != 1 {
			t.Errorf("parallelism %d: %+v", parallelism, o.Waiting)
		}
		for _, part := range []string{
			"WindowAggregate TUMBLE(", "held by    table", "which is at 2026-01-01 10:00:53.000",
			"[2026-01-01 10:00:00.000, 2026-01-01 10:01:00.000) 3 rows of 1 group; fires at watermark 2026-01-01 10:00:59.999, 6.999s of event time to go",
		} {
			if !strings.Contains(w.String(), part) {
				t.Errorf("parallelism %d: %q is not in\n%s", parallelism, part, w)
			}
		}
		in <- event{"a", minute.Add(90 * time.Second)} // fires the window
		wait("the window fire", func(w Why) bool { return w.Operators[0].Watermark > o.Waiting[0].At })
		in <- event{"a", minute.Add(10 * time.Second)}  // late
		in <- event{"a", minute.Add(100 * time.Second)} // whose watermark brings it to the window, where that is behind an exchange
		wait("the next window, and a late row", func(w Why) bool {
			o := w.Operators[0]
			return o.Late == 1 && len(o.Waiting) == 1 && o.Waiting[0].Rows == 2
		})
		close(in)
		if err := job.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		if o := job.Why().Operators[0]; o.Watermark != op.MaxWatermark || len(o.Waiting) != 0 || o.Holder != nil {
			t.Errorf("parallelism %d, at the end: %+v", parallelism, o)
		}
	}
}
