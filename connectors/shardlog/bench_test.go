package shardlog

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

func benchPuts(n int) []Put {
	puts := make([]Put, n)
	for i := range puts {
		puts[i] = Put{Key: fmt.Sprint("key-", i%100), Data: make([]byte, 200)}
	}
	return puts
}

// One client appends batches of records of 200 bytes to one shard.
func BenchmarkAppendBatch(b *testing.B) {
	for _, d := range []Durability{Fsync, None} {
		for _, n := range []int{500, 8000} {
			b.Run(fmt.Sprint(d, "/", n), func(b *testing.B) {
				st := create(b, openLog(b, b.TempDir(), Options{Durability: d}), Spec{Name: "s"})
				puts := benchPuts(n)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := st.Append(b.Context(), puts); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "records/s")
			})
		}
	}
}

// 64 clients append single records: group commit shares the syncs.
func BenchmarkAppendOne(b *testing.B) {
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			st := create(b, openLog(b, b.TempDir(), Options{}), Spec{Name: "s"})
			var wg sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for c := range clients {
				wg.Go(func() {
					puts := benchPuts(1)
					for i := c; i < b.N; i += clients {
						if _, err := st.Append(b.Context(), puts); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	st := create(b, openLog(b, b.TempDir(), Options{Durability: None}), Spec{Name: "s"})
	puts := benchPuts(500)
	for range 1000 {
		if _, err := st.Append(b.Context(), puts); err != nil {
			b.Fatal(err)
		}
	}
	var batch Batch
	records := 0
	b.ReportAllocs()
	for b.Loop() {
		for from := uint64(1); ; from = batch.Next {
			if err := st.Read(0, from, Limits{}, &batch); err != nil {
				b.Fatal(err)
			}
			if len(batch.Records) == 0 {
				break
			}
			records += len(batch.Records)
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}

// Idle streams after a restart: the time to open them, and the memory that they take.
func BenchmarkOpenIdleStreams(b *testing.B) {
	dir := b.TempDir()
	l := openLog(b, dir, Options{})
	const streams = 10_000
	for i := range streams {
		create(b, l, Spec{Name: fmt.Sprint("s", i), Shards: 4})
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		l, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(after.HeapInuse-before.HeapInuse)/(1<<20), "MiB")
	b.ReportMetric(streams, "streams")
}
