package kinesis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

// follower reads a stream through its reshards as the client libraries do: each shard from its beginning, and not before its
// parents have ended.
type follower struct {
	t      *testing.T
	client *sdk.Client
	// read gives records to got until the shard ends or ctx does.
	read func(ctx context.Context, shard string, got func([]types.Record)) error

	mu      sync.Mutex
	byKey   map[string][]string
	started map[string]bool
	ended   map[string]bool
	work    sync.WaitGroup
}

// follow starts the shards that can be read.
func (f *follower) follow(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	out, err := f.client.ListShards(ctx, &sdk.ListShardsInput{StreamName: aws.String("s")})
	if err != nil {
		if ctx.Err() == nil {
			f.t.Error(err)
		}
		return
	}
	done := func(parent *string) bool { return parent == nil || f.ended[*parent] }
	for _, s := range out.Shards {
		id := *s.ShardId
		if f.started[id] || !done(s.ParentShardId) || !done(s.AdjacentParentShardId) {
			continue
		}
		f.started[id] = true
		f.work.Go(func() {
			if err := f.read(ctx, id, f.take); ctx.Err() != nil {
				return
			} else if err != nil {
				f.t.Errorf("%s: %v", id, err)
				return
			}
			f.mu.Lock()
			f.ended[id] = true
			f.mu.Unlock()
			f.follow(ctx)
		})
	}
}

func (f *follower) take(records []types.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range records {
		f.byKey[*r.PartitionKey] = append(f.byKey[*r.PartitionKey], string(r.Data))
	}
}

func (f *follower) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, list := range f.byKey {
		n += len(list)
	}
	return n
}

// poll reads a shard with GetRecords.
func poll(client *sdk.Client) func(context.Context, string, func([]types.Record)) error {
	return func(ctx context.Context, shard string, got func([]types.Record)) error {
		out, err := client.GetShardIterator(ctx, &sdk.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		if err != nil {
			return err
		}
		for it := out.ShardIterator; it != nil; {
			page, err := client.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: it, Limit: aws.Int32(50)})
			if err != nil {
				return err
			}
			got(page.Records)
			if it = page.NextShardIterator; len(page.Records) == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		return nil
	}
}

// pushed reads a shard with SubscribeToShard. Subscriptions end after a while: the next goes on behind the last record.
func pushed(addr string, consumer *string) func(context.Context, string, func([]types.Record)) error {
	return func(ctx context.Context, shard string, got func([]types.Record)) error {
		client := client(addr) // subscriptions of one client share the SDK's decoder, which the race detector minds
		from := &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}
		for {
			out, err := client.SubscribeToShard(ctx, &sdk.SubscribeToShardInput{ConsumerARN: consumer, ShardId: &shard, StartingPosition: from})
			var busy *types.ResourceInUseException
			if errors.As(err, &busy) {
				time.Sleep(time.Millisecond)
				continue
			}
			if err != nil {
				return err
			}
			ended := false
			for e := range out.GetStream().Events() {
				if m, ok := e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); ok {
					got(m.Value.Records)
					if ended = m.Value.ContinuationSequenceNumber == nil; !ended {
						from = &types.StartingPosition{Type: types.ShardIteratorTypeAfterSequenceNumber, SequenceNumber: m.Value.ContinuationSequenceNumber}
					}
				}
			}
			if err := errors.Join(out.GetStream().Err(), out.GetStream().Close()); err != nil || ended {
				return err
			}
		}
	}
}

// While writers go on, shards are split, merged and rescaled: readers that poll, and those that are pushed to over
// subscriptions that end again and again, get each record once and those of a key in order.
func TestReshardUnderLoad(t *testing.T) {
	const writers, keys = 3, 4
	addr := serve(t, shardlog.Options{StateDelay: 5 * time.Millisecond}, kinesis.Config{SubscriptionLife: 100 * time.Millisecond})
	c, ctx := client(addr), t.Context()
	newStream(t, c, "s", 2)
	consumer := must[*sdk.RegisterStreamConsumerOutput](t)(c.RegisterStreamConsumer(ctx, &sdk.RegisterStreamConsumerInput{StreamARN: aws.String(arnPrefix + "s"), ConsumerName: aws.String("c")})).Consumer.ConsumerARN
	for must[*sdk.DescribeStreamConsumerOutput](t)(c.DescribeStreamConsumer(ctx, &sdk.DescribeStreamConsumerInput{ConsumerARN: consumer})).ConsumerDescription.ConsumerStatus != types.ConsumerStatusActive {
		time.Sleep(time.Millisecond)
	}
	reading, stopReading := context.WithCancel(ctx)
	followers := map[string]*follower{"polling": {read: poll(client(addr))}, "fan-out": {read: pushed(addr, consumer)}}
	for _, f := range followers {
		f.t, f.client, f.byKey, f.started, f.ended = t, c, map[string][]string{}, map[string]bool{}, map[string]bool{}
		f.follow(reading)
	}
	writing, stopWriting := context.WithCancel(ctx)
	var work sync.WaitGroup
	written := make([]int, writers)
	for w := range writers {
		work.Go(func() {
			own := client(addr)
			for i := 0; writing.Err() == nil; i++ {
				entries := make([]types.PutRecordsRequestEntry, 12)
				for j := range entries {
					entries[j] = types.PutRecordsRequestEntry{Data: fmt.Append(nil, i*len(entries)+j), PartitionKey: aws.String(fmt.Sprintf("w%d-k%d", w, j%keys))}
				}
				out, err := own.PutRecords(ctx, &sdk.PutRecordsInput{StreamName: aws.String("s"), Records: entries})
				if err != nil || *out.FailedRecordCount != 0 {
					t.Errorf("%+v, %v", out, err)
					return
				}
				written[w] += len(entries)
			}
		})
	}
	for _, target := range []int32{4, 3, 6, 4, 3} {
		must[*sdk.UpdateShardCountOutput](t)(c.UpdateShardCount(ctx, &sdk.UpdateShardCountInput{StreamName: aws.String("s"), TargetShardCount: &target, ScalingType: types.ScalingTypeUniformScaling}))
		waitActive(t, c, "s")
		open := must[*sdk.ListShardsOutput](t)(c.ListShards(ctx, &sdk.ListShardsInput{StreamName: aws.String("s"), ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}})).Shards
		first := open[0]
		for _, s := range open {
			if *s.HashKeyRange.StartingHashKey == "0" {
				first = s
			}
		}
		must[*sdk.SplitShardOutput](t)(c.SplitShard(ctx, &sdk.SplitShardInput{StreamName: aws.String("s"), ShardToSplit: first.ShardId, NewStartingHashKey: aws.String("1000000000000000000000000000000000000")}))
		waitActive(t, c, "s")
	}
	stopWriting()
	work.Wait()
	total := 0
	for _, n := range written {
		total += n
	}
	for name, f := range followers {
		for seen, until := 0, time.Now(); seen < total; time.Sleep(time.Millisecond) {
			if n := f.count(); n > seen {
				seen, until = n, time.Now().Add(time.Minute)
			} else if time.Now().After(until) {
				t.Fatalf("%s: stopped at %d records of %d", name, n, total)
			}
		}
	}
	stopReading()
	for name, f := range followers {
		f.work.Wait()
		for w := range writers {
			for k := range keys {
				key := fmt.Sprintf("w%d-k%d", w, k)
				var want []string
				for n := k; n < written[w]; n += keys {
					want = append(want, fmt.Sprint(n))
				}
				if strings.Join(f.byKey[key], " ") != strings.Join(want, " ") {
					t.Errorf("%s, key %s: %d records, want %d in order", name, key, len(f.byKey[key]), len(want))
				}
			}
		}
		if len(f.ended) < 10 {
			t.Errorf("%s: %d shards ended", name, len(f.ended))
		}
	}
}
