package kinesis_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/internal/handclock"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

const (
	byName = `"StreamName":"STREAM"`
	byARN  = `"StreamARN":"` + arnPrefix + `STREAM"`
	byRes  = `"ResourceARN":"` + arnPrefix + `STREAM"`
	toS3   = `"S3DestinationConfiguration":{"StorageConfiguration":{"BucketARN":"b","CompressionType":"NONE","ExpectedBucketOwner":"o"}}`
)

// soundRequests has a request for every action, sound but for the stream STREAM, which may not be there.
var soundRequests = map[string]string{
	"AddTagsToStream":                        `{` + byName + `,"Tags":{"a":"b"}}`,
	"CreateChannel":                          `{"ChannelName":"n","ServiceExecutionRoleARN":"r","StreamConfigurationList":[{` + byARN + `,"RecordConfiguration":{"RecordFormatType":"JSON"}}],` + toS3 + `}`,
	"CreateStream":                           `{` + byName + `,"ShardCount":1}`,
	"DecreaseStreamRetentionPeriod":          `{` + byName + `,"RetentionPeriodHours":24}`,
	"DeleteChannel":                          `{"ChannelARN":"arn:aws:kinesis:eu-west-1:123456789012:channel/x"}`,
	"DeleteResourcePolicy":                   `{` + byRes + `}`,
	"DeleteStream":                           `{` + byName + `}`,
	"DeregisterStreamConsumer":               `{` + byARN + `,"ConsumerName":"c"}`,
	"DescribeAccountSettings":                `{}`,
	"DescribeChannel":                        `{"ChannelARN":"arn:aws:kinesis:eu-west-1:123456789012:channel/x"}`,
	"DescribeLimits":                         `{}`,
	"DescribeStream":                         `{` + byName + `}`,
	"DescribeStreamConsumer":                 `{` + byARN + `,"ConsumerName":"c"}`,
	"DescribeStreamSummary":                  `{` + byName + `}`,
	"DisableEnhancedMonitoring":              `{` + byName + `,"ShardLevelMetrics":["ALL"]}`,
	"EnableEnhancedMonitoring":               `{` + byName + `,"ShardLevelMetrics":["ALL"]}`,
	"GetRecords":                             `{"ShardIterator":"x"}`,
	"GetResourcePolicy":                      `{` + byRes + `}`,
	"GetShardIterator":                       `{` + byName + `,"ShardId":"0","ShardIteratorType":"LATEST"}`,
	"IncreaseStreamRetentionPeriod":          `{` + byName + `,"RetentionPeriodHours":48}`,
	"ListChannels":                           `{}`,
	"ListShards":                             `{` + byName + `}`,
	"ListStreamConsumers":                    `{` + byARN + `}`,
	"ListStreams":                            `{}`,
	"ListTagsForResource":                    `{` + byRes + `}`,
	"ListTagsForStream":                      `{` + byName + `}`,
	"MergeShards":                            `{` + byName + `,"ShardToMerge":"0","AdjacentShardToMerge":"1"}`,
	"PutRecord":                              `{` + byName + `,"Data":"","PartitionKey":"k"}`,
	"PutRecords":                             `{` + byName + `,"Records":[{"Data":"","PartitionKey":"k"}]}`,
	"PutResourcePolicy":                      `{` + byRes + `,"Policy":"{}"}`,
	"RegisterStreamConsumer":                 `{` + byARN + `,"ConsumerName":"c"}`,
	"RemoveTagsFromStream":                   `{` + byName + `,"TagKeys":["a"]}`,
	"SplitShard":                             `{` + byName + `,"ShardToSplit":"0","NewStartingHashKey":"9"}`,
	"StartStreamEncryption":                  `{` + byName + `,"EncryptionType":"KMS","KeyId":"k"}`,
	"StopStreamEncryption":                   `{` + byName + `,"EncryptionType":"KMS","KeyId":"k"}`,
	"SubscribeToShard":                       `{"ConsumerARN":"` + arnPrefix + `STREAM/consumer/c:1","ShardId":"0","StartingPosition":{"Type":"LATEST"}}`,
	"TagResource":                            `{` + byRes + `,"Tags":{"a":"b"}}`,
	"UntagResource":                          `{` + byRes + `,"TagKeys":["a"]}`,
	"UpdateAccountSettings":                  `{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}`,
	"UpdateChannel":                          `{"ChannelARN":"arn:aws:kinesis:eu-west-1:123456789012:channel/x"}`,
	"UpdateMaxRecordSize":                    `{` + byARN + `,"MaxRecordSizeInKiB":1024}`,
	"UpdateShardCount":                       `{` + byName + `,"TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`,
	"UpdateStreamMode":                       `{` + byARN + `,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`,
	"UpdateStreamRecordDistributionStrategy": `{` + byARN + `,"RecordDistributionStrategy":"USER_PARTITION_KEY"}`,
	"UpdateStreamWarmThroughput":             `{` + byName + `,"WarmThroughputMiBps":1}`,
}

// streamless need no stream to exist.
var streamless = []string{"CreateStream", "DescribeAccountSettings", "DescribeLimits", "GetRecords", "ListChannels", "ListStreams", "UpdateAccountSettings"}

func on(stream, action string) string {
	return strings.ReplaceAll(soundRequests[action], "STREAM", stream)
}

func TestEveryActionWithoutItsStream(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	for _, action := range slices.Sorted(maps.Keys(soundRequests)) {
		if slices.Contains(streamless, action) {
			continue
		}
		words := "none"
		if strings.Contains(action, "Channel") && action != "CreateChannel" {
			words = "channel/x"
		}
		r.refused(refusal{action, on("none", action), "ResourceNotFoundException", words})
		body := on("none", action)
		if !strings.Contains(body, `"StreamName"`) {
			continue
		}
		r.refused(refusal{action, strings.Replace(body, "{", `{"StreamARN":"`+arnPrefix+`other",`, 1), "InvalidArgumentException", "does not match"})
		rest := strings.Replace(strings.Replace(body, `"StreamName":"none",`, "", 1), `"StreamName":"none"`, "", 1)
		if action != "CreateStream" {
			r.refused(refusal{action, rest, "InvalidArgumentException", "StreamName"})
		}
	}
}

// Under emulated limits each action has its calls a second.
func TestEveryActionOverItsRate(t *testing.T) {
	now := time.Now()
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{EmulateLimits: true, Now: func() time.Time { return now }}))
	unlimited := []string{"GetRecords", "GetShardIterator", "PutRecord", "PutRecords", "SubscribeToShard"} // by shard
	for _, action := range slices.Sorted(maps.Keys(soundRequests)) {
		if slices.Contains(unlimited, action) {
			continue
		}
		last, calls := "", 0
		for ; calls <= 1000 && last != "LimitExceededException"; calls++ {
			resp, _ := r.do(r.request(action, []byte(on("none", action))))
			last = resp.Header.Get("X-Amzn-Errortype")
		}
		want, ok := map[string]int{"DescribeLimits": 1, "DescribeStream": 10, "DescribeStreamSummary": 20, "DescribeStreamConsumer": 20, "ListShards": 1000}[action]
		if !ok {
			want = 5
		}
		if calls != want+1 {
			t.Errorf("%s: call %d was refused, want %d calls a second", action, calls, want)
		}
	}
}

// What changes a stream waits for the change before it.
func TestEveryChangeOfABusyStream(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{StateDelay: time.Hour}, kinesis.Config{}))
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":2}`)
	for _, action := range []string{
		"DeleteStream", "IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod", "MergeShards", "SplitShard", "StartStreamEncryption",
		"StopStreamEncryption", "UpdateMaxRecordSize", "UpdateShardCount", "UpdateStreamMode", "UpdateStreamRecordDistributionStrategy",
	} {
		body := on("s", action)
		if action == "MergeShards" || action == "SplitShard" {
			body = strings.ReplaceAll(body, `"9"`, `"99"`)
		}
		words := "not ACTIVE, instead in state CREATING"
		if action == "DeleteStream" {
			words = "being created"
		}
		r.refused(refusal{action, body, "ResourceInUseException", words})
	}
	for _, action := range []string{"PutRecord", "PutRecords", "RegisterStreamConsumer"} {
		r.refused(refusal{action, on("s", action), "ResourceNotFoundException", "Stream s under account 123456789012 not found."})
	}
}

func TestDryRun(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":1}`)
	var consumer struct{ Consumer struct{ ConsumerARN string } }
	if err := json.Unmarshal(r.ok("RegisterStreamConsumer", on("s", "RegisterStreamConsumer")), &consumer); err != nil {
		t.Fatal(err)
	}
	it := iteratorOf(r, "s")
	for action, body := range map[string]string{
		"PutRecord": on("s", "PutRecord"), "PutRecords": on("s", "PutRecords"), "GetShardIterator": on("s", "GetShardIterator"), "GetRecords": `{"ShardIterator":"` + it + `"}`,
		"SubscribeToShard": strings.ReplaceAll(on("s", "SubscribeToShard"), arnPrefix+"s/consumer/c:1", consumer.Consumer.ConsumerARN),
	} {
		r.refused(refusal{action, strings.Replace(body, "{", `{"DryRun":true,`, 1), "DryRunOperationException", "would have succeeded"})
	}
	if out := string(r.ok("GetRecords", `{"ShardIterator":"`+it+`"}`)); !strings.Contains(out, `"Records":[]`) {
		t.Errorf("a dry run stored %s", out)
	}
}

func iteratorOf(r *raw, stream string) string {
	r.t.Helper()
	var it struct{ ShardIterator string }
	if err := json.Unmarshal(r.ok("GetShardIterator", `{"StreamName":"`+stream+`","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}`), &it); err != nil {
		r.t.Fatal(err)
	}
	return it.ShardIterator
}

// Tokens end after five minutes, belong to their action and to the stream that they were made for.
func TestPageTokens(t *testing.T) {
	clock := handclock.New(time.Now())
	addr := serve(t, shardlog.Options{}, kinesis.Config{Now: clock.Now})
	r := newRaw(t, addr)
	for _, name := range []string{"s", "t"} {
		r.ok("CreateStream", `{"StreamName":"`+name+`","ShardCount":3}`)
		for _, consumer := range []string{"a", "b"} {
			r.ok("RegisterStreamConsumer", `{"StreamARN":"`+arnPrefix+name+`","ConsumerName":"`+consumer+`"}`)
		}
	}
	r.ok("CreateStream", `{"StreamName":"d","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`)
	for _, name := range []string{"x", "y"} {
		r.ok("CreateChannel", strings.ReplaceAll(on("d", "CreateChannel"), `"n"`, `"`+name+`"`))
	}
	next := func(action, body string) string {
		t.Helper()
		var page struct{ NextToken string }
		if err := json.Unmarshal(r.ok(action, body), &page); err != nil || page.NextToken == "" {
			t.Fatalf("%s: no token, %v", action, err)
		}
		return page.NextToken
	}
	consumersOf := func(stream, token string) string {
		return `{"StreamARN":"` + arnPrefix + stream + `","NextToken":"` + token + `"}`
	}
	tokens := map[string]string{
		"ListStreams": next("ListStreams", `{"Limit":1}`), "ListShards": next("ListShards", `{"StreamName":"s","MaxResults":1}`),
		"ListStreamConsumers": next("ListStreamConsumers", `{"StreamARN":"`+arnPrefix+`s","MaxResults":1}`), "ListChannels": next("ListChannels", `{"MaxResults":1}`),
	}
	request := func(action, token string) string {
		if action == "ListStreamConsumers" {
			return consumersOf("s", token)
		}
		return `{"NextToken":"` + token + `"}`
	}
	for action := range tokens {
		for from, token := range tokens {
			if from != action {
				r.refused(refusal{action, request(action, token), "InvalidArgumentException", "Invalid NextToken."})
			} else {
				r.ok(action, request(action, token))
			}
		}
	}
	r.refused(refusal{"ListStreamConsumers", consumersOf("t", tokens["ListStreamConsumers"]), "InvalidArgumentException", "Invalid NextToken."})
	r.refused(refusal{"ListShards", `{"ExclusiveStartShardId":"0","NextToken":"` + tokens["ListShards"] + `"}`, "InvalidArgumentException", "NextToken and ExclusiveStartShardId"})

	r.ok("DeleteStream", `{"StreamName":"s","EnforceConsumerDeletion":true}`)
	r.refused(refusal{"ListShards", request("ListShards", tokens["ListShards"]), "ResourceNotFoundException", "Stream s under"})
	time.Sleep(2 * time.Millisecond) // streams are told apart by the millisecond of their creation
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":3}`)
	r.refused(refusal{"ListShards", request("ListShards", tokens["ListShards"]), "ResourceNotFoundException", "Stream s under"})
	r.refused(refusal{"ListStreamConsumers", consumersOf("s", tokens["ListStreamConsumers"]), "InvalidArgumentException", "Invalid NextToken."})

	tokens["ListShards"] = next("ListShards", `{"StreamName":"t","MaxResults":1}`)
	tokens["ListStreamConsumers"] = next("ListStreamConsumers", `{"StreamARN":"`+arnPrefix+`t","MaxResults":1}`)
	clock.Turn(5*time.Minute + time.Second)
	r.now = clock.Now()
	for action, token := range tokens {
		body := request(action, token)
		if action == "ListStreamConsumers" {
			body = consumersOf("t", token)
		}
		r.refused(refusal{action, body, "ExpiredNextTokenException", "which is further in the future than the tolerated delay of 300000 milliseconds."})
	}
}

// A filter holds for all pages, at the moment of the first.
func TestFilteredPages(t *testing.T) {
	c := client(serve(t, shardlog.Options{}, kinesis.Config{}))
	newStream(t, c, "s", 4)
	if _, err := c.UpdateShardCount(t.Context(), &sdk.UpdateShardCountInput{StreamName: aws.String("s"), TargetShardCount: aws.Int32(8), ScalingType: types.ScalingTypeUniformScaling}); err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[types.ShardFilterType]int{types.ShardFilterTypeAtLatest: 8, types.ShardFilterTypeAtTrimHorizon: 4, types.ShardFilterTypeFromTrimHorizon: 12} {
		var ids []string
		in := &sdk.ListShardsInput{StreamName: aws.String("s"), MaxResults: aws.Int32(3), ShardFilter: &types.ShardFilter{Type: kind}}
		for {
			page := must[*sdk.ListShardsOutput](t)(c.ListShards(t.Context(), in))
			for _, s := range page.Shards {
				ids = append(ids, *s.ShardId)
			}
			if page.NextToken == nil {
				break
			}
			in = &sdk.ListShardsInput{NextToken: page.NextToken, MaxResults: aws.Int32(3)}
		}
		if slices.Sort(ids); len(ids) != want || len(slices.Compact(ids)) != want {
			t.Errorf("%s: %d shards, want %d: %v", kind, len(ids), want, ids)
		}
	}
	after := must[*sdk.ListShardsOutput](t)(c.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: aws.String("s"), ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String("shardId-000000000009")}}))
	if len(after.Shards) != 2 {
		t.Errorf("%d shards after the tenth", len(after.Shards))
	}
}

// A fault of the server's own is HTTP 500, and says nothing of its folders.
func TestDamageIsAnInternalFailure(t *testing.T) {
	dir := t.TempDir()
	l, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	addr := serveLog(t, l, kinesis.Config{})
	r := newRaw(t, addr)
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":1}`)
	r.ok("PutRecord", `{"StreamName":"s","Data":"`+strings.Repeat("AAAA", 100)+`","PartitionKey":"k"}`)
	files, err := filepath.Glob(filepath.Join(dir, "streams", "s.stream", "*", "*.seg"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-100] ^= 1
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	resp, body := r.do(r.request("GetRecords", fmt.Appendf(nil, `{"ShardIterator":%q}`, iteratorOf(r, "s"))))
	if resp.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), `"__type":"InternalFailure"`) || strings.Contains(string(body), dir) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// The throughput limits of a shard, one by one.
func TestShardLimits(t *testing.T) {
	clock := handclock.New(time.Now())
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{EmulateLimits: true, Now: clock.Now}))
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":1,"MaxRecordSizeInKiB":10240}`)
	// Large records: a burst of 10 MiB, then 1 MiB a second.
	big := `{"StreamName":"s","PartitionKey":"k","Data":"` + strings.Repeat("AAAA", 9<<20/3) + `"}`
	r.ok("PutRecord", big)
	over := refusal{"PutRecord", big, "ProvisionedThroughputExceededException", "Rate exceeded for shard shardId-000000000000 in stream s under account 123456789012."}
	r.refused(over)
	clock.Turn(9 * time.Second)
	r.ok("PutRecord", big)
	var it string
	for range 5 {
		it = iteratorOf(r, "s")
	}
	r.refused(refusal{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"LATEST"}`, "ProvisionedThroughputExceededException", "Rate exceeded for shard"})
	// A call may return 10 MiB; those after it wait until 2 MiB a second have paid for it.
	r.ok("GetRecords", `{"ShardIterator":"`+it+`"}`)
	again := refusal{"GetRecords", `{"ShardIterator":"` + it + `"}`, "ProvisionedThroughputExceededException", "Rate exceeded for shard"}
	r.refused(again)
	clock.Turn(3 * time.Second)
	r.refused(again)
	clock.Turn(2 * time.Second)
	r.ok("GetRecords", `{"ShardIterator":"`+it+`"}`)
}

func TestLimitsOfTheAccount(t *testing.T) {
	clock := handclock.New(time.Now())
	r := newRaw(t, serve(t, shardlog.Options{StateDelay: time.Hour}, kinesis.Config{EmulateLimits: true, Now: clock.Now}))
	for i := range 5 {
		r.ok("CreateStream", fmt.Sprintf(`{"StreamName":"s%d","ShardCount":1}`, i))
	}
	clock.Turn(time.Second)
	r.now = clock.Now()
	r.refused(refusal{"CreateStream", `{"StreamName":"s5","ShardCount":1}`, "LimitExceededException", "CREATING state exceeds the limit of 5"})

	r = newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{EmulateLimits: true, Now: clock.Now}))
	later := func() *raw { // a second later: the limits of calls are of no interest here
		clock.Turn(time.Second)
		r.now = clock.Now()
		return r
	}
	for i := range 50 {
		body := fmt.Sprintf(`{"StreamName":"d%d","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, i)
		later().ok("CreateStream", body)
	}
	over := `{"StreamName":"d50","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`
	later().refused(refusal{"CreateStream", over, "LimitExceededException", "on-demand streams exceeds the limit of 50"})
	later().ok("CreateStream", `{"StreamName":"s","ShardCount":1}`)
	for i := range 10 {
		body := fmt.Sprintf(`{"StreamName":"s","TargetShardCount":%d,"ScalingType":"UNIFORM_SCALING"}`, 2-i%2)
		later().ok("UpdateShardCount", body)
	}
	later().refused(refusal{"UpdateShardCount", on("s", "UpdateShardCount"), "LimitExceededException", "cannot be called more than 10 times"})
	for _, mode := range []string{"ON_DEMAND", "PROVISIONED"} {
		later().ok("UpdateStreamMode", strings.ReplaceAll(on("s", "UpdateStreamMode"), "ON_DEMAND", mode))
	}
	later().refused(refusal{"UpdateStreamMode", on("s", "UpdateStreamMode"), "LimitExceededException", "more than 2 times in 24 hours"})
}
