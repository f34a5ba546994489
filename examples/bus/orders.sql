-- One of two programs that talk over a stream: this one takes orders.
--
--   weir run examples/bus/orders.sql
--
-- It makes 500 orders and puts them into the stream 'orders', as JSON. The customer is the partition
-- key: a customer's orders lie in one shard, in the order in which they were put.

SET 'pipeline.name' = 'orders';

CREATE TABLE generator (
  id       BIGINT,
  customer INT,
  cents    BIGINT
) WITH (
  'connector' = 'datagen',
  'number-of-rows' = '500',
  'rows-per-second' = '0',
  'seed' = '1',
  'fields.id.kind' = 'sequence',
  'fields.id.start' = '1',
  'fields.id.end' = '500',
  'fields.customer.min' = '1',
  'fields.customer.max' = '5',
  'fields.cents.min' = '100',
  'fields.cents.max' = '9900'
);

CREATE TABLE orders (
  id       BIGINT,
  customer STRING,
  amount   DECIMAL(10, 2)
) PARTITIONED BY (customer) WITH (
  'connector' = 'shardlog',
  'endpoint' = 'http://127.0.0.1:4566',
  'stream' = 'orders',
  'format' = 'json'
);

INSERT INTO orders
SELECT id, 'customer-' || CAST(customer AS STRING), CAST(cents AS DECIMAL(10, 2)) / 100
FROM generator;
