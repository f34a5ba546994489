-- A script with mistakes, for 'weir lint': the messages are the point.
CREATE TABLE payments (account STRING, cents BIGINT) WITH ('connector' = 'datagen');

SELECT acount FROM payments;
SELECT account, cents + 'x' FROM payments;
SELECT account, SUM(cents) FROM payments;
INSERT INTO paymnts SELECT * FROM payments;
