package stream_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kpl"
	"github.com/weirstream/weir/connectors/stream"
	"github.com/weirstream/weir/sql/diag"
)

// bench is a session with a folder of streams that the test has open too.
type bench struct {
	t   *testing.T
	env *weir.Env
	dir string
	log *shardlog.Log
}

func newBench(t *testing.T, opts ...weir.Option) *bench {
	t.Helper()
	return newBenchOf(t, &stream.Logs{}, opts...)
}

func newBenchOf(t *testing.T, logs *stream.Logs, opts ...weir.Option) *bench {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "log")
	log, release, err := logs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	})
	env, err := weir.NewEnv(append([]weir.Option{weir.WithShardLogs(logs), weir.WithSetting("table.local-time-zone", "UTC")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, env, dir, log}
}

// table declares a table on the stream 'orders'.
func (b *bench) table(name, columns string, options ...string) {
	b.t.Helper()
	with := fmt.Sprintf("'connector' = 'shardlog', 'path' = '%s', 'stream' = 'orders'", b.dir)
	for _, o := range options {
		with += ", " + o
	}
	if !strings.Contains(with, "'format'") {
		with += ", 'format' = 'json'"
	}
	b.run("CREATE TABLE " + name + " (" + columns + ") " + "WITH (" + with + ")")
}

// run runs statements to their end.
func (b *bench) run(sql string) {
	b.t.Helper()
	res, err := b.env.ExecuteSQL(b.t.Context(), sql)
	if err == nil && res.Job() != nil {
		err = res.Job().Wait(b.t.Context())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// rows runs a bounded query.
func (b *bench) rows(sql string) []string {
	b.t.Helper()
	res, err := b.env.ExecuteSQL(b.t.Context(), sql)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for row, err := range res.Rows() {
		if err != nil {
			b.t.Fatal(err)
		}
		out = append(out, row.String())
	}
	return out
}

func (b *bench) stream(shards int) *shardlog.Stream {
	b.t.Helper()
	st, err := b.log.Create(shardlog.Spec{Name: "orders", Shards: shards})
	if err != nil {
		b.t.Fatal(err)
	}
	return st
}

func put(t *testing.T, st *shardlog.Stream, key string, data ...string) []shardlog.Appended {
	t.Helper()
	var puts []shardlog.Put
	for _, d := range data {
		puts = append(puts, shardlog.Put{Key: key, Data: []byte(d)})
	}
	out, err := st.Append(t.Context(), puts)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const bounded = "'scan.bounded.mode' = 'latest'"

func TestWrittenRowsAreRead(t *testing.T) {
	for _, parallelism := range []int{1, 4} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			b := newBench(t, weir.WithParallelism(parallelism))
			b.run(fmt.Sprintf(`CREATE TABLE orders (id BIGINT, item STRING) PARTITIONED BY (item, id) WITH ('connector' = 'shardlog', 'path' = '%s',
				'stream' = 'orders', 'format' = 'json', 'shards' = '3', 'retention' = '2 d', 'scan.bounded.mode' = 'latest')`, b.dir))
			b.run("INSERT INTO orders VALUES (1, 'tea'), (2, 'coffee, black'), (3, CAST(NULL AS STRING)), (4, '')")
			got := b.rows("SELECT * FROM orders")
			slices.Sort(got)
			want := []string{"+I[1, tea]", "+I[2, coffee, black]", "+I[3, NULL]", "+I[4, ]"}
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			st, err := b.log.Stream("orders")
			if err != nil {
				t.Fatal(err)
			}
			if n, kept := len(st.Shards()), st.Info().Retention; n != 3 || kept != 48*time.Hour {
				t.Errorf("%d shards, kept %v", n, kept)
			}
			if keys, want := keysOf(t, st), []string{"coffee, black|2", "null|3", "tea|1", "|4"}; !slices.Equal(keys, want) {
				t.Errorf("keys are %q, want %q", keys, want)
			}
		})
	}
}

// keysOf gives the partition keys in a stream, sorted.
func keysOf(t *testing.T, st *shardlog.Stream) []string {
	t.Helper()
	var keys []string
	stream.EachRecord(t, st, func(r *shardlog.Record) { keys = append(keys, string(r.Key)) })
	slices.Sort(keys)
	return keys
}

func TestMetadata(t *testing.T) {
	b := newBench(t)
	st := b.stream(1)
	from := time.Now().Truncate(time.Millisecond)
	put(t, st, "ann", `{"x":1}`)
	second := put(t, st, "bob", `{"x":2}`)[0].Seq.String()
	b.table("t", "x INT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL, shard STRING METADATA FROM 'shard-id' VIRTUAL, `sequence-number` STRING METADATA VIRTUAL, k STRING METADATA FROM 'partition-key' VIRTUAL", bounded)
	res, err := b.env.ExecuteSQL(t.Context(), "SELECT ts, k, shard, `sequence-number`, x FROM t")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if ts := row.Values[0].(time.Time); ts.Before(from) || ts.After(time.Now()) {
			t.Errorf("arrived at %v", ts)
		}
		if x := row.Values[4].(int64); x == 2 && (row.Values[1] != "bob" || row.Values[2] != "shardId-000000000000" || row.Values[3] != second) {
			t.Errorf("got %v", row)
		}
	}
	if n != 2 {
		t.Errorf("%d rows", n)
	}
	if got := b.rows("SELECT COUNT(*), MAX(k) FROM t"); got[len(got)-1] != "+U[2, bob]" && got[len(got)-1] != "+I[2, bob]" {
		t.Errorf("without the payload: %q", got)
	}
}

func TestAggregatedRecords(t *testing.T) {
	b := newBench(t, weir.WithBatchSize(2)) // cuts through the aggregate
	st := b.stream(1)
	put(t, st, "a", "plain", string(kpl.Aggregate([]kpl.Record{{Key: "b", Data: []byte("one")}, {Key: "c", Data: []byte("two")}, {Key: "d", Data: []byte("three")}})), "last")
	b.table("t", "line STRING, k STRING METADATA FROM 'partition-key' VIRTUAL", bounded, "'format' = 'raw'")
	want := []string{"+I[plain, a]", "+I[one, b]", "+I[two, c]", "+I[three, d]", "+I[last, a]"}
	if got := b.rows("SELECT line, k FROM t"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInitialPositions(t *testing.T) {
	b := newBench(t)
	st := b.stream(2)
	put(t, st, "a", `{"x":1}`)
	arrived := time.Now()
	for !time.Now().Truncate(time.Millisecond).After(arrived) { // the log's clock has moved on
		time.Sleep(100 * time.Microsecond)
	}
	at := time.Now().Truncate(time.Millisecond)
	put(t, st, "b", `{"x":2}`)
	b.table("everything", "x INT", bounded)
	b.table("later", "x INT", bounded, "'source.init.position' = 'AT_TIMESTAMP'", "'source.init.timestamp' = '"+at.UTC().Format("2006-01-02T15:04:05.000Z")+"'")
	b.table("seconds", "x INT", bounded, "'source.init.position' = 'AT_TIMESTAMP'", fmt.Sprintf("'source.init.timestamp' = '%d.%03d'", at.Unix(), at.UnixMilli()%1000))
	b.table("nothing", "x INT", bounded, "'source.init.position' = 'LATEST'")
	for sql, want := range map[string]int{"everything": 2, "later": 1, "seconds": 1, "nothing": 0} {
		if got := b.rows("SELECT x FROM " + sql); len(got) != want {
			t.Errorf("%s: %q", sql, got)
		}
	}
}

// follow reads a query's rows until n have come.
func (b *bench) follow(sql string, started func(), n int) []string {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	res, err := b.env.ExecuteSQL(ctx, sql)
	if err != nil {
		b.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		started()
	}()
	var out []string
	for row, err := range res.Rows() {
		if err != nil {
			b.t.Fatal(err)
		}
		if out = append(out, row.String()); len(out) == n {
			break
		}
	}
	<-done
	cancel()
	if err := res.Job().Wait(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	return out
}

func TestLatestTakesWhatComesLater(t *testing.T) {
	b := newBench(t)
	st := b.stream(1)
	put(t, st, "a", `{"x":1}`)
	b.table("t", "x INT", "'source.init.position' = 'LATEST'", "'source.shard.discovery.interval' = '1 ms'")
	got := b.follow("SELECT x FROM t", func() {
		put(t, st, "a", `{"x":2}`)
		if err := st.Scale(2); err != nil { // records of new shards are all new
			t.Error(err)
		}
		put(t, st, "a", `{"x":3}`)
	}, 2)
	if want := []string{"+I[2]", "+I[3]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// eachOnce checks rows of a key and a number that counts up from 0 for every key.
func eachOnce(t *testing.T, rows []string, ordered bool) {
	t.Helper()
	if !ordered {
		slices.SortFunc(rows, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	}
	next := map[string]int{}
	for _, row := range rows {
		k, n, _ := strings.Cut(strings.Trim(row, "+I[]"), ", ")
		if fmt.Sprint(next[k]) != n {
			t.Fatalf("key %s: got %s, want %d", k, n, next[k])
		}
		next[k]++
	}
}

// Rows are put while shards are split and merged and a job reads: none is lost, none comes twice, and
// those of a key keep their order.
func TestReshardingWhileReading(t *testing.T) {
	for _, parallelism := range []int{1, 2} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) { reshardingWhileReading(t, parallelism) })
	}
}

func reshardingWhileReading(t *testing.T, parallelism int) {
	b := newBench(t, weir.WithParallelism(parallelism))
	st := b.stream(2)
	b.table("t", "k STRING, n INT", "'source.shard.discovery.interval' = '1 ms'")
	const keys, rounds = 20, 60
	got := b.follow("SELECT k, n FROM t", func() {
		for n := range rounds {
			var puts []shardlog.Put
			for k := range keys {
				puts = append(puts, shardlog.Put{Key: fmt.Sprint(k), Data: fmt.Appendf(nil, `{"k":"%d","n":%d}`, k, n)})
			}
			if _, err := st.Append(b.t.Context(), puts); err != nil {
				t.Error(err)
			}
			if scale := map[int]int{10: 4, 20: 3, 30: 5, 40: 3, 50: 2}[n]; scale > 0 {
				if err := st.Scale(scale); err != nil {
					t.Error(err)
				}
			}
		}
	}, keys*rounds)
	eachOnce(t, got, true)
	if len(st.Shards()) < 10 {
		t.Errorf("only %d shards", len(st.Shards()))
	}
	// All of it again, at once.
	b.table("again", "k STRING, n INT", bounded)
	if got := b.rows("SELECT k, n FROM again"); len(got) != keys*rounds {
		t.Errorf("%d rows the second time", len(got))
	}
}

func TestOneJobWritesAnotherReads(t *testing.T) {
	b := newBench(t)
	b.run("CREATE TABLE numbers (n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '100', 'rows-per-second' = '0', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '100')")
	b.table("t", "n INT", "'shards' = '2'")
	got := b.follow("SELECT n FROM t", func() { b.run("INSERT INTO t SELECT n FROM numbers") }, 100)
	if len(got) != 100 {
		t.Errorf("%d rows", len(got))
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	b := newBench(t)
	other, err := weir.NewEnv()
	if err != nil {
		t.Fatal(err)
	}
	b.env = other
	b.table("t", "x INT", bounded)
	_, err = other.ExecuteSQL(t.Context(), "SELECT * FROM t")
	var d *diag.Error
	if !errors.Is(err, shardlog.ErrLocked) || !errors.As(err, &d) || !strings.Contains(d.Hint, "weir streams serve") {
		t.Errorf("got %v", err)
	}
}

func TestFolderIsFreeAfterTheJob(t *testing.T) {
	env, err := weir.NewEnv()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b := &bench{t: t, env: env, dir: dir}
	b.table("t", "x INT")
	b.run("INSERT INTO t VALUES (1)")
	log, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

func TestFaultyRecords(t *testing.T) {
	b := newBench(t)
	st := b.stream(1)
	seq := put(t, st, "a", `{"x":1}`, `{"x":`, `{"x":3}`)[1].Seq.String()
	b.table("strict", "x INT", bounded)
	b.table("lenient", "x INT", bounded, "'json.ignore-parse-errors' = 'true'")
	res, err := b.env.ExecuteSQL(t.Context(), "SELECT x FROM strict")
	if err == nil {
		err = res.Job().Wait(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "stream 'orders', shardId-000000000000, sequence number "+seq) {
		t.Errorf("got %v", err)
	}
	if got := b.rows("SELECT x FROM lenient"); !slices.Equal(got, []string{"+I[1]", "+I[3]"}) {
		t.Errorf("got %q", got)
	}
}

func TestRefusedOptions(t *testing.T) {
	for options, want := range map[string]string{
		"'stream' = 'a b', 'format' = 'json'":                                                                                   "stream name",
		"'stream' = 'a', 'format' = 'parquet'":                                                                                  "one of files",
		"'stream' = 'a', 'format' = 'json', 'shards' = '0'":                                                                     "from 1 to",
		"'stream' = 'a', 'format' = 'json', 'retention' = '1 h'":                                                                "24 hours",
		"'stream' = 'a', 'format' = 'json', 'source.init.position' = 'HERE'":                                                    "no position",
		"'stream' = 'a', 'format' = 'json', 'source.init.position' = 'AT_TIMESTAMP'":                                            "is required",
		"'stream' = 'a', 'format' = 'json', 'source.init.timestamp' = '7'":                                                      "AT_TIMESTAMP",
		"'stream' = 'a', 'format' = 'json', 'source.init.position' = 'AT_TIMESTAMP', 'source.init.timestamp' = 'then'":          "not a timestamp",
		"'stream' = 'a', 'format' = 'json', 'scan.bounded.mode' = 'latest', 'path' = '" + filepath.Join(t.TempDir(), "x") + "'": "no such stream",
	} {
		env, err := weir.NewEnv(weir.WithBaseDir(t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		_, err = env.ExecuteSQL(t.Context(), "CREATE TABLE t (x INT) WITH ('connector' = 'shardlog', "+options+"); SELECT * FROM t")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", options, err, want)
		}
	}
	for sql, want := range map[string]string{
		"CREATE TABLE t (x INT) PARTITIONED BY (x) WITH (%s, 'sink.partitioner' = 'random')":       "PARTITIONED BY",
		"CREATE TABLE t (x INT) WITH (%s, 'sink.partitioner' = 'com.example.Mine')":                "not supported yet",
		"CREATE TABLE t (x INT) WITH (%s, 'sink.partitioner-field-delimiter' = ',')":               "PARTITIONED BY",
		"CREATE TABLE t (x INT, y ARRAY<INT>) PARTITIONED BY (y) WITH (%s)":                        "makes no partition key",
		"CREATE TABLE t (x INT, PRIMARY KEY (x) NOT ENFORCED) WITH (%s, 'json.no-such' = 'thing')": "json.no-such",
	} {
		env, err := weir.NewEnv(weir.WithBaseDir(t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		_, err = env.ExecuteSQL(t.Context(), fmt.Sprintf(sql, "'connector' = 'shardlog', 'stream' = 'a', 'format' = 'json'")+"; INSERT INTO t (x) VALUES (1)")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", sql, err, want)
		}
	}
}

// A shard that had been closed when a job began at LATEST ends at once: its children are in the same listing. With a wait
// for the next one, what comes meanwhile would be passed over.
func TestClosedShardsDoNotWaitForTheNextListing(t *testing.T) {
	b := newBench(t)
	st := b.stream(1)
	put(t, st, "a", `{"x":1}`)
	if err := st.Scale(2); err != nil {
		t.Fatal(err)
	}
	b.table("t", "x INT", "'source.init.position' = 'LATEST'", "'source.shard.discovery.interval' = '1 h'")
	got := b.follow("SELECT x FROM t", func() { put(t, st, "a", `{"x":2}`) }, 1)
	if !slices.Equal(got, []string{"+I[2]"}) {
		t.Errorf("got %q", got)
	}
}
