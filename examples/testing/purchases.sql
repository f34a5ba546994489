-- A job as it is in production: its tables are Kafka topics and files. The test beside it, purchases.test, runs this
-- file unchanged and gives it rows instead.
CREATE TABLE purchases (
  buyer STRING,
  amount DECIMAL(10, 2),
  ts     TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'purchases',
  'properties.bootstrap.servers' = 'kafka:9092',
  'format' = 'json'
);

CREATE TABLE totals (
  buyer STRING,
  minute_start TIMESTAMP(3),
  total DECIMAL(38, 2)
) WITH (
  'connector' = 'filesystem',
  'path' = '/data/totals',
  'format' = 'parquet'
);

INSERT INTO totals
SELECT buyer, window_start, SUM(amount)
FROM TUMBLE(TABLE purchases, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
GROUP BY buyer, window_start, window_end;
