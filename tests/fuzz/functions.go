package fuzz

// furtherRules are functions that are met less often.
var furtherRules = map[class][]rule{
	boolean: {
		r("(? IS NOT TRUE)", boolean), r("(? IS FALSE)", boolean), r("ARRAY_CONTAINS(ARRAY[CAST(? AS BIGINT), 1], CAST(? AS BIGINT))", integer, integer), r("(? NOT BETWEEN ? AND ?)", integer, integer, integer),
		r("(? IN ('a', ?))", text, text), r("(CAST(? AS BIGINT) IN (CAST(? AS BIGINT), 3))", integer, integer), r("(? NOT SIMILAR TO '(a|b)%')", text), r("(? LIKE 'a!_%' ESCAPE '!')", text), r("(? IS NOT JSON)", text), r("(? IS JSON OBJECT)", text),
		r("(? IS DISTINCT FROM ?)", date, date), r("(? IS NOT DISTINCT FROM ?)", exact, exact), r("((?, ?) OVERLAPS (?, ?))", date, date, date, date), r("(CASE WHEN ? THEN ? END IS NULL)", boolean, integer),
		r("COALESCE(?, ?)", boolean, boolean), r("IF(?, ?, ?)", boolean, boolean, boolean), r("(ROW(?, ?) = ROW(?, ?))", integer, text, integer, text), r("((?, ?) IN ((1, 'a'), (0, 'abc')))", integer, text),
		r("(? = CAST(? AS VARCHAR(3)))", text, text), r("(? AND ? OR NOT ?)", boolean, boolean, boolean), r("CAST(? AS BOOLEAN)", exact),
	},
	integer: {
		r("MOD(?, 7)", integer), r("CAST(? AS INT)", float), r("CAST(? AS BIGINT)", exact), r("CAST(? AS TINYINT)", double), r("CAST(? AS SMALLINT)", exact), r("CAST(CAST(? AS STRING) AS BIGINT)", integer), r("TRY_CAST(? AS TINYINT)", text), r("TRY_CAST(? AS SMALLINT)", text),
		r("CHARACTER_LENGTH(REPEAT(?, 3))", text), r("ARRAY_POSITION(ARRAY[CAST(? AS BIGINT), CAST(? AS BIGINT), 3], CAST(? AS BIGINT))", integer, integer, integer), r("ARRAY_MAX(ARRAY[?, ?])", integer, integer), r("ARRAY_MIN(ARRAY[?, ?])", integer, integer),
		r("CARDINALITY(ARRAY_DISTINCT(ARRAY[?, ?, ?]))", integer, integer, integer), r("CARDINALITY(SPLIT(?, 'b'))", text), r("EXTRACT(QUARTER FROM ?)", instant), r("EXTRACT(DOW FROM ?)", stamp), r("EXTRACT(ISODOW FROM ?)", date), r("EXTRACT(ISOYEAR FROM ?)", date),
		r("EXTRACT(EPOCH FROM ?)", stamp), r("EXTRACT(CENTURY FROM ?)", date), r("EXTRACT(DECADE FROM ?)", stamp), r("EXTRACT(MILLENNIUM FROM ?)", date), r("EXTRACT(MICROSECOND FROM ?)", stamp), r("YEAR(?)", instant), r("DAYOFYEAR(?)", stamp), r("DAYOFMONTH(?)", date), r("WEEK(?)", date), r("HOUR(?)", instant), r("MINUTE(?)", clock), r("SECOND(?)", stamp),
		r("TIMESTAMPDIFF(HOUR, ?, ?)", instant, instant), r("TIMESTAMPDIFF(YEAR, ?, ?)", stamp, stamp), r("TIMESTAMPDIFF(QUARTER, ?, ?)", stamp, stamp), r("TIMESTAMPDIFF(WEEK, ?, ?)", stamp, stamp), r("TIMESTAMPDIFF(MONTH, ?, ?)", date, date),
		r("COALESCE(?, ?, 0)", integer, integer), r("CASE ? WHEN 'a' THEN ? WHEN 'abc' THEN ? ELSE -1 END", text, integer, integer), r("CASE WHEN ? THEN ? WHEN ? THEN ? ELSE ? END", boolean, integer, boolean, integer, integer), r("CEIL(?)", integer),
		r("UNIX_TIMESTAMP(?)", text), r("LOCATE(?, ?, 2)", text, text), r("POSITION('b' IN ?)", text), r("CARDINALITY(MAP['a', ?])", integer),
	},
	exact: {
		r("CAST(? AS DECIMAL(5, 0))", exact), r("CAST(? AS DECIMAL(38, 10))", exact), r("CAST(? AS DECIMAL(3, 1))", integer), r("MOD(?, 3.5)", exact), r("NULLIF(?, ?)", exact, exact), r("TRUNCATE(?, -1)", exact), r("CEIL(? / 3)", exact), r("ROUND(? * 1.005, 2)", exact),
		r("CASE WHEN ? THEN ? ELSE ? END", boolean, exact, integer), r("IFNULL(?, ?)", exact, exact), r("ARRAY[?, ?][2]", exact, exact), r("(? * ?)", integer, exact), r("(? + 0.5)", integer), r("CAST(CAST(? AS STRING) AS DECIMAL(20, 6))", exact),
	},
	float: {
		r("(? / NULLIF(?, 0))", float, float), r("CEIL(?)", float), r("SIGN(?)", float), r("CAST(? AS FLOAT)", double), r("NULLIF(?, ?)", float, float), r("IFNULL(?, ?)", float, float), r("TRUNCATE(?, 1)", float),
	},
	double: {
		r("(? / ?)", integer, double), r("(? + ?)", exact, double), r("ASIN(? / 2e10)", double), r("ACOS(? / 2e10)", double), r("ATAN(?)", double), r("COS(?)", integer), r("COT(? + 0.1e0)", double), r("RADIANS(?)", double), r("LOG2(ABS(CAST(? AS DOUBLE)) + 1e0)", integer), r("LOG(2, ABS(CAST(? AS DOUBLE)) + 1e0)", integer), r("TANH(?)", double), r("EXP(LEAST(?, 10e0))", double), r("POWER(ABS(?), 0.5)", double),
		r("CAST(CAST(? AS STRING) AS DOUBLE)", double), r("NULLIF(?, ?)", double, double), r("IFNULL(?, ?)", double, double), r("CASE ? WHEN 0 THEN ? ELSE ? END", integer, double, double), r("ROUND(?, -1)", double), r("ROUND(?)", double), r("ARRAY[?, ?][1]", double, double),
	},
	text: {
		r("BTRIM(?)", text), r("TRIM(LEADING 'a' FROM ?)", text), r("TRIM(TRAILING 'c' FROM ?)", text), r("SUBSTR(?, -2)", text), r("SUBSTRING(? FROM 2 FOR 3)", text), r("OVERLAY(? PLACING ? FROM 2 FOR 1)", text, text), r("LPAD(?, 3, ?)", text, text), r("REPLACE(?, ?, 'Z')", text, text), r("SPLIT_INDEX(?, 'b', 0)", text), r("CHR(MOD(ABS(CAST(? AS INT)), 127))", exact),
		r("SHA1(?)", text), r("SHA2(?, 256)", text), r("SHA256(?)", text), r("URL_DECODE(?)", text), r("PARSE_URL('http://h/p/' || ?, 'PATH')", text), r("DECODE(ENCODE(?, 'UTF-8'), 'UTF-8')", text), r("CAST(ENCODE(?, 'UTF-8') AS STRING)", text), r("CAST(CAST(? AS VARBINARY) AS STRING)", text), r("FROM_UNIXTIME(MOD(?, 100000000), 'yyyy-MM-dd')", integer),
		r("CAST(SPLIT(?, 'b') AS STRING)", text), r("ARRAY_JOIN(ARRAY[?, ?], '+')", text, text), r("ARRAY_JOIN(ARRAY[?, ?], '+', 'nil')", text, text), r("CAST(ARRAY_SORT(ARRAY[?, ?, 0]) AS STRING)", integer, integer), r("CAST(ARRAY_REVERSE(ARRAY[?, ?]) AS STRING)", text, text), r("CAST(ARRAY_UNION(ARRAY[CAST(? AS BIGINT)], ARRAY[CAST(? AS BIGINT), 1]) AS STRING)", integer, integer), r("CAST(ARRAY_CONCAT(ARRAY[?], ARRAY[?]) AS STRING)", text, text), r("CAST(ARRAY_REMOVE(ARRAY[CAST(? AS BIGINT), CAST(? AS BIGINT)], CAST(? AS BIGINT)) AS STRING)", integer, integer, integer), r("CAST(ARRAY_SLICE(ARRAY[?, 'x', ?], 2) AS STRING)", text, text), r("CAST(ARRAY_APPEND(ARRAY[CAST(? AS BIGINT)], CAST(? AS BIGINT)) AS STRING)", integer, integer), r("CAST(ARRAY_EXCEPT(ARRAY[CAST(? AS BIGINT), 1], ARRAY[CAST(? AS BIGINT)]) AS STRING)", integer, integer), r("CAST(ARRAY_INTERSECT(ARRAY[CAST(? AS BIGINT), 1], ARRAY[CAST(? AS BIGINT), 1]) AS STRING)", integer, integer),
		r("CAST(MAP[?, ?] AS STRING)", text, integer), r("CAST(MAP_KEYS(MAP[?, 1]) AS STRING)", text), r("CAST(MAP_VALUES(MAP['a', ?]) AS STRING)", exact), r("CAST(ROW(?, ?, ?) AS STRING)", date, boolean, exact), r("CAST(ARRAY[?, ?] AS STRING)", stamp, stamp), r("CAST(ARRAY[?, ?] AS STRING)", exact, exact), r("CAST(ARRAY[?, ?] AS STRING)", date, date), r("CAST(ROW(?, ARRAY[?]) AS STRING)", clock, instant), r("CAST(? AS CHAR(12))", date), r("CAST(? AS VARCHAR(7))", stamp), r("CAST(? AS CHAR(6))", integer), r("CAST(? AS VARCHAR(4))", exact), r("CAST(? AS CHAR(3))", boolean),
		r("JSON_QUERY(?, 'lax $.a' WITH WRAPPER)", text), r("JSON_OBJECT('a' VALUE ? NULL ON NULL)", double), r("JSON_OBJECT(KEY 'a' VALUE ? ABSENT ON NULL)", exact), r("JSON_ARRAY(?, ? NULL ON NULL)", text, integer), r("JSON_STRING(?)", integer), r("JSON_STRING(?)", boolean), r("JSON_VALUE(?, 'lax $.a' DEFAULT 'none' ON EMPTY)", text), r("JSON_UNQUOTE(?)", text),
		r("REGEXP_EXTRACT(?, 'b(.?)', 1)", text), r("REGEXP_REPLACE(?, '^a|c$', ?)", text, text), r("CAST(REGEXP_EXTRACT_ALL(?, '([a-z])', 1) AS STRING)", text), r("CONCAT_WS(?, ?, 'm')", text, text), r("CONCAT(?, '-', ?, ?)", text, text, text), r("CASE ? WHEN 'a' THEN ? ELSE 'other' END", text, text), r("IFNULL(?, ?)", text, text), r("MAP['k', NULLIF(?, 'q7'), 'l', ?][?]", text, text, text), r("CAST(STR_TO_MAP(?, ',', 'b') AS STRING)", text), r("UPPER(CAST(? AS STRING))", double), r("DATE_FORMAT(?, 'EEE, d MMM yy KK:mm a')", stamp), r("DATE_FORMAT(?, 'yyyy')", instant), r("ELT(2, ?, ?)", text, text), r("LEFT(?, CAST(? AS INT))", text, exact), r("RIGHT(?, 0)", text), r("TRANSLATE(?, ?, 'xyz')", text, text), r("HEX(?)", text), r("TO_BASE64(?)", text), r("REVERSE(? || ?)", text, text), r("CAST(FALSE AND ? AS STRING)", boolean),
	},
	date: {
		r("(? - INTERVAL '13' MONTH)", date), r("(INTERVAL '1' DAY + ?)", date), r("CEIL(? TO MONTH)", date), r("CEIL(? TO WEEK)", date), r("FLOOR(? TO QUARTER)", date), r("FLOOR(? TO DECADE)", date), r("TIMESTAMPADD(MONTH, ? % 1000, ?)", integer, date), r("TO_DATE(CAST(? AS STRING))", date), r("IF(?, ?, ?)", boolean, date, date), r("NULLIF(?, ?)", date, date), r("ARRAY[?, ?][1]", date, date), r("CAST(CAST(? AS TIMESTAMP(3)) AS DATE)", date), r("LEAST(?, ?)", date, date),
	},
	clock: {
		r("(? - INTERVAL '1' SECOND)", clock), r("NULLIF(?, ?)", clock, clock), r("CAST(CAST(? AS STRING) AS TIME)", clock), r("IF(?, ?, ?)", boolean, clock, clock), r("CAST(? AS TIME)", instant),
	},
	stamp: {
		r("FLOOR(? TO HOUR)", stamp), r("FLOOR(? TO WEEK)", stamp), r("FLOOR(? TO YEAR)", stamp), r("CEIL(? TO DAY)", stamp), r("CEIL(? TO HOUR)", stamp), r("CEIL(? TO MONTH)", stamp), r("FLOOR(? TO SECOND)", stamp), r("CAST(CAST(? AS STRING) AS TIMESTAMP(3))", stamp), r("TO_TIMESTAMP(?, 'yyyy-MM-dd')", text), r("NULLIF(?, ?)", stamp, stamp), r("IF(?, CAST(? AS TIMESTAMP(3)), CAST(? AS TIMESTAMP(3)))", boolean, stamp, stamp), r("GREATEST(?, ?)", stamp, stamp), r("TIMESTAMPADD(HOUR, ? % 1000, ?)", integer, stamp), r("TIMESTAMPADD(WEEK, ? % 100, ?)", integer, stamp), r("TIMESTAMPADD(YEAR, ? % 10, ?)", integer, stamp), r("(? + INTERVAL '1 02:03:04.005' DAY TO SECOND)", stamp), r("CAST(? AS TIMESTAMP(1))", stamp), r("CAST(? AS TIMESTAMP(6))", instant), r("ARRAY[?, ?][2]", stamp, stamp),
	},
	instant: {
		r("FLOOR(? TO HOUR)", instant), r("FLOOR(? TO MONTH)", instant), r("CAST(CAST(? AS TIMESTAMP(3)) AS TIMESTAMP_LTZ(3))", instant), r("TRY_CAST(CAST(? AS STRING) AS TIMESTAMP_LTZ(3))", instant), r("NULLIF(?, ?)", instant, instant), r("IF(?, CAST(? AS TIMESTAMP_LTZ(3)), CAST(? AS TIMESTAMP_LTZ(3)))", boolean, instant, instant), r("LEAST(?, ?)", instant, instant), r("TIMESTAMPADD(HOUR, ? % 1000, ?)", integer, instant), r("CAST(? AS TIMESTAMP_LTZ(0))", instant),
	},
}
