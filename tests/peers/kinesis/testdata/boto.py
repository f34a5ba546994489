"""What a Python program does with a stream: boto3 over JSON, fan-out included."""
import sys
import boto3
from botocore.config import Config

client = boto3.client(
    "kinesis", endpoint_url=sys.argv[1], region_name="eu-west-1",
    aws_access_key_id="123456789012", aws_secret_access_key="secret",
    config=Config(retries={"max_attempts": 1}),
)
client.create_stream(StreamName="py", ShardCount=1)
client.get_waiter("stream_exists").wait(StreamName="py", WaiterConfig={"Delay": 1})
entries = [{"Data": b"%d" % i, "PartitionKey": "k%d" % i} for i in range(100)]
out = client.put_records(StreamName="py", Records=entries)
assert out["FailedRecordCount"] == 0, out
shard = client.list_shards(StreamName="py")["Shards"][0]["ShardId"]
it = client.get_shard_iterator(StreamName="py", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
got = client.get_records(ShardIterator=it)
assert [r["Data"] for r in got["Records"]] == [e["Data"] for e in entries], got
assert got["Records"][0]["ApproximateArrivalTimestamp"].year >= 2026
arn = client.describe_stream_summary(StreamName="py")["StreamDescriptionSummary"]["StreamARN"]
consumer = client.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
while client.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]["ConsumerStatus"] != "ACTIVE":
    pass
stream = client.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard, StartingPosition={"Type": "TRIM_HORIZON"})["EventStream"]
seen = []
for event in stream:
    seen += [r["Data"] for r in event["SubscribeToShardEvent"]["Records"]]
    if len(seen) == 100:
        break
stream.close()
assert seen == [e["Data"] for e in entries]
try:
    client.describe_stream(StreamName="none")
    raise AssertionError("no error")
except client.exceptions.ResourceNotFoundException as e:
    assert "Stream none under account 123456789012 not found." in str(e), e
client.update_shard_count(StreamName="py", TargetShardCount=2, ScalingType="UNIFORM_SCALING")
print("peer agrees")
