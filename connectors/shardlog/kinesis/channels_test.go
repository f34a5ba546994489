package kinesis_test

import (
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

// toBucket is a channel from a stream to a bucket, with what must be given only.
func toBucket(name, stream string) *sdk.CreateChannelInput {
	return &sdk.CreateChannelInput{
		ChannelName: &name, ServiceExecutionRoleARN: aws.String("arn:aws:iam::123456789012:role/r"), Tags: map[string]string{"a": "1"},
		StreamConfigurationList: []types.ChannelStreamConfiguration{{
			StreamARN: aws.String(arnPrefix + stream), RecordConfiguration: &types.RecordConfiguration{RecordFormatType: types.RecordFormatTypeJson},
		}},
		S3DestinationConfiguration: &types.S3DestinationConfiguration{StorageConfiguration: &types.S3StorageConfiguration{
			BucketARN: aws.String("arn:aws:s3:::b"), ExpectedBucketOwner: aws.String("123456789012"), CompressionType: types.S3CompressionTypeGzip,
		}},
	}
}

func onDemandStream(t *testing.T, c *sdk.Client, name string) {
	t.Helper()
	if _, err := c.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: &name, StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}}); err != nil {
		t.Fatal(err)
	}
}

func TestChannels(t *testing.T) {
	clock := handclock.New(time.Now())
	c := client(serve(t, shardlog.Options{StateDelay: time.Second, Clock: clock}, kinesis.Config{}))
	onDemandStream(t, c, "s")
	clock.Turn(time.Second)
	made := must[*sdk.CreateChannelOutput](t)(c.CreateChannel(t.Context(), toBucket("c", "s"))).ChannelDescription
	if made.ChannelStatus != types.ChannelStatusCreating || made.ChannelStatusReason != nil {
		t.Errorf("a new channel is %s: %v", made.ChannelStatus, made.ChannelStatusReason)
	}
	_, err := c.CreateChannel(t.Context(), toBucket("c", "s"))
	wantCode(t, err, "ResourceInUseException", "Channel c under account 123456789012 already exists.")
	_, err = c.DeleteChannel(t.Context(), &sdk.DeleteChannelInput{ChannelARN: made.ChannelARN})
	wantCode(t, err, "ResourceInUseException", "is being created")

	settled := func(arn *string) *types.ChannelDescription {
		t.Helper()
		clock.Turn(time.Second)
		d := must[*sdk.DescribeChannelOutput](t)(c.DescribeChannel(t.Context(), &sdk.DescribeChannelInput{ChannelARN: arn})).ChannelDescription
		if d.ChannelStatus != types.ChannelStatusFailed {
			t.Errorf("a channel is %s when it has settled", d.ChannelStatus)
		}
		return d
	}
	d := settled(made.ChannelARN)
	to := d.S3DestinationConfiguration
	if !strings.Contains(*d.ChannelStatusReason, "delivers nothing") || *to.DataFreshnessInSeconds != 300 || *to.DeadLetterQueueS3Configuration.BucketARN != "arn:aws:s3:::b" ||
		to.DeadLetterQueueS3Configuration.ErrorOutputPrefix != nil || to.StorageConfiguration.CompressionType != "GZIP" || *d.LoggingConfiguration.CloudWatchLogs.Enabled ||
		time.Since(*d.StreamConfigurationList[0].StreamCreationTimestamp) > time.Minute || d.S3TablesDestinationConfiguration != nil || *d.ChannelARN != "arn:aws:kinesis:"+region+":"+accessKey+":channel/"+*d.ChannelId {
		t.Errorf("described as %+v", d)
	}
	updated := must[*sdk.UpdateChannelOutput](t)(c.UpdateChannel(t.Context(), &sdk.UpdateChannelInput{
		ChannelARN: d.ChannelARN, S3DestinationConfiguration: &types.S3DestinationUpdateInput{DataFreshnessInSeconds: aws.Int32(600)},
		LoggingConfiguration: &types.ChannelLoggingUpdateInput{CloudWatchLogs: &types.CloudWatchLogsUpdateInput{Enabled: aws.Bool(true), LogGroupName: aws.String("g")}},
	})).ChannelDescription
	if updated.ChannelStatus != types.ChannelStatusUpdating {
		t.Errorf("an updated channel is %s", updated.ChannelStatus)
	}
	if d = settled(d.ChannelARN); *d.S3DestinationConfiguration.DataFreshnessInSeconds != 600 || *d.LoggingConfiguration.CloudWatchLogs.LogGroupName != "g" || d.S3DestinationConfiguration.StorageConfiguration.CompressionType != "GZIP" {
		t.Errorf("updated to %+v", d)
	}
	_, err = c.UpdateChannel(t.Context(), &sdk.UpdateChannelInput{ChannelARN: d.ChannelARN, S3TablesDestinationConfiguration: &types.S3TablesDestinationUpdateInput{DataFreshnessInSeconds: aws.Int32(600)}})
	wantCode(t, err, "InvalidArgumentException", "cannot be changed")

	must[*sdk.TagResourceOutput](t)(c.TagResource(t.Context(), &sdk.TagResourceInput{ResourceARN: d.ChannelARN, Tags: map[string]string{"b": "2"}}))
	must[*sdk.UntagResourceOutput](t)(c.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceARN: d.ChannelARN, TagKeys: []string{"a"}}))
	if tags := must[*sdk.ListTagsForResourceOutput](t)(c.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: d.ChannelARN})).Tags; len(tags) != 1 || *tags[0].Key != "b" {
		t.Errorf("tags %+v", tags)
	}
	if s := must[*sdk.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: aws.String("s")})); *s.StreamDescriptionSummary.ChannelCount != 1 {
		t.Errorf("%d channels in the summary", *s.StreamDescriptionSummary.ChannelCount)
	}
	_, err = c.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("s")})
	wantCode(t, err, "ResourceInUseException", "because it has channels")
	must[*sdk.DeleteChannelOutput](t)(c.DeleteChannel(t.Context(), &sdk.DeleteChannelInput{ChannelARN: d.ChannelARN}))
	clock.Turn(time.Second)
	_, err = c.DescribeChannel(t.Context(), &sdk.DescribeChannelInput{ChannelARN: d.ChannelARN})
	wantCode(t, err, "ResourceNotFoundException", "channel/"+*d.ChannelId)
	must[*sdk.DeleteStreamOutput](t)(c.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: aws.String("s")}))
}

func TestListChannels(t *testing.T) {
	c := client(serve(t, shardlog.Options{}, kinesis.Config{}))
	onDemandStream(t, c, "s")
	onDemandStream(t, c, "t")
	for _, name := range []string{"b", "c", "a"} {
		must[*sdk.CreateChannelOutput](t)(c.CreateChannel(t.Context(), toBucket(name, "s")))
	}
	tables := toBucket("d", "t")
	tables.S3DestinationConfiguration = nil
	tables.StreamConfigurationList[0].RecordConfiguration.GSRSchemaARN = aws.String("arn:aws:glue:eu-west-1:123456789012:schema/r/s")
	tables.S3TablesDestinationConfiguration = &types.S3TablesDestinationConfiguration{
		DeadLetterQueueS3Configuration: &types.DeadLetterQueueS3Configuration{BucketARN: aws.String("arn:aws:s3:::dead"), ExpectedBucketOwner: aws.String("123456789012")},
		S3TablesConfigurationList: []types.S3TablesConfiguration{{
			Namespace: aws.String("n"), TableName: aws.String("t"), TableBucketARN: aws.String("arn:aws:s3tables:::bucket/b"), CompressionType: "ZSTD",
			PartitionSpec: &types.PartitionSpec{PartitionFields: []types.PartitionField{{SourceName: aws.String("ts"), Transform: "TIME_HOUR"}}},
		}},
	}
	d := must[*sdk.CreateChannelOutput](t)(c.CreateChannel(t.Context(), tables)).ChannelDescription
	if p := d.S3TablesDestinationConfiguration.S3TablesConfigurationList[0].PartitionSpec; *p.PartitionFields[0].SourceName != "ts" || *d.StreamConfigurationList[0].RecordConfiguration.GSRSchemaARN == "" {
		t.Errorf("described as %+v", d)
	}
	var names []string
	pages := sdk.NewListChannelsPaginator(c, &sdk.ListChannelsInput{MaxResults: aws.Int32(3)})
	for pages.HasMorePages() {
		for _, s := range must[*sdk.ListChannelsOutput](t)(pages.NextPage(t.Context())).ChannelSummaries {
			names = append(names, *s.ChannelName+" "+string(s.ChannelDestinationType))
		}
	}
	if got := strings.Join(names, ","); got != "a S3,b S3,c S3,d S3_TABLES" {
		t.Errorf("channels %s", got)
	}
	some := must[*sdk.ListChannelsOutput](t)(c.ListChannels(t.Context(), &sdk.ListChannelsInput{StreamFilter: []types.StreamFilter{{StreamARN: aws.String(arnPrefix + "t")}}}))
	if len(some.ChannelSummaries) != 1 || *some.ChannelSummaries[0].Streams[0].StreamARN != arnPrefix+"t" {
		t.Errorf("filtered: %+v", some.ChannelSummaries)
	}
	newStream(t, c, "p", 1)
	_, err := c.CreateChannel(t.Context(), toBucket("e", "p"))
	wantCode(t, err, "ValidationException", "Stream p under account 123456789012 is not in On-Demand mode.")
	both := toBucket("e", "t")
	both.S3TablesDestinationConfiguration = tables.S3TablesDestinationConfiguration
	_, err = c.CreateChannel(t.Context(), both)
	wantCode(t, err, "InvalidArgumentException", "Exactly one of")
	text := toBucket("e", "t")
	text.StreamConfigurationList[0].RecordConfiguration.RecordFormatType = types.RecordFormatTypeGsrJson
	_, err = c.CreateChannel(t.Context(), text)
	wantCode(t, err, "InvalidArgumentException", "GSR_JSON is not supported")
	tables.StreamConfigurationList[0].RecordConfiguration.GSRSchemaARN = nil
	_, err = c.CreateChannel(t.Context(), tables)
	wantCode(t, err, "InvalidArgumentException", "GSRSchemaARN must be specified")
}
