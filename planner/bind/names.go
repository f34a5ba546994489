package bind

import (
	"slices"
	"strconv"
)

// uniqueNames numbers names that are taken already: id, id becomes id, id0.
func uniqueNames(names []string) []string {
	out := make([]string, len(names))
	taken := map[string]bool{}
	for _, n := range names {
		taken[n] = true
	}
	seen := map[string]bool{}
	for i, n := range names {
		if !seen[n] {
			out[i], seen[n] = n, true
			continue
		}
		for j := 0; ; j++ {
			if c := n + strconv.Itoa(j); !taken[c] {
				out[i], taken[c], seen[c] = c, true, true
				break
			}
		}
	}
	return out
}

// twice gives a name that is there more than once, or "".
func twice(names []string) string {
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return n
		}
	}
	return ""
}
