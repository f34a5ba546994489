package shardlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// drain reads a stream the way a job does: one reader per shard, children only
// after their parents are drained. It returns the records by key.
func drain(ctx context.Context, st *Stream) (map[string][]string, error) {
	byKey := map[string][]string{}
	done := map[ShardID]bool{NoShard: true}
	for progress := true; progress; {
		progress = false
		for _, s := range st.Shards() {
			if done[s.ID] || !done[s.Parent] || !done[s.AdjacentParent] {
				continue
			}
			if err := drainShard(ctx, st, s.ID, byKey); err != nil {
				return nil, err
			}
			done[s.ID], progress = true, true
		}
	}
	if len(done)-1 != len(st.Shards()) {
		return nil, fmt.Errorf("%d of %d shards were reached", len(done)-1, len(st.Shards()))
	}
	return byKey, nil
}

// drainShard reads one shard until it ends or, when it is open, until its tip.
func drainShard(ctx context.Context, st *Stream, id ShardID, byKey map[string][]string) error {
	var b Batch
	r, err := st.Reader(id, 1, Limits{Records: 100})
	if err != nil {
		return err
	}
	info, err := st.Shard(id)
	if err != nil {
		return err
	}
	tip, err := st.Seek(id, Latest())
	if err != nil {
		return err
	}
	for info.Closed() || r.Offset() < tip {
		err := r.Next(ctx, &b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, rec := range b.Records {
			key := string(rec.Key)
			byKey[key] = append(byKey[key], string(rec.Data))
		}
	}
	return nil
}

// Splits, merges and rescales while writers go on: no record is lost, none is
// there twice, and every key keeps its order, also after a restart.
func TestReshardUnderLoad(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, Options{SegmentBytes: 20_000})
	st := create(t, l, Spec{Name: "s", Shards: 2})
	const writers, keys = 4, 5
	counts := make([][keys]int, writers)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for ctx.Err() == nil {
				var puts []Put
				for range 1 + rand.IntN(20) {
					k := rand.IntN(keys)
					puts = append(puts, Put{Key: fmt.Sprintf("w%d-k%d", w, k), Data: fmt.Append(nil, counts[w][k])})
					counts[w][k]++
				}
				if _, err := st.Append(context.Background(), puts); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 40 {
		reshardSomehow(t, st)
	}
	stop()
	wg.Wait()
	for _, restarted := range []bool{false, true} {
		if restarted {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = openLog(t, dir, Options{})
			var err error
			if st, err = l.Stream("s"); err != nil {
				t.Fatal(err)
			}
		}
		got, err := drain(t.Context(), st)
		if err != nil {
			t.Fatal(err)
		}
		for w := range writers {
			for k := range keys {
				key := fmt.Sprintf("w%d-k%d", w, k)
				var want []string
				for i := range counts[w][k] {
					want = append(want, fmt.Sprint(i))
				}
				if strings.Join(got[key], " ") != strings.Join(want, " ") {
					t.Fatalf("restarted %v, key %s: %d records, want %d in order", restarted, key, len(got[key]), len(want))
				}
			}
		}
	}
	checkRanges(t, st)
}

func reshardSomehow(t *testing.T, st *Stream) {
	t.Helper()
	open := st.meta.Load().open()
	var err error
	switch i := rand.IntN(len(open)); rand.IntN(3) {
	case 0:
		err = st.Split(open[i].ID, open[i].Hash.Middle())
	case 1:
		if i+1 < len(open) {
			err = st.Merge(open[i].ID, open[i+1].ID)
		}
	case 2:
		n := len(open)
		err = st.Scale(min(16, (n+1)/2+rand.IntN(2*n-(n+1)/2+1)))
	}
	if err != nil && !errors.Is(err, ErrLimit) {
		t.Fatal(err)
	}
}

// checkRanges asserts that the open shards cover every hash key once.
func checkRanges(t *testing.T, st *Stream) {
	t.Helper()
	next := HashKey{}
	open := st.meta.Load().open()
	for _, s := range open {
		if s.Hash.Start != next {
			t.Fatalf("%v begins at %v, want %v", s.ID, s.Hash.Start, next)
		}
		next = s.Hash.End.Next()
	}
	if open[len(open)-1].Hash.End != MaxHashKey {
		t.Fatal("the last hash keys belong to no shard")
	}
}

func TestScaleIsUniform(t *testing.T) {
	l := openLog(t, t.TempDir(), Options{})
	st := create(t, l, Spec{Name: "s", Shards: 3})
	for _, n := range []int{5, 4, 8, 7, 14, 10, 5, 3, 2, 1} {
		if err := st.Scale(n); err != nil {
			t.Fatal(err)
		}
		open := st.meta.Load().open()
		want := EvenRanges(n)
		if len(open) != n {
			t.Fatalf("%d shards, want %d", len(open), n)
		}
		for i := range open {
			if open[i].Hash != want[i] {
				t.Fatalf("of %d shards the one at %d has %v, want %v", n, i, open[i].Hash, want[i])
			}
		}
		put(t, st, "k", fmt.Sprint(n))
	}
	got, err := drain(t.Context(), st)
	if err != nil || strings.Join(got["k"], " ") != "5 4 8 7 14 10 5 3 2 1" {
		t.Fatal(got, err)
	}
}

// The time of a rescale grows with the shards, not with their square: of ten thousand it would take minutes.
func TestScaleOfManyShards(t *testing.T) {
	l := openLog(t, t.TempDir(), Options{Durability: None})
	st := create(t, l, Spec{Name: "s", Shards: 5000})
	for _, n := range []int{10_000, 6001} {
		if err := st.Scale(n); err != nil {
			t.Fatal(err)
		}
		if open := st.Info().OpenShards; open != n {
			t.Fatalf("%d open shards, want %d", open, n)
		}
		checkRanges(t, st)
	}
}

func TestAThousandShards(t *testing.T) {
	l := openLog(t, t.TempDir(), Options{Durability: None})
	st := create(t, l, Spec{Name: "s", Shards: 500})
	if err := st.Scale(1000); err != nil {
		t.Fatal(err)
	}
	puts := make([]Put, 3000)
	for i := range puts {
		puts[i] = Put{Key: fmt.Sprint(i), Data: fmt.Append(nil, i)}
	}
	if _, err := st.Append(t.Context(), puts); err != nil {
		t.Fatal(err)
	}
	got, err := drain(t.Context(), st)
	if err != nil || len(got) != 3000 {
		t.Fatalf("%d keys, %v", len(got), err)
	}
}
