package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/stream"
)

// counted is a record of the test below: number n of key k.
type counted struct {
	K string
	N int
}

// A job reads a stream through an endpoint, is cancelled again and again while the shards are split and merged, and goes on from its
// checkpoint, also with another parallelism. In the log's folder every row is there once, those of a key in their order: what continues a
// shard was read after it. Through the connector kinesis every row is there at least once.
func TestRestoresThroughAnEndpoint(t *testing.T) {
	for _, way := range []string{"shardlog", "version 5", "fan-out"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			restoresThroughAnEndpoint(t, way)
		})
	}
}

func restoresThroughAnEndpoint(t *testing.T, way string) {
	logs := &stream.Logs{}
	b := newBenchOf(t, logs)
	from := b.stream(2)
	addr := b.serve()
	for _, name := range []string{"copy", "again"} {
		if _, err := b.log.Create(shardlog.Spec{Name: name, Shards: 2}); err != nil {
			t.Fatal(err)
		}
	}
	columns := " (k STRING, n INT) PARTITIONED BY (k) WITH ('format' = 'json', "
	script := "SET 'execution.checkpointing.interval' = '20 ms'; SET 'pipeline.name' = 'copy';\n" +
		"CREATE TABLE a" + columns + transports(addr)[way] + ", " + keysOption + ");\n" +
		"CREATE TABLE b" + columns + "'connector' = 'shardlog', 'stream' = 'copy', 'path' = '" + b.dir + "');\n" +
		"CREATE TABLE c" + columns + "'connector' = 'kinesis', 'stream' = 'again', 'sink.flush-buffer.timeout' = '1', 'aws.endpoint' = '" + addr + "', " + keysOption + ");\n" +
		"INSERT INTO b SELECT k, n FROM a; INSERT INTO c SELECT k, n FROM a;"
	state := filepath.Join(t.TempDir(), "state")
	const keys, rounds, each = 10, 5, 20
	for round := range rounds {
		for n := range each {
			var puts []shardlog.Put
			for k := range keys {
				puts = append(puts, shardlog.Put{Key: fmt.Sprint(k), Data: fmt.Appendf(nil, `{"k":"%d","n":%d}`, k, round*each+n)})
			}
			if _, err := from.Append(t.Context(), puts); err != nil {
				t.Fatal(err)
			}
			if scale := map[int]int{1: 3, 2: 2, 3: 4}[round]; n == each/2 && scale > 0 {
				if err := from.Scale(scale); err != nil {
					t.Fatal(err)
				}
			}
		}
		env, err := weir.NewEnv(weir.WithShardLogs(logs), weir.WithStateDir(state), weir.WithParallelism(1+round%2))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		res, err := env.ExecuteSQL(ctx, script)
		if err != nil {
			t.Fatal(err)
		}
		want := (round + 1) * each * keys
		if round < rounds-1 {
			want -= each * keys / 3 * (round % 2) // also before all of it is there
		}
		reach(t, fmt.Sprintf("round %d, rows in the folder", round), want, func() int { return len(b.counted("copy")) })
		if round == rounds-1 {
			reach(t, "different rows through the endpoint", want, func() int { return different(b.counted("again")) })
		}
		cancel()
		if err := res.Job().Wait(context.Background()); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	var rows []string
	for _, c := range b.counted("copy") {
		rows = append(rows, fmt.Sprintf("%s, %d", c.K, c.N))
	}
	eachOnce(t, rows, true)
	if want := rounds * each * keys; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
}

// reach waits until count is at what is wanted, and fails when a minute brings nothing more: how long all of it takes is the machine's
// affair.
func reach(t *testing.T, what string, want int, count func() int) {
	t.Helper()
	for most, until := -1, time.Now(); ; time.Sleep(5 * time.Millisecond) {
		n := count()
		if n >= want {
			return
		}
		if n > most {
			most, until = n, time.Now().Add(time.Minute)
		} else if time.Now().After(until) {
			t.Fatalf("%s: stopped at %d of %d", what, n, want)
		}
	}
}

func different(list []counted) int {
	seen := map[counted]bool{}
	for _, c := range list {
		seen[c] = true
	}
	return len(seen)
}

// counted reads a stream of the bench's log.
func (b *bench) counted(name string) []counted {
	b.t.Helper()
	st, err := b.log.Stream(name)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []counted
	for _, line := range stream.Lines(b.t, st) {
		var c counted
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			b.t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}
