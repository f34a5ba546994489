package kinesis_test

import (
	"context"
	"errors"
	"fmt"
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

// refusal is a request that must fail, in the protocol's words.
type refusal struct {
	action, body string
	code, words  string
}

const (
	shardZero = "shardId-000000000000"
	bigHash   = "340282366920938463463374607431768211456" // 2^128
)

func TestRefusedRequests(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":2}`)
	r.ok("CreateStream", `{"StreamName":"d","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`)
	r.ok("RegisterStreamConsumer", `{"StreamARN":"`+arnPrefix+`s","ConsumerName":"c"}`)
	long := strings.Repeat("x", 129)
	for _, c := range []refusal{
		// Types.
		{"CreateStream", `{"StreamName":1}`, "SerializationException", "class java.math.BigDecimal can not be converted to an String"},
		{"CreateStream", `{"StreamName":true}`, "SerializationException", "class java.lang.Boolean can not be converted to an String"},
		{"CreateStream", `{"StreamName":[]}`, "SerializationException", "Start of list found where not expected"},
		{"CreateStream", `{"StreamName":{}}`, "SerializationException", "Start of structure or map found where not expected."},
		{"CreateStream", `{"ShardCount":"1"}`, "SerializationException", "class java.lang.String can not be converted to an Integer"},
		{"DeleteStream", `{"EnforceConsumerDeletion":"yes"}`, "SerializationException", "'YES' can not be converted to an Boolean"},
		{"PutRecords", `{"Records":1}`, "SerializationException", "Expected list or null"},
		{"PutRecords", `{"Records":[1]}`, "SerializationException", "Expected null"},
		{"AddTagsToStream", `{"Tags":"a"}`, "SerializationException", "Expected map or null"},
		{"PutRecord", `{"Data":"a"}`, "SerializationException", "'a' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 1"},
		{"PutRecord", `{"Data":"a!=="}`, "SerializationException", "Invalid Base64 character: '!'"},
		{"PutRecord", `{"Data":"YX=="}`, "SerializationException", "Invalid last non-pad Base64 character dectected"},
		{"PutRecord", `{"Data":1}`, "SerializationException", "can not be converted to a Blob"},
		// Constraints.
		{"CreateStream", `{}`, "ValidationException", "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null"},
		{"CreateStream", `{"StreamName":"","ShardCount":0}`, "ValidationException", "3 validation errors detected: Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		{"CreateStream", `{"StreamName":"` + long + `","ShardCount":1}`, "ValidationException", "Member must have length less than or equal to 128"},
		{"CreateStream", `{"StreamName":"x","StreamModeDetails":{"StreamMode":"FAST"}}`, "ValidationException", "Value 'FAST' at 'streamModeDetails.streamMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]"},
		{"PutRecords", `{"StreamName":"s","Records":[]}`, "ValidationException", "Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"","PartitionKey":"k"},{"PartitionKey":"k"}]}`, "ValidationException", "Value null at 'records.2.member.data' failed to satisfy constraint: Member must not be null"},
		{"PutRecords", `{"StreamName":"s","Records":[{"Data":"","PartitionKey":"k","ExplicitHashKey":"-1"}]}`, "ValidationException", "at 'records.1.member.explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})"},
		{"PutRecords", `{"StreamName":"s","Records":[` + strings.Repeat(`{"Data":"","PartitionKey":"k"},`, 500) + `{"Data":"","PartitionKey":"k"}]}`, "ValidationException", "Member must have length less than or equal to 500"},
		{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"` + strings.Repeat("é", 257) + `"}`, "ValidationException", "at 'partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256"},
		{"PutRecord", `{"StreamName":"s","Data":""}`, "ValidationException", "Value null at 'partitionKey'"},
		{"PutRecord", `{"StreamName":"s","Data":"` + strings.Repeat("AAAA", 1<<20/3+1) + `","PartitionKey":"k"}`, "ValidationException", "Member must have length less than or equal to 1048576"},
		{"GetRecords", `{"ShardIterator":"x","Limit":10001}`, "ValidationException", "Member must have value less than or equal to 10000"},
		{"AddTagsToStream", `{"StreamName":"s","Tags":{"` + long + `":"v"}}`, "ValidationException", "Map keys must satisfy constraint"},
		{"AddTagsToStream", `{"StreamName":"s","Tags":{"k":"` + strings.Repeat("v", 257) + `"}}`, "ValidationException", "Map value must satisfy constraint"},
		{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":2,"ScalingType":"X"}`, "ValidationException", "enum value set: [UNIFORM_SCALING]"},
		{"UpdateMaxRecordSize", `{"MaxRecordSizeInKiB":10241}`, "ValidationException", "less than or equal to 10240"},
		{"DescribeStream", `{"StreamARN":"arn:aws:s3:::x"}`, "ValidationException", `arn:aws.*:kinesis:.*:\d{12}:stream/\S+`},
		// Meaning.
		{"CreateStream", `{"StreamName":"s","ShardCount":1}`, "ResourceInUseException", "Stream s under account 123456789012 already exists."},
		{"CreateStream", `{"StreamName":"n","ShardCount":1000000}`, "LimitExceededException", "shard limit"},
		{"CreateStream", `{"StreamName":"n"}`, "ValidationException", "ShardCount"},
		{"DescribeStream", `{"StreamName":"none"}`, "ResourceNotFoundException", "Stream none under account 123456789012 not found."},
		{"DescribeStream", `{}`, "InvalidArgumentException", "StreamName or StreamARN"},
		{"DescribeStream", `{"StreamName":"d","StreamARN":"` + arnPrefix + `s"}`, "InvalidArgumentException", "does not match"},
		{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k","ExplicitHashKey":"` + bigHash + `"}`, "InvalidArgumentException", "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was " + bigHash},
		{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k","SequenceNumberForOrdering":"1` + strings.Repeat("0", 80) + `"}`, "InvalidArgumentException", "ExclusiveMinimumSequenceNumber"},
		{"PutRecord", `{"StreamName":"s","Data":"","PartitionKey":"k","DryRun":true}`, "DryRunOperationException", "would have succeeded"},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"x","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Could not find shard x in stream s under account 123456789012."},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"9","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Shard shardId-000000000009 in stream s under account 123456789012 does not exist"},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"LATEST","StartingSequenceNumber":"1"}`, "InvalidArgumentException", "Request specified LATEST and also a StartingSequenceNumber."},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AT_SEQUENCE_NUMBER"}`, "InvalidArgumentException", "Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber."},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AT_TIMESTAMP"}`, "InvalidArgumentException", "timestamp"},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AT_TIMESTAMP","Timestamp":99999999999}`, "InvalidArgumentException", "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis"},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"1` + strings.Repeat("0", 80) + `"}`, "InvalidArgumentException", "used in GetShardIterator on shard shardId-000000000000 in stream s under account 123456789012 is invalid."},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"49590338271490256608559692538361571095921575989136588802"}`, "InvalidArgumentException", "because it did not come from this stream."},
		{"GetShardIterator", `{"StreamName":"s","ShardId":"1","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"49590338271490256608559692538361571095921575989136588802"}`, "InvalidArgumentException", "Invalid StartingSequenceNumber. It encodes shardId-000000000000, while it was used in a call to a shard with shardId-000000000001"},
		{"GetRecords", `{"ShardIterator":"AAAA"}`, "InvalidArgumentException", "Invalid ShardIterator."},
		{"ListShards", `{}`, "InvalidArgumentException", "Either NextToken or StreamName should be provided."},
		{"ListShards", `{"StreamName":"s","NextToken":"x"}`, "InvalidArgumentException", "NextToken and StreamName cannot be provided together."},
		{"ListShards", `{"NextToken":"x"}`, "InvalidArgumentException", "Invalid NextToken."},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AT_TIMESTAMP"}}`, "InvalidArgumentException", "Timestamp must be specified"},
		{"SplitShard", `{"StreamName":"s","ShardToSplit":"0","NewStartingHashKey":"1"}`, "InvalidArgumentException", "is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 170141183460469231731687303715884105727."},
		{"SplitShard", `{"StreamName":"s","ShardToSplit":"7","NewStartingHashKey":"1"}`, "ResourceNotFoundException", "Could not find shard shardId-000000000007"},
		{"SplitShard", `{"StreamName":"d","ShardToSplit":"0","NewStartingHashKey":"9"}`, "ValidationException", "Request is invalid. Stream d under account 123456789012 is in On-Demand mode."},
		{"MergeShards", `{"StreamName":"s","ShardToMerge":"1","AdjacentShardToMerge":"0"}`, "InvalidArgumentException", "not an adjacent pair of shards eligible for merging"},
		{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":5,"ScalingType":"UNIFORM_SCALING"}`, "LimitExceededException", "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 2, Target shard count: 5"},
		{"IncreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":8761}`, "InvalidArgumentException", "Maximum allowed retention period is 8760 hours."},
		{"DecreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":23}`, "InvalidArgumentException", "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short."},
		{"DecreaseStreamRetentionPeriod", `{"StreamName":"s","RetentionPeriodHours":48}`, "InvalidArgumentException", "can not be longer than existing retention period (24 hours)"},
		{"AddTagsToStream", `{"StreamName":"s","Tags":{"a":"b;c"}}`, "InvalidArgumentException", "Some tags contain invalid characters."},
		{"RegisterStreamConsumer", `{"StreamARN":"` + arnPrefix + `s","ConsumerName":"c"}`, "ResourceInUseException", "Consumer c"},
		{"DescribeStreamConsumer", `{"StreamARN":"` + arnPrefix + `s","ConsumerName":"none"}`, "ResourceNotFoundException", "Consumer none, Stream s under account 123456789012 not found."},
		{"DescribeStreamConsumer", `{"ConsumerName":"c"}`, "InvalidArgumentException", "ConsumerARN"},
		{"DeleteStream", `{"StreamName":"s"}`, "ResourceInUseException", "registered consumers"},
		{"GetResourcePolicy", `{"ResourceARN":"` + arnPrefix + `s"}`, "ResourceNotFoundException", "policy"},
		{"UpdateStreamMode", `{"StreamARN":"` + arnPrefix + `d","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, "InvalidArgumentException", "already in ON_DEMAND mode"},
		{"UpdateStreamMode", `{"StreamARN":"` + arnPrefix + `d","StreamModeDetails":{"StreamMode":"PROVISIONED"},"WarmThroughputMiBps":1}`, "InvalidArgumentException", "WarmThroughputMiBps"},
		{"UpdateStreamRecordDistributionStrategy", `{"StreamARN":"` + arnPrefix + `s","RecordDistributionStrategy":"AUTO"}`, "InvalidArgumentException", "in ON_DEMAND mode"},
		{"UpdateMaxRecordSize", `{"MaxRecordSizeInKiB":2048}`, "InvalidArgumentException", "StreamName or StreamARN"},
		{"PutResourcePolicy", `{"ResourceARN":"` + arnPrefix + `s","Policy":"{x"}`, "InvalidArgumentException", "not a JSON document"},
		{"CreateStream", `{"StreamName":"n","ShardCount":1,"RecordDistributionStrategy":"AUTO"}`, "InvalidArgumentException", "in ON_DEMAND mode"},
		{"CreateStream", `{"StreamName":"n","ShardCount":1,"WarmThroughputMiBps":1}`, "InvalidArgumentException", "in ON_DEMAND mode"},
		{"CreateStream", `{"StreamName":"n","ShardCount":1,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, "ValidationException", "ShardCount must not be provided"},
		{"CreateStream", `{"StreamName":"n","ShardCount":1,"Tags":` + manyTags(51) + `}`, "InvalidArgumentException", "cannot have more than 50 tags"},
		{"CreateStream", `{"StreamName":"n","ShardCount":1,"Tags":` + manyTags(201) + `}`, "ValidationException", "Member must have length less than or equal to 200"},
		{"AddTagsToStream", `{"StreamName":"s","Tags":` + manyTags(51) + `}`, "InvalidArgumentException", "cannot have more than 50 tags"},
		{"TagResource", `{"ResourceARN":"` + arnPrefix + `s","Tags":` + manyTags(51) + `}`, "InvalidArgumentException", "cannot have more than 50 tags"},
		{"MergeShards", `{"StreamName":"d","ShardToMerge":"0","AdjacentShardToMerge":"1"}`, "ValidationException", "is in On-Demand mode."},
		{"UpdateShardCount", `{"StreamName":"d","TargetShardCount":5,"ScalingType":"UNIFORM_SCALING"}`, "ValidationException", "is in On-Demand mode."},
		{"UpdateShardCount", `{"StreamName":"s","TargetShardCount":20001,"ScalingType":"UNIFORM_SCALING"}`, "LimitExceededException", "cannot be greater than 20000"},
		{"ListShards", `{"StreamName":"s","StreamCreationTimestamp":1}`, "ResourceNotFoundException", "Stream s under"},
		{"ListShards", `{"StreamName":"s","ExclusiveStartShardId":"x"}`, "InvalidArgumentException", "is not a shard id"},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":99999999999}}`, "InvalidArgumentException", "cannot be greater than the currentTimestampInMillis"},
		{"ListShards", `{"StreamName":"s","ShardFilter":{"Type":"AFTER_SHARD_ID"}}`, "InvalidArgumentException", "ShardId must be specified"},
		{"GetRecords", `{"ShardIterator":"` + strings.Repeat("A", 513) + `"}`, "ValidationException", "Member must have length less than or equal to 512"},
		{"PutRecords", `{"StreamName":"s","Records":[` + strings.Repeat(`{"Data":"`+strings.Repeat("AAAA", 340_000)+`","PartitionKey":"k"},`, 11) + `{"Data":"","PartitionKey":"k"}]}`, "InvalidArgumentException", "Records size exceeds 10 MB limit"},
		{"UpdateStreamWarmThroughput", `{"StreamName":"s","WarmThroughputMiBps":10}`, "ValidationException", "not in On-Demand mode"},
	} {
		r.refused(c)
	}
}

// manyTags is a map of n tags.
func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":"v"`, i)
	}
	return "{" + b.String()[1:] + "}"
}

func TestTooManyConsumers(t *testing.T) {
	r := newRaw(t, serve(t, shardlog.Options{}, kinesis.Config{}))
	r.ok("CreateStream", `{"StreamName":"s","ShardCount":1}`)
	register := func(i int) string { return fmt.Sprintf(`{"StreamARN":"%ss","ConsumerName":"c%d"}`, arnPrefix, i) }
	for i := range 20 {
		r.ok("RegisterStreamConsumer", register(i))
	}
	r.refused(refusal{"RegisterStreamConsumer", register(20), "LimitExceededException", "limit of 20 registered consumers"})

	dir := t.TempDir()
	l := must[*shardlog.Log](t)(shardlog.Open(dir, shardlog.Options{}))
	must[*shardlog.Stream](t)(l.Create(shardlog.Spec{Name: "s"}))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	clock := handclock.New(time.Now())
	r = newRaw(t, serveLog(t, must[*shardlog.Log](t)(shardlog.Open(dir, shardlog.Options{StateDelay: time.Hour})), kinesis.Config{EmulateLimits: true, Now: clock.Now}))
	for i := range 5 {
		r.ok("RegisterStreamConsumer", register(i))
	}
	clock.Turn(time.Second)
	r.refused(refusal{"RegisterStreamConsumer", register(5), "LimitExceededException", "5 consumers in CREATING state"})
}

// Every setting's happy path, through the SDK.
func TestSettings(t *testing.T) {
	c, ctx := client(serve(t, shardlog.Options{}, kinesis.Config{})), t.Context()
	newStream(t, c, "s", 1)
	name, resource := aws.String("s"), aws.String(arnPrefix+"s")
	consumer := *must[*sdk.RegisterStreamConsumerOutput](t)(c.RegisterStreamConsumer(ctx, &sdk.RegisterStreamConsumerInput{StreamARN: resource, ConsumerName: name, Tags: map[string]string{"x": "y"}})).Consumer
	for action, call := range map[string]func() error{
		"tags": func() error {
			_, err := c.AddTagsToStream(ctx, &sdk.AddTagsToStreamInput{StreamName: name, Tags: map[string]string{"a": "1", "b": "2", "c": "3"}})
			_, err2 := c.RemoveTagsFromStream(ctx, &sdk.RemoveTagsFromStreamInput{StreamName: name, TagKeys: []string{"b"}})
			out, err3 := c.ListTagsForStream(ctx, &sdk.ListTagsForStreamInput{StreamName: name, Limit: aws.Int32(1)})
			if err := errors.Join(err, err2, err3); err != nil || len(out.Tags) != 1 || !*out.HasMoreTags || *out.Tags[0].Key != "a" {
				return fmt.Errorf("tags %+v: %w", out, err)
			}
			return nil
		},
		"consumer tags": func() error {
			_, err := c.TagResource(ctx, &sdk.TagResourceInput{ResourceARN: consumer.ConsumerARN, Tags: map[string]string{"a": "1"}})
			_, err2 := c.UntagResource(ctx, &sdk.UntagResourceInput{ResourceARN: consumer.ConsumerARN, TagKeys: []string{"x"}})
			out, err3 := c.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceARN: consumer.ConsumerARN})
			if err := errors.Join(err, err2, err3); err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "a" {
				return fmt.Errorf("tags %+v: %w", out, err)
			}
			return nil
		},
		"retention": func() error {
			_, err := c.IncreaseStreamRetentionPeriod(ctx, &sdk.IncreaseStreamRetentionPeriodInput{StreamName: name, RetentionPeriodHours: aws.Int32(48)})
			_, err2 := c.DecreaseStreamRetentionPeriod(ctx, &sdk.DecreaseStreamRetentionPeriodInput{StreamName: name, RetentionPeriodHours: aws.Int32(30)})
			out, err3 := c.DescribeStream(ctx, &sdk.DescribeStreamInput{StreamName: name})
			if err := errors.Join(err, err2, err3); err != nil || *out.StreamDescription.RetentionPeriodHours != 30 {
				return fmt.Errorf("retention: %w", err)
			}
			return nil
		},
		"monitoring": func() error {
			_, err := c.EnableEnhancedMonitoring(ctx, &sdk.EnableEnhancedMonitoringInput{StreamName: name, ShardLevelMetrics: []types.MetricsName{"ALL"}})
			out, err2 := c.DisableEnhancedMonitoring(ctx, &sdk.DisableEnhancedMonitoringInput{StreamName: name, ShardLevelMetrics: []types.MetricsName{"IncomingBytes"}})
			if err := errors.Join(err, err2); err != nil || len(out.CurrentShardLevelMetrics) != 7 || len(out.DesiredShardLevelMetrics) != 6 {
				return fmt.Errorf("metrics %+v: %w", out, err)
			}
			return nil
		},
		"policy": func() error {
			_, err := c.PutResourcePolicy(ctx, &sdk.PutResourcePolicyInput{ResourceARN: resource, Policy: aws.String("{}")})
			out, err2 := c.GetResourcePolicy(ctx, &sdk.GetResourcePolicyInput{ResourceARN: resource})
			_, err3 := c.DeleteResourcePolicy(ctx, &sdk.DeleteResourcePolicyInput{ResourceARN: resource})
			if err := errors.Join(err, err2, err3); err != nil || *out.Policy != "{}" {
				return fmt.Errorf("policy %+v: %w", out, err)
			}
			return nil
		},
		"account": func() error {
			_, err := c.UpdateAccountSettings(ctx, &sdk.UpdateAccountSettingsInput{MinimumThroughputBillingCommitment: &types.MinimumThroughputBillingCommitmentInput{Status: "ENABLED"}})
			out, err2 := c.DescribeAccountSettings(ctx, &sdk.DescribeAccountSettingsInput{})
			limits, err3 := c.DescribeLimits(ctx, &sdk.DescribeLimitsInput{})
			if err := errors.Join(err, err2, err3); err != nil || out.MinimumThroughputBillingCommitment.Status != "ENABLED" || *limits.OpenShardCount < 1 {
				return fmt.Errorf("account %+v: %w", out, err)
			}
			return nil
		},
		"consumers": func() error {
			out, err := c.ListStreamConsumers(ctx, &sdk.ListStreamConsumersInput{StreamARN: resource})
			one, err2 := c.DescribeStreamConsumer(ctx, &sdk.DescribeStreamConsumerInput{ConsumerARN: consumer.ConsumerARN})
			if err := errors.Join(err, err2); err != nil || len(out.Consumers) != 1 || *one.ConsumerDescription.StreamARN != *resource {
				return fmt.Errorf("consumers %+v: %w", out, err)
			}
			return nil
		},
		"streams": func() error {
			out, err := c.ListStreams(ctx, &sdk.ListStreamsInput{})
			if err != nil || len(out.StreamNames) != 1 || *out.StreamSummaries[0].StreamARN != *resource {
				return fmt.Errorf("streams %+v: %w", out, err)
			}
			return nil
		},
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", action, err)
		}
	}
	must[*sdk.StartStreamEncryptionOutput](t)(c.StartStreamEncryption(ctx, &sdk.StartStreamEncryptionInput{StreamName: name, EncryptionType: "KMS", KeyId: aws.String("k")}))
	put := must[*sdk.PutRecordOutput](t)(c.PutRecord(ctx, &sdk.PutRecordInput{StreamName: name, Data: []byte("x"), PartitionKey: name}))
	if put.EncryptionType != "KMS" {
		t.Errorf("encryption %q", put.EncryptionType)
	}
	must[*sdk.StopStreamEncryptionOutput](t)(c.StopStreamEncryption(ctx, &sdk.StopStreamEncryptionInput{StreamName: name, EncryptionType: "KMS", KeyId: aws.String("k")}))
	must[*sdk.UpdateMaxRecordSizeOutput](t)(c.UpdateMaxRecordSize(ctx, &sdk.UpdateMaxRecordSizeInput{StreamARN: resource, MaxRecordSizeInKiB: aws.Int32(2048)}))
	must[*sdk.PutRecordOutput](t)(c.PutRecord(ctx, &sdk.PutRecordInput{StreamName: name, Data: make([]byte, 2<<20-1), PartitionKey: name}))
	must[*sdk.UpdateStreamModeOutput](t)(c.UpdateStreamMode(ctx, &sdk.UpdateStreamModeInput{StreamARN: resource, StreamModeDetails: &types.StreamModeDetails{StreamMode: "ON_DEMAND"}}))
	must[*sdk.UpdateStreamWarmThroughputOutput](t)(c.UpdateStreamWarmThroughput(ctx, &sdk.UpdateStreamWarmThroughputInput{StreamARN: resource, WarmThroughputMiBps: aws.Int32(10)}))
	must[*sdk.UpdateStreamRecordDistributionStrategyOutput](t)(c.UpdateStreamRecordDistributionStrategy(ctx, &sdk.UpdateStreamRecordDistributionStrategyInput{StreamARN: resource, RecordDistributionStrategy: "AUTO"}))
	must[*sdk.PutRecordOutput](t)(c.PutRecord(ctx, &sdk.PutRecordInput{StreamName: name, Data: []byte("no key")}))
	must[*sdk.DeregisterStreamConsumerOutput](t)(c.DeregisterStreamConsumer(ctx, &sdk.DeregisterStreamConsumerInput{ConsumerARN: consumer.ConsumerARN}))
	must[*sdk.DeleteStreamOutput](t)(c.DeleteStream(ctx, &sdk.DeleteStreamInput{StreamName: name}))
	_, err := c.DescribeStream(ctx, &sdk.DescribeStreamInput{StreamName: name})
	wantCode(t, err, "ResourceNotFoundException", "")
}

func TestExpiry(t *testing.T) {
	clock := handclock.New(time.Now())
	addr := serve(t, shardlog.Options{}, kinesis.Config{Now: clock.Now})
	c := client(addr)
	newStream(t, c, "s", 3)
	it := must[*sdk.GetShardIteratorOutput](t)(c.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: aws.String("0"), ShardIteratorType: "LATEST"})).ShardIterator
	must[*sdk.GetRecordsOutput](t)(c.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: aws.String(`"` + *it + `"`)}))
	page := must[*sdk.ListShardsOutput](t)(c.ListShards(t.Context(), &sdk.ListShardsInput{StreamName: aws.String("s"), MaxResults: aws.Int32(1)})).NextToken
	made := clock.Now()
	clock.Turn(4 * time.Minute)
	must[*sdk.GetRecordsOutput](t)(c.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: it}))
	// Signatures are five minutes stale then, too: the request is signed with the server's time.
	clock.Turn(61 * time.Second)
	r := newRaw(t, addr)
	r.now = clock.Now()
	r.refused(refusal{"GetRecords", `{"ShardIterator":"` + *it + `"}`, "ExpiredIteratorException", "Iterator expired. The iterator was created at time " + made.UTC().Format("Mon Jan 02 15:04:05 UTC 2006")})
	r.refused(refusal{"ListShards", `{"NextToken":"` + *page + `"}`, "ExpiredNextTokenException", "expired"})
}

func TestEmulatedLimits(t *testing.T) {
	now := time.Now()
	c := client(serve(t, shardlog.Options{}, kinesis.Config{EmulateLimits: true, Now: func() time.Time { return now }}))
	if _, err := c.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	failed := int32(0)
	for range 3 {
		out := must[*sdk.PutRecordsOutput](t)(c.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: aws.String("s"), Records: batchOf(500)}))
		failed += *out.FailedRecordCount
		for _, r := range out.Records {
			if r.ErrorCode != nil && (*r.ErrorCode != "ProvisionedThroughputExceededException" || !strings.Contains(*r.ErrorMessage, "Rate exceeded for shard "+shardZero+" in stream s under account 123456789012.")) {
				t.Fatalf("%s: %s", *r.ErrorCode, *r.ErrorMessage)
			}
		}
	}
	if failed != 500 {
		t.Errorf("%d of 1500 records were throttled", failed)
	}
	it := must[*sdk.GetShardIteratorOutput](t)(c.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: aws.String("0"), ShardIteratorType: "TRIM_HORIZON"})).ShardIterator
	var err error
	for range 6 {
		_, err = c.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: it})
	}
	wantCode(t, err, "ProvisionedThroughputExceededException", "Rate exceeded for shard")
	var api smithy.APIError
	for range 6 {
		_, err = c.ListStreams(context.Background(), &sdk.ListStreamsInput{})
	}
	if !errors.As(err, &api) || api.ErrorCode() != "LimitExceededException" {
		t.Errorf("ListStreams: %v", err)
	}
}
