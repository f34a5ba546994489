package kinesis_test

import (
	"fmt"
	"sync"
	"testing"

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

// inParallel runs f b.N times on n goroutines.
func inParallel(b *testing.B, n int, f func() error) {
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
