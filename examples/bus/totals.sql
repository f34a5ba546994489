-- The other of two programs that talk over a stream: this one keeps totals.
--
--   weir run examples/bus/totals.sql
--
-- It follows the stream 'orders' and shows each customer's newest total, until it is stopped with Ctrl-C. With
-- 'scan.bounded.mode' = 'latest' it would read what is there, and end.

SET 'pipeline.name' = 'totals';

CREATE TABLE orders (
  id       BIGINT,
  customer STRING,
  amount   DECIMAL(10, 2),
  placed   TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,  -- when it arrived in the stream
  shard    STRING METADATA FROM 'shard-id' VIRTUAL
) WITH (
  'connector' = 'shardlog',
  'endpoint' = 'http://127.0.0.1:4566',
  'stream' = 'orders',
  'format' = 'json'
);

SELECT customer, COUNT(*) AS orders, SUM(amount) AS total, MAX(amount) AS largest
FROM orders
GROUP BY customer;
