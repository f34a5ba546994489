package kinesis_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/internal/handclock"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

const (
	accessKey = "123456789012" // twelve digits choose the account
	secret    = "secret"
	region    = "eu-west-1"
	arnPrefix = "arn:aws:kinesis:" + region + ":" + accessKey + ":stream/"
)

// serve runs a server on loopback until the test ends and returns its address.
func serve(t testing.TB, opts shardlog.Options, config kinesis.Config, certs ...tls.Certificate) string {
	t.Helper()
	l, err := shardlog.Open(t.TempDir(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return serveLog(t, l, config, certs...)
}

// serveLog is serve for a log that is open; it is closed with the server.
func serveLog(t testing.TB, l *shardlog.Log, config kinesis.Config, certs ...tls.Certificate) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, ln, l, config, certs...)
	return ln.Addr().String()
}

// servePiped is serve over pipes in memory, for tests in a bubble of testing/synctest.
func servePiped(t testing.TB, config kinesis.Config, certs ...tls.Certificate) *kinesis.PipeListener {
	t.Helper()
	l, err := shardlog.Open(t.TempDir(), shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ln := kinesis.NewPipeListener()
	serveOn(t, ln, l, config, certs...)
	return ln
}

func serveOn(t testing.TB, ln net.Listener, l *shardlog.Log, config kinesis.Config, certs ...tls.Certificate) {
	t.Helper()
	if config.Credentials == nil {
		config.Credentials = map[string]string{accessKey: secret}
	}
	s, err := kinesis.New(l, config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln, 10*time.Second, certs...) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, l.Close()); err != nil {
			t.Error(err)
		}
	})
}

func client(addr string, opts ...func(*sdk.Options)) *sdk.Client {
	return sdk.New(sdk.Options{
		Region:       region,
		BaseEndpoint: aws.String("http://" + addr),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret}, nil
		}),
		Retryer:    aws.NopRetryer{},
		HTTPClient: &http.Client{Transport: steadyBody{transport}},
	}, opts...)
}

// transport keeps a connection for every client of the benchmarks.
var transport = &http.Transport{MaxIdleConnsPerHost: 64}

// steadyBody hands the transport a body of its own. The SDK closes its body as soon as the
// response begins, and its body then answers the transport's last read with an error that makes it drop the
// connection: a server that answers within microseconds loses that race now and then.
type steadyBody struct{ http.RoundTripper }

func (s steadyBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(b))
	}
	return s.RoundTripper.RoundTrip(r)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantCode asserts the exception's name.
func wantCode(t testing.TB, err error, code, words string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), words) {
		t.Errorf("got %v, want %s with %q", err, code, words)
	}
}

func create(t testing.TB, c *sdk.Client, name string, shards int32) {
	t.Helper()
	if _, err := c.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: &name, ShardCount: &shards}); err != nil {
		t.Fatal(err)
	}
}

// newStream makes a stream and waits until it is ACTIVE.
func newStream(t testing.TB, c *sdk.Client, name string, shards int32) {
	t.Helper()
	create(t, c, name, shards)
	waiter := sdk.NewStreamExistsWaiter(c, func(o *sdk.StreamExistsWaiterOptions) { o.MinDelay, o.MaxDelay = time.Millisecond, 20*time.Millisecond })
	if err := waiter.Wait(t.Context(), &sdk.DescribeStreamInput{StreamName: &name}, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// readShard reads a shard from TRIM_HORIZON until it is at the tip or drained.
func readShard(t testing.TB, c *sdk.Client, stream, shard string) ([]types.Record, []types.ChildShard) {
	t.Helper()
	it := must[*sdk.GetShardIteratorOutput](t)(c.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{
		StreamName: &stream, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})).ShardIterator
	var records []types.Record
	for {
		out := must[*sdk.GetRecordsOutput](t)(c.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: it, Limit: aws.Int32(7)}))
		records = append(records, out.Records...)
		if out.NextShardIterator == nil {
			return records, out.ChildShards
		}
		if len(out.Records) == 0 && *out.MillisBehindLatest == 0 {
			return records, nil
		}
		it = out.NextShardIterator
	}
}

func TestPutAndGet(t *testing.T) {
	c := client(serve(t, shardlog.Options{}, kinesis.Config{}))
	newStream(t, c, "orders", 3)
	name := aws.String("orders")
	var entries []types.PutRecordsRequestEntry
	for i := range 100 {
		entries = append(entries, types.PutRecordsRequestEntry{Data: fmt.Append(nil, i), PartitionKey: aws.String(fmt.Sprint("key \"é\" ", i%10))})
	}
	out := must[*sdk.PutRecordsOutput](t)(c.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: name, Records: entries}))
	if *out.FailedRecordCount != 0 || len(out.Records) != 100 {
		t.Fatalf("%d failed of %d", *out.FailedRecordCount, len(out.Records))
	}
	one := must[*sdk.PutRecordOutput](t)(c.PutRecord(t.Context(), &sdk.PutRecordInput{
		StreamARN: aws.String(arnPrefix + "orders"), Data: []byte("last"), PartitionKey: aws.String("x"), ExplicitHashKey: aws.String("0"),
		SequenceNumberForOrdering: out.Records[0].SequenceNumber,
	}))
	if *one.ShardId != "shardId-000000000000" {
		t.Fatalf("hash key 0 went to %s", *one.ShardId)
	}
	total := 0
	for _, shard := range must[*sdk.ListShardsOutput](t)(c.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: name})).Shards {
		records, _ := readShard(t, c, "orders", *shard.ShardId)
		var want []string
		for i, r := range out.Records {
			if *r.ShardId == *shard.ShardId {
				want = append(want, fmt.Sprint(*r.SequenceNumber, *entries[i].PartitionKey, string(entries[i].Data)))
			}
		}
		if *shard.ShardId == *one.ShardId {
			want = append(want, fmt.Sprint(*one.SequenceNumber, "x", "last"))
		}
		var got []string
		for _, r := range records {
			got = append(got, fmt.Sprint(*r.SequenceNumber, *r.PartitionKey, string(r.Data)))
			if age := time.Since(*r.ApproximateArrivalTimestamp); age < -time.Second || age > time.Minute {
				t.Fatalf("arrived %v ago", age)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: got %q, want %q", *shard.ShardId, got, want)
		}
		total += len(got)
	}
	if total != 101 {
		t.Fatalf("%d records", total)
	}
}

func TestReshardThroughTheSDK(t *testing.T) {
	clock := handclock.New(time.Now())
	c := client(serve(t, shardlog.Options{StateDelay: time.Second, Clock: clock}, kinesis.Config{}))
	create(t, c, "s", 1)
	settle := func() {
		clock.Turn(time.Second)
		waitActive(t, c, "s")
	}
	settle()
	name := aws.String("s")
	put := func(data string) string {
		return *must[*sdk.PutRecordOutput](t)(c.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: name, Data: []byte(data), PartitionKey: aws.String("k")})).ShardId
	}
	put("before")
	must[*sdk.SplitShardOutput](t)(c.SplitShard(t.Context(), &sdk.SplitShardInput{
		StreamName: name, ShardToSplit: aws.String("shardId-0"), NewStartingHashKey: aws.String("170141183460469231731687303715884105728"),
	}))
	if put("while updating") != "shardId-000000000000" {
		t.Error("a split took effect before its delay")
	}
	_, err := c.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: name, ShardToMerge: aws.String("shardId-000000000000"), AdjacentShardToMerge: aws.String("shardId-000000000000")})
	wantCode(t, err, "InvalidArgumentException", "not an adjacent pair")
	_, err = c.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{StreamName: name, TargetShardCount: aws.Int32(2), ScalingType: types.ScalingTypeUniformScaling})
	wantCode(t, err, "ResourceInUseException", "Stream s under account 123456789012 not ACTIVE, instead in state UPDATING")
	settle()
	if after := put("after"); after == "shardId-000000000000" {
		t.Error("a closed shard took a record")
	}
	records, children := readShard(t, c, "s", "shardId-000000000000")
	if len(records) != 2 || len(children) != 2 || children[0].ParentShards[0] != "shardId-000000000000" || *children[0].HashKeyRange.StartingHashKey != "0" {
		t.Fatalf("%d records, children %+v", len(records), children)
	}
	must[*sdk.MergeShardsOutput](t)(c.MergeShards(t.Context(), &sdk.MergeShardsInput{StreamName: name, ShardToMerge: aws.String("shardId-000000000001"), AdjacentShardToMerge: aws.String("shardId-000000000002")}))
	settle()
	scaled := must[*sdk.UpdateShardCountOutput](t)(c.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{StreamName: name, TargetShardCount: aws.Int32(2), ScalingType: types.ScalingTypeUniformScaling}))
	if *scaled.CurrentShardCount != 1 || *scaled.TargetShardCount != 2 {
		t.Fatalf("%+v", scaled)
	}
	settle()
	for kind, want := range map[types.ShardFilterType]int{types.ShardFilterTypeAtLatest: 2, types.ShardFilterTypeFromTrimHorizon: 6, types.ShardFilterTypeAtTrimHorizon: 1} {
		out := must[*sdk.ListShardsOutput](t)(c.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: name, ShardFilter: &types.ShardFilter{Type: kind}}))
		if len(out.Shards) != want {
			t.Errorf("%s: %d shards, want %d", kind, len(out.Shards), want)
		}
	}
	page := must[*sdk.ListShardsOutput](t)(c.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: name, MaxResults: aws.Int32(4)}))
	rest := must[*sdk.ListShardsOutput](t)(c.ListShards(t.Context(), &sdk.ListShardsInput{NextToken: page.NextToken}))
	if len(page.Shards) != 4 || len(rest.Shards) != 2 || rest.NextToken != nil || *rest.Shards[0].ShardId != "shardId-000000000004" {
		t.Errorf("pages of %d and %d shards", len(page.Shards), len(rest.Shards))
	}
}

func waitActive(t testing.TB, c *sdk.Client, name string) {
	t.Helper()
	for {
		out := must[*sdk.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: &name}))
		if out.StreamDescriptionSummary.StreamStatus == types.StreamStatusActive {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// subscribeTo opens a fan-out stream.
func subscribeTo(t testing.TB, c *sdk.Client, consumer *string, shard string, from types.StartingPosition) *sdk.SubscribeToShardEventStream {
	t.Helper()
	return must[*sdk.SubscribeToShardOutput](t)(c.SubscribeToShard(t.Context(), &sdk.SubscribeToShardInput{
		ConsumerARN: consumer, ShardId: &shard, StartingPosition: &from,
	})).GetStream()
}

func TestSubscribeToShard(t *testing.T) {
	// Five seconds after a subscription began, another one would take over: the clock stands.
	c := client(serve(t, shardlog.Options{}, kinesis.Config{Now: handclock.New(time.Now()).Now}))
	newStream(t, c, "s", 1)
	consumer := must[*sdk.RegisterStreamConsumerOutput](t)(c.RegisterStreamConsumer(t.Context(), &sdk.RegisterStreamConsumerInput{
		StreamARN: aws.String(arnPrefix + "s"), ConsumerName: aws.String("c"),
	})).Consumer.ConsumerARN
	stream := subscribeTo(t, c, consumer, "shardId-000000000000", types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon})
	put := func(data string) {
		must[*sdk.PutRecordOutput](t)(c.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), Data: []byte(data), PartitionKey: aws.String("k")}))
	}
	next := func() types.SubscribeToShardEvent {
		for e := range stream.Events() {
			if m, ok := e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); ok && (len(m.Value.Records) > 0 || m.Value.ContinuationSequenceNumber == nil) {
				return m.Value
			}
		}
		t.Fatalf("the stream ended: %v", stream.Err())
		return types.SubscribeToShardEvent{}
	}
	for i := range 3 {
		put(fmt.Sprint(i))
		if e := next(); string(e.Records[0].Data) != fmt.Sprint(i) || *e.ContinuationSequenceNumber != *e.Records[0].SequenceNumber {
			t.Fatalf("got %+v", e)
		}
	}
	_, err := c.SubscribeToShard(t.Context(), &sdk.SubscribeToShardInput{
		ConsumerARN: consumer, ShardId: aws.String("shardId-000000000000"), StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeLatest},
	})
	wantCode(t, err, "ResourceInUseException", "Another active subscription")
	must[*sdk.SplitShardOutput](t)(c.SplitShard(t.Context(), &sdk.SplitShardInput{
		StreamName: aws.String("s"), ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: aws.String("99"),
	}))
	if e := next(); len(e.ChildShards) != 2 {
		t.Fatalf("at the shard's end: %+v", e)
	}
	if _, more := <-stream.Events(); more || stream.Err() != nil {
		t.Fatalf("the stream goes on: %v", stream.Err())
	}
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTakeover(t *testing.T) {
	clock := handclock.New(time.Now())
	// Signatures are made with the real clock: this one only moves on by seconds.
	addr := serve(t, shardlog.Options{}, kinesis.Config{Now: clock.Now})
	c := client(addr)
	newStream(t, c, "s", 1)
	consumer := must[*sdk.RegisterStreamConsumerOutput](t)(c.RegisterStreamConsumer(t.Context(), &sdk.RegisterStreamConsumerInput{
		StreamARN: aws.String(arnPrefix + "s"), ConsumerName: aws.String("c"),
	})).Consumer.ConsumerARN
	from := types.StartingPosition{Type: types.ShardIteratorTypeLatest}
	first := subscribeTo(t, c, consumer, "shardId-000000000000", from)
	clock.Turn(6 * time.Second)
	// Another client: two subscriptions of one share the SDK's decoder, which the race detector minds.
	second := subscribeTo(t, client(addr), consumer, "shardId-000000000000", from)
	for range first.Events() {
	}
	wantCode(t, first.Err(), "ResourceInUseException", "")
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

func latest() *types.StartingPosition {
	return &types.StartingPosition{Type: types.ShardIteratorTypeLatest}
}
