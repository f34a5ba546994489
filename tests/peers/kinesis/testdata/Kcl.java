// The Kinesis Client Library as it comes: leases in DynamoDB, CBOR, by polling or by fan-out, through a reshard.
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.*;
import software.amazon.kinesis.common.*;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.lifecycle.events.*;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.*;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

public class Kcl {
  static final String STREAM = "kcl";
  static final int KEYS = 7;
  static final Map<String, List<Integer>> seen = new ConcurrentHashMap<>();
  static final AtomicInteger count = new AtomicInteger(), drained = new AtomicInteger();

  public static void main(String[] args) throws Exception {
    StaticCredentialsProvider keys = StaticCredentialsProvider.create(AwsBasicCredentials.create("123456789012", "secret"));
    // On a busy machine the ten seconds that it has for a connection may not be enough.
    KinesisAsyncClient kinesis = KinesisAsyncClient.builder().httpClientBuilder(NettyNioAsyncHttpClient.builder().connectionAcquisitionTimeout(Duration.ofMinutes(2)).connectionTimeout(Duration.ofMinutes(1))).endpointOverride(URI.create(args[0])).region(Region.EU_WEST_1).credentialsProvider(keys).build();
    DynamoDbAsyncClient dynamo = DynamoDbAsyncClient.builder().endpointOverride(URI.create(args[1])).region(Region.EU_WEST_1).credentialsProvider(keys).build();
    CloudWatchAsyncClient metrics = CloudWatchAsyncClient.builder().endpointOverride(URI.create(args[1])).region(Region.EU_WEST_1).credentialsProvider(keys).build();
    kinesis.createStream(r -> r.streamName(STREAM).shardCount(2)).get();
    kinesis.waiter().waitUntilStreamExists(r -> r.streamName(STREAM)).get(60, TimeUnit.SECONDS);
    put(kinesis, 0, 100);

    ConfigsBuilder configs = new ConfigsBuilder(STREAM, "app-" + args[2], kinesis, dynamo, metrics, "worker", Processor::new);
    Scheduler scheduler = new Scheduler(
        configs.checkpointConfig(),
        configs.coordinatorConfig().parentShardPollIntervalMillis(500)
            .clientVersionConfig(CoordinatorConfig.ClientVersionConfig.CLIENT_VERSION_CONFIG_COMPATIBLE_WITH_2X),
        configs.leaseManagementConfig().failoverTimeMillis(2000).shardSyncIntervalMillis(2000),
        configs.lifecycleConfig(),
        configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
        configs.processorConfig(),
        configs.retrievalConfig()
            .initialPositionInStreamExtended(InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON))
            .retrievalSpecificConfig(args[2].equals("fanout")
                ? new FanOutConfig(kinesis).streamName(STREAM).applicationName("app-fanout")
                : new PollingConfig(STREAM, kinesis)));
    Thread worker = new Thread(scheduler);
    worker.setDaemon(true);
    worker.start();
    await("the first records", () -> count.get() >= 100);

    kinesis.updateShardCount(r -> r.streamName(STREAM).targetShardCount(4).scalingType(ScalingType.UNIFORM_SCALING)).get();
    while (kinesis.describeStreamSummary(r -> r.streamName(STREAM)).get().streamDescriptionSummary().streamStatus() != StreamStatus.ACTIVE) {
      Thread.sleep(20);
    }
    put(kinesis, 100, 200);
    await("the records of the new shards", () -> count.get() >= 200);
    await("the end of both old shards", () -> drained.get() == 2);
    for (int k = 0; k < KEYS; k++) {
      List<Integer> want = new ArrayList<>();
      for (int i = k; i < 200; i += KEYS) {
        want.add(i);
      }
      if (!want.equals(seen.get("k" + k))) {
        throw new IllegalStateException("key " + k + " " + seen.get("k" + k));
      }
    }
    scheduler.startGracefulShutdown().get(60, TimeUnit.SECONDS);
    System.out.println("peer agrees");
    System.exit(0);
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  static void await(String what, Condition condition) throws Exception {
    long until = System.currentTimeMillis() + 180_000;
    while (!condition.holds()) {
      if (System.currentTimeMillis() > until) {
        throw new IllegalStateException("no " + what + " in three minutes: " + count + " records, " + drained + " shards drained");
      }
      Thread.sleep(50);
    }
  }

  static void put(KinesisAsyncClient kinesis, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      String n = "" + i;
      kinesis.putRecord(r -> r.streamName(STREAM).partitionKey("k" + Integer.parseInt(n) % KEYS).data(SdkBytes.fromUtf8String(n))).get();
    }
  }

  static class Processor implements ShardRecordProcessor {
    public void initialize(InitializationInput input) {}

    public void processRecords(ProcessRecordsInput input) {
      for (KinesisClientRecord r : input.records()) {
        seen.computeIfAbsent(r.partitionKey(), k -> new ArrayList<>()).add(Integer.parseInt(StandardCharsets.UTF_8.decode(r.data()).toString()));
        count.incrementAndGet();
      }
      checkpoint(input.checkpointer());
    }

    public void leaseLost(LeaseLostInput input) {}

    public void shardEnded(ShardEndedInput input) {
      checkpoint(input.checkpointer());
      drained.incrementAndGet();
    }

    public void shutdownRequested(ShutdownRequestedInput input) {
      checkpoint(input.checkpointer());
    }

    static void checkpoint(RecordProcessorCheckpointer checkpointer) {
      try {
        checkpointer.checkpoint();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
