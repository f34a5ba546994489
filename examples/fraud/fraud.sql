-- Card fraud: rules over one-minute windows for every card.
--
--   go run ./cmd/weir run examples/fraud/fraud.sql
--
-- The job makes its own transactions, two hours of them, and ends. A few cards are used far more often than
-- others, and about one transaction in a thousand is very large.

SET 'pipeline.name' = 'fraud';

-- Random numbers, the same ones in every run.
CREATE TABLE generator (
  id         BIGINT,
  spread     DOUBLE,   -- which card: cubed below, so that low numbers are frequent
  magnitude  DOUBLE,   -- how much
  place      INT,
  ts AS TO_TIMESTAMP_LTZ(1767225600000 + id * 50, 3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'datagen',
  'number-of-rows' = '144000',
  'rows-per-second' = '0',
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

CREATE VIEW transactions AS
SELECT
  id,
  'card-' || LPAD(CAST(CAST(FLOOR(spread * spread * spread * 5000) AS INT) AS STRING), 4, '0') AS card,
  CAST(CASE WHEN magnitude > 0.999 THEN 4000 * magnitude ELSE 5 + 120 * magnitude * magnitude END AS DECIMAL(10, 2)) AS amount,
  CASE WHEN place < 80 THEN 'DE' WHEN place < 90 THEN 'FR' WHEN place < 96 THEN 'US' ELSE 'BR' END AS country,
  ts
FROM generator;

CREATE TABLE alerts (
  card         STRING,
  window_start TIMESTAMP(3),
  window_end   TIMESTAMP(3),
  rule         STRING,
  transactions BIGINT,
  total        DECIMAL(38, 2),
  largest      DECIMAL(10, 2),
  countries    BIGINT
) WITH (
  'connector' = 'print'
);

-- One alert for each rule that a card breaks within a minute.
INSERT INTO alerts
SELECT
  card, window_start, window_end,
  CASE
    WHEN largest >= 1000 THEN 'large amount'
    WHEN transactions >= 60 THEN 'velocity'
    ELSE 'countries'
  END,
  transactions, total, largest, countries
FROM (
  SELECT
    card, window_start, window_end,
    COUNT(*) AS transactions,
    SUM(amount) AS total,
    MAX(amount) AS largest,
    COUNT(DISTINCT country) AS countries
  FROM TUMBLE(TABLE transactions, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
  GROUP BY card, window_start, window_end
)
WHERE largest >= 1000 OR transactions >= 60 OR (countries >= 3 AND transactions <= 4);
