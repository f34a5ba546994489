package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// around is how much of a line is shown on each side of a place, in runes.
const around = 100

// caret shows the first line of the span, tabs kept, with the span underlined. Of a long line only what
// is near the place is shown.
func caret(text *Text, span Span) string {
	at := max(0, min(span.Start, len(text.Body)))
	before := text.Body[strings.LastIndexByte(text.Body[:at], '\n')+1 : at]
	behind := text.Body[at:]
	if i := strings.IndexByte(behind, '\n'); i >= 0 {
		behind = behind[:i]
	}
	behind = strings.TrimRight(behind, "\r")
	marked := behind[:max(0, min(span.End-at, len(behind)))]
	if n := utf8.RuneCountInString(before); n > around {
		before = "…" + skip(before, n-around)
	}
	end := ""
	if n := utf8.RuneCountInString(behind); n > around {
		behind, end = strings.TrimSuffix(behind, skip(behind, around)), "…"
		marked = marked[:min(len(marked), len(behind))]
	}
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, before)
	tildes := max(0, utf8.RuneCountInString(marked)-1)
	return visible(before+behind+end) + "\n" + pad + "^" + strings.Repeat("~", tildes)
}

// skip gives s without its first n runes.
func skip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[i:]
		}
		n--
	}
	return ""
}

// visible replaces control characters, which a terminal might obey.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return '␣'
		}
		return r
	}, s)
}
