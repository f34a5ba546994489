-- Access-log ETL: raw lines of a web server's combined log become typed rows, and a count for every hour,
-- status and path.
--
--   go run ./cmd/weir run examples/etl/etl.sql
--
-- Reads examples/etl/access.log; writes out/requests (Parquet), out/counts (JSON) and out/rejected (the
-- lines that are no access-log lines, as they came).

SET 'pipeline.name' = 'access-log-etl';

CREATE TABLE raw_lines (
  line STRING,
  -- The time in a line that has none is the epoch: event time may not be NULL.
  ts AS COALESCE(TO_TIMESTAMP(REGEXP_EXTRACT(line, '\[([^ \]]+) ', 1), 'dd/MMM/yyyy:HH:mm:ss'), TIMESTAMP '1970-01-01 00:00:00'),
  WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE
) WITH (
  'connector' = 'filesystem',
  'path' = 'examples/etl/access.log',
  'format' = 'raw'
);

CREATE VIEW parsed AS
SELECT
  REGEXP_EXTRACT(line, '^(\S+) ', 1) AS client,
  ts,
  REGEXP_EXTRACT(line, '"([A-Z]+) \S+ HTTP/', 1) AS verb,
  REGEXP_EXTRACT(line, '"[A-Z]+ ([^ ?"]+)', 1) AS path,
  TRY_CAST(REGEXP_EXTRACT(line, '" (\d{3}) ', 1) AS INT) AS status,
  TRY_CAST(REGEXP_EXTRACT(line, '" \d{3} (\d+)', 1) AS BIGINT) AS size,
  line
FROM raw_lines;

CREATE TABLE requests (
  client STRING, ts TIMESTAMP(3), verb STRING, path STRING, status INT, size BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/requests', 'format' = 'parquet');

CREATE TABLE counts (
  hour_start TIMESTAMP(3), status INT, path STRING, requests BIGINT, size BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'out/counts', 'format' = 'json');

CREATE TABLE rejected (
  line STRING
) WITH ('connector' = 'filesystem', 'path' = 'out/rejected', 'format' = 'raw');

-- One job: the log is read and parsed once.
EXECUTE STATEMENT SET BEGIN

INSERT INTO requests
SELECT client, ts, verb, path, status, size FROM parsed WHERE status IS NOT NULL AND path IS NOT NULL;

INSERT INTO counts
SELECT window_start, status, path, COUNT(*), SUM(size)
FROM TUMBLE(TABLE parsed, DESCRIPTOR(ts), INTERVAL '1' HOUR)
WHERE status IS NOT NULL AND path IS NOT NULL
GROUP BY window_start, window_end, status, path;

INSERT INTO rejected
SELECT line FROM parsed WHERE status IS NULL OR path IS NULL;

END;
