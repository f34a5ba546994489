-- Selection: bids for some auctions.
-- out: auction BIGINT, price BIGINT
SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0
