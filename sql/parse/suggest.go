package parse

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/sql/diag"
)

// closest is the candidate that the word most likely was meant to be, or "". Candidates are
// upper case; symbols and the word itself are none of them.
func closest(word string, candidates []string) string {
	if len(word) < 3 {
		return ""
	}
	words := slices.DeleteFunc(slices.Clone(candidates), func(c string) bool {
		return strings.EqualFold(c, word) || len(c) < 2 || c[0] < 'A' || c[0] > 'Z'
	})
	return diag.Nearest(word, words)
}
