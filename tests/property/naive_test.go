package property

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// What queries mean, as plainly as it can be said: whole inputs, maps, sorting.

// groups collects rows by what of gives for each; a row may belong to several groups.
func groups(rows []row, of func(row) []string) map[string][]row {
	out := map[string][]row{}
	for _, r := range rows {
		for _, g := range of(r) {
			out[g] = append(out[g], r)
		}
	}
	return out
}

// values are the values of v that are not NULL, ascending.
func values(rows []row) []int {
	var out []int
	for _, r := range rows {
		if r.v != nil {
			out = append(out, *r.v)
		}
	}
	slices.Sort(out)
	return out
}

func sum(vs []int) *int {
	if len(vs) == 0 {
		return nil
	}
	total := 0
	for _, v := range vs {
		total += v
	}
	return &total
}

// aggregates by their SQL.
var aggregates = map[string]func([]row) string{
	"COUNT(*)":          func(rows []row) string { return fmt.Sprint(len(rows)) },
	"COUNT(v)":          func(rows []row) string { return fmt.Sprint(len(values(rows))) },
	"SUM(v)":            func(rows []row) string { return cell(sum(values(rows))) },
	"COUNT(DISTINCT v)": func(rows []row) string { return fmt.Sprint(len(slices.Compact(values(rows)))) },
	"SUM(DISTINCT v)":   func(rows []row) string { return cell(sum(slices.Compact(values(rows)))) },
	"MIN(v)": func(rows []row) string {
		if vs := values(rows); len(vs) > 0 {
			return cell(&vs[0])
		}
		return "NULL"
	},
	"MAX(v)": func(rows []row) string {
		if vs := values(rows); len(vs) > 0 {
			return cell(&vs[len(vs)-1])
		}
		return "NULL"
	},
	"AVG(v)": func(rows []row) string {
		vs := values(rows)
		if len(vs) == 0 {
			return "NULL"
		}
		return fmt.Sprint(*sum(vs) / len(vs))
	},
	"PERCENTILE(v, 0.5)": func(rows []row) string {
		vs := values(rows)
		if len(vs) == 0 {
			return "NULL"
		}
		at := float64(len(vs)-1) / 2
		return strconv.FormatFloat(float64(vs[int(math.Floor(at))]+vs[int(math.Ceil(at))])/2, 'f', 1, 64)
	},
}

// conditions by their SQL.
var conditions = map[string]func(row) bool{
	"TRUE":      func(row) bool { return true },
	"v > 0":     func(r row) bool { return r.v != nil && *r.v > 0 },
	"g <> 1":    func(r row) bool { return r.g != 1 },
	"v IS NULL": func(r row) bool { return r.v == nil },
	"k = 'a'":   func(r row) bool { return r.k == "a" },
}

func where(rows []row, cond string) []row {
	var out []row
	for _, r := range rows {
		if conditions[cond](r) {
			out = append(out, r)
		}
	}
	return out
}

// windows gives the bounds of the windows that a time lies in.
func windows(kind string, size, step, ts int) [][2]int {
	var out [][2]int
	switch kind {
	case "TUMBLE":
		out = append(out, [2]int{ts - ts%size, ts - ts%size + size})
	case "HOP":
		for start := ts - ts%step; start > ts-size; start -= step {
			out = append(out, [2]int{start, start + size})
		}
	case "CUMULATE":
		first := ts - ts%size
		for end := first + step; end <= first+size; end += step {
			if ts < end {
				out = append(out, [2]int{first, end})
			}
		}
	}
	return out
}

// sessions gives the bounds of each row's session among the rows of its key, by id.
func sessions(rows []row, gap int) map[int][2]int {
	out := map[int][2]int{}
	for _, of := range groups(rows, func(r row) []string { return []string{r.k} }) {
		slices.SortFunc(of, func(a, b row) int { return a.ts - b.ts })
		for from := 0; from < len(of); {
			to := from + 1
			for to < len(of) && of[to].ts <= of[to-1].ts+gap {
				to++
			}
			for _, r := range of[from:to] {
				out[r.id] = [2]int{of[from].ts, of[to-1].ts + gap}
			}
			from = to
		}
	}
	return out
}

// partitions gives the rows of each k in an order.
func partitions(rows []row, order func(a, b row) int) [][]row {
	var out [][]row
	for _, of := range groups(rows, func(r row) []string { return []string{r.k} }) {
		slices.SortFunc(of, order)
		out = append(out, of)
	}
	return out
}

// byValue is ORDER BY v DESC, id: NULLs come last.
func byValue(a, b row) int {
	switch {
	case a.v == nil && b.v == nil || a.v != nil && b.v != nil && *a.v == *b.v:
		return a.id - b.id
	case a.v == nil:
		return 1
	case b.v == nil:
		return -1
	}
	return *b.v - *a.v
}

func byTime(a, b row) int { return a.ts - b.ts }

// line joins the cells of a result's row.
func line(cells ...string) string { return strings.Join(cells, " | ") }
