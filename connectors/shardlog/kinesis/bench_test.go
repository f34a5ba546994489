package kinesis_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

// The Go SDK as the client, in the same process, over loopback HTTP: records of 200
// bytes, fsync durability. Most of the time is the client's.

func batchOf(n int) []types.PutRecordsRequestEntry {
	entries := make([]types.PutRecordsRequestEntry, n)
	for i := range entries {
		entries[i] = types.PutRecordsRequestEntry{Data: make([]byte, 200), PartitionKey: aws.String(fmt.Sprint("key-", i))}
	}
	return entries
}

func BenchmarkPutRecords(b *testing.B) {
	c := client(serve(b, shardlog.Options{}, kinesis.Config{}))
	newStream(b, c, "s", 1)
	entries := batchOf(500)
	b.ReportAllocs()
	inParallel(b, 2, func() error {
		_, err := c.PutRecords(b.Context(), &sdk.PutRecordsInput{StreamName: aws.String("s"), Records: entries})
		return err
	})
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkPutRecord(b *testing.B) {
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			c := client(serve(b, shardlog.Options{}, kinesis.Config{}))
			newStream(b, c, "s", 1)
			data := make([]byte, 200)
			b.ReportAllocs()
			inParallel(b, clients, func() error {
				_, err := c.PutRecord(b.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), Data: data, PartitionKey: aws.String("k")})
				return err
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkClient is BenchmarkPutRecord against a server that does nothing but read the request and
// answer the same bytes: what the Go SDK and net/http alone take.
func BenchmarkClient(b *testing.B) {
	const answer = `{"ShardId":"shardId-000000000000","SequenceNumber":"49676849018893284936871238129379174985173498571345123458"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			b.Error(err)
		}
		w.Header()["Content-Type"] = []string{"application/x-amz-json-1.1"}
		if _, err := io.WriteString(w, answer); err != nil {
			b.Error(err)
		}
	}))
	defer server.Close()
	c := client(server.Listener.Addr().String())
	data := make([]byte, 200)
	b.ReportAllocs()
	inParallel(b, 64, func() error {
		_, err := c.PutRecord(b.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), Data: data, PartitionKey: aws.String("k")})
		return err
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// inParallel runs f b.N times on n goroutines. It reports the processor time of a call, which other work
// on the machine moves less than the rate.
func inParallel(b *testing.B, n int, f func() error) {
	before := cpuTime(b)
	defer func() { b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op") }()
	b.ResetTimer()
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			for i := w; i < b.N; i += n {
				if err := f(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}

// cpuTime is what the process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkGetRecords(b *testing.B) {
	c := client(serve(b, shardlog.Options{Durability: shardlog.None}, kinesis.Config{}))
	newStream(b, c, "s", 1)
	for range 40 {
		if _, err := c.PutRecords(b.Context(), &sdk.PutRecordsInput{StreamName: aws.String("s"), Records: batchOf(500)}); err != nil {
			b.Fatal(err)
		}
	}
	it := must[*sdk.GetShardIteratorOutput](b)(c.GetShardIterator(b.Context(), &sdk.GetShardIteratorInput{
		StreamName: aws.String("s"), ShardId: aws.String("0"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})).ShardIterator
	b.ReportAllocs()
	inParallel(b, 2, func() error {
		out, err := c.GetRecords(b.Context(), &sdk.GetRecordsInput{ShardIterator: it, Limit: aws.Int32(10000)})
		if err == nil && len(out.Records) != 10000 {
			err = fmt.Errorf("%d records", len(out.Records))
		}
		return err
	})
	b.ReportMetric(float64(10000*b.N)/b.Elapsed().Seconds(), "records/s")
}
