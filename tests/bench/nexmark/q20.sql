-- Bids with their auctions of category 10: a filtered join without a bound.
-- out: auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, a_dateTime TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, a_extra STRING
SELECT B.auction, B.bidder, B.price, B.channel, B.url, B.`dateTime`, B.extra,
  A.itemName, A.description, A.initialBid, A.reserve, A.`dateTime` AS a_dateTime, A.expires, A.seller, A.category, A.extra AS a_extra
FROM bid AS B INNER JOIN auction AS A ON B.auction = A.id
WHERE A.category = 10
