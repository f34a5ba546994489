package weir

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWaitEndsWithItsContext has Wait give up at once when its own context ends, which is not that of the job: that goes on.
func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newTestEnv(t)
		rows := make(chan struct{ N int64 })
		if err := FromChannel(e, "t", rows); err != nil {
			t.Fatal(err)
		}
		res, err := e.ExecuteSQL(t.Context(), "CREATE TABLE o (n BIGINT) WITH ('connector' = 'blackhole'); INSERT INTO o SELECT n FROM t")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if err := res.Job().Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		close(rows)
		if err := res.Job().Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestAStopThatTakesTooLongIsAnError tells of rows that a stop could not bring to their sink: it is no clean end.
func TestAStopThatTakesTooLongIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newTestEnv(t)
		if err := ToChannel(e, "o", make(chan Change[struct{ N int64 }])); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		res, err := e.ExecuteSQL(ctx, "INSERT INTO o VALUES (1), (2)")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		if err := res.Job().Wait(ctx); err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "stopping took longer than 30s") {
			t.Errorf("%v", err)
		}
	})
}
