// The Kinesis Producer Library: its native process over TLS, which packs many records into one once it knows the shards.
import com.google.common.util.concurrent.ListenableFuture;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

public class Kpl {
  public static void main(String[] args) throws Exception {
    KinesisProducer producer = new KinesisProducer(new KinesisProducerConfiguration()
        .setRegion("eu-west-1")
        .setKinesisEndpoint("127.0.0.1").setKinesisPort(Long.parseLong(args[0]))
        .setStsEndpoint("127.0.0.1").setStsPort(Long.parseLong(args[1]))
        .setVerifyCertificate(false)
        .setMetricsLevel("none")
        .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("123456789012", "secret"))));
    send(producer, 0, 1);
    Thread.sleep(3000); // it asks for the shards meanwhile
    send(producer, 1, 1000);
    producer.flushSync();
    producer.destroy();
    System.out.println("peer agrees");
    System.exit(0);
  }

  static void send(KinesisProducer producer, int from, int to) throws Exception {
    List<ListenableFuture<UserRecordResult>> results = new ArrayList<>();
    for (int i = from; i < to; i++) {
      results.add(producer.addUserRecord("kpl", "k" + i % 5, ByteBuffer.wrap(("" + i).getBytes(StandardCharsets.UTF_8))));
    }
    for (ListenableFuture<UserRecordResult> f : results) {
      UserRecordResult r = f.get(60, TimeUnit.SECONDS);
      if (!r.isSuccessful()) {
        throw new IllegalStateException("refused: " + r.getAttempts());
      }
    }
  }
}
