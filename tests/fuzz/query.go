package fuzz

import (
	"fmt"
	"strings"
)

// aggregates by the columns that they take; %s is the column.
var aggregates = []struct {
	call    string
	columns []string
	// inserts: results over a changelog depend on order or on rounding; merge: cannot be computed
	// from slices in Flink.
	inserts, unmerged bool
}{
	{"COUNT(*)", nil, false, false},
	{"COUNT(%s)", []string{"i", "s", "d", "b", "dt"}, false, false},
	{"COUNT(DISTINCT %s)", []string{"i", "s", "m", "dt", "l"}, false, false},
	{"SUM(%s)", []string{"i", "l", "m", "d"}, false, false},
	{"SUM(DISTINCT %s)", []string{"i", "m", "l"}, false, true},
	{"AVG(%s)", []string{"g", "m", "d"}, false, false},
	{"MIN(%s)", []string{"i", "l", "m", "d", "s", "dt", "ts"}, false, false},
	{"MAX(%s)", []string{"i", "l", "m", "d", "s", "dt", "ts"}, false, false},
	{"MIN(%s)", []string{"b", "k"}, false, false},
	{"MAX(%s)", []string{"b", "k"}, false, false},
	{"AVG(%s)", []string{"l"}, true, false},
	{"VAR_POP(%s)", []string{"d"}, false, false},
	{"STDDEV_SAMP(%s)", []string{"d"}, false, false},
	{"SUM(DISTINCT %s)", []string{"d"}, false, true},
	{"COUNT(DISTINCT CASE WHEN %s IS NULL THEN 0 ELSE 1 END)", []string{"s", "i", "m"}, false, false},
	{"SUM(CASE WHEN %s THEN 1 ELSE 0 END)", []string{"b", "i > 0", "s = 'x'"}, false, false},
	{"MAX(CHAR_LENGTH(%s))", []string{"s", "k"}, false, false},
	{"SUM(CAST(%s AS DECIMAL(20, 3)))", []string{"i", "m"}, false, false},
	{"ARRAY_AGG(%s)", []string{"s", "i", "dt"}, true, true},
	{"LISTAGG(%s, '; ')", []string{"s"}, true, true},
	{"LISTAGG(DISTINCT %s)", []string{"s", "k"}, true, true},
	{"FIRST_VALUE(%s)", []string{"i", "s"}, true, true},
	{"LAST_VALUE(%s)", []string{"i", "s"}, true, true},
	{"LISTAGG(%s)", []string{"s", "k"}, true, true},
}

var conditions = []string{
	"i > 0", "b", "s <> 'x'", "k IN ('a', 'b')", "m >= 1", "d < 1", "l IS NOT NULL", "g <> 7", "i + g < 3", "dt > DATE '2023-06-01'", "NOT b", "s LIKE '%z%' OR i = 1", "k IS NULL",
}

// calls gives n aggregate calls.
func (g *generator) calls(count int, ordered, merged bool) []string {
	return g.callsBut("-", count, ordered, merged)
}

// callsBut leaves out calls with a word in them.
func (g *generator) callsBut(word string, count int, ordered, merged bool) []string {
	var out []string
	for len(out) < count {
		a := pick(g, aggregates)
		if a.inserts && !ordered || a.unmerged && merged || strings.Contains(a.call, word) {
			continue
		}
		call := a.call
		if len(a.columns) > 0 {
			call = fmt.Sprintf(a.call, pick(g, a.columns))
		}
		if g.rand.IntN(3) == 0 {
			call += " FILTER (WHERE " + pick(g, conditions) + ")"
		}
		out = append(out, call)
	}
	return out
}

// outputs are the columns of every query of a union, as texts: keys first, then aggregates.
const outputs = 6

// branch writes a query of a union: its number, and its columns as texts.
func branch(number int, columns []string, rest string) *Node {
	list := make([]string, 0, outputs+1)
	list = append(list, fmt.Sprintf("%d AS q", number))
	for i := range outputs {
		x := "CAST(NULL AS STRING)"
		if i < len(columns) {
			x = "CAST(" + columns[i] + " AS STRING)"
		}
		list = append(list, fmt.Sprintf("%s AS c%d", x, i))
	}
	return n("SELECT " + strings.Join(list, ", ") + " FROM " + rest)
}

var keySets = [][]string{{"k"}, {"g"}, {"k", "g"}, {"b"}, {"dt"}, {"m"}, {"UPPER(k)"}, {"g % 2"}, {"s", "b"}}

func (g *generator) where() string {
	if g.rand.IntN(2) == 0 {
		return ""
	}
	return " WHERE " + pick(g, conditions)
}

func (g *generator) aggregateQuery(number int) *Node {
	switch g.rand.IntN(8) {
	case 0: // no keys
		return branch(number, g.calls(outputs, false, false), "t"+g.where())
	case 1: // distinct
		keys := pick(g, keySets)
		return branch(number, keys, "t"+g.where()+" GROUP BY "+strings.Join(keys, ", "))
	case 2: // an aggregate of an aggregate
		keys, calls := pick(g, keySets), g.calls(1, false, false)
		inner := fmt.Sprintf("(SELECT %s AS a, %s AS x, COUNT(*) AS n FROM t%s GROUP BY %s)", keys[0], calls[0], g.where(), strings.Join(keys, ", "))
		return branch(number, []string{"n", "COUNT(*)", "COUNT(DISTINCT x)", "MAX(x)", "MIN(a)"}, inner+" GROUP BY n")
	case 3: // rows
		return branch(number, []string{"k", "i + g", "UPPER(s)", "m * 2", "CASE WHEN b THEN d ELSE -d END", "dt"}, "t"+g.where())
	}
	keys := pick(g, keySets)
	having := ""
	if g.rand.IntN(4) == 0 {
		having = pick(g, []string{" HAVING COUNT(*) > 1", " HAVING COUNT(DISTINCT s) > 1 AND MIN(i) IS NOT NULL", " HAVING NOT (MAX(b) OR AVG(d) > 1)", " HAVING SUM(i) > 0", " HAVING MAX(s) = 'zz' OR COUNT(*) = 1"})
	}
	return branch(number, append(append([]string{}, keys...), g.calls(outputs-len(keys), false, false)...), "t"+g.where()+" GROUP BY "+strings.Join(keys, ", ")+having)
}

func (g *generator) windowQuery(number int) *Node {
	if g.rand.IntN(8) == 0 {
		from := fmt.Sprintf("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND)", pick(g, []int{2, 5, 10}))
		return g.groupingQuery(number, from, []string{"window_start", "window_end"})
	}
	size := pick(g, []int{1, 2, 5, 10})
	function, merged := fmt.Sprintf("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND)", size), false
	switch g.rand.IntN(5) {
	case 3:
		return g.sessionQuery(number, size)
	case 0:
		function, merged = fmt.Sprintf("HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND, INTERVAL '%d' SECOND)", size, size*(1+g.rand.IntN(4))), true
	case 1:
		function, merged = fmt.Sprintf("CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND, INTERVAL '%d' SECOND)", size, size*(2+g.rand.IntN(4))), true
	}
	if g.rand.IntN(8) == 0 {
		return branch(number, []string{"window_start", "window_end", "window_time", "k", "i"}, function+g.where())
	}
	keys := []string{"window_start", "window_end"}
	if g.rand.IntN(3) > 0 {
		keys = append(keys, pick(g, []string{"k", "g", "b"}))
	}
	calls := g.callsBut("LISTAGG(DISTINCT", outputs-len(keys), !merged, merged)
	return branch(number, append(append([]string{}, keys...), calls...), function+g.where()+" GROUP BY "+strings.Join(keys, ", "))
}

// sessionQuery is a query of session windows, with keys or without.
func (g *generator) sessionQuery(number, gap int) *Node {
	keys, partition := []string{"window_start", "window_end"}, ""
	if key := pick(g, []string{"", "k", "g", "b"}); key != "" {
		keys, partition = append(keys, key), " PARTITION BY "+key
	}
	function := fmt.Sprintf("SESSION(TABLE t%s, DESCRIPTOR(ts), INTERVAL '%d' SECOND)", partition, gap)
	if g.rand.IntN(8) == 0 {
		return branch(number, []string{"window_start", "window_end", "window_time", "k", "i"}, function)
	}
	return branch(number, append(append([]string{}, keys...), g.calls(outputs-len(keys), false, true)...), function+" GROUP BY "+strings.Join(keys, ", "))
}
