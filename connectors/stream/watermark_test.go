package stream_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors/shardlog"
)

// Every shard has a watermark of its own, and what continues a shard holds event time back before that shard ceases to: no row is late,
// however far the shards are apart.
func TestWatermarksOfShards(t *testing.T) {
	for _, parallelism := range []int{1, 2} {
		for _, way := range []string{"folder", "version 5", "fan-out"} {
			t.Run(fmt.Sprint(way, " ", parallelism), func(t *testing.T) { watermarksOfShards(t, way, parallelism) })
		}
	}
}

func watermarksOfShards(t *testing.T, way string, parallelism int) {
	b := newBench(t, weir.WithParallelism(parallelism), weir.WithBatchSize(16))
	st := b.stream(2)
	with := fmt.Sprintf("'connector' = 'shardlog', 'path' = '%s', 'stream' = 'orders'", b.dir)
	if way != "folder" {
		with = transports(b.serve())[way] + ", " + keysOption
	}
	b.run(`CREATE TABLE t (m INT, ts AS TO_TIMESTAMP_LTZ(CAST(m AS BIGINT) * 60000, 3), WATERMARK FOR ts AS ts) WITH (` + with + ", 'format' = 'json', " + bounded + ")")
	const keys, minutes = 8, 300
	for m := range minutes {
		var puts []shardlog.Put
		for k := range keys {
			puts = append(puts, shardlog.Put{Key: fmt.Sprint(k), Data: fmt.Appendf(nil, `{"m":%d}`, m)})
		}
		if _, err := st.Append(t.Context(), puts); err != nil {
			t.Fatal(err)
		}
		if n := map[int]int{100: 4, 200: 3}[m]; n > 0 {
			if err := st.Scale(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	res, err := b.env.ExecuteSQL(t.Context(), "SELECT window_start, COUNT(*) AS n FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end")
	if err != nil {
		t.Fatal(err)
	}
	var wrong []string
	n := 0
	for row, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if n++; row.Values[1] != int64(keys) {
			wrong = append(wrong, row.String())
		}
	}
	if slices.Sort(wrong); n != minutes || len(wrong) > 0 || res.Job().Metrics().Late() != 0 {
		t.Errorf("%d windows, want %d of %d rows each; %d rows late; wrong: %q", n, minutes, keys, res.Job().Metrics().Late(), wrong)
	}
}
