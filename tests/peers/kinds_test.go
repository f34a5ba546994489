package main

import (
	"fmt"
	"slices"
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
	if !slices.EqualFunc(weir, flink, point.agrees) {
		t.Errorf("Flink's: %v, want %s", flink, want)
	}
}

// TestPointsAgree: fewer kinds agree at ranks and sinks alone, and -U comes on both sides or on neither.
func TestPointsAgree(t *testing.T) {
	for _, c := range []struct {
		ours, theirs point
		want         bool
	}{
		{point{"aggregate", "I,UB,UA"}, point{"aggregate", "I,UB,UA"}, true},
		{point{"aggregate", "I,UA"}, point{"aggregate", "I,UB,UA"}, false},
		{point{"rank", "I,D"}, point{"rank", "I,UB,UA,D"}, true},
		{point{"rank", "I,UA"}, point{"rank", "I,UB,UA,D"}, false},
		{point{"sink", "I,UB,UA"}, point{"sink", "I,UA,D"}, false},
		{point{"rank", "I"}, point{"window rank", "I"}, false},
	} {
		if got := c.ours.agrees(c.theirs); got != c.want {
			t.Errorf("%v and %v: %t", c.ours, c.theirs, got)
		}
	}
}
