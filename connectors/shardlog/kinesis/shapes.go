package kinesis

// The requests' members with AWS's constraints (the botocore model of 2013-12-02 and
// the Go SDK's of 2026), one function per shape that several actions share.

const (
	maxARN  = 2048
	maxName = 128
)

func streamNameField() field { return text("StreamName").from(1, maxName).matching(namePattern) }

func streamARNField() field { return text("StreamARN").from(1, maxARN).matching(streamPattern) }

func resourceARNField() field {
	return text("ResourceARN").from(1, maxARN).matching(resourcePattern).req()
}

// taggedARNField is a ResourceARN that may be a channel's.
func taggedARNField() field {
	return text("ResourceARN").from(1, maxARN).matching(taggedPattern).req()
}

func channelARNField() field {
	return text("ChannelARN").from(1, maxARN).matching(channelPattern).req()
}

func consumerNameField() field { return text("ConsumerName").from(1, maxName).matching(namePattern) }

func consumerARNField() field {
	return text("ConsumerARN").from(1, maxARN).matching(consumerPattern)
}

func shardIDField(name string) field { return text(name).from(1, maxName).matching(namePattern) }

func nextTokenField() field { return text("NextToken").from(1, 1048576) }

func modeField() field {
	return structure("StreamModeDetails", text("StreamMode").oneOf("PROVISIONED", "ON_DEMAND").req())
}

func tagsField() field { return mapping("Tags", text("").atMost(256)).from(1, 200).keysTo(128) }

func tagKeysField() field { return list("TagKeys", text("").from(1, 128)).from(1, 50).req() }

func metricsField() field {
	names := text("").oneOf("IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords",
		"WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds", "ALL")
	return list("ShardLevelMetrics", names).from(1, 7).req()
}

func retentionField() field { return integer("RetentionPeriodHours").req() }

func strategyField() field {
	return text("RecordDistributionStrategy").oneOf("AUTO", "USER_PARTITION_KEY")
}

// byStream is what most actions begin with: the stream's name or its ARN.
func byStream(more ...field) []field {
	return append(more, streamNameField(), streamARNField())
}

func putEntry() field {
	return structure("", blob("Data").atMost(10485760).req(), text("PartitionKey").from(1, 256), text("ExplicitHashKey").matching(hashKeyPattern))
}

func startingPosition() field {
	return structure("StartingPosition",
		text("Type").oneOf("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP").req(),
		text("SequenceNumber").matching(sequencePattern), instant("Timestamp")).req()
}

func shardFilterField() field {
	return structure("ShardFilter",
		text("Type").oneOf("AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON", "AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP").req(),
		shardIDField("ShardId"), instant("Timestamp"))
}

func commitment() field {
	return structure("MinimumThroughputBillingCommitment", text("Status").oneOf("ENABLED", "DISABLED").req()).req()
}
