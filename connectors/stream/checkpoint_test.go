package stream_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/stream"
)

// A job with checkpoints copies one stream into another, is cancelled again and again, and goes on: every row comes once.
func TestCheckpointsAndTheLog(t *testing.T) {
	logs, dir, state := &stream.Logs{}, t.TempDir(), filepath.Join(t.TempDir(), "state")
	log, release, err := logs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	}()
	from, err := log.Create(shardlog.Spec{Name: "orders", Shards: 2})
	if err != nil {
		t.Fatal(err)
	}
	to, err := log.Create(shardlog.Spec{Name: "copy", Shards: 2})
	if err != nil {
		t.Fatal(err)
	}
	table := "CREATE TABLE %s (line STRING) WITH ('connector' = 'shardlog', 'path' = '" + dir + "', 'stream' = '%s', 'format' = 'raw', 'source.shard.discovery.interval' = '10 ms');\n"
	script := "SET 'execution.checkpointing.interval' = '20 ms'; SET 'pipeline.name' = 'copy';\n" + fmt.Sprintf(table, "a", "orders") + fmt.Sprintf(table, "b", "copy") + "INSERT INTO b SELECT line FROM a;"
	var want []string
	for round := range 4 {
		for n := range 100 {
			line := fmt.Sprintf("%03d", 100*round+n)
			put(t, from, line, line)
			want = append(want, line)
		}
		if round == 2 {
			if err := from.Scale(3); err != nil {
				t.Fatal(err)
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
		reach(t, fmt.Sprintf("round %d", round), len(want)-30*(round%2), func() int { return len(stream.Lines(t, to)) }) // also before all of it is there
		cancel()
		if err := res.Job().Wait(context.Background()); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	got := stream.Lines(t, to)
	slices.Sort(got)
	if !slices.Equal(got, want[:len(got)]) || len(got) < len(want)-30 {
		t.Errorf("%d rows, want %d: %q", len(got), len(want), got)
	}
}
