package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestPoints: the points of both plans of one statement, a sink with another key than the query's.
func TestPoints(t *testing.T) {
	weir := weirPoints(`Sink table=s
│  (k STRING, n BIGINT) changes=[I,UA,D] key=[k] parallelism=1
└─ Materialize key=[k]
   │  (k STRING, n BIGINT) changes=[I,UA,D] key=[k] parallelism=1
   └─ Project select=[m AS k, n]
      │  (k STRING, n BIGINT) changes=[I,UB,UA] parallelism=1
      └─ GroupAggregate by=[g] aggregates=[MAX(k), COUNT(*)]
         │  (g INT, m STRING, n BIGINT) changes=[I,UB,UA] key=[g] parallelism=1
         └─ Source table=t decode=[k, g]
               (k STRING, g INT) changes=[I] parallelism=1`)
	flink := flinkPoints(`== Abstract Syntax Tree ==
LogicalSink(table=[s], fields=[k, n])

== Optimized Physical Plan ==
Sink(table=[s], fields=[k, n], upsertMaterialize=[true], changelogMode=[NONE])
+- Calc(select=[m AS k, n], changelogMode=[I,UB,UA])
   +- GroupAggregate(groupBy=[g], select=[g, MAX(k) AS m, COUNT(*) AS n], changelogMode=[I,UB,UA])
      +- Exchange(distribution=[hash[g]], changelogMode=[I])
         +- TableSourceScan(table=[[t]], fields=[k, g], changelogMode=[I])

== Optimized Execution Plan ==
Sink(table=[s], fields=[k, n], upsertMaterialize=[true])
`)
	const want = "[sink=I,UB,UA aggregate=I,UB,UA source=I]"
	if got := fmt.Sprint(weir); got != want {
		t.Errorf("Weir's: %s, want %s", got, want)
	}
	if !agree(weir, flink) {
		t.Errorf("Flink's: %v, want %s", flink, want)
	}
}

// TestPointsAgree: ranks leave out kinds that cannot come, and sinks what a rank below them leaves out.
func TestPointsAgree(t *testing.T) {
	points := func(text string) (out []point) {
		for _, p := range strings.Fields(text) {
			what, kinds, _ := strings.Cut(p, "=")
			out = append(out, point{what, kinds})
		}
		return out
	}
	for _, c := range []struct {
		ours, theirs string
		want         bool
	}{
		{"sink=I,UB,UA aggregate=I,UB,UA source=I", "sink=I,UB,UA aggregate=I,UB,UA source=I", true},
		{"aggregate=I,UA source=I", "aggregate=I,UB,UA source=I", false},
		{"rank=I,D source=I", "rank=I,UB,UA,D source=I", true},
		{"rank=I,UB,UA source=I", "rank=I,UB,UA,D source=I", true},
		{"rank=I,UB,UA source=I,UB,UA,D", "rank=I,UB,UA,D source=I,UB,UA,D", false},
		{"rank=I,UA source=I", "rank=I,UB,UA,D source=I", false},
		{"rank=I source=I", "rank=I,UB,UA,D source=I", false},
		{"rank=I source=I", "window_rank=I source=I", false},
		{"sink=I,UA rank=I,UA source=I", "sink=I,UA,D rank=I,UA,D source=I", true},
		{"sink=I rank=I,UA source=I", "sink=I,UA,D rank=I,UA,D source=I", false},
		{"sink=I,UB,UA aggregate=I,UB,UA,D rank=I,D source=I", "sink=I,UB,UA,D aggregate=I,UB,UA,D rank=I,UB,UA,D source=I", false},
		{"sink=I,UB,UA source=I", "sink=I,UB,UA,D source=I", false},
		{"sink=I source=I", "sink=I", false},
	} {
		if got := agree(points(c.ours), points(c.theirs)); got != c.want {
			t.Errorf("%s and %s: %t", c.ours, c.theirs, got)
		}
	}
}
