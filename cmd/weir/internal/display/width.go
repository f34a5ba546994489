package display

import (
	"unicode"

	"golang.org/x/text/width"
)

// textWidth is how many cells of a terminal s takes: two for the wide letters of East Asia and for most
// pictures, none for marks that stand on the letter before them.
func textWidth(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			return runesWidth(s)
		}
		n++
	}
	return n
}

func runesWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut gives s in at most so many cells, with an ellipsis where something is missing.
func cut(s string, cells int) string {
	if textWidth(s) <= cells {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > cells-1 {
			return s[:i] + "…"
		}
	}
	return s
}
