-- Card fraud: rules over one-minute windows for every card.
--
--   go run ./cmd/weir run examples/fraud/fraud.sql
--
-- Two jobs, one after the other. The first makes transactions, two hours of them, and puts them into a stream of
-- the shard log; the second reads the stream, and puts alerts into another and on the screen. The log is the folder
-- out/streams, which is made when it is first used:
--
--   go run ./cmd/weir streams describe transactions --path out/streams
--   go run ./cmd/weir streams tail alerts --path out/streams

SET 'table.dml-sync' = 'true'; -- each INSERT and each statement set is a job, and the next waits for its end

-- Random numbers, the same ones in every run. A few cards are used far more often than others, and about one transaction
-- in a thousand is very large.
CREATE TABLE generator (
  id         BIGINT,
  spread     DOUBLE,   -- which card: cubed below, so that low numbers are frequent
  magnitude  DOUBLE,   -- how much
  place      INT
) WITH (
  'connector' = 'datagen',
  'number-of-rows' = '144000',
  'rows-per-second' = '0',
  'splits' = '1',         -- in the order of id
  'seed' = '7',
  'fields.id.kind' = 'sequence',
  'fields.id.start' = '0',
  'fields.id.end' = '143999',
  'fields.spread.min' = '0',
  'fields.spread.max' = '1',
  'fields.magnitude.min' = '0',
  'fields.magnitude.max' = '1',
  'fields.place.min' = '0',
  'fields.place.max' = '99'
);

-- The card is the partition key: a card's transactions lie in one shard, in their order.
CREATE TABLE transactions (
  id      BIGINT,
  card    STRING,
  amount  DECIMAL(10, 2),
  country STRING,
  ts      TIMESTAMP_LTZ(3),
  arrived AS PROCTIME(),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) PARTITIONED BY (card) WITH (
  'connector' = 'shardlog',
  'path' = 'out/streams',
  'stream' = 'transactions',
  'shards' = '2',
  'scan.bounded.mode' = 'latest',
  'format' = 'json'
);

SET 'pipeline.name' = 'transactions';

INSERT INTO transactions
SELECT
  id,
  'card-' || LPAD(CAST(CAST(FLOOR(spread * spread * spread * 5000) AS INT) AS STRING), 4, '0'),
  CAST(CASE WHEN magnitude > 0.999 THEN 4000 * magnitude ELSE 5 + 120 * magnitude * magnitude END AS DECIMAL(10, 2)),
  CASE WHEN place < 80 THEN 'DE' WHEN place < 90 THEN 'FR' WHEN place < 96 THEN 'US' ELSE 'BR' END,
  TO_TIMESTAMP_LTZ(1767225600000 + id * 50, 3)
FROM generator;

-- A producer may put a transaction twice, and a second run of this file does. Each counts once.
CREATE VIEW payments AS
SELECT id, card, amount, country, ts
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY arrived) AS n FROM transactions)
WHERE n = 1;

-- One alert for each rule that a card breaks within a minute.
CREATE VIEW suspicions AS
SELECT
  card, window_start, window_end,
  CASE
    WHEN largest >= 1000 THEN 'large amount'
    WHEN transactions >= 60 THEN 'velocity'
    ELSE 'countries'
  END AS rule,
  transactions, total, largest, countries
FROM (
  SELECT
    card, window_start, window_end,
    COUNT(*) AS transactions,
    SUM(amount) AS total,
    MAX(amount) AS largest,
    COUNT(DISTINCT country) AS countries
  FROM TUMBLE(TABLE payments, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
  GROUP BY card, window_start, window_end
)
WHERE largest >= 1000 OR transactions >= 60 OR (countries >= 3 AND transactions <= 4);

CREATE TABLE alerts (
  card         STRING,
  window_start TIMESTAMP(3),
  window_end   TIMESTAMP(3),
  rule         STRING,
  transactions BIGINT,
  total        DECIMAL(38, 2),
  largest      DECIMAL(10, 2),
  countries    BIGINT
) PARTITIONED BY (card) WITH (
  'connector' = 'shardlog',
  'path' = 'out/streams',
  'stream' = 'alerts',
  'format' = 'json'
);

CREATE TABLE screen WITH ('connector' = 'print') LIKE alerts (EXCLUDING ALL);

SET 'pipeline.name' = 'fraud';

EXECUTE STATEMENT SET
BEGIN
  INSERT INTO alerts SELECT * FROM suspicions;
  INSERT INTO screen SELECT * FROM suspicions;
END;
