package main

import (
	"context"
	"fmt"
)

// Lengths of windows and frames in the cases below, in milliseconds.
const (
	hopSlide, hopSize     = 2_000, 10_000
	cumulStep, cumulSize  = 60_000, 3_600_000
	sessionGap, overRange = 30_000, 600_000
)

const slidingOut = "CREATE TABLE sums (k BIGINT, c BIGINT, m BIGINT, w TIMESTAMP(3)) WITH ('connector' = 'checksum');\n"

// wideCases are windows that overlap, beside TUMBLE's cost, and what keeps keys and rows, beside programs written by hand. Times span
// 33 minutes.
var wideCases = []comparison{
	{
		name: "hop 10 s, 2 s beside tumble", bar: 1 / 1.5, rows: rows, limit: tumbleOf10s,
		weir:   fromEvents(slidingOut, slidingInsert("HOP", hopSlide, hopSize)),
		expect: func(in *input) (result, error) { return limitSliding(in.memory(), hopSlide, hopSize, false), nil },
	},
	{
		name: "cumulate 1 min, 1 h beside tumble", bar: 1 / 1.5, rows: rows, limit: tumbleOf10s,
		weir:   fromEvents(slidingOut, slidingInsert("CUMULATE", cumulStep, cumulSize)),
		expect: func(in *input) (result, error) { return limitSliding(in.memory(), cumulStep, cumulSize, true), nil },
	},
	{
		name: "session 100k keys", bar: 0.4, rows: rows,
		limit: byHand(func(e *events) result { return limitSession(e.mid, e.price, e.time, sessionGap) }),
		weir: fromEvents(slidingOut, fmt.Sprintf("INSERT INTO sums SELECT mid, COUNT(*), MAX(price), window_start "+
			"FROM SESSION(TABLE events PARTITION BY mid, DESCRIPTOR(`time`), INTERVAL '%d' SECOND(4)) GROUP BY mid, window_start, window_end", sessionGap/1000)),
	},
	{
		name: "group by 100k keys, updates", bar: 0.5, rows: rows,
		limit: byHand(func(e *events) result { return limitGroup(e.mid, e.price) }),
		weir: fromEvents("CREATE TABLE sums (k BIGINT, c BIGINT, s BIGINT) WITH ('connector' = 'checksum');\n",
			"INSERT INTO sums SELECT mid, COUNT(*), SUM(price) FROM events GROUP BY mid"),
	},
	{
		name: "count distinct", bar: 0.5, rows: rows,
		limit: byHand(func(e *events) result { return limitDistinct(e.few, e.many) }),
		weir: fromEvents("CREATE TABLE sums (k BIGINT, c BIGINT) WITH ('connector' = 'checksum');\n",
			"INSERT INTO sums SELECT few, COUNT(DISTINCT many) FROM events GROUP BY few"),
	},
	{
		name: "top-10 by 1M keys", bar: 0.4, rows: rows,
		limit: byHand(func(e *events) result { return limitTop(e.many, e.price) }),
		weir: fromEvents("CREATE TABLE sums (k BIGINT, p BIGINT) WITH ('connector' = 'checksum');\n",
			fmt.Sprintf("INSERT INTO sums SELECT many, price FROM (SELECT many, price, ROW_NUMBER() OVER (PARTITION BY many ORDER BY price DESC) AS rn FROM events) WHERE rn <= %d", topSize)),
	},
	{
		name: "over range 10 min by 100k keys", bar: 0.3, rows: rows,
		limit: byHand(func(e *events) result { return limitOver(e.mid, e.price, e.time, overRange) }),
		weir: fromEvents("CREATE TABLE sums (k BIGINT, c BIGINT, s BIGINT, t TIMESTAMP(3)) WITH ('connector' = 'checksum');\n",
			fmt.Sprintf("INSERT INTO sums SELECT mid, COUNT(*) OVER w, SUM(price) OVER w, `time` FROM events "+
				"WINDOW w AS (PARTITION BY mid ORDER BY `time` RANGE INTERVAL '%d' SECOND(4) PRECEDING)", overRange/1000)),
	},
}

// tumbleOf10s is Weir's own TUMBLE: what windows that overlap may cost is measured by it.
func tumbleOf10s(in *input) (result, error) {
	return fromEvents(slidingOut, "INSERT INTO sums SELECT few, COUNT(*), MAX(price), window_start "+
		"FROM TUMBLE(TABLE events, DESCRIPTOR(`time`), INTERVAL '10' SECOND) GROUP BY few, window_start, window_end")(context.Background(), in, 1)
}

func slidingInsert(function string, step, size int) string {
	return fmt.Sprintf("INSERT INTO sums SELECT few, COUNT(*), MAX(price), window_start "+
		"FROM %s(TABLE events, DESCRIPTOR(`time`), INTERVAL '%d' SECOND(4), INTERVAL '%d' SECOND(4)) GROUP BY few, window_start, window_end", function, step/1000, size/1000)
}

func byHand(f func(*events) result) func(*input) (result, error) {
	return func(in *input) (result, error) { return f(in.memory()), nil }
}

func fromEvents(out, insert string) func(context.Context, *input, int) (result, error) {
	return func(ctx context.Context, in *input, parallelism int) (result, error) {
		return runSQL(ctx, in.memory(), parallelism, eventsTable+out+insert)
	}
}
