package property

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// query is a random query with what it means.
type query struct {
	sql     string
	changes bool // it takes a changelog
	naive   func(rows []row) []string
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// kinds of queries.
var kinds = []func(*rand.Rand) query{
	grouped, grouped, windowed, windowed, sessioned, topN, limited, windowTopN, deduplicated, over, sets, distinct, nested, unnested,
}

// call is an aggregate with a FILTER.
type call struct{ sql, filter string }

func randomCalls(rng *rand.Rand) []call {
	names := slices.Sorted(maps.Keys(aggregates))
	filters := slices.Sorted(maps.Keys(conditions))
	out := make([]call, 1+rng.IntN(4))
	for i := range out {
		out[i] = call{pick(rng, names), "TRUE"}
		if rng.IntN(3) == 0 {
			out[i].filter = pick(rng, filters)
		}
	}
	return out
}

func (c call) text() string {
	if c.filter == "TRUE" {
		return c.sql
	}
	return fmt.Sprintf("%s FILTER (WHERE %s)", c.sql, c.filter)
}

func list(calls []call) string {
	texts := make([]string, len(calls))
	for i, c := range calls {
		texts[i] = fmt.Sprintf("%s AS c%d", c.text(), i)
	}
	return strings.Join(texts, ", ")
}

// results gives a line for each group: its name, then the aggregates.
func results(of map[string][]row, calls []call) []string {
	var out []string
	for g, rows := range of {
		cells := []string{}
		if g != "" {
			cells = append(cells, g)
		}
		for _, c := range calls {
			cells = append(cells, aggregates[c.sql](where(rows, c.filter)))
		}
		out = append(out, line(cells...))
	}
	return out
}

func condition(rng *rand.Rand) string { return pick(rng, slices.Sorted(maps.Keys(conditions))) }

// grouped is GROUP BY with WHERE and HAVING, or grouping sets.
func grouped(rng *rand.Rand) query {
	calls, cond := randomCalls(rng), condition(rng)
	least := rng.IntN(3)
	by := []struct {
		columns, group string
		of             func(row) []string
	}{
		{"k, ", "k", func(r row) []string { return []string{key(r.k)} }},
		{"k, g, ", "k, g", func(r row) []string { return []string{line(key(r.k), fmt.Sprint(r.g))} }},
		{"g, k, GROUPING_ID(g, k) AS i, ", "ROLLUP (g, k)", func(r row) []string {
			g := fmt.Sprint(r.g)
			return []string{line(g, key(r.k), "0"), line(g, "NULL", "1"), line("NULL", "NULL", "3")}
		}},
	}[rng.IntN(3)]
	return query{
		sql:     fmt.Sprintf("SELECT %s%s FROM t WHERE %s GROUP BY %s HAVING COUNT(*) > %d", by.columns, list(calls), cond, by.group, least),
		changes: rng.IntN(2) == 0,
		naive: func(rows []row) []string {
			of := groups(where(rows, cond), by.of)
			maps.DeleteFunc(of, func(_ string, rows []row) bool { return len(rows) <= least })
			return results(of, calls)
		},
	}
}

// windowed is an aggregation in TUMBLE, HOP or CUMULATE.
func windowed(rng *rand.Rand) query {
	calls, cond := randomCalls(rng), condition(rng)
	kind := pick(rng, []string{"TUMBLE", "HOP", "CUMULATE"})
	step := 1000 * (1 + rng.IntN(5))
	size := step * (1 + rng.IntN(4))
	lengths := fmt.Sprintf("INTERVAL '%d' SECOND, INTERVAL '%d' SECOND", step/1000, size/1000)
	if kind == "TUMBLE" {
		lengths = fmt.Sprintf("INTERVAL '%d' SECOND", size/1000)
	}
	return query{
		sql: fmt.Sprintf("SELECT window_start, window_end, k, %s FROM %s(TABLE t, DESCRIPTOR(ts), %s) WHERE %s GROUP BY window_start, window_end, k",
			list(calls), kind, lengths, cond),
		changes: rng.IntN(3) == 0,
		naive: func(rows []row) []string {
			return results(groups(where(rows, cond), func(r row) []string {
				var out []string
				for _, w := range windows(kind, size, step, r.ts) {
					out = append(out, line(stamp(w[0]), stamp(w[1]), key(r.k)))
				}
				return out
			}), calls)
		},
	}
}

// sessioned is an aggregation in SESSION, over inserts: what a deleted row did to the bounds of its session stays, as in Flink.
func sessioned(rng *rand.Rand) query {
	calls, gap := randomCalls(rng), 1000*(1+rng.IntN(8))
	more, cells := "", func(row) string { return "" }
	if rng.IntN(2) == 0 {
		more, cells = ", g", func(r row) string { return " | " + fmt.Sprint(r.g) }
	}
	return query{
		sql: fmt.Sprintf("SELECT window_start, window_end, k%s, %s FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '%d' SECOND) GROUP BY window_start, window_end, k%[1]s",
			more, list(calls), gap/1000),
		naive: func(rows []row) []string {
			of := sessions(rows, gap)
			return results(groups(rows, func(r row) []string {
				return []string{line(stamp(of[r.id][0]), stamp(of[r.id][1]), key(r.k)) + cells(r)}
			}), calls)
		},
	}
}

func topN(rng *rand.Rand) query {
	n, cond := 1+rng.IntN(4), condition(rng)
	return query{
		sql:     fmt.Sprintf("SELECT id, k, v, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC, id) AS rn FROM t WHERE %s) WHERE rn <= %d", cond, n),
		changes: rng.IntN(2) == 0,
		naive: func(rows []row) (out []string) {
			for _, of := range partitions(where(rows, cond), byValue) {
				for i, r := range of[:min(n, len(of))] {
					out = append(out, line(fmt.Sprint(r.id), key(r.k), cell(r.v), fmt.Sprint(i+1)))
				}
			}
			return out
		},
	}
}

// limited is ORDER BY … LIMIT: a Top-N over everything.
func limited(rng *rand.Rand) query {
	n, skip := 1+rng.IntN(8), rng.IntN(3)
	return query{
		sql:     fmt.Sprintf("SELECT id, v FROM t ORDER BY v DESC, id LIMIT %d OFFSET %d", n, skip),
		changes: rng.IntN(2) == 0,
		naive: func(rows []row) (out []string) {
			slices.SortFunc(rows, byValue)
			for _, r := range rows[min(skip, len(rows)):min(skip+n, len(rows))] {
				out = append(out, line(fmt.Sprint(r.id), cell(r.v)))
			}
			return out
		},
	}
}

// windowTopN is a Top-N of each window.
func windowTopN(rng *rand.Rand) query {
	n, size := 1+rng.IntN(3), 1000*pick(rng, []int{5, 10, 15, 20})
	return query{
		sql: fmt.Sprintf("SELECT window_end, id, v, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v DESC, id) AS rn "+
			"FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND)) WHERE rn <= %d", size/1000, n),
		naive: func(rows []row) (out []string) {
			for end, of := range groups(rows, func(r row) []string { return []string{stamp(windows("TUMBLE", size, 0, r.ts)[0][1])} }) {
				slices.SortFunc(of, byValue)
				for i, r := range of[:min(n, len(of))] {
					out = append(out, line(end, fmt.Sprint(r.id), cell(r.v), fmt.Sprint(i+1)))
				}
			}
			return out
		},
	}
}

// distinct is SELECT DISTINCT.
func distinct(rng *rand.Rand) query {
	cond := condition(rng)
	return query{
		sql:     "SELECT DISTINCT k, g FROM t WHERE " + cond,
		changes: rng.IntN(2) == 0,
		naive: func(rows []row) []string {
			return slices.Collect(maps.Keys(groups(where(rows, cond), func(r row) []string { return []string{line(key(r.k), fmt.Sprint(r.g))} })))
		},
	}
}

// unnested counts the elements of arrays.
func unnested(rng *rand.Rand) query {
	return query{
		sql:     "SELECT e, o, COUNT(*) AS n FROM t CROSS JOIN UNNEST(ARRAY[v, g, 7]) WITH ORDINALITY AS u (e, o) GROUP BY e, o",
		changes: rng.IntN(2) == 0,
		naive: func(rows []row) (out []string) {
			of := groups(rows, func(r row) []string {
				return []string{line(cell(r.v), "1"), line(fmt.Sprint(r.g), "2"), line("7", "3")}
			})
			for e, rows := range of {
				out = append(out, line(e, fmt.Sprint(len(rows))))
			}
			return out
		},
	}
}

func deduplicated(rng *rand.Rand) query {
	last := rng.IntN(2) == 0
	order := "ASC"
	if last {
		order = "DESC"
	}
	return query{
		sql: fmt.Sprintf("SELECT id, k, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts %s) AS rn FROM t) WHERE rn = 1", order),
		naive: func(rows []row) (out []string) {
			for _, of := range partitions(rows, byTime) {
				r := of[0]
				if last {
					r = of[len(of)-1]
				}
				out = append(out, line(fmt.Sprint(r.id), key(r.k), stamp(r.ts)))
			}
			return out
		},
	}
}

// over is an aggregate OVER rows up to the present one.
func over(rng *rand.Rand) query {
	name := pick(rng, slices.Sorted(maps.Keys(aggregates)))
	n := 1 + rng.IntN(6)
	frame, inside := "RANGE UNBOUNDED PRECEDING", func(of []row, at, i int) bool { return true }
	switch rng.IntN(3) {
	case 0:
		frame, inside = fmt.Sprintf("ROWS %d PRECEDING", n), func(_ []row, at, i int) bool { return at-i <= n }
	case 1:
		frame = fmt.Sprintf("RANGE INTERVAL '%d' SECOND PRECEDING", n)
		inside = func(of []row, at, i int) bool { return of[at].ts-of[i].ts <= 1000*n }
	}
	return query{
		sql: fmt.Sprintf("SELECT id, %s OVER (PARTITION BY k ORDER BY ts %s) AS x FROM t", name, frame),
		naive: func(rows []row) (out []string) {
			for _, of := range partitions(rows, byTime) {
				for at, r := range of {
					var seen []row
					for i := range of[:at+1] {
						if inside(of, at, i) {
							seen = append(seen, of[i])
						}
					}
					out = append(out, line(fmt.Sprint(r.id), aggregates[name](seen)))
				}
			}
			return out
		},
	}
}

// sets is UNION, INTERSECT or EXCEPT, with ALL or without.
func sets(rng *rand.Rand) query {
	a, b := condition(rng), condition(rng)
	op := pick(rng, []string{"UNION", "INTERSECT", "EXCEPT"})
	all := rng.IntN(2) == 0
	name := op
	if all {
		name += " ALL"
	}
	return query{
		sql:     fmt.Sprintf("SELECT k, g FROM t WHERE %s %s SELECT k, g FROM t WHERE %s", a, name, b),
		changes: rng.IntN(2) == 0,
		naive: func(rows []row) (out []string) {
			of := func(r row) []string { return []string{line(key(r.k), fmt.Sprint(r.g))} }
			left, right := groups(where(rows, a), of), groups(where(rows, b), of)
			both := maps.Clone(left)
			maps.Copy(both, right)
			for g := range both {
				l, r := len(left[g]), len(right[g])
				if !all {
					l, r = min(l, 1), min(r, 1)
				}
				times := max(0, l-r)
				switch op {
				case "UNION":
					if times = l + r; !all {
						times = 1
					}
				case "INTERSECT":
					times = min(l, r)
				}
				for range times {
					out = append(out, g)
				}
			}
			return out
		},
	}
}

// nested is an aggregate of an aggregate: what is fed into the outer one is a changelog.
func nested(rng *rand.Rand) query {
	calls := []call{{"COUNT(*)", "TRUE"}}
	inner := pick(rng, []string{"SUM(v)", "COUNT(v)", "MAX(v)", "COUNT(DISTINCT v)"})
	return query{
		sql:     fmt.Sprintf("SELECT x, %s FROM (SELECT k, g, %s AS x FROM t GROUP BY k, g) GROUP BY x", list(calls), inner),
		changes: rng.IntN(2) == 0,
		naive: func(rows []row) []string {
			of := map[string][]row{}
			for _, rows := range groups(rows, func(r row) []string { return []string{line(r.k, fmt.Sprint(r.g))} }) {
				x := aggregates[inner](rows)
				of[x] = append(of[x], row{})
			}
			return results(of, calls)
		},
	}
}
