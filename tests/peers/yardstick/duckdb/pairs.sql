SELECT auction, bidder, COUNT(*), MAX(price), SUM(price) FROM bid GROUP BY auction, bidder
