package fuzz

import (
	"fmt"
	"strings"
)

// tableQuery combines tables: set operations, grouping sets, arrays as tables.
func (g *generator) tableQuery(number int) *Node {
	switch g.rand.IntN(3) {
	case 0:
		return g.setQuery(number)
	case 1:
		return g.groupingQuery(number, "t", nil)
	}
	return g.unnestQuery(number)
}

// setQuery is a set operation, sometimes of two, sometimes aggregated.
func (g *generator) setQuery(number int) *Node {
	where := func() string {
		w := g.where()
		for strings.Contains(w, "IS NULL") { // Flink makes the column a constant, and leaves it out of the comparison
			w = g.where()
		}
		return w
	}
	columns := pick(g, []string{"k, g", "s, b", "i, dt", "m, k", "d, g"})
	side := func() string {
		if g.rand.IntN(5) == 0 {
			return fmt.Sprintf("(SELECT %s FROM t%s GROUP BY %s)", columns, where(), columns)
		}
		return fmt.Sprintf("(SELECT %s FROM t%s)", columns, where())
	}
	operation := func() string {
		return pick(g, []string{" UNION ", " UNION ALL ", " INTERSECT ", " INTERSECT ALL ", " EXCEPT ", " EXCEPT ALL "})
	}
	from := side() + operation() + side()
	if g.rand.IntN(3) == 0 {
		from = "(" + from + ")" + operation() + side()
	}
	a, b, _ := strings.Cut(columns, ", ")
	if g.rand.IntN(3) == 0 {
		return branch(number, []string{a, "COUNT(*)", "COUNT(DISTINCT " + b + ")", "MAX(" + b + ")"}, "("+from+") GROUP BY "+a)
	}
	return branch(number, []string{a, b}, "("+from+")")
}

// groupingQuery groups by several sets of keys, beside those of a window.
func (g *generator) groupingQuery(number int, from string, window []string) *Node {
	sets := pick(g, []string{
		"GROUPING SETS ((k), (g))", "GROUPING SETS ((k, g), (k), ())", "GROUPING SETS ((k), (b), (g, b))", "ROLLUP (k, g)", "ROLLUP (g, b, k)", "CUBE (k, g)", "CUBE (b, g)", "GROUPING SETS ((k, b), ())",
	})
	list := append([]string{}, window...)
	var keys []string
	for _, key := range []string{"k", "g", "b"} {
		if strings.Contains(sets[strings.Index(sets, "("):], key) {
			keys = append(keys, key)
		}
	}
	list = append(list, keys...)
	if g.rand.IntN(2) == 0 && len(list) < outputs-1 {
		list = append(list, pick(g, []string{"GROUPING(" + keys[0] + ")", "GROUPING_ID(" + strings.Join(keys, ", ") + ")"}))
	}
	rest := from + g.where() + " GROUP BY " + strings.Join(append(append([]string{}, window...), sets), ", ")
	if g.rand.IntN(5) == 0 && window == nil {
		rest += " HAVING COUNT(*) > 1"
	}
	return branch(number, append(list, g.calls(outputs-len(list), false, window != nil)...), rest)
}

func (g *generator) unnestQuery(number int) *Node {
	array := pick(g, []string{"ARRAY[i, g, 1]", "ARRAY[s, k]", "SPLIT(s, 'z')", "ARRAY[m]", "ARRAY[dt, DATE '2024-01-01']", "ARRAY_DISTINCT(ARRAY[i, g, i])", "CASE WHEN b THEN ARRAY[i, g] END"})
	join := pick(g, []string{" CROSS JOIN UNNEST(%s) AS u (x)", " LEFT JOIN UNNEST(%s) AS u (x) ON TRUE", ", UNNEST(%s) AS u (x)"})
	columns := []string{"k", "i", "x"}
	if g.rand.IntN(4) == 0 {
		join = " CROSS JOIN UNNEST(%s) WITH ORDINALITY AS u (x, n)"
		columns = append(columns, "n")
	}
	from := "t" + fmt.Sprintf(join, array) + g.where()
	if g.rand.IntN(2) == 0 {
		return branch(number, []string{"x", "COUNT(*)", "MAX(i)", "COUNT(DISTINCT k)", "SUM(m)"}, from+" GROUP BY x")
	}
	return branch(number, columns, from)
}
