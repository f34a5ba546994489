-- What each bidder bid on each auction: most rows bring a key that is new.
-- out: auction BIGINT, bidder BIGINT, bids BIGINT, most BIGINT, total BIGINT
SELECT auction, bidder, COUNT(*) AS bids, MAX(price) AS most, SUM(price) AS total
FROM bid
GROUP BY auction, bidder
