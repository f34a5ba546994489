package kinesalite

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	stream     = "bench"
	recordSize = 200
	batchSize  = 500
	getSize    = 10_000
)

// workload is a call that clients make again and again.
type workload struct {
	call    string
	clients int
	bar     float64 // times kinesalite's rate
	// fill is how many records are in the stream when the clock starts.
	fill int
	// do makes one call and gives the records that it moved.
	do func(ctx context.Context, c *sdk.Client, iterator *string) (int, error)
}

var workloads = []workload{
	{call: "PutRecords", clients: 4, bar: 15, do: putRecords},
	{call: "PutRecord", clients: 64, bar: 6, do: putRecord},
	{call: "GetRecords", clients: 4, bar: 20, fill: getSize, do: getRecords},
}

// newClient makes a Go SDK client as a program that makes many calls would: a connection for each goroutine, no retries, and a
// transport that is given a request's body in memory.
func newClient(addr string, wrap func(http.RoundTripper) http.RoundTripper) *sdk.Client {
	url := "http://" + addr
	var transport http.RoundTripper = wholeBody{&http.Transport{MaxIdleConns: 64, MaxIdleConnsPerHost: 64, WriteBufferSize: 256 << 10, ReadBufferSize: 64 << 10, DisableCompression: true}}
	if wrap != nil {
		transport = wrap(transport)
	}
	return sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &url, HTTPClient: &http.Client{Transport: transport}, Retryer: aws.NopRetryer{},
		Credentials: aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, nil
		})),
	})
}

// wholeBody gives a transport the body in a reader that it knows: header and body go out in one write, where of the SDK's own
// reader it cannot tell that it will not wait. That saves a seventh of a PutRecord's processor time. Besides, the SDK closes its reader when the
// response begins, and against a server that answers within microseconds the transport may still be reading: it then drops the connection.
type wholeBody struct{ http.RoundTripper }

// RoundTrip sends a request, whose body has a length.
func (w wholeBody) RoundTrip(r *http.Request) (*http.Response, error) {
	b := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, b); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(b))
	return w.RoundTripper.RoundTrip(r)
}

// newStream makes the stream, of one shard, and fills it; the iterator is at its beginning.
func (w *workload) newStream(ctx context.Context, c *sdk.Client) (iterator *string, err error) {
	name := aws.String(stream)
	if _, err := c.CreateStream(ctx, &sdk.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)}); err != nil {
		return nil, err
	}
	waiter := sdk.NewStreamExistsWaiter(c, func(o *sdk.StreamExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 50*time.Millisecond
	})
	if err := waiter.Wait(ctx, &sdk.DescribeStreamInput{StreamName: name}, time.Minute); err != nil {
		return nil, err
	}
	for range w.fill / batchSize {
		if _, err := putRecords(ctx, c, nil); err != nil {
			return nil, err
		}
	}
	out, err := c.GetShardIterator(ctx, &sdk.GetShardIteratorInput{
		StreamName: name, ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

func deleteStream(ctx context.Context, c *sdk.Client) error {
	name := aws.String(stream)
	if _, err := c.DeleteStream(ctx, &sdk.DeleteStreamInput{StreamName: name}); err != nil {
		return err
	}
	waiter := sdk.NewStreamNotExistsWaiter(c, func(o *sdk.StreamNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 50*time.Millisecond
	})
	return waiter.Wait(ctx, &sdk.DescribeStreamInput{StreamName: name}, time.Minute)
}

// entries is what every PutRecords puts.
var entries = sync.OnceValue(func() []types.PutRecordsRequestEntry {
	out := make([]types.PutRecordsRequestEntry, batchSize)
	for i := range out {
		out[i] = types.PutRecordsRequestEntry{Data: make([]byte, recordSize), PartitionKey: aws.String(fmt.Sprint("key-", i))}
	}
	return out
})

func putRecords(ctx context.Context, c *sdk.Client, _ *string) (int, error) {
	out, err := c.PutRecords(ctx, &sdk.PutRecordsInput{StreamName: aws.String(stream), Records: entries()})
	if err != nil {
		return 0, err
	}
	if n := aws.ToInt32(out.FailedRecordCount); n != 0 || len(out.Records) != batchSize {
		return 0, fmt.Errorf("PutRecords: %d of %d records failed", n, len(out.Records))
	}
	return batchSize, nil
}

var payload = make([]byte, recordSize)

func putRecord(ctx context.Context, c *sdk.Client, _ *string) (int, error) {
	out, err := c.PutRecord(ctx, &sdk.PutRecordInput{StreamName: aws.String(stream), Data: payload, PartitionKey: aws.String("key")})
	if err != nil {
		return 0, err
	}
	if aws.ToString(out.SequenceNumber) == "" {
		return 0, fmt.Errorf("PutRecord gave no sequence number")
	}
	return 1, nil
}

// getRecords reads the same records again and again.
func getRecords(ctx context.Context, c *sdk.Client, iterator *string) (int, error) {
	out, err := c.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(getSize)})
	if err != nil {
		return 0, err
	}
	if len(out.Records) != getSize {
		return 0, fmt.Errorf("GetRecords gave %d records, want %d", len(out.Records), getSize)
	}
	return getSize, nil
}

// run makes calls for a while, of each client one at least, and gives the records that they moved. Calls under way when the
// time is over are waited for and counted.
func (w *workload) run(ctx context.Context, c *sdk.Client, iterator *string, each time.Duration) (records int64, took time.Duration, err error) {
	var (
		count atomic.Int64
		work  sync.WaitGroup
		once  sync.Once
	)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	for range w.clients {
		work.Go(func() {
			for first := true; first || time.Since(began) < each; first = false {
				n, callErr := w.do(ctx, c, iterator)
				if callErr != nil {
					once.Do(func() { err = callErr })
					cancel()
					return
				}
				count.Add(int64(n))
			}
		})
	}
	work.Wait()
	return count.Load(), time.Since(began), err
}

// tee keeps the body of the last response.
type tee struct {
	http.RoundTripper
	body []byte
}

func (t *tee) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.body, err = io.ReadAll(res.Body)
	if closeErr := res.Body.Close(); err == nil {
		err = closeErr
	}
	res.Body = io.NopCloser(bytes.NewReader(t.body))
	return res, err
}
