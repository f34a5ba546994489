-- Turnstiles: kill this job as often as you like, and run it again: the files that it writes are the same.
--
--   go run ./cmd/weir run --state out/state examples/resume/turnstiles.sql
--
-- It takes 20 seconds. End it with Ctrl-C, kill -9 or the plug; the same command goes on from the last checkpoint, and says
-- so, with another -p as well. When it has come to its end:
--
--   cat out/refused/*  | wc -l          4020 refusals, each of them once
--   cat out/passages/* | wc -l          80 rows: 10 minutes at 8 gates
--   go run ./cmd/weir state ls out/state
--
-- With --state s3://bucket/turnstiles the checkpoints are in S3.

SET 'execution.checkpointing.interval' = '500 ms'; -- rows become visible with their checkpoint; the default is 10 s

-- One pass every 10 ms of event time, made at 3000 a second.
CREATE TABLE passes (
  id   BIGINT,
  gate AS id % 8,
  card AS (id * 7919) % 1000,
  ts   AS TO_TIMESTAMP_LTZ(1767225600000 + id * 10, 3),
  WATERMARK FOR ts AS ts
) WITH (
  'connector' = 'datagen',
  'rows-per-second' = '3000',
  'fields.id.kind' = 'sequence',
  'fields.id.start' = '0',
  'fields.id.end' = '59999'
);

CREATE TABLE refused (id BIGINT, gate BIGINT, card BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/refused', 'format' = 'csv');

CREATE TABLE passages (gate BIGINT, window_start TIMESTAMP(3), passes BIGINT, cards BIGINT)
WITH ('connector' = 'filesystem', 'path' = 'out/passages', 'format' = 'json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO refused SELECT id, gate, card FROM passes WHERE card % 15 = 4;

  -- Windows that are open when the job is killed are in the checkpoint.
  INSERT INTO passages
  SELECT gate, window_start, COUNT(*), COUNT(DISTINCT card)
  FROM TUMBLE(TABLE passes, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
  GROUP BY gate, window_start, window_end;
END;
