// The JavaScript SDK as it comes: HTTP/2 without asking, fan-out included.
import {
  KinesisClient, CreateStreamCommand, waitUntilStreamExists, PutRecordsCommand, ListShardsCommand,
  GetShardIteratorCommand, GetRecordsCommand, RegisterStreamConsumerCommand, DescribeStreamConsumerCommand,
  SubscribeToShardCommand, DescribeStreamCommand,
} from '@aws-sdk/client-kinesis';
import assert from 'node:assert';

const client = new KinesisClient({
  endpoint: process.argv[2], region: 'eu-west-1', maxAttempts: 1,
  credentials: { accessKeyId: '123456789012', secretAccessKey: 'secret' },
});
const StreamName = 'js';
await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
await waitUntilStreamExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StreamName });
const Records = Array.from({ length: 50 }, (_, i) => ({ Data: Buffer.from(`${i}`), PartitionKey: `k${i}` }));
const put = await client.send(new PutRecordsCommand({ StreamName, Records }));
assert.equal(put.FailedRecordCount, 0);
const ShardId = (await client.send(new ListShardsCommand({ StreamName }))).Shards[0].ShardId;
const it = await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
const got = await client.send(new GetRecordsCommand({ ShardIterator: it.ShardIterator }));
const text = (records) => records.map((r) => Buffer.from(r.Data).toString()).join(' ');
assert.equal(text(got.Records), text(Records));
assert.ok(Math.abs(Date.now() - got.Records[0].ApproximateArrivalTimestamp) < 60000);
const StreamARN = (await client.send(new DescribeStreamCommand({ StreamName }))).StreamDescription.StreamARN;
const { ConsumerARN } = (await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }))).Consumer;
for (;;) {
  const d = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
  if (d.ConsumerDescription.ConsumerStatus === 'ACTIVE') break;
}
const sub = await client.send(new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition: { Type: 'TRIM_HORIZON' } }));
const seen = [];
for await (const event of sub.EventStream) {
  seen.push(...event.SubscribeToShardEvent.Records);
  if (seen.length === Records.length) break;
}
assert.equal(text(seen), text(Records));
await assert.rejects(client.send(new DescribeStreamCommand({ StreamName: 'none' })), { name: 'ResourceNotFoundException' });
console.log('peer agrees');
process.exit(0);
