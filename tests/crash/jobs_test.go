package crash

import (
	"fmt"
	"slices"
)

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

// events are Nexmark's, which come as fast as they can.
const events = `SET 'execution.checkpointing.interval' = '20 ms';
CREATE TABLE t (auction BIGINT, bidder BIGINT, price BIGINT, ` + "`dateTime` TIMESTAMP(3), WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND" + `) WITH ('connector' = 'nexmark',
  'table' = 'bid', 'events.num' = '400000');
`

// changes come by key, some of them more than once.
const changes = `SET 'execution.checkpointing.interval' = '5 ms';
SET 'table.exec.source.cdc-events-duplicate' = 'true';
CREATE TABLE t (id BIGINT, v BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'changes', 'format' = 'debezium-json');
`

type job struct {
	name, source, sink, query string
	key                       string // of a sink that takes updates by key: the column
	s3                        bool   // checkpoints are in S3
	bounded                   bool   // all state that can be on disk is
}

// script writes into a folder.
func (j job) script(out string) string {
	memory := ""
	if j.bounded {
		memory = "SET 'weir.memory' = '2 b';\n"
	}
	return memory + j.source + "CREATE TABLE o " + fmt.Sprintf(j.sink, "'connector' = 'filesystem', 'path' = '"+out+"',") + ";\nINSERT INTO o " + j.query + ";\n"
}

// kinds are the kinds of jobs: each writes its table o, whose columns and options are given.
var kinds = []job{
	{
		name: "copy", source: generated, sink: "(id BIGINT, v BIGINT) WITH (%s 'format' = 'csv')",
		query: "SELECT id, v FROM t",
	},
	{
		name: "partitions", source: files, sink: "(id BIGINT, v BIGINT, p BIGINT) PARTITIONED BY (p) WITH (%s 'format' = 'json')",
		query: "SELECT id, v, id % 5 FROM t",
	},
	{
		name: "tumble", source: generated, sink: "(k BIGINT, n BIGINT, s BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'csv')",
		query: "SELECT v % 20, COUNT(*), SUM(id), window_start FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY v % 20, window_start, window_end",
	},
	{
		name: "hop", source: generated, sink: "(k BIGINT, n BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'json')",
		query: "SELECT v % 7, COUNT(DISTINCT id), window_end FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' SECOND) GROUP BY v % 7, window_start, window_end",
	},
	{
		name: "over", source: generated, sink: "(id BIGINT, s BIGINT) WITH (%s 'format' = 'csv')",
		query: "SELECT id, SUM(v) OVER (PARTITION BY v % 9 ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM t",
	},
	{
		name: "over a range", source: generated, sink: "(id BIGINT, s BIGINT) WITH (%s 'format' = 'csv')",
		query: "SELECT id, SUM(v) OVER (PARTITION BY v % 600 ORDER BY ts RANGE BETWEEN INTERVAL '15' SECOND PRECEDING AND CURRENT ROW) FROM t",
	},
	{
		name: "first rows", source: generated, sink: "(id BIGINT, k BIGINT) WITH (%s 'format' = 'csv')",
		query: "SELECT id, k FROM (SELECT id, v % 900 AS k, ROW_NUMBER() OVER (PARTITION BY v % 900 ORDER BY ts) AS rn FROM t) WHERE rn = 1",
	},
	{
		name: "session", source: generated, sink: "(k BIGINT, n BIGINT, s BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'json')",
		query: "SELECT burst, COUNT(*), MAX(id), window_end FROM SESSION(TABLE t PARTITION BY burst, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY burst, window_start, window_end",
	},
	{
		name: "sessions", source: generated, sink: "(k BIGINT, n BIGINT, s BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'csv')",
		query: "SELECT k, COUNT(*), SUM(id), window_end FROM SESSION(TABLE (SELECT (v * v) % 1009 AS k, id, ts FROM t) PARTITION BY k, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY k, window_start, window_end",
	},
	{
		name: "rows of sessions", source: generated, sink: "(id BIGINT, k BIGINT, s TIMESTAMP(3), w TIMESTAMP(3)) WITH (%s 'format' = 'csv')",
		query: "SELECT id, k, window_start, window_end FROM SESSION(TABLE (SELECT (v * v) % 1009 AS k, id, ts FROM t) PARTITION BY k, DESCRIPTOR(ts), INTERVAL '2' SECOND)",
	},
	{
		name: "group", source: generated, sink: "(k BIGINT, n BIGINT, s BIGINT, a DOUBLE) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT v % 37, COUNT(*), SUM(id), AVG(CAST(v AS DOUBLE)) FROM t GROUP BY v % 37",
	},
	{
		name: "distinct", source: generated, sink: "(k BIGINT, n BIGINT, s BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT v % 11, COUNT(DISTINCT id % 100), SUM(DISTINCT id % 7) FROM t GROUP BY v % 11",
	},
	{
		name: "distinct of a changelog", source: generated, sink: "(k BIGINT, n BIGINT, m BIGINT, s BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT k % 5, COUNT(*), COUNT(DISTINCT s % 500), SUM(DISTINCT n) FILTER (WHERE s % 2 = 0) FROM (SELECT v % 301 AS k, COUNT(*) AS n, SUM(id) AS s FROM t GROUP BY v % 301) GROUP BY k % 5",
	},
	{
		name: "extremes of a changelog", source: generated, sink: "(k BIGINT, least BIGINT, most BIGINT, n BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT n % 5, MIN(s), MAX(s), COUNT(*) FROM (SELECT v % 101 AS k, COUNT(*) AS n, SUM(id) AS s FROM t GROUP BY v % 101) GROUP BY n % 5",
	},
	{
		name: "values", source: generated, sink: "(k BIGINT, n INT, median DOUBLE, first BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT v % 301, CHAR_LENGTH(LISTAGG(CAST(id AS STRING))), PERCENTILE(id, 0.5), MIN(id) FROM t GROUP BY v % 301",
	},
	{
		name: "top", source: generated, sink: "(k BIGINT, id BIGINT, rn BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT k, id, rn FROM (SELECT v % 13 AS k, id, ROW_NUMBER() OVER (PARTITION BY v % 13 ORDER BY id % 97 DESC, id) AS rn FROM t) WHERE rn <= 3",
	},
	{
		name: "top of windows", source: generated, sink: "(k BIGINT, id BIGINT, w TIMESTAMP(3), rn BIGINT) WITH (%s 'format' = 'csv')",
		query: "SELECT k, id, window_end, rn FROM (SELECT k, id, window_end, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, k ORDER BY id % 97 DESC, id) AS rn " +
			"FROM TUMBLE(TABLE (SELECT (v * v) % 1009 AS k, id, ts FROM t), DESCRIPTOR(ts), INTERVAL '2' SECOND)) WHERE rn <= 2",
	},
	{
		name: "top of a changelog", source: generated, sink: "(k BIGINT, n BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT k, n FROM (SELECT k, n, ROW_NUMBER() OVER (ORDER BY n DESC, k) AS rn FROM (SELECT (v * v) % 101 AS k, COUNT(*) AS n FROM t GROUP BY (v * v) % 101)) WHERE rn <= 5",
	},
	{
		name: "last rows", source: generated, sink: "(id BIGINT, k BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT id, k FROM (SELECT id, v % 300 AS k, ROW_NUMBER() OVER (PARTITION BY v % 300 ORDER BY ts DESC) AS rn FROM t) WHERE rn = 1",
	},
	{
		name: "sets", source: generated, sink: "(x BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "(SELECT v % 400 FROM t WHERE id > 1000) INTERSECT (SELECT id % 600 FROM t WHERE v < 3000)",
	},
	{
		name: "two inputs", source: generated, sink: "(k BIGINT, n BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT k, COUNT(*) FROM (SELECT v % 50 AS k FROM t UNION ALL SELECT id % 30 FROM t WHERE id > 500) GROUP BY k",
	},
	{
		name: "files grouped", source: files, sink: "(k BIGINT, n BIGINT, s BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT v % 1000, COUNT(*), SUM(id) FROM t GROUP BY v % 1000",
	},
	{
		name: "nexmark", source: events, sink: "(k BIGINT, n BIGINT, most BIGINT, w TIMESTAMP(3)) WITH (%s 'format' = 'csv')",
		query: "SELECT auction % 200, COUNT(*), MAX(price), window_end FROM TUMBLE(TABLE t, DESCRIPTOR(`dateTime`), INTERVAL '5' SECOND) GROUP BY auction % 200, window_start, window_end",
	},
	{
		name: "nexmark by bidder", source: events, sink: "(k BIGINT, n BIGINT, s BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT bidder % 3000, COUNT(*), SUM(price) FROM t GROUP BY bidder % 3000",
	},
	{
		name: "normalize", source: changes, sink: "(id BIGINT, v BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT id, v FROM t",
	},
	{
		name: "normalize and group", source: changes, sink: "(k BIGINT, n BIGINT, s BIGINT) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT id % 7, COUNT(*), SUM(v) FROM t GROUP BY id % 7",
	},
	{
		// Groups 2j and 2j+1 share a sink key while they have equally many rows, as they do not at the end.
		name: "materialize", source: "SET 'table.exec.sink.upsert-materialize' = 'FORCE';\n" + generated, key: "k",
		sink:  "(k BIGINT, g BIGINT, s BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH (%s 'format' = 'changelog-json')",
		query: "SELECT n * 1000 + g / 2, g, s FROM (SELECT v % 60 AS g, COUNT(*) AS n, SUM(id) AS s FROM t WHERE v % 2 = 0 OR id < 3000 GROUP BY v % 60)",
	},
}

// jobs are those of all kinds, and some with checkpoints in S3 or next to no memory.
var jobs = append(kinds, inS3("tumble"), inS3("top"), inS3("files grouped"), inS3("partitions"),
	onDisk("group"), onDisk("last rows"), onDisk("top"), onDisk("sets"), onDisk("materialize"), onDisk("first rows"), onDisk("over"), onDisk("over a range"),
	onDisk("distinct"), onDisk("distinct of a changelog"), onDisk("sessions"), onDisk("rows of sessions"), onDisk("top of windows"),
	onDisk("values"), onDisk("extremes of a changelog"))

func kind(name string) job {
	return kinds[slices.IndexFunc(kinds, func(j job) bool { return j.name == name })]
}

// inS3 is a job that has its checkpoints in S3.
func inS3(name string) job {
	j := kind(name)
	j.name, j.s3 = j.name+" in S3", true
	return j
}

// onDisk is a job that has no memory for its state.
func onDisk(name string) job {
	j := kind(name)
	j.name, j.bounded = j.name+" on disk", true
	return j
}
