package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/tests/bench/nexmark"
)

const (
	nexmarkEvents = 1_000_000
	nexmarkTable  = "CREATE TABLE %[1]s (%[2]s, WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND) WITH ('connector' = 'nexmark', 'table' = '%[1]s', 'events.num' = '%[3]d');\n"
)

// BenchmarkNexmark runs each of the queries over bids alone from the generator, for profiles.
func BenchmarkNexmark(b *testing.B) {
	queries, err := nexmark.Queries()
	if err != nil {
		b.Fatal(err)
	}
	bids := fmt.Sprintf(nexmarkTable, "bid", "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING", nexmarkEvents)
	for _, q := range queries {
		if strings.Contains(strings.ToUpper(q.SQL), "JOIN") || strings.Contains(q.SQL, "auction A") {
			continue
		}
		script := bids + "CREATE VIEW bid_now AS SELECT *, PROCTIME() AS p_time FROM bid;\n" +
			"CREATE TABLE sink (" + q.Out + ") WITH ('connector' = 'blackhole');\nINSERT INTO sink " + q.SQL
		b.Run(q.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				runScript(b, script)
			}
			b.ReportMetric(float64(b.N)*nexmarkEvents*46/50/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func runScript(b *testing.B, script string) {
	b.Helper()
	env, err := weir.NewEnv(weir.WithParallelism(1))
	if err != nil {
		b.Fatal(err)
	}
	res, err := env.ExecuteSQL(b.Context(), script)
	if err == nil {
		err = res.Job().Wait(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
}
