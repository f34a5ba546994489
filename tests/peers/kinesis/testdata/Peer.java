// The Java SDK as it comes: CBOR, and fan-out over HTTP/2 with the asynchronous client.
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.*;

public class Peer {
  public static void main(String[] args) throws Exception {
    KinesisAsyncClient client = KinesisAsyncClient.builder()
        .endpointOverride(URI.create(args[0]))
        .region(Region.EU_WEST_1)
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("123456789012", "secret")))
        .build();
    client.createStream(r -> r.streamName("java").shardCount(1)).get();
    client.waiter().waitUntilStreamExists(r -> r.streamName("java")).get(60, TimeUnit.SECONDS);
    List<PutRecordsRequestEntry> entries = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      entries.add(PutRecordsRequestEntry.builder().partitionKey("k" + i).data(SdkBytes.fromUtf8String("" + i)).build());
    }
    PutRecordsResponse put = client.putRecords(r -> r.streamName("java").records(entries)).get();
    check(put.failedRecordCount() == 0, "failed " + put);
    String shard = client.listShards(r -> r.streamName("java")).get().shards().get(0).shardId();
    String it = client.getShardIterator(r -> r.streamName("java").shardId(shard).shardIteratorType("TRIM_HORIZON")).get().shardIterator();
    GetRecordsResponse got = client.getRecords(r -> r.shardIterator(it)).get();
    check(got.records().size() == 50, "records " + got.records().size());
    check(got.records().get(7).data().asUtf8String().equals("7"), "data " + got.records().get(7));
    long age = System.currentTimeMillis() - got.records().get(0).approximateArrivalTimestamp().toEpochMilli();
    check(Math.abs(age) < 60000, "age " + age);
    String arn = client.describeStream(r -> r.streamName("java")).get().streamDescription().streamARN();
    String consumer = client.registerStreamConsumer(r -> r.streamARN(arn).consumerName("c")).get().consumer().consumerARN();
    while (!client.describeStreamConsumer(r -> r.consumerARN(consumer)).get().consumerDescription().consumerStatusAsString().equals("ACTIVE")) {
      Thread.sleep(20);
    }
    List<String> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> all = new CompletableFuture<>();
    SubscribeToShardResponseHandler handler = SubscribeToShardResponseHandler.builder()
        .onError(all::completeExceptionally)
        .subscriber(event -> {
          if (event instanceof SubscribeToShardEvent) {
            for (software.amazon.awssdk.services.kinesis.model.Record r : ((SubscribeToShardEvent) event).records()) {
              seen.add(r.data().asString(StandardCharsets.UTF_8));
            }
            if (seen.size() >= 50) {
              all.complete(null);
            }
          }
        }).build();
    client.subscribeToShard(r -> r.consumerARN(consumer).shardId(shard).startingPosition(p -> p.type(ShardIteratorType.TRIM_HORIZON)), handler);
    all.get(30, TimeUnit.SECONDS);
    check(seen.get(49).equals("49"), "fan-out " + seen);
    try {
      client.describeStream(r -> r.streamName("none")).get();
      check(false, "no error");
    } catch (java.util.concurrent.ExecutionException e) {
      check(e.getCause() instanceof ResourceNotFoundException, "error " + e);
    }
    System.out.println("peer agrees");
    System.exit(0);
  }

  static void check(boolean ok, String what) {
    if (!ok) {
      throw new IllegalStateException(what);
    }
  }
}
