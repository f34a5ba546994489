package crash

import "fmt"

// perSecond lets a job live for some seconds.
const perSecond = "'1500'"

const generated = `SET 'execution.checkpointing.interval' = '20 ms';
CREATE TABLE t (id BIGINT, v BIGINT, burst AS v / 100 % 20, ts AS TO_TIMESTAMP_LTZ(id * 10, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen',
  'rows-per-second' = ` + perSecond + `, 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '4000',
  'fields.v.kind' = 'sequence', 'fields.v.start' = '1', 'fields.v.end' = '4000');
`

const files = `SET 'execution.checkpointing.interval' = '5 ms';
CREATE TABLE t (id BIGINT, v BIGINT) WITH ('connector' = 'filesystem', 'path' = 'in', 'format' = 'json');
`

type job struct{ name, source, sink, query string }

// script writes into a folder.
func (j job) script(out string) string {
	return j.source + "CREATE TABLE o " + fmt.Sprintf(j.sink, "'connector' = 'filesystem', 'path' = '"+out+"',") + ";\nINSERT INTO o " + j.query + ";\n"
}

// jobs are the kinds of jobs: each writes its table o, whose columns and options are given.
var jobs = []job{
	{"copy", generated, "(id BIGINT, v BIGINT) WITH (%s 'format' = 'csv')", "SELECT id, v FROM t"},
	{"partitions", files, "(id BIGINT, v BIGINT, p BIGINT) PARTITIONED BY (p) WITH (%s 'format' = 'json')", "SELECT id, v, id % 5 FROM t"},
	{
		"tumble", generated, "(k BIGINT, n BIGINT, s BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'csv')",
		"SELECT v % 20, COUNT(*), SUM(id), window_start FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY v % 20, window_start, window_end",
	},
	{
		"hop", generated, "(k BIGINT, n BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'json')",
		"SELECT v % 7, COUNT(DISTINCT id), window_end FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' SECOND) GROUP BY v % 7, window_start, window_end",
	},
	{
		"over", generated, "(id BIGINT, s BIGINT) WITH (%s 'format' = 'csv')",
		"SELECT id, SUM(v) OVER (PARTITION BY v % 9 ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM t",
	},
	{
		"first rows", generated, "(id BIGINT, k BIGINT) WITH (%s 'format' = 'csv')",
		"SELECT id, k FROM (SELECT id, v % 900 AS k, ROW_NUMBER() OVER (PARTITION BY v % 900 ORDER BY ts) AS rn FROM t) WHERE rn = 1",
	},
	{
		"session", generated, "(k BIGINT, n BIGINT, s BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'json')",
		"SELECT burst, COUNT(*), MAX(id), window_end FROM SESSION(TABLE t PARTITION BY burst, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY burst, window_start, window_end",
	},
	{
		"group", generated, "(k BIGINT, n BIGINT, s BIGINT, a DOUBLE) WITH (%s 'format' = 'changelog-json')",
		"SELECT v % 37, COUNT(*), SUM(id), AVG(CAST(v AS DOUBLE)) FROM t GROUP BY v % 37",
	},
	{
		"distinct", generated, "(k BIGINT, n BIGINT, s BIGINT) WITH (%s 'format' = 'changelog-json')",
		"SELECT v % 11, COUNT(DISTINCT id % 100), SUM(DISTINCT id % 7) FROM t GROUP BY v % 11",
	},
	{
		"extremes of a changelog", generated, "(k BIGINT, least BIGINT, most BIGINT, n BIGINT) WITH (%s 'format' = 'changelog-json')",
		"SELECT n % 5, MIN(s), MAX(s), COUNT(*) FROM (SELECT v % 101 AS k, COUNT(*) AS n, SUM(id) AS s FROM t GROUP BY v % 101) GROUP BY n % 5",
	},
	{
		"top", generated, "(k BIGINT, id BIGINT, rn BIGINT) WITH (%s 'format' = 'changelog-json')",
		"SELECT k, id, rn FROM (SELECT v % 13 AS k, id, ROW_NUMBER() OVER (PARTITION BY v % 13 ORDER BY id % 97 DESC, id) AS rn FROM t) WHERE rn <= 3",
	},
	{
		"top of a changelog", generated, "(k BIGINT, n BIGINT) WITH (%s 'format' = 'changelog-json')",
		"SELECT k, n FROM (SELECT k, n, ROW_NUMBER() OVER (ORDER BY n DESC, k) AS rn FROM (SELECT (v * v) % 101 AS k, COUNT(*) AS n FROM t GROUP BY (v * v) % 101)) WHERE rn <= 5",
	},
	{
		"last rows", generated, "(id BIGINT, k BIGINT) WITH (%s 'format' = 'changelog-json')",
		"SELECT id, k FROM (SELECT id, v % 300 AS k, ROW_NUMBER() OVER (PARTITION BY v % 300 ORDER BY ts DESC) AS rn FROM t) WHERE rn = 1",
	},
	{
		"sets", generated, "(x BIGINT) WITH (%s 'format' = 'changelog-json')",
		"(SELECT v % 400 FROM t WHERE id > 1000) INTERSECT (SELECT id % 600 FROM t WHERE v < 3000)",
	},
	{
		"two inputs", generated, "(k BIGINT, n BIGINT) WITH (%s 'format' = 'changelog-json')",
		"SELECT k, COUNT(*) FROM (SELECT v % 50 AS k FROM t UNION ALL SELECT id % 30 FROM t WHERE id > 500) GROUP BY k",
	},
	{
		"files grouped", files, "(k BIGINT, n BIGINT, s BIGINT) WITH (%s 'format' = 'changelog-json')",
		"SELECT v % 1000, COUNT(*), SUM(id) FROM t GROUP BY v % 1000",
	},
}
