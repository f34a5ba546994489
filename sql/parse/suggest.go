package parse

import (
	"strconv"
	"strings"
)

// closest is the candidate that the word most likely was meant to be, or "". Candidates are
// upper case; the word itself is none of them.
func closest(word string, candidates []string) string {
	word = strings.ToUpper(word)
	best, bestDistance := "", len(word)/3+1
	if len(word) < 3 {
		return ""
	}
	for _, c := range candidates {
		if c == word || len(c) < 2 || c[0] < 'A' || c[0] > 'Z' {
			continue
		}
		if d := distance(word, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the letters to insert, drop, change or swap with their neighbour
// (the optimal string alignment distance) to get from a to b.
func distance(a, b string) int {
	before2 := make([]int, len(b)+1)
	before := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range before {
		before[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before2[j-2]+1)
			}
		}
		before2, before, row = before, row, before2
	}
	return before[len(b)]
}

func itoa(n int) string { return strconv.Itoa(n) }
