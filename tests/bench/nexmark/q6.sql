-- Average selling price by seller over the last ten closed auctions: OVER a changelog.
-- out: seller BIGINT, price BIGINT
SELECT Q.seller, AVG(Q.final) OVER (PARTITION BY Q.seller ORDER BY Q.`dateTime` ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS price
FROM (
  SELECT A.seller, B.price AS final, B.`dateTime`,
    ROW_NUMBER() OVER (PARTITION BY A.id, A.seller ORDER BY B.price DESC) AS rownum
  FROM auction AS A, bid AS B
  WHERE A.id = B.auction AND B.`dateTime` BETWEEN A.`dateTime` AND A.expires
) AS Q
WHERE Q.rownum <= 1
