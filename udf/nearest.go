package udf

import "strings"

// Nearest gives the name that a misspelt one most likely means, or "".
func (r *Registry) Nearest(name string) string {
	name = strings.ToUpper(name)
	best, bestAt := "", 1+len(name)/3
	for _, n := range r.Names() {
		if d := editDistance(name, n, bestAt); d < bestAt {
			best, bestAt = n, d
		}
	}
	return best
}

// editDistance counts insertions, deletions and replacements; past most it may stop.
func editDistance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
