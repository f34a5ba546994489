package shardlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/weirstream/weir/connectors/shardlog/internal/handclock"
)

func newClock() *handclock.Clock { return handclock.New(time.UnixMilli(1_800_000_000_000)) }

func openLog(t testing.TB, dir string, opts Options) *Log {
	t.Helper()
	opts.OnError = func(err error) { t.Errorf("background: %v", err) }
	l, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
	return l
}

func create(t testing.TB, l *Log, spec Spec) *Stream {
	t.Helper()
	st, err := l.Create(spec)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func put(t testing.TB, st *Stream, key, data string) Appended {
	t.Helper()
	r, err := st.Append(t.Context(), []Put{{Key: key, Data: []byte(data)}})
	if err != nil {
		t.Fatal(err)
	}
	return r[0]
}

// all reads a shard from an offset to its tip.
func all(t testing.TB, st *Stream, id ShardID, from uint64) []string {
	t.Helper()
	var got []string
	var b Batch
	for {
		if err := st.Read(id, from, Limits{}, &b); err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			return got
		}
		for _, r := range b.Records {
			got = append(got, string(r.Data))
		}
		from = b.Next
	}
}

func seek(t testing.TB, st *Stream, id ShardID, p Position) uint64 {
	t.Helper()
	offset, err := st.Seek(id, p)
	if err != nil {
		t.Fatal(err)
	}
	return offset
}

func TestAppendReadReopen(t *testing.T) {
	for _, d := range []Durability{Fsync, Interval, None} {
		t.Run(d.String(), func(t *testing.T) {
			dir := t.TempDir()
			l := openLog(t, dir, Options{Durability: d, SyncInterval: time.Millisecond})
			st := create(t, l, Spec{Name: "orders", Shards: 3})
			var puts []Put
			for i := range 1000 {
				puts = append(puts, Put{Key: fmt.Sprint("k", i%17), Data: fmt.Append(nil, i)})
			}
			results, err := st.Append(t.Context(), puts)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = openLog(t, dir, Options{Durability: d})
			if st, err = l.Stream("orders"); err != nil {
				t.Fatal(err)
			}
			total := 0
			for _, info := range st.Shards() {
				var want []string
				for i, r := range results {
					if r.Shard == info.ID {
						want = append(want, string(puts[i].Data))
						if !info.Hash.Contains(HashOf(puts[i].Key)) {
							t.Fatalf("key %s went to %v", puts[i].Key, r.Shard)
						}
					}
				}
				got := all(t, st, info.ID, seek(t, st, info.ID, TrimHorizon()))
				if !slices.Equal(got, want) {
					t.Fatalf("%v: %d records, want %d", info.ID, len(got), len(want))
				}
				total += len(got)
			}
			if total != 1000 {
				t.Fatalf("%d records", total)
			}
		})
	}
}

func TestSeek(t *testing.T) {
	clock := newClock()
	l := openLog(t, t.TempDir(), Options{Clock: clock})
	st := create(t, l, Spec{Name: "s", Shards: 2})
	zero := HashKey{}
	var seqs []SequenceNumber
	for i := range 5 {
		r, err := st.Append(t.Context(), []Put{{Key: "k", Hash: &zero, Data: fmt.Append(nil, i)}})
		if err != nil || r[0].Shard != 0 {
			t.Fatal(r, err)
		}
		seqs = append(seqs, r[0].Seq)
		clock.Turn(10 * time.Millisecond)
	}
	start := clock.Now().Add(-50 * time.Millisecond)
	for _, c := range []struct {
		name string
		at   Position
		want []string
	}{
		{"horizon", TrimHorizon(), []string{"0", "1", "2", "3", "4"}},
		{"latest", Latest(), nil},
		{"at", At(seqs[2]), []string{"2", "3", "4"}},
		{"after", After(seqs[2]), []string{"3", "4"}},
		{"after the last", After(seqs[4]), nil},
		{"after the shard's start", After(st.Shards()[0].First()), []string{"0", "1", "2", "3", "4"}},
		{"at the shard's start", At(st.Shards()[0].First()), []string{"0", "1", "2", "3", "4"}},
		{"before all", Since(start.Add(-time.Hour)), []string{"0", "1", "2", "3", "4"}},
		{"at a record's time", Since(start.Add(20 * time.Millisecond)), []string{"2", "3", "4"}},
		{"between two", Since(start.Add(21 * time.Millisecond)), []string{"3", "4"}},
		{"now", Since(clock.Now()), nil},
	} {
		if got := all(t, st, 0, seek(t, st, 0, c.at)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	foreign := seqs[0]
	foreign.Created++
	for err, f := range map[error]func() (uint64, error){
		ErrOtherShard:      func() (uint64, error) { return st.Seek(1, At(seqs[0])) },
		ErrForeignSequence: func() (uint64, error) { return st.Seek(0, At(foreign)) },
		ErrFutureInstant:   func() (uint64, error) { return st.Seek(0, Since(clock.Now().Add(time.Second))) },
		ErrNoShard:         func() (uint64, error) { return st.Seek(7, Latest()) },
	} {
		if _, got := f(); !errors.Is(got, err) {
			t.Errorf("got %v, want %v", got, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	l := openLog(t, t.TempDir(), Options{})
	st := create(t, l, Spec{Name: "s"})
	for name, c := range map[string]struct {
		err  error
		call func() error
	}{
		"name":      {ErrArgument, func() error { _, err := l.Create(Spec{Name: "a/b"}); return err }},
		"no name":   {ErrArgument, func() error { _, err := l.Create(Spec{}); return err }},
		"twice":     {ErrExists, func() error { _, err := l.Create(Spec{Name: "s"}); return err }},
		"shards":    {ErrArgument, func() error { _, err := l.Create(Spec{Name: "x", Shards: -1}); return err }},
		"retention": {ErrArgument, func() error { return st.SetRetention(23 * time.Hour) }},
		"no stream": {ErrNotFound, func() error { _, err := l.Stream("x"); return err }},
		"no key":    {ErrArgument, func() error { _, err := st.Append(t.Context(), []Put{{}}); return err }},
		"nothing":   {ErrArgument, func() error { _, err := st.Append(t.Context(), nil); return err }},
		"large": {ErrRecordTooBig, func() error {
			_, err := st.Append(t.Context(), []Put{{Key: "k", Data: make([]byte, 1<<20)}})
			return err
		}},
		"split edge":   {ErrArgument, func() error { return st.Split(0, HashKey{0, 1}) }},
		"split end":    {ErrArgument, func() error { return st.Split(0, MaxHashKey) }},
		"split none":   {ErrNoShard, func() error { return st.Split(3, HashKey{1, 0}) }},
		"merge itself": {ErrArgument, func() error { return st.Merge(0, 0) }},
		"scale":        {ErrLimit, func() error { return st.Scale(3) }},
		"consumer":     {ErrNoConsumer, func() error { return st.Deregister("c") }},
	} {
		if err := c.call(); !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", name, err, c.err)
		}
	}
}

func TestLockedFolder(t *testing.T) {
	dir := t.TempDir()
	openLog(t, dir, Options{})
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("got %v", err)
	}
}

func TestReaderWaitsAndEnds(t *testing.T) {
	l := openLog(t, t.TempDir(), Options{})
	st := create(t, l, Spec{Name: "s"})
	r, err := st.Reader(0, 1, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	type news struct {
		data string
		err  error
	}
	got := make(chan news)
	go func() {
		var b Batch
		for {
			err := r.Next(context.Background(), &b)
			if err != nil {
				got <- news{err: err}
				return
			}
			for _, rec := range b.Records {
				got <- news{data: string(rec.Data)}
			}
		}
	}()
	for i := range 3 {
		put(t, st, "k", fmt.Sprint(i))
		if n := <-got; n.data != fmt.Sprint(i) {
			t.Fatalf("got %+v, want %d", n, i)
		}
	}
	if err := st.Split(0, HashKey{1 << 63, 0}); err != nil {
		t.Fatal(err)
	}
	if n := <-got; n.err != io.EOF {
		t.Fatalf("after the split: %+v", n)
	}
	if c := st.Children(0); len(c) != 2 || c[0].Parent != 0 || c[1].Hash.Start != (HashKey{1 << 63, 0}) {
		t.Fatalf("children %+v", c)
	}
	r, err = st.Reader(1, 1, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { got <- news{err: r.Next(ctx, &Batch{})} }()
	cancel()
	if n := <-got; !errors.Is(n.err, context.Canceled) {
		t.Fatalf("cancelled: %+v", n)
	}
	go func() { got <- news{err: r.Next(context.Background(), &Batch{})} }()
	if err := st.Delete(false); err != nil {
		t.Fatal(err)
	}
	if n := <-got; !errors.Is(n.err, ErrNotFound) {
		t.Fatalf("deleted: %+v", n)
	}
}

func TestRetention(t *testing.T) {
	clock := newClock()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Clock: clock, SegmentBytes: 300})
	st := create(t, l, Spec{Name: "s"})
	for i := range 48 {
		put(t, st, "k", fmt.Sprintf("%02d %0100d", i, 0))
		clock.Turn(time.Hour)
	}
	got := all(t, st, 0, seek(t, st, 0, TrimHorizon()))
	if len(got) != 24 || got[0][:2] != "24" {
		t.Fatalf("%d records, first %.2s", len(got), got[0])
	}
	if got := all(t, st, 0, 1); len(got) != 24 {
		t.Fatalf("%d records from offset 1", len(got))
	}
	files, err := filepath.Glob(filepath.Join(dir, "streams", "s.stream", "*", "*.seg"))
	if err != nil || len(files) > 26 {
		t.Fatalf("%d files are left, %v", len(files), err)
	}
	if err := st.SetRetention(48 * time.Hour); err != nil {
		t.Fatal(err)
	}
	clock.Turn(47 * time.Hour)
	if got := all(t, st, 0, seek(t, st, 0, TrimHorizon())); len(got) != 1 {
		t.Fatalf("with 48 hours: %d records", len(got))
	}
	clock.Turn(47 * time.Hour)
	if got := all(t, st, 0, 1); len(got) != 0 {
		t.Fatalf("all too old: %d records", len(got))
	}
	r := put(t, st, "k", "next")
	if r.Seq.Index != 49 {
		t.Fatalf("offsets begin again: %d", r.Seq.Index)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = openLog(t, dir, Options{Clock: clock})
	if st, err = l.Stream("s"); err != nil {
		t.Fatal(err)
	}
	if got := all(t, st, 0, 1); !slices.Equal(got, []string{"next"}) {
		t.Fatalf("after reopening: %v", got)
	}
}

// A year of records, the longest retention: older ones go day by day, and all but the last day's when it is cut to a day.
func TestLongestRetention(t *testing.T) {
	clock := newClock()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Clock: clock, SegmentBytes: 2000, Durability: None, MaintainEvery: 6 * time.Hour})
	st := create(t, l, Spec{Name: "s", Retention: 8760 * time.Hour})
	if err := st.SetRetention(8761 * time.Hour); !errors.Is(err, ErrArgument) {
		t.Fatal(err)
	}
	files := func() int {
		list, err := filepath.Glob(filepath.Join(dir, "streams", "s.stream", "*", "*.seg"))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for day := range 400 {
		put(t, st, "k", fmt.Sprintf("%03d %0100d", day, 0))
		clock.Turn(24 * time.Hour)
	}
	if got := all(t, st, 0, 1); len(got) != 365 || got[0][:3] != "035" {
		t.Fatalf("%d records, first %.3s", len(got), got[0])
	}
	if n := files(); n > 32 { // of 29 hold a year
		t.Errorf("%d files", n)
	}
	if err := st.SetRetention(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := all(t, st, 0, 1); len(got) != 1 || got[0][:3] != "399" {
		t.Fatalf("%d records right after the change", len(got))
	}
	clock.Turn(6 * time.Hour)
	if n := files(); n > 2 {
		t.Errorf("%d files are left of a year", n)
	}
	if r := put(t, st, "k", "next"); r.Seq.Index != 401 {
		t.Errorf("offset %d behind 400 records", r.Seq.Index)
	}
}

func TestStatesAndRestart(t *testing.T) {
	clock := newClock()
	dir := t.TempDir()
	opts := Options{Clock: clock, StateDelay: time.Second}
	l := openLog(t, dir, opts)
	st := create(t, l, Spec{Name: "s"})
	if st.Info().Status != Creating {
		t.Fatal(st.Info().Status)
	}
	if _, err := st.Append(t.Context(), []Put{{Key: "k"}}); !errors.Is(err, ErrNotActive) {
		t.Fatal(err)
	}
	clock.Turn(time.Second)
	if st.Info().Status != Active {
		t.Fatal(st.Info().Status)
	}
	put(t, st, "k", "a")
	if err := st.Scale(2); err != nil {
		t.Fatal(err)
	}
	if err := st.Scale(1); !errors.Is(err, ErrNotActive) {
		t.Fatal(err)
	}
	put(t, st, "k", "while updating")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = openLog(t, dir, opts)
	st, err := l.Stream("s")
	if err != nil {
		t.Fatal(err)
	}
	if info := st.Info(); info.Status != Updating || info.OpenShards != 1 {
		t.Fatalf("%+v", info)
	}
	clock.Turn(time.Second)
	if info := st.Info(); info.Status != Active || info.OpenShards != 2 {
		t.Fatalf("%+v", info)
	}
	if got := all(t, st, 0, 1); !slices.Equal(got, []string{"a", "while updating"}) {
		t.Fatal(got)
	}
	if _, err := st.Register("c", nil); err != nil {
		t.Fatal(err)
	}
	if c, err := st.Consumer("c"); err != nil || c.Status != Creating {
		t.Fatal(c, err)
	}
	clock.Turn(time.Second)
	if c, err := st.Consumer("c"); err != nil || c.Status != Active {
		t.Fatal(c, err)
	}
	if err := st.Delete(false); !errors.Is(err, ErrHasConsumers) {
		t.Fatal(err)
	}
	if err := st.Delete(true); err != nil || st.Info().Status != Deleting {
		t.Fatal(st.Info().Status, err)
	}
	clock.Turn(time.Second)
	if _, err := l.Stream("s"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	if got := create(t, l, Spec{Name: "s", Tags: map[string]string{"a": "b"}}).Tags()["a"]; got != "b" {
		t.Fatal(got)
	}
}

func TestHotShardsOfAnOnDemandStreamSplit(t *testing.T) {
	clock := newClock()
	l := openLog(t, t.TempDir(), Options{Clock: clock, HotShardBytes: 100})
	st := create(t, l, Spec{Name: "s", Mode: OnDemand})
	if st.Info().OpenShards != 4 {
		t.Fatal(st.Info().OpenShards)
	}
	if err := st.Scale(8); !errors.Is(err, ErrOnDemand) {
		t.Fatal(err)
	}
	zero := HashKey{}
	if _, err := st.Append(t.Context(), []Put{{Key: "k", Hash: &zero, Data: make([]byte, 10_000)}}); err != nil {
		t.Fatal(err)
	}
	clock.Turn(time.Minute)
	if open := st.Info().OpenShards; open != 5 || !st.Shards()[0].Closed() {
		t.Fatalf("%d open shards", open)
	}
	clock.Turn(time.Minute)
	if open := st.Info().OpenShards; open != 5 {
		t.Fatalf("%d open shards after a quiet minute", open)
	}
	clock.Turn(25 * time.Hour)
	if got := st.Shards(); len(got) != 5 || got[0].ID != 1 {
		t.Fatalf("the closed shard did not expire: %+v", got)
	}
}

// Where states take their time one shard is split a round, and the load of the others is not counted twice.
func TestHotShardsWaitForTheirTurn(t *testing.T) {
	clock := newClock()
	l := openLog(t, t.TempDir(), Options{Clock: clock, HotShardBytes: 1000, StateDelay: time.Second})
	st := create(t, l, Spec{Name: "s", Mode: OnDemand})
	clock.Turn(time.Second)
	load := func(bytes int) {
		t.Helper()
		for _, s := range st.meta.Load().open() {
			start := s.Hash.Start
			_, err := st.Append(t.Context(), []Put{{Key: "k", Hash: &start, Data: make([]byte, bytes)}})
			must(t, err)
		}
	}
	load(70_000) // 1.2 kB a second
	clock.Turn(time.Minute)
	clock.Turn(time.Second)
	if open := st.Info().OpenShards; open != 5 {
		t.Fatalf("%d open shards", open)
	}
	load(40_000) // 0.7 kB a second: with the minute before it would be too much
	clock.Turn(time.Minute)
	clock.Turn(time.Second)
	if open := st.Info().OpenShards; open != 5 {
		t.Errorf("%d open shards though none is hot", open)
	}
}

// One hot key cannot be divided: its shard is split as far as that may help, and no further.
func TestOneHotKey(t *testing.T) {
	clock := newClock()
	var failed error
	l := openLog(t, t.TempDir(), Options{Clock: clock, HotShardBytes: 10, Durability: None, OnError: func(err error) { failed = err }})
	st := create(t, l, Spec{Name: "s", Mode: OnDemand})
	for range 50 {
		put(t, st, "k", string(make([]byte, 1000)))
		clock.Turn(time.Minute)
	}
	must(t, failed)
	if open := st.Info().OpenShards; open != 4+30 { // the quarter of one of the first shards is 2^62 of the upper half
		t.Errorf("%d open shards", open)
	}
}

func TestDamagedMetadataIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	create(t, l, Spec{Name: "s"})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "streams", "s.stream", "stream.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range b {
		bad := slices.Clone(b)
		bad[at] ^= 1
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d: %v", at, err)
		}
	}
}
