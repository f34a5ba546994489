package yardstick

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/weirstream/weir/tests/bench/nexmark"
)

// The feeds. NDJSON is a folder for each table with one file for each worker, in which
// blocks of rows go in turns, so that all files go through event time together: an engine that
// merges watermarks over its readers drops nothing. The generator is Weir's connector, and a
// port of it in Flink.
const (
	ndjson    = "ndjson"
	generator = "generator"
)

// roundOfEvents is the least number of events with all three kinds.
const roundOfEvents = 50

// setting is what a query is measured with.
type setting struct {
	feed, state string
	workers     int
	dir         string // of the cache
}

// files gives the folder of the NDJSON of so many events.
func (s setting) files(events int64) string {
	return filepath.Join(s.dir, fmt.Sprintf("events-%d-files-%d", events, s.workers))
}

// tables are the columns and the share of each table in a round of events.
var tables = []struct {
	name, columns string
	share         int64
}{
	{"person", "id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, `dateTime` TIMESTAMP(3), extra STRING", 1},
	{"auction", "id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING", 3},
	{"bid", "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING", 46},
}

// reads tells whether a query reads a table.
func reads(q nexmark.Query, table string) bool {
	return regexp.MustCompile(`(?i)(FROM|JOIN|TABLE|,)\s+` + table + `(_now)?\b`).MatchString(q.SQL)
}

// rowsRead gives how many rows the tables of a query have.
func rowsRead(q nexmark.Query, events int64) (n int64) {
	for _, t := range tables {
		if reads(q, t.name) {
			n += events / roundOfEvents * t.share
		}
	}
	return n
}

// job is a query over a feed for both engines: statements that set up, and the query, without
// semicolons.
type job struct {
	setting
	weirTables, flinkTables []string
	query, sink             string
	miniBatch               bool
	checkpoint              time.Duration // 0 for none
	memory                  string        // that bounds Weir's state; "" for none
}

func (j *job) insert() string { return "INSERT INTO sink\n" + j.query }

// jobs makes the job of a query over so many events, and its files where they are missing.
func (b *bench) jobs(ctx context.Context, q nexmark.Query, s setting, events int64) (*job, error) {
	events -= events % roundOfEvents
	j := &job{setting: s, query: q.SQL, miniBatch: b.miniBatch, checkpoint: b.checkpoint, memory: b.memory, sink: "CREATE TABLE sink (" + q.Out + ") WITH ('connector' = 'blackhole')"}
	for _, t := range tables {
		if !reads(q, t.name) {
			continue
		}
		table := fmt.Sprintf("CREATE TABLE %s (%s, WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND) WITH (", t.name, t.columns)
		if s.feed == generator {
			options := fmt.Sprintf("nexmark', 'table' = '%s', 'events.num' = '%d')", t.name, events)
			j.weirTables = append(j.weirTables, table+"'connector' = '"+options)
			j.flinkTables = append(j.flinkTables, table+"'connector' = 'weir-"+options)
			continue
		}
		path := filepath.Join(s.files(events), t.name)
		if err := b.writeFiles(ctx, t.name, t.columns, path, events, s.workers); err != nil {
			return nil, fmt.Errorf("making %s: %w", path, err)
		}
		table += fmt.Sprintf("'connector' = 'filesystem', 'path' = '%s', 'format' = 'json')", path)
		j.weirTables, j.flinkTables = append(j.weirTables, table), append(j.flinkTables, table)
	}
	var more []string
	if strings.Contains(q.SQL, "bid_now") {
		more = append(more, "CREATE VIEW bid_now AS SELECT *, PROCTIME() AS p_time FROM bid")
	}
	if strings.Contains(q.SQL, "side_input") {
		more = append(more, "CREATE TABLE side_input (key BIGINT, `value` STRING) WITH ('connector' = 'filesystem', 'path' = 'side_input', 'format' = 'csv')")
	}
	j.weirTables, j.flinkTables = append(j.weirTables, more...), append(j.flinkTables, more...)
	return j, nil
}

// writeFiles has Weir write a table's rows, once.
func (b *bench) writeFiles(ctx context.Context, table, columns, path string, events int64, files int) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	part := path + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	j := &job{setting: setting{workers: files}, query: "SELECT * FROM " + table, weirTables: []string{
		fmt.Sprintf("CREATE TABLE %s (%s) WITH ('connector' = 'nexmark', 'table' = '%s', 'events.num' = '%d', 'splits' = '%d')", table, columns, table, events, files),
	}, sink: fmt.Sprintf("CREATE TABLE sink (%s) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json', 'sink.rolling-policy.file-size' = '1tb')", columns, part)}
	if _, err := b.weir.run(ctx, j); err != nil {
		return err
	}
	return os.Rename(part, path)
}
