SELECT bidder, COUNT(*) AS bid_count, time_bucket(INTERVAL '10 seconds', dateTime) AS starttime
FROM bid
GROUP BY bidder, starttime
