-- Average price of each category: a join, and an aggregate over an aggregate.
-- out: category BIGINT, price BIGINT
SELECT Q.category, AVG(Q.final) AS price
FROM (
  SELECT MAX(B.price) AS final, A.category
  FROM auction A, bid B
  WHERE A.id = B.auction AND B.`dateTime` BETWEEN A.`dateTime` AND A.expires
  GROUP BY A.id, A.category
) Q
GROUP BY Q.category
