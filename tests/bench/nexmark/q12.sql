-- Bids in every ten seconds of the machine's clock. No two runs give the same rows.
-- out: bidder BIGINT, bid_count BIGINT, starttime TIMESTAMP(3), endtime TIMESTAMP(3)
-- verify: no
SELECT bidder, COUNT(*) AS bid_count, window_start AS starttime, window_end AS endtime
FROM TUMBLE(TABLE bid_now, DESCRIPTOR(p_time), INTERVAL '10' SECOND)
GROUP BY bidder, window_start, window_end
