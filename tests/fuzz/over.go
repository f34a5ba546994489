package fuzz

import (
	"fmt"
	"strings"
)

// overCalls are what OVER takes; all of a query share one window.
var overCalls = []string{
	"COUNT(*)", "COUNT(i)", "COUNT(s)", "SUM(i)", "SUM(l)", "SUM(m)", "SUM(d)", "AVG(g)", "AVG(m)", "MIN(i)", "MIN(s)", "MAX(l)", "MAX(dt)", "MAX(d)", "MIN(m)",
	"FIRST_VALUE(i)", "FIRST_VALUE(s)", "LAST_VALUE(i)", "LAST_VALUE(s)", "COUNT(DISTINCT s)", "SUM(DISTINCT i)", "COUNT(DISTINCT g)",
}

// overQuery has aggregates over a frame, in the order of time; keep-first and keep-last rows; the first rows of windows.
func (g *generator) overQuery(number int) *Node {
	switch g.rand.IntN(8) {
	case 0:
		return g.deduplicated(number)
	case 1:
		return g.windowTop(number)
	case 2: // functions of a row's place, which take no frame
		window := partition(pick(g, overKeys)) + "ORDER BY ts"
		calls := pick(g, [][]string{{"ROW_NUMBER()"}, {"LAG(i)", "LAG(s, 2)", "LAG(d, 3)", "LAG(dt)"}})
		list := []string{"k", "ts"}
		for len(list) < outputs {
			list = append(list, pick(g, calls)+" OVER ("+window+")")
		}
		return branch(number, list, "t"+g.where())
	}
	frames := []string{
		"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", "ROWS BETWEEN 3 PRECEDING AND CURRENT ROW",
		"RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "",
	}
	if !g.late { // which late rows Flink drops from these depends on when it happens to clean up
		frames = append(frames, "RANGE BETWEEN INTERVAL '3' SECOND PRECEDING AND CURRENT ROW", "RANGE BETWEEN INTERVAL '20' SECOND PRECEDING AND CURRENT ROW")
	}
	frame := pick(g, frames)
	window := strings.TrimSpace(partition(pick(g, overKeys)) + "ORDER BY ts " + frame)
	list := []string{pick(g, []string{"k", "g", "s"}), "ts"}
	for len(list) < outputs {
		list = append(list, pick(g, overCalls)+" OVER ("+window+")")
	}
	return branch(number, list, "t"+g.where())
}

var overKeys = []string{"k", "g", "b", "k, b", ""}

func partition(keys string) string {
	if keys == "" {
		return ""
	}
	return "PARTITION BY " + keys + " "
}

func (g *generator) deduplicated(number int) *Node {
	inner := fmt.Sprintf("(SELECT *, ROW_NUMBER() OVER (%sORDER BY ts %s) AS rn FROM t%s)", partition(pick(g, overKeys[:4])), pick(g, []string{"ASC", "DESC"}), g.where())
	return branch(number, []string{"k", "g", "b", "i", "s", "ts"}, inner+" WHERE rn = 1")
}

// windowTop are the first rows of each window, of rows or of an aggregate.
func (g *generator) windowTop(number int) *Node {
	size := pick(g, []int{2, 5, 10})
	from := fmt.Sprintf("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND)", size)
	order := pick(g, []string{"i DESC, s, d, ts", "d, i, s, ts", "ts, i, s DESC, d"})
	list := "window_start, window_end, i, s, d, ts"
	if g.rand.IntN(2) == 0 {
		from = "(SELECT window_start, window_end, s, COUNT(*) AS i, SUM(d) AS d, MAX(ts) AS ts FROM " + from + " GROUP BY window_start, window_end, s)"
	}
	inner := fmt.Sprintf("(SELECT %s, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY %s) AS rn FROM %s)", list, order, from)
	return branch(number, []string{"window_start", "i", "s", "d", "ts", "rn"}, fmt.Sprintf("%s WHERE rn <= %d", inner, 1+g.rand.IntN(3)))
}

// rankingQuery gives the first rows of groups, by an order that leaves no two rows that differ in what is shown; sometimes
// of an aggregate, sometimes aggregated itself.
func (g *generator) rankingQuery(number int) *Node {
	from, columns := "t"+g.where(), []string{"i", "s", "d", "m", "dt"}
	if g.rand.IntN(3) == 0 {
		key := pick(g, []string{"s", "dt", "m"})
		from = fmt.Sprintf("(SELECT k, g, %s AS x, COUNT(*) AS n, SUM(i) AS si FROM t%s GROUP BY k, g, %s)", key, g.where(), key)
		columns = []string{"n", "x", "si"}
	}
	g.rand.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
	columns = columns[:min(len(columns), 3)]
	key := pick(g, []string{"k", "g", ""})
	order := make([]string, len(columns))
	for i, c := range columns {
		order[i] = c + pick(g, []string{"", " ASC", " DESC"})
	}
	shape := g.rand.IntN(4)
	rank := pick(g, []string{"rn <= 2", "rn <= 3", "rn <= 5", "rn < 4"})
	if shape == 1 && g.changes && g.rand.IntN(2) == 0 {
		rank = "rn = 1" // of inserts Flink gives no -U
	}
	inner := fmt.Sprintf("(SELECT *, ROW_NUMBER() OVER (%sORDER BY %s) AS rn FROM %s)", partition(key), strings.Join(order, ", "), from)
	if key == "" {
		key = "1"
	}
	list := append([]string{key}, columns...)
	switch shape {
	case 0:
		return branch(number, append(list, "rn"), inner+" WHERE "+rank)
	case 1:
		return branch(number, []string{columns[0], "COUNT(*)", "COUNT(" + columns[1] + ")", "MAX(" + columns[2] + ")"}, inner+" WHERE "+rank+" GROUP BY "+columns[0])
	}
	return branch(number, list, inner+" WHERE "+rank)
}
