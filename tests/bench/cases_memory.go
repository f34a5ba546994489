package main

// memoryCase is a query whose operator holds something for each key, or for each of its rows.
type memoryCase struct {
	name  string
	rows  int   // of a key, for what each further one takes
	every int64 // milliseconds in which each key comes once
	out   string
	query string
	sink  string // a table upserts, instead of out
}

const (
	countOut  = "k BIGINT, n BIGINT, s TIMESTAMP(3)"
	rowOut    = "k BIGINT, v BIGINT, t TIMESTAMP(3)"
	byWindows = " GROUP BY k, window_start, window_end"
)

// rank gives the first rows of each partition.
func rank(partition, from, n string) string {
	return "SELECT k, v, t FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY " + partition + ") AS n FROM " + from + ") WHERE n <= " + n
}

var memoryCases = []memoryCase{
	{name: "TUMBLE, COUNT", rows: 2, every: 1000, out: countOut, query: "SELECT k, COUNT(*), window_start FROM TUMBLE(TABLE r, DESCRIPTOR(t), INTERVAL '1' DAY)" + byWindows},
	{name: "HOP, COUNT; a row a slice", rows: 5, every: 2000, out: countOut, query: "SELECT k, COUNT(*), window_start FROM HOP(TABLE r, DESCRIPTOR(t), INTERVAL '2' SECOND, INTERVAL '10' SECOND)" + byWindows},
	{name: "CUMULATE, COUNT; a row a step", rows: 5, every: 2000, out: countOut, query: "SELECT k, COUNT(*), window_start FROM CUMULATE(TABLE r, DESCRIPTOR(t), INTERVAL '2' SECOND, INTERVAL '1' HOUR)" + byWindows},
	{name: "SESSION, COUNT", rows: 2, every: 1000, out: countOut, query: "SELECT k, COUNT(*), window_start FROM SESSION(TABLE r PARTITION BY k, DESCRIPTOR(t), INTERVAL '1' DAY)" + byWindows},
	{name: "SESSION without aggregation", rows: 9, every: 1000, out: rowOut, query: "SELECT k, v, window_start FROM SESSION(TABLE r PARTITION BY k, DESCRIPTOR(t), INTERVAL '1' DAY)"},
	{name: "GROUP BY, COUNT and SUM", rows: 2, out: "k BIGINT, n BIGINT, s BIGINT", query: "SELECT k, COUNT(*), SUM(v) FROM r GROUP BY k"},
	{name: "SELECT DISTINCT", rows: 2, out: "k BIGINT", query: "SELECT DISTINCT k FROM r"},
	{name: "COUNT(DISTINCT), a value", rows: 2, out: "n BIGINT", query: "SELECT COUNT(DISTINCT k) FROM r"},
	{name: "MAX of a changelog, and its GROUP BY", rows: 2, out: "m BIGINT", query: "SELECT MAX(s) FROM (SELECT k, SUM(v) AS s FROM r GROUP BY k)"},
	{name: "OVER RANGE, COUNT and SUM", rows: 9, every: 1000, out: "k BIGINT, n BIGINT, s BIGINT", query: "SELECT k, COUNT(*) OVER o, SUM(v) OVER o FROM r WINDOW o AS (PARTITION BY k ORDER BY t RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)"},
	{name: "OVER ROWS UNBOUNDED, COUNT and SUM", rows: 9, every: 1000, out: "k BIGINT, n BIGINT, s BIGINT", query: "SELECT k, COUNT(*) OVER o, SUM(v) OVER o FROM r WINDOW o AS (PARTITION BY k ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"},
	{name: "OVER, rows that wait for the watermark", rows: 9, every: 1000, out: "k BIGINT, n BIGINT", query: "SELECT k, COUNT(*) OVER (PARTITION BY k ORDER BY t) FROM w"},
	{name: "Top-10", rows: 9, every: 1000, out: rowOut, query: rank("k ORDER BY v DESC", "r", "10")},
	{name: "Top-10 of a changelog, and its GROUP BY", rows: 1, out: "k BIGINT, s BIGINT", query: "SELECT k, s FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY MOD(k, 100) ORDER BY s DESC) AS n FROM (SELECT k, SUM(v) AS s FROM r GROUP BY k)) WHERE n <= 10"},
	{name: "window Top-10", rows: 9, every: 1000, out: rowOut, query: rank("window_start, window_end, k ORDER BY v DESC", "TUMBLE(TABLE r, DESCRIPTOR(t), INTERVAL '1' DAY)", "10")},
	{name: "deduplication, first row", rows: 2, every: 1000, out: rowOut, query: rank("k ORDER BY t", "r", "1")},
	{name: "deduplication, first row, that waits", rows: 2, every: 1000, out: rowOut, query: rank("k ORDER BY t", "w", "1")},
	{name: "deduplication, last row", rows: 2, every: 1000, out: rowOut, query: rank("k ORDER BY t DESC", "r", "1")},
	{
		name: "deduplication, last row, without -U", rows: 2, every: 1000, query: rank("k ORDER BY t DESC", "r", "1"),
		sink: "CREATE TABLE upserts (k BIGINT, v BIGINT, t TIMESTAMP(3), PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upserts');",
	},
	{name: "ORDER BY time", rows: 9, every: 1000, out: rowOut, query: "SELECT k, v, t FROM w ORDER BY t"},
	{name: "normalize, changes by key", rows: 2, out: rowOut, query: "SELECT k, v, t FROM u"},
	{
		name: "materialize for another key, and its GROUP BY", rows: 1, query: "SELECT k, SUM(v) AS s FROM r GROUP BY k",
		sink: "CREATE TABLE upserts (k BIGINT, s BIGINT, PRIMARY KEY (s) NOT ENFORCED) WITH ('connector' = 'upserts');",
	},
	{name: "INTERSECT, a row that both have", rows: 2, out: "k BIGINT", query: "SELECT k FROM r INTERSECT SELECT k FROM r"},
	{name: "EXCEPT ALL, a row that both have", rows: 2, out: "k BIGINT", query: "SELECT k FROM r EXCEPT ALL SELECT k FROM r"},
}
