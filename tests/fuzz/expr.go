package fuzz

import (
	"fmt"
	"strings"
)

// class is what an expression can stand for; types within a class mix.
type class int

const (
	boolean class = iota
	integer
	exact // DECIMAL
	float
	double
	text
	date
	clock
	stamp
	instant
	classes
)

// A rule makes an expression of a class from children: text has a "?" for each of kids.
type rule struct {
	text string
	kids []class
}

// any gives an expression of a random class.
func (g *generator) any(depth int) *Node { return g.expr(class(g.rand.IntN(int(classes))), depth) }

// expr gives an expression with a column in it: constant ones are folded before they run, at other
// precisions than those of values.
func (g *generator) expr(c class, depth int) *Node {
	if depth <= 0 {
		return n(pick(g, named(c)))
	}
	r := pick(g, rules[c])
	if g.rand.IntN(2) == 0 {
		r = pick(g, furtherRules[c])
	}
	kids := make([]*Node, len(r.kids))
	for i, k := range r.kids {
		if i > 0 && g.rand.IntN(4) == 0 {
			kids[i] = n(g.literal(k))
			continue
		}
		kids[i] = g.expr(k, depth-1)
		for roundsTime(r.text) && (roundsTime(kids[i].text) || strings.Contains(kids[i].text, "INTERVAL")) {
			kids[i] = kids[i].kids[0] // of these Flink refuses the outer one, or leaves it out
		}
	}
	return n(r.text, kids...)
}

// roundsTime tells FLOOR and CEIL to a unit of time.
func roundsTime(rule string) bool {
	return strings.Contains(rule, "(? TO ") && (strings.HasPrefix(rule, "FLOOR") || strings.HasPrefix(rule, "CEIL"))
}

func r(text string, kids ...class) rule { return rule{text, kids} }

// rules by class. What Flink gets wrong, or documents otherwise than it does, is left out:
// docs/flink-compatibility.md says what that is.
var rules = map[class][]rule{
	boolean: append([]rule{
		r("(? AND ?)", boolean, boolean), r("(? OR ?)", boolean, boolean), r("(NOT ?)", boolean),
		r("(? IS NULL)", integer), r("(? IS NOT NULL)", text), r("(? IS TRUE)", boolean), r("(? IS NOT FALSE)", boolean), r("(? IS UNKNOWN)", boolean),
		r("(? LIKE '%a%')", text), r("(? LIKE '_b%')", text), r("(? NOT LIKE 'a%')", text), r("(? SIMILAR TO '[a-c]+')", text),
		r("(? IN (0, 1, 42))", integer), r("(? NOT IN ('a', 'abc', ''))", text), r("(? IN (1.5, 0.01))", exact),
		r("REGEXP(?, '[0-9]+')", text), r("STARTSWITH(?, ?)", text, text), r("ENDSWITH(?, ?)", text, text),
		r("IS_ALPHA(?)", text), r("IS_DIGIT(?)", text), r("IS_DECIMAL(?)", text),
		r("(? IS DISTINCT FROM ?)", integer, integer), r("(? IS NOT DISTINCT FROM ?)", text, text),
		r("TRY_CAST(? AS BOOLEAN)", text), r("CAST(? AS BOOLEAN)", integer),
		r("(? = ?)", integer, exact), r("(? < ?)", exact, integer), r("(? > ?)", integer, double),
		r("JSON_EXISTS(?, 'lax $.a')", text), r("(? IS JSON)", text),
	}, comparisons()...),
	integer: {
		r("(? + ?)", integer, integer), r("(? - ?)", integer, integer), r("(? * ?)", integer, integer), r("(? / NULLIF(?, 0))", integer, integer),
		r("(? % NULLIF(?, 0))", integer, integer), r("(- ?)", integer), r("ABS(?)", integer), r("SIGN(CAST(? AS INT))", integer),
		r("CHAR_LENGTH(?)", text), r("POSITION(? IN ?)", text, text), r("LOCATE(?, ?)", text, text), r("INSTR(?, ?)", text, text), r("ASCII(?)", text),
		r("CAST(? AS INT)", exact), r("CAST(? AS BIGINT)", double), r("TRY_CAST(? AS INT)", text), r("CAST(? AS SMALLINT)", integer), r("CAST(? AS TINYINT)", integer), r("CAST(? AS INT)", boolean),
		r("TRY_CAST(? AS BIGINT)", text),
		r("EXTRACT(YEAR FROM ?)", date), r("EXTRACT(DOY FROM ?)", date), r("EXTRACT(WEEK FROM ?)", stamp), r("EXTRACT(HOUR FROM ?)", stamp), r("EXTRACT(DAY FROM ?)", instant), r("EXTRACT(MINUTE FROM ?)", instant),
		r("MONTH(?)", stamp), r("DAYOFWEEK(?)", date), r("QUARTER(?)", stamp), r("EXTRACT(SECOND FROM ?)", clock), r("EXTRACT(MILLISECOND FROM ?)", stamp),
		r("TIMESTAMPDIFF(DAY, ?, ?)", stamp, stamp), r("TIMESTAMPDIFF(MONTH, ?, ?)", stamp, stamp), r("TIMESTAMPDIFF(SECOND, ?, ?)", stamp, stamp), r("TIMESTAMPDIFF(DAY, ?, ?)", date, date),
		r("CASE WHEN ? THEN ? ELSE ? END", boolean, integer, integer), r("CASE ? WHEN 0 THEN 1 WHEN 1 THEN ? END", integer, integer), r("COALESCE(?, ?)", integer, integer),
		r("NULLIF(?, ?)", integer, integer), r("IF(?, ?, ?)", boolean, integer, integer), r("GREATEST(?, ?)", integer, integer), r("LEAST(?, ?)", integer, integer), r("IFNULL(?, ?)", integer, integer),
		r("ROUND(?, -1)", integer), r("FLOOR(?)", integer), r("REGEXP_COUNT(?, '[a-c]')", text), r("REGEXP_INSTR(?, 'b')", text), r("UNIX_TIMESTAMP(CAST(? AS STRING))", stamp), r("CARDINALITY(ARRAY[?, ?])", integer, integer),
		r("ARRAY[?, ?][1]", integer, integer), r("CAST(JSON_VALUE(?, 'lax $.a') AS INT)", text),
	},
	exact: {
		r("(? + ?)", exact, exact), r("(? - ?)", exact, integer), r("(? * ?)", exact, exact), r("(? / NULLIF(?, 0))", exact, exact), r("(? / NULLIF(?, 0))", integer, exact), r("(? % NULLIF(?, 0))", exact, exact),
		r("(- ?)", exact), r("ABS(?)", exact), r("SIGN(?)", exact), r("FLOOR(?)", exact), r("CEIL(?)", exact), r("ROUND(?, 1)", exact), r("ROUND(?)", exact), r("TRUNCATE(?, 1)", exact), r("ROUND(?, -1)", exact),
		r("CAST(? AS DECIMAL(8, 3))", exact), r("CAST(? AS DECIMAL(20, 2))", integer), r("TRY_CAST(? || '00' AS DECIMAL(10, 3))", text), r("CAST(LEAST(GREATEST(?, -1000), 1000) AS DECIMAL(20, 4))", double),
		r("CASE WHEN ? THEN ? ELSE ? END", boolean, exact, exact), r("COALESCE(?, ?)", exact, exact), r("COALESCE(?, ?)", integer, exact), r("IF(?, ?, ?)", boolean, exact, integer),
	},
	float: {
		r("(? + ?)", float, float), r("(? * ?)", float, integer), r("(? - ?)", float, float), r("ABS(?)", float), r("CAST(? AS FLOAT)", integer), r("CAST(? AS FLOAT)", exact), r("COALESCE(?, ?)", float, float),
		r("CASE WHEN ? THEN ? ELSE ? END", boolean, float, float), r("GREATEST(?, ?)", float, float), r("FLOOR(?)", float), r("(- ?)", float), r("ROUND(?, 1)", float), r("TRY_CAST(? AS FLOAT)", text),
	},
	double: {
		r("(? + ?)", double, double), r("(? - ?)", double, exact), r("(? * ?)", double, integer), r("(? / ?)", double, double), r("(? * ?)", double, double), r("(- ?)", double), r("ABS(?)", double), r("SIGN(?)", double),
		r("FLOOR(?)", double), r("CEIL(?)", double), r("ROUND(?, 2)", double), r("SQRT(ABS(?))", double), r("POWER(?, 2)", integer), r("LN(ABS(?) + 1)", exact), r("EXP(LEAST(?, 10))", integer), r("SIN(?)", integer), r("ATAN2(?, ?)", double, double),
		r("CAST(? AS DOUBLE)", integer), r("CAST(? AS DOUBLE)", exact), r("CAST(? AS DOUBLE)", float), r("TRY_CAST(? AS DOUBLE)", text), r("CASE WHEN ? THEN ? ELSE ? END", boolean, double, double), r("COALESCE(?, ?)", double, double),
		r("GREATEST(?, ?)", double, double), r("IF(?, ?, ?)", boolean, double, double), r("LOG10(ABS(CAST(? AS DOUBLE)) + 1)", integer), r("DEGREES(?)", double), r("TRUNCATE(LEAST(GREATEST(?, -1000), 1000), 1)", double),
	},
	text: {
		r("UPPER(?)", text), r("LOWER(?)", text), r("(? || ?)", text, text), r("CONCAT(?, ?)", text, text), r("CONCAT_WS('-', ?, ?)", text, text), r("SUBSTRING(?, 2)", text), r("SUBSTRING(?, CAST(? AS INT), 2)", text, integer),
		r("LEFT(?, 2)", text), r("RIGHT(?, 2)", text), r("TRIM(?)", text), r("LTRIM(?)", text), r("RTRIM(?)", text), r("TRIM(BOTH 'a' FROM ?)", text), r("REPLACE(?, 'b', ?)", text, text), r("REVERSE(?)", text), r("INITCAP(?)", text),
		r("LPAD(?, 5, '*')", text), r("RPAD(?, 4, '-')", text), r("REPEAT(?, 2)", text), r("SPLIT_INDEX(?, ',', 1)", text), r("OVERLAY(? PLACING 'Q' FROM 2)", text), r("TRANSLATE(?, 'abc', 'xy')", text),
		r("REGEXP_REPLACE(?, '[bc]', '_')", text), r("REGEXP_EXTRACT(?, '([a-z])([a-z])', 2)", text), r("MD5(?)", text), r("HEX(?)", text), r("TO_BASE64(?)", text), r("URL_ENCODE(?)", text),
		r("CAST(? AS STRING)", integer), r("CAST(? AS STRING)", exact), r("CAST(? AS STRING)", boolean), r("CAST(? AS STRING)", date), r("CAST(? AS STRING)", stamp), r("CAST(? AS STRING)", instant), r("CAST(? AS STRING)", clock), r("CAST(? AS STRING)", double),
		r("CAST(? AS CHAR(4))", text), r("CAST(? AS VARCHAR(2))", text), r("CAST(? AS VARCHAR(3))", integer),
		r("DATE_FORMAT(?, 'yyyy/MM/dd HH:mm')", stamp), r("DATE_FORMAT(?, 'yyyy-MM-dd HH:mm:ss.SSS')", instant), r("FROM_UNIXTIME(? % 1000000)", integer),
		r("CASE WHEN ? THEN ? ELSE ? END", boolean, text, text), r("COALESCE(?, ?)", text, text), r("NULLIF(?, ?)", text, text), r("IF(?, ?, ?)", boolean, text, text), r("GREATEST(?, ?)", text, text), r("LEAST(?, ?)", text, text),
		r("JSON_VALUE(?, 'lax $.a')", text), r("JSON_OBJECT(KEY 'k' VALUE ?, KEY 'n' VALUE ?)", text, integer), r("JSON_ARRAY(?, ?)", text, boolean), r("CAST(ARRAY[?, ?] AS STRING)", integer, integer), r("ELT(CAST(? AS INT), ?, ?)", integer, text, text),
		r("CAST(ROW(?, ?) AS STRING)", integer, text), r("MAP['k', ?]['k']", text), r("BIN(?)", integer), r("HEX(?)", integer), r("REGEXP_SUBSTR(?, 'b.')", text), r("CAST(? AS STRING)", float),
	},
	date: {
		r("(? + INTERVAL '3' DAY)", date), r("(? - INTERVAL '1' MONTH)", date), r("(? + INTERVAL '1' YEAR)", date), r("CAST(? AS DATE)", stamp), r("CAST(? AS DATE)", instant), r("GREATEST(TRY_CAST(? AS DATE), DATE '1970-01-01')", text),
		r("FLOOR(? TO MONTH)", date), r("CEIL(? TO YEAR)", date), r("FLOOR(? TO WEEK)", date), r("COALESCE(?, ?)", date, date), r("CASE WHEN ? THEN ? ELSE ? END", boolean, date, date), r("GREATEST(?, ?)", date, date), r("TIMESTAMPADD(DAY, ? % 1000, ?)", integer, date),
	},
	clock: {
		r("COALESCE(?, ?)", clock, clock), r("CAST(? AS TIME)", stamp), r("TRY_CAST(? AS TIME)", text), r("(? + INTERVAL '90' MINUTE)", clock), r("CASE WHEN ? THEN ? ELSE ? END", boolean, clock, clock),
	},
	stamp: {
		r("(? + INTERVAL '1' DAY)", stamp), r("(? - INTERVAL '25' HOUR)", stamp), r("(? + INTERVAL '1-2' YEAR TO MONTH)", stamp), r("(? - INTERVAL '0.5' SECOND)", stamp), r("CAST(? AS TIMESTAMP(3))", date), r("CAST(? AS TIMESTAMP(3))", instant), r("TRY_CAST(? AS TIMESTAMP(3))", text), r("TO_TIMESTAMP(?)", text),
		r("FLOOR(? TO DAY)", stamp), r("FLOOR(? TO MONTH)", stamp), r("CAST(? AS TIMESTAMP(0))", stamp), r("CAST(? AS TIMESTAMP(6))", stamp), r("COALESCE(?, ?)", stamp, stamp), r("CASE WHEN ? THEN ? ELSE ? END", boolean, stamp, stamp),
		r("LEAST(?, ?)", stamp, stamp), r("TIMESTAMPADD(MINUTE, ? % 100000, ?)", integer, stamp), r("TIMESTAMPADD(MONTH, ? % 100, ?)", integer, stamp),
	},
	instant: {
		r("(? + INTERVAL '1' HOUR)", instant), r("(? - INTERVAL '2' DAY)", instant), r("(? + INTERVAL '1' MONTH)", instant), r("CAST(? AS TIMESTAMP_LTZ(3))", stamp), r("CAST(? AS TIMESTAMP_LTZ(3))", date), r("TO_TIMESTAMP_LTZ(? % 1000000000 + 1700000000000, 3)", integer), r("TO_TIMESTAMP_LTZ(? % 1000000000 + 1500000000, 0)", integer),
		r("FLOOR(? TO DAY)", instant), r("COALESCE(?, ?)", instant, instant), r("CASE WHEN ? THEN ? ELSE ? END", boolean, instant, instant), r("GREATEST(?, ?)", instant, instant),
	},
}

func comparisons() []rule {
	var out []rule
	for _, c := range []class{boolean, integer, exact, double, text, date, stamp, instant, clock} {
		for _, op := range []string{"=", "<>", "<", "<=", ">", ">="} {
			if c == boolean && op != "=" && op != "<>" {
				continue
			}
			out = append(out, r(fmt.Sprintf("(? %s ?)", op), c, c))
		}
		if c != boolean {
			out = append(out, r("(? BETWEEN ? AND ?)", c, c, c))
		}
	}
	return out
}
