package fuzz

import (
	"fmt"
	"strings"
)

// total gives all columns but the first, which leads: an order that leaves nothing open but between rows that are
// the same.
func total(first string) string {
	var rest []string
	for _, c := range []string{"i", "l", "d", "m", "s", "b", "dt", "ts", "k", "g"} {
		if c != first {
			rest = append(rest, c)
		}
	}
	return strings.Join(rest, ", ")
}

// relationQuery is a query over inserts or a changelog that is more than an aggregation: Top-N, grouping sets, set
// operations, arrays unnested.
func (g *generator) relationQuery(number int) *Node {
	switch g.rand.IntN(4) {
	case 0:
		return g.topNQuery(number)
	case 1:
		return g.groupingQuery(number, "t", nil, g.calls(3, false, false))
	case 2:
		return g.setQuery(number)
	}
	return g.unnestQuery(number)
}

// topNQuery ranks rows in an order without ties but for rows that are the same. Of the first rank alone Flink
// prints no -U, so that its changes do not add up.
func (g *generator) topNQuery(number int) *Node {
	by := pick(g, []string{"k", "g", "b", "k, g", "dt"})
	order, direction := pick(g, []string{"i", "l", "m", "d", "s", "dt"}), pick(g, []string{"", " DESC"})
	inner := fmt.Sprintf("(SELECT *, ROW_NUMBER() OVER (PARTITION BY %s ORDER BY %s%s, %s) AS rn FROM t%s)", by, order, direction, total(order), g.where())
	columns := []string{"k", "g", "i", "s", "m"}
	if g.rand.IntN(2) == 0 {
		columns = append(columns, "rn")
	}
	return branch(number, columns, fmt.Sprintf("%s WHERE rn <= %d", inner, 2+g.rand.IntN(3)))
}

// groupingQuery groups by several sets of keys, beside those of a window.
func (g *generator) groupingQuery(number int, from string, window, calls []string) *Node {
	keys := pick(g, [][]string{{"k", "g"}, {"k", "b"}, {"g", "dt"}, {"b", "UPPER(k)"}})
	sets := pick(g, []string{"ROLLUP (%s, %s)", "CUBE (%s, %s)", "GROUPING SETS ((%s), (%s), ())", "GROUPING SETS ((%s), (%s))", "GROUPING SETS ((%[1]s, %[2]s), (%[2]s), ())"})
	columns := append(append([]string{}, window...), keys...)
	columns = append(columns, fmt.Sprintf("GROUPING(%s, %s)", keys[0], keys[1]))
	columns = append(columns, calls...)
	group := append(append([]string{}, window...), fmt.Sprintf(sets, keys[0], keys[1]))
	return branch(number, columns[:min(outputs, len(columns))], from+g.where()+" GROUP BY "+strings.Join(group, ", "))
}

func (g *generator) setQuery(number int) *Node {
	columns := pick(g, []string{"k, g", "k, i", "g, b, s", "m, dt", "l"})
	parts := []string{}
	for range 2 + g.rand.IntN(2) {
		cond := pick(g, conditions)
		for cond == "k IS NULL" { // Flink makes the column a constant and then leaves it out of the comparison
			cond = pick(g, conditions)
		}
		parts = append(parts, "SELECT "+columns+" FROM t WHERE "+cond)
	}
	op := pick(g, []string{" UNION ", " UNION ALL ", " INTERSECT ", " INTERSECT ALL ", " EXCEPT ", " EXCEPT ALL "})
	return branch(number, strings.Split(columns, ", "), "("+strings.Join(parts, op)+")")
}

func (g *generator) unnestQuery(number int) *Node {
	array := pick(g, []string{"ARRAY[i, g, 3]", "ARRAY[g]", "SPLIT(s, 'z')", "ARRAY[k, s, CAST(i AS STRING)]"})
	inner := "(SELECT *, " + array + " AS xs FROM t" + g.where() + ") AS r"
	switch g.rand.IntN(3) {
	case 0:
		return branch(number, []string{"k", "i", "x"}, inner+" CROSS JOIN UNNEST(xs) AS u (x)")
	case 1:
		return branch(number, []string{"k", "x", "o"}, inner+" LEFT JOIN UNNEST(xs) WITH ORDINALITY AS u (x, o) ON TRUE")
	}
	return branch(number, []string{"x", "COUNT(*)", "MAX(k)"}, inner+" CROSS JOIN UNNEST(xs) AS u (x) GROUP BY x")
}

// timeQuery is a query over inserts with event time that is more than a window's aggregation: sessions, OVER,
// deduplication, the best of each window, grouping sets of a window.
func (g *generator) timeQuery(number int, late bool) *Node {
	window := fmt.Sprintf("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND)", pick(g, []int{2, 5, 10}))
	switch g.rand.IntN(6) {
	case 0, 1:
		return g.overQuery(number, late)
	case 2:
		return g.sessionQuery(number)
	case 3:
		inner := fmt.Sprintf("(SELECT *, ROW_NUMBER() OVER (PARTITION BY %s ORDER BY ts%s) AS rn FROM t%s)",
			pick(g, []string{"k", "g", "b, g"}), pick(g, []string{"", " DESC"}), g.where())
		return branch(number, []string{"k", "g", "b", "ts", "i", "s"}, inner+" WHERE rn = 1")
	case 4:
		inner := fmt.Sprintf("(SELECT window_start, window_end, k, g, COUNT(*) AS n, SUM(l) AS x FROM %s%s GROUP BY window_start, window_end, k, g)", window, g.where())
		ranked := fmt.Sprintf("(SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY %s, k, g) AS rn FROM %s)", pick(g, []string{"n DESC", "x", "n, x DESC"}), inner)
		return branch(number, []string{"window_start", "k", "g", "n", "x", "rn"}, fmt.Sprintf("%s WHERE rn <= %d", ranked, 1+g.rand.IntN(3)))
	}
	return g.groupingQuery(number, window, []string{"window_start", "window_end"}, g.calls(1, false, true))
}

func (g *generator) sessionQuery(number int) *Node {
	key := pick(g, []string{"k", "g", "b"})
	from := fmt.Sprintf("SESSION(TABLE t PARTITION BY %s, DESCRIPTOR(ts), INTERVAL '%d' SECOND)", key, pick(g, []int{1, 3, 7}))
	columns := append([]string{"window_start", "window_end", key}, g.calls(outputs-3, false, true)...)
	return branch(number, columns, from+" GROUP BY window_start, window_end, "+key)
}

// overQuery has aggregates over frames. Where rows may be late a frame is not bounded by time: which of them Flink
// drops then depends on when it happens to clean up.
func (g *generator) overQuery(number int, late bool) *Node {
	frames := []string{"", " ROWS UNBOUNDED PRECEDING", " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW"}
	if !late {
		frames = append(frames, " RANGE BETWEEN INTERVAL '3' SECOND PRECEDING AND CURRENT ROW", " RANGE BETWEEN INTERVAL '15' SECOND PRECEDING AND CURRENT ROW")
	}
	frame := pick(g, frames)
	by := pick(g, []string{"PARTITION BY k ", "PARTITION BY g, b ", ""})
	columns := []string{"ts", "k"}
	for len(columns) < outputs {
		columns = append(columns, pick(g, []string{"SUM(l)", "COUNT(*)", "COUNT(s)", "MIN(i)", "MAX(s)", "AVG(m)", "SUM(d)", "MIN(dt)"})+" OVER w")
	}
	return branch(number, columns, "t"+g.where()+" WINDOW w AS ("+by+"ORDER BY ts"+frame+")")
}
