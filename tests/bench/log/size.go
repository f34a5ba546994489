package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

// streams opens a log with ten thousand streams that nobody touches.
func streams(_ context.Context, _ options, dir string) error {
	const count, each = 10_000, 4
	quick := shardlog.Options{Durability: shardlog.None}
	err := withLog(dir, quick, func(l *shardlog.Log) error {
		for i := range count {
			if _, err := l.Create(shardlog.Spec{Name: fmt.Sprint("stream-", i), Shards: each}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	before := heap()
	began := time.Now()
	return withLog(dir, shardlog.Options{}, func(l *shardlog.Log) error {
		took := time.Since(began)
		fmt.Printf("%d streams of %d shards: opened in %v, %.0f MB of memory (bar: 1000)\n", len(l.Streams()), each, took.Round(time.Millisecond), float64(heap()-before)/1e6)
		return nil
	})
}

// heap gives the bytes that the program holds after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// shards appends batches of 500 records to streams of one and of a thousand shards.
func shards(ctx context.Context, _ options, dir string) error {
	puts := batch(500)
	for _, n := range []int{1, 1000} {
		err := inFolder(dir, func(dir string) error {
			return withStream(dir, n, shardlog.Options{}, func(st *shardlog.Stream) error {
				var r rate
				for range appendRounds {
					if err := r.turn(len(puts), func() error { _, err := st.Append(ctx, puts); return err }); err != nil {
						return err
					}
				}
				read := 0
				var b shardlog.Batch
				began := time.Now()
				for _, s := range st.Shards() {
					for from := uint64(1); ; from = b.Next {
						if err := st.Read(s.ID, from, shardlog.Limits{}, &b); err != nil {
							return err
						}
						if len(b.Records) == 0 {
							break
						}
						read += len(b.Records)
					}
				}
				fmt.Printf("%4d shards: %10.0f records/s appended in batches of %d; %d of %d records read in %v\n", n, r.perSecond(), len(puts), read, r.records, time.Since(began).Round(time.Millisecond))
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// retention appends to a new stream and to one with as many files of records as 100 GB of retention make: the files are small, but nothing
// that the log does depends on their size except reading them.
func retention(ctx context.Context, _ options, dir string) error {
	const files = 100 << 30 / (64 << 20) // of the size that they have by default
	puts := batch(500)
	old, fresh := filepath.Join(dir, "old"), filepath.Join(dir, "fresh")
	small := shardlog.Options{Durability: shardlog.None, SegmentBytes: 1}
	err := withStream(old, 1, small, func(st *shardlog.Stream) error {
		for range files {
			if _, err := st.Append(ctx, puts[:1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	began := time.Now()
	return withLog(filepath.Join(old, "log"), shardlog.Options{}, func(l *shardlog.Log) error {
		st, err := l.Stream("bench")
		if err != nil {
			return err
		}
		if _, err := st.Append(ctx, puts[:1]); err != nil {
			return err
		}
		opened := time.Since(began)
		segments, err := filepath.Glob(filepath.Join(old, "log", "streams", "*", "*", "*.seg"))
		if err != nil {
			return err
		}
		return withStream(fresh, 1, shardlog.Options{}, func(other *shardlog.Stream) error {
			var a, b rate
			for range appendRounds {
				if err := a.turn(len(puts), func() error { _, err := st.Append(ctx, puts); return err }); err != nil {
					return err
				}
				if err := b.turn(len(puts), func() error { _, err := other.Append(ctx, puts); return err }); err != nil {
					return err
				}
			}
			fmt.Printf("%d files in the shard, opened and first append in %v\nappended in batches of %d: %.0f records/s, to a new stream %.0f records/s, ratio %.2f\n",
				len(segments), opened.Round(time.Millisecond), len(puts), a.perSecond(), b.perSecond(), a.perSecond()/b.perSecond())
			return nil
		})
	})
}
