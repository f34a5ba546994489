-- Bids of each bidder in every ten seconds.
-- out: bidder BIGINT, bid_count BIGINT, starttime TIMESTAMP(3)
SELECT bidder, COUNT(*) AS bid_count, window_start AS starttime
FROM TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND)
GROUP BY bidder, window_start, window_end
