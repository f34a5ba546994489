package kinesis

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	kinesaliteVersion = "3.3.3"
	compareFor        = 2 * time.Second
)

// kinesalite starts the other server on loopback and returns its URL.
func kinesalite(t *testing.T) string {
	t.Helper()
	dir := peersDir(t)
	needs(t, "npm")
	install(t, dir, "kinesalite", func() {
		run(t, dir, "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", dir, "kinesalite@"+kinesaliteVersion)
	})
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "node", "--no-warnings", copyTo(t, dir, "compare.mjs"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := cmd.Wait(); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("kinesalite did not start: %v", err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// TestAgainstKinesalite reports both servers' rates in the same run: records of 200 bytes, the Go SDK
// as the client on the same cores, fsync here and memory there. It fails below the bars of the project.
func TestAgainstKinesalite(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as weir streams serve does
	urls := map[string]string{"weir": serve(t), "kinesalite": kinesalite(t)}
	for _, c := range []struct {
		name    string
		bar     float64
		prepare func(t *testing.T, c *sdk.Client) *string // fills the stream before the clock starts
		load    func(ctx context.Context, t *testing.T, c *sdk.Client, iterator *string, count *atomic.Int64)
	}{
		{"PutRecords(500)", 15, nothing, putBatches},
		{"PutRecord, 64 clients", 6, nothing, putSingles},
		{"GetRecords", 20, fill, getBatches},
	} {
		rate := map[string]float64{}
		for _, name := range []string{"kinesalite", "weir"} {
			client := goClient(urls[name])
			newStream(t, client)
			iterator := c.prepare(t, client)
			var count atomic.Int64
			ctx, cancel := context.WithTimeout(t.Context(), compareFor)
			began := time.Now()
			c.load(ctx, t, client, iterator, &count)
			rate[name] = float64(count.Load()) / time.Since(began).Seconds()
			cancel()
			if _, err := client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("bench")}); err != nil {
				t.Fatal(err)
			}
			if err := sdk.NewStreamNotExistsWaiter(client, func(o *sdk.StreamNotExistsWaiterOptions) {
				o.MinDelay, o.MaxDelay = 10*time.Millisecond, 50*time.Millisecond
			}).Wait(t.Context(), &sdk.DescribeStreamInput{StreamName: aws.String("bench")}, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		times := rate["weir"] / rate["kinesalite"]
		t.Logf("%s: weir %.0f records/s, kinesalite %.0f, %.1f times (bar %.0f)", c.name, rate["weir"], rate["kinesalite"], times, c.bar)
		if times < c.bar {
			t.Errorf("%s: %.1f times kinesalite's rate, the bar is %.0f", c.name, times, c.bar)
		}
	}
}

func goClient(url string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &url, HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "123456789012", SecretAccessKey: "secret"}, nil
		}),
	})
}

func newStream(t *testing.T, c *sdk.Client) {
	t.Helper()
	name := aws.String("bench")
	if _, err := c.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	waiter := sdk.NewStreamExistsWaiter(c, func(o *sdk.StreamExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 50*time.Millisecond
	})
	if err := waiter.Wait(t.Context(), &sdk.DescribeStreamInput{StreamName: name}, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// clients runs f in n goroutines until ctx ends; f counts what it did.
func clients(ctx context.Context, t *testing.T, n int, f func(ctx context.Context) error) {
	t.Helper()
	var work sync.WaitGroup
	for range n {
		work.Go(func() {
			for ctx.Err() == nil {
				if err := f(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
}

func batch() []types.PutRecordsRequestEntry {
	entries := make([]types.PutRecordsRequestEntry, 500)
	for i := range entries {
		entries[i] = types.PutRecordsRequestEntry{Data: make([]byte, 200), PartitionKey: aws.String(fmt.Sprint("key-", i))}
	}
	return entries
}

func nothing(*testing.T, *sdk.Client) *string { return nil }

func putBatches(ctx context.Context, t *testing.T, c *sdk.Client, _ *string, count *atomic.Int64) {
	entries := batch()
	clients(ctx, t, 4, func(ctx context.Context) error {
		out, err := c.PutRecords(ctx, &sdk.PutRecordsInput{StreamName: aws.String("bench"), Records: entries})
		if err == nil {
			count.Add(500 - int64(aws.ToInt32(out.FailedRecordCount)))
		}
		return err
	})
}

func putSingles(ctx context.Context, t *testing.T, c *sdk.Client, _ *string, count *atomic.Int64) {
	clients(ctx, t, 64, func(ctx context.Context) error {
		_, err := c.PutRecord(ctx, &sdk.PutRecordInput{StreamName: aws.String("bench"), Data: make([]byte, 200), PartitionKey: aws.String("key")})
		if err == nil {
			count.Add(1)
		}
		return err
	})
}

// fill stores 10,000 records and returns an iterator at their beginning.
func fill(t *testing.T, c *sdk.Client) *string {
	for range 20 {
		if _, err := c.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: aws.String("bench"), Records: batch()}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := c.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{
		StreamName: aws.String("bench"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.ShardIterator
}

// getBatches reads the same 10,000 records again and again.
func getBatches(ctx context.Context, t *testing.T, c *sdk.Client, iterator *string, count *atomic.Int64) {
	clients(ctx, t, 2, func(ctx context.Context) error {
		got, err := c.GetRecords(ctx, &sdk.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(10000)})
		if err == nil {
			count.Add(int64(len(got.Records)))
		}
		return err
	})
}
