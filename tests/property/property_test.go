// Package property tests what every query must keep: random rows through random one-input queries give the same
// folded result for every batch size, parallelism, mini-batch setting and arrival order within the watermark's bound, stopped
// and restored wherever, and the same as a naive reference, which is written for clarity.
//
// Enter at TestQueriesMeanWhatTheySay; queries with their meaning are in query_test.go, the reference in naive_test.go.
package property

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/tests/golden"
)

var (
	count = flag.Int("queries", 60, "how many queries to run")
	first = flag.Uint64("seed", 1, "the first query's seed")
)

func TestQueriesMeanWhatTheySay(t *testing.T) {
	for i := range *count {
		seed := *first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 0x77656972))
			q := kinds[seed%uint64(len(kinds))](rng)
			log := inserts(rng, 60)
			if q.changes {
				log = changelog(rng, 80)
			}
			want := q.naive(folded(log))
			slices.Sort(want)
			stops := golden.RandomStops(rng, 2)
			for _, v := range append(stops, golden.Variant{BatchSize: 1, Parallelism: 1}, golden.Variant{BatchSize: 7, Parallelism: 4}, golden.Variant{Parallelism: 1}, golden.Variant{Parallelism: 4}) {
				for _, settings := range []string{"", rowByRow, gathered(rng)} {
					got := run(t, q.sql, shuffled(rng, log), v, settings)
					if d := cmp.Diff(want, got); d != "" {
						t.Fatalf("%s\nwith %s, %q, differs (-naive +weir):\n%s", q.sql, v, settings, d)
					}
				}
			}
		})
	}
}

// rowByRow are the settings without any merging of updates.
const rowByRow = "table.exec.mini-batch.enabled = false\n"

// gathered are settings with mini-batches of random bounds.
func gathered(rng *rand.Rand) string {
	return fmt.Sprintf("table.exec.mini-batch.enabled = true\ntable.exec.mini-batch.size = %d\ntable.exec.mini-batch.allow-latency = %s\n",
		1+rng.IntN(40), pick(rng, []string{"1 ms", "1 h"}))
}

// run gives the sorted lines of a query's result.
func run(t *testing.T, sql string, log []change, v golden.Variant, settings string) []string {
	t.Helper()
	text := fmt.Sprintf("=== a query\n-- set --\n%s-- sql --\n"+
		"CREATE TABLE t (id BIGINT, k STRING, g BIGINT, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '%d' SECOND) WITH ('connector' = 'x');\n%s;\n%s-- result --\n",
		settings, delay/1000, sql, input(log))
	f, err := golden.Parse("query.test", text)
	if err != nil {
		t.Fatal(err)
	}
	table, err := (&golden.Runner{}).Result(t.Context(), f, f.Cases[0], v)
	if err != nil {
		t.Fatalf("%s\nwith %s: %v", sql, v, err)
	}
	var out []string
	for _, r := range table.Rows {
		out = append(out, line(r...))
	}
	slices.Sort(out)
	return out
}
