package stream

import (
	"testing"

	"github.com/weirstream/weir/connectors/shardlog"
)

// EachRecord reads a stream to its end, shard by shard; a record is borrowed for the call. It is exported for the tests of
// package stream_test.
func EachRecord(t testing.TB, st *shardlog.Stream, f func(r *shardlog.Record)) {
	t.Helper()
	var b shardlog.Batch
	for _, info := range st.Shards() {
		for offset := uint64(0); ; offset = b.Next {
			if err := st.Read(info.ID, offset, shardlog.Limits{}, &b); err != nil {
				t.Fatal(err)
			}
			if len(b.Records) == 0 {
				break
			}
			for i := range b.Records {
				f(&b.Records[i])
			}
		}
	}
}

// Lines are the data of a stream's records.
func Lines(t testing.TB, st *shardlog.Stream) []string {
	t.Helper()
	var lines []string
	EachRecord(t, st, func(r *shardlog.Record) { lines = append(lines, string(r.Data)) })
	return lines
}
