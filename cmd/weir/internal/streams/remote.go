package streams

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weirstream/weir/connectors/shardlog"
)

// pollEvery is the pause between reads at the tip of a remote shard: AWS allows five a second.
const pollEvery = 250 * time.Millisecond

// remote is an endpoint that speaks the Kinesis protocol.
type remote struct{ client *kinesis.Client }

func connectRemote(endpoint, region string) (backend, error) {
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if id == "" || secret == "" {
		return nil, errors.New("--endpoint: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	creds := aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: os.Getenv("AWS_SESSION_TOKEN")}
	if u, err := url.Parse(endpoint); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("--endpoint %q: want a URL like http://127.0.0.1:4566", endpoint)
	}
	return &remote{kinesis.New(kinesis.Options{
		Region: region, BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil }),
	})}, nil
}

func (r *remote) close() error { return nil }

func (r *remote) create(ctx context.Context, name string, shards int, onDemand bool) error {
	in := &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(int32(shards))}
	if onDemand {
		in.ShardCount, in.StreamModeDetails = nil, &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}
	}
	if _, err := r.client.CreateStream(ctx, in); err != nil {
		return err
	}
	return r.settled(ctx, name)
}

// settled waits until a stream is ACTIVE.
func (r *remote) settled(ctx context.Context, name string) error {
	for {
		out, err := r.client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
		if err != nil {
			return err
		}
		if out.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive {
			return nil
		}
		if err := sleep(ctx, pollEvery); err != nil {
			return fmt.Errorf("stream %s is %s: %w", name, out.StreamDescriptionSummary.StreamStatus, err)
		}
	}
}

func (r *remote) list(ctx context.Context) ([]string, error) {
	var names []string
	pages := kinesis.NewListStreamsPaginator(r.client, &kinesis.ListStreamsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return names, err
		}
		names = append(names, page.StreamNames...)
	}
	return names, nil
}

func (r *remote) describe(ctx context.Context, name string) (description, error) {
	out, err := r.client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
	if err != nil {
		return description{}, err
	}
	s := out.StreamDescriptionSummary
	d := description{
		name: name, status: string(s.StreamStatus), mode: string(types.StreamModeProvisioned),
		retention: int(aws.ToInt32(s.RetentionPeriodHours)), created: aws.ToTime(s.StreamCreationTimestamp),
	}
	if s.StreamModeDetails != nil {
		d.mode = string(s.StreamModeDetails.StreamMode)
	}
	in := &kinesis.ListShardsInput{StreamName: &name}
	for {
		page, err := r.client.ListShards(ctx, in)
		if err != nil {
			return d, err
		}
		for _, s := range page.Shards {
			d.shards = append(d.shards, shardInfo{
				id: aws.ToString(s.ShardId), parent: aws.ToString(s.ParentShardId), adjacent: aws.ToString(s.AdjacentParentShardId),
				firstHash: aws.ToString(s.HashKeyRange.StartingHashKey), lastHash: aws.ToString(s.HashKeyRange.EndingHashKey),
				closed: s.SequenceNumberRange.EndingSequenceNumber != nil,
			})
		}
		if page.NextToken == nil {
			return d, nil
		}
		in = &kinesis.ListShardsInput{NextToken: page.NextToken}
	}
}

func (r *remote) remove(ctx context.Context, name string, force bool) error {
	if _, err := r.client.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: &name, EnforceConsumerDeletion: &force}); err != nil {
		return err
	}
	err := r.settled(ctx, name)
	var gone *types.ResourceNotFoundException
	if errors.As(err, &gone) {
		return nil
	}
	return err
}

// maxFaults is how often in a row a server may fail records for other reasons than its limits.
const maxFaults = 5

// put sends one batch, and again, in order, what was throttled.
func (r *remote) put(ctx context.Context, name string, records []record) error {
	entries := make([]types.PutRecordsRequestEntry, len(records))
	for i, rec := range records {
		entries[i] = types.PutRecordsRequestEntry{Data: rec.data, PartitionKey: aws.String(rec.key)}
	}
	faults := 0
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		out, err := r.client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &name, Records: entries})
		if err != nil {
			return err
		}
		again, reason := refused(entries, out.Records)
		if len(again) == 0 {
			return nil
		}
		if len(again) < len(entries) || reason == "" {
			faults = 0
		}
		if reason != "" {
			if faults++; faults == maxFaults {
				return fmt.Errorf("%d records were refused: %s (the output of weir streams serve says why)", len(again), reason)
			}
		}
		entries = again
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("%d records were refused: %w", len(again), err)
		}
	}
}

// refused gives the entries that were not stored, and of one that was not throttled the reason.
func refused(entries []types.PutRecordsRequestEntry, results []types.PutRecordsResultEntry) (again []types.PutRecordsRequestEntry, reason string) {
	for i, res := range results {
		if res.ErrorCode == nil {
			continue
		}
		again = append(again, entries[i])
		if code := *res.ErrorCode; code != "ProvisionedThroughputExceededException" {
			reason = code + ": " + aws.ToString(res.ErrorMessage)
		}
	}
	return again, reason
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *remote) split(ctx context.Context, name, shard, hashKey string) error {
	if hashKey == "" {
		var err error
		if hashKey, err = r.middle(ctx, name, shard); err != nil {
			return err
		}
	}
	if _, err := r.client.SplitShard(ctx, &kinesis.SplitShardInput{StreamName: &name, ShardToSplit: &shard, NewStartingHashKey: &hashKey}); err != nil {
		return err
	}
	return r.settled(ctx, name)
}

// middle finds the hash key in the middle of a shard.
func (r *remote) middle(ctx context.Context, name, shard string) (string, error) {
	d, err := r.describe(ctx, name)
	if err != nil {
		return "", err
	}
	id, err := shardlog.ParseShardID(shard)
	if err != nil {
		return "", err
	}
	for _, s := range d.shards {
		if s.id != id.String() {
			continue
		}
		first, err := shardlog.ParseHashKey(s.firstHash)
		if err != nil {
			return "", err
		}
		last, err := shardlog.ParseHashKey(s.lastHash)
		return shardlog.HashRange{Start: first, End: last}.Middle().String(), err
	}
	return "", fmt.Errorf("%w: %s in stream %s", shardlog.ErrNoShard, shard, name)
}

func (r *remote) merge(ctx context.Context, name, shard, adjacent string) error {
	if _, err := r.client.MergeShards(ctx, &kinesis.MergeShardsInput{StreamName: &name, ShardToMerge: &shard, AdjacentShardToMerge: &adjacent}); err != nil {
		return err
	}
	return r.settled(ctx, name)
}

func (r *remote) scale(ctx context.Context, name string, shards int) error {
	if _, err := r.client.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{
		StreamName: &name, TargetShardCount: aws.Int32(int32(shards)), ScalingType: types.ScalingTypeUniformScaling,
	}); err != nil {
		return err
	}
	return r.settled(ctx, name)
}

func (r *remote) retention(ctx context.Context, name string, hours int) error {
	d, err := r.describe(ctx, name)
	if err != nil {
		return err
	}
	if hours >= d.retention {
		_, err = r.client.IncreaseStreamRetentionPeriod(ctx, &kinesis.IncreaseStreamRetentionPeriodInput{StreamName: &name, RetentionPeriodHours: aws.Int32(int32(hours))})
		return err
	}
	_, err = r.client.DecreaseStreamRetentionPeriod(ctx, &kinesis.DecreaseStreamRetentionPeriodInput{StreamName: &name, RetentionPeriodHours: aws.Int32(int32(hours))})
	return err
}

func (r *remote) open(ctx context.Context, name, shard string, from start) (cursor, error) {
	in := &kinesis.GetShardIteratorInput{StreamName: &name, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	switch from.kind {
	case newest:
		in.ShardIteratorType = types.ShardIteratorTypeLatest
	case atTime:
		in.ShardIteratorType, in.Timestamp = types.ShardIteratorTypeAtTimestamp, &from.time
	case afterSequence:
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &from.seq
	}
	out, err := r.client.GetShardIterator(ctx, in)
	if err != nil {
		return nil, err
	}
	return &remoteCursor{client: r.client, shard: shard, iterator: out.ShardIterator}, nil
}

// remoteCursor reads a shard behind an endpoint.
type remoteCursor struct {
	client   *kinesis.Client
	shard    string
	iterator *string
	more     bool
}

func (c *remoteCursor) next(ctx context.Context) ([]record, bool, error) {
	if c.iterator == nil {
		return nil, true, nil
	}
	out, err := c.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: c.iterator})
	if err != nil {
		return nil, false, err
	}
	c.iterator = out.NextShardIterator
	c.more = aws.ToInt64(out.MillisBehindLatest) > 0
	records := make([]record, len(out.Records))
	for i, r := range out.Records {
		records[i] = record{shard: c.shard, seq: aws.ToString(r.SequenceNumber), arrived: aws.ToTime(r.ApproximateArrivalTimestamp), key: aws.ToString(r.PartitionKey), data: r.Data}
	}
	return records, c.iterator == nil, nil
}

func (c *remoteCursor) behind() bool { return c.more }

func (c *remoteCursor) wait(ctx context.Context) error { return sleep(ctx, pollEvery) }
