package weir_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirstream/weir/state"
)

// TestLastRowsForAnotherSink goes on with a sink that takes other changes: where it needs the row before an update the state has
// rows, where it does not it has their times alone, and neither can stand for the other.
func TestLastRowsForAnotherSink(t *testing.T) {
	const events = "CREATE TABLE e (n BIGINT, k AS n % 5, ts AS TO_TIMESTAMP_LTZ(n, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'tap');"
	const query = "SELECT k, n AS c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM e) WHERE rn = 1"
	for name, c := range map[string]struct{ before, after, has, needs string }{
		"rows before updates no longer": {"changes", "upserts", "(row n BIGINT, row k INT, row ts TIMESTAMP_LTZ(3))", "(time TIMESTAMP_LTZ(3))"},
		"rows before updates from now":  {"upserts", "changes", "(time TIMESTAMP_LTZ(3))", "(row n BIGINT, row k INT, row ts TIMESTAMP_LTZ(3))"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			into := func(table string) string {
				return events + "CREATE TABLE changes (k BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = '" + t.TempDir() + "', 'format' = 'changelog-json');" +
					"CREATE TABLE upserts (k INT, c BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'blackhole');" +
					"INSERT INTO " + table + " " + query
			}
			r.sql = into(c.before)
			r.let(100)
			j := r.begin()
			r.await("the rows", func() bool { return r.read.Load() == 200 })
			r.stop(j)

			r.finish()
			r.sql = into(c.after)
			j, err := r.start()
			if err == nil {
				err = j.Wait(t.Context())
			}
			if !errors.Is(err, state.ErrMismatch) {
				t.Fatalf("the job goes on, with %v", err)
			}
			for _, text := range []string{`state "rows" of operator`, "has the columns " + c.has, "the job needs " + c.needs} {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q is not said: %v", text, err)
				}
			}

			r.sql = into(c.before)
			r.wait(r.begin())
		})
	}
}
