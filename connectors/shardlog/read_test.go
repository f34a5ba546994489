package shardlog

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// filled is a stream of two shards with frames of many sizes, and the data of each shard's records.
func filled(t *testing.T, dir string) (*Log, *Stream, map[ShardID][]string) {
	t.Helper()
	l, st := openStream(t, dir, 2)
	want := map[ShardID][]string{}
	for n, size := range []int{1, 7, 300, 1, 2, 1000, 50} {
		var puts []Put
		for i := range size {
			puts = append(puts, Put{Key: fmt.Sprint("k", i), Data: fmt.Append(nil, n, "-", i)})
		}
		results, err := st.Append(t.Context(), puts)
		must(t, err)
		for i, r := range results {
			want[r.Shard] = append(want[r.Shard], string(puts[i].Data))
		}
	}
	return l, st, want
}

// One batch reads now this shard, now that, on from where it stopped or from elsewhere, with all kinds of limits: it
// always gives the records from the offset on.
func TestOneBatchForManyReads(t *testing.T) {
	l, st, want := filled(t, t.TempDir())
	var b Batch
	next := map[ShardID]uint64{}
	for range 5000 {
		id := ShardID(rand.IntN(2))
		from := max(next[id], 1)
		if rand.IntN(4) == 0 {
			from = 1 + rand.Uint64N(uint64(len(want[id]))+1)
		}
		limits := Limits{Records: rand.IntN(400), Bytes: []int{0, 1, 30, 3000}[rand.IntN(4)]}
		must(t, st.Read(id, from, limits, &b))
		left := want[id][from-1:]
		if len(left) > 0 && len(b.Records) == 0 || limits.Records > 0 && len(b.Records) > limits.Records {
			t.Fatalf("shard %v from %d: %d records of %d, limits %+v", id, from, len(b.Records), len(left), limits)
		}
		size := 0
		for i, r := range b.Records {
			if string(r.Data) != left[i] || r.Seq.Index != from+uint64(i) {
				t.Fatalf("shard %v from %d, record %d: got %s at %d, want %s", id, from, i, r.Data, r.Seq.Index, left[i])
			}
			size += len(r.Key) + len(r.Data)
		}
		if limits.Bytes > 0 && len(b.Records) > 1 && size > limits.Bytes {
			t.Fatalf("%d bytes, want at most %d", size, limits.Bytes)
		}
		if next[id] = b.Next; b.Next != from+uint64(len(b.Records)) {
			t.Fatalf("next is %d behind %d records from %d", b.Next, len(b.Records), from)
		}
	}
	must(t, l.Close())
}

// What a read has fetched and its limits did not let it give is not fetched again.
func TestNothingIsFetchedTwice(t *testing.T) {
	dir := t.TempDir()
	l, st := openStream(t, dir, 1)
	puts := make([]Put, 1000) // one frame
	for i := range puts {
		puts[i] = Put{Key: "k", Data: fmt.Append(nil, i)}
	}
	_, err := st.Append(t.Context(), puts)
	must(t, err)
	var b Batch
	must(t, st.Read(0, 1, Limits{Records: 10}, &b))
	files, err := filepath.Glob(filepath.Join(dir, "streams", "*", "*", "*.seg"))
	must(t, err)
	for _, f := range files {
		must(t, os.Truncate(f, 0))
	}
	for n := 10; n < len(puts); n += 99 {
		must(t, st.Read(0, b.Next, Limits{Records: 99}, &b))
		if len(b.Records) != 99 || string(b.Records[98].Data) != fmt.Sprint(n+98) {
			t.Fatalf("from %d: %d records", n, len(b.Records))
		}
	}
	if err := st.Read(0, 1, Limits{}, &b); err == nil {
		t.Error("the file is empty, and was read")
	}
	must(t, l.Close())
}
