package diag

import (
	"errors"
	"strings"
	"testing"
)

func TestCaret(t *testing.T) {
	long := strings.Repeat("é", 5000)
	for name, c := range map[string]struct {
		body       string
		start, end int
		want       string
	}{
		"short":             {"a\n\tSELECT b\r\nc", 10, 11, "\tSELECT b\n\t       ^"},
		"span over lines":   {"SELECT (a\n+ b)", 7, 15, "SELECT (a\n       ^~"},
		"long before":       {long + "abc" + "\n", 10000, 10003, "…" + long[:200] + "abc\n" + strings.Repeat(" ", 101) + "^~~"},
		"long behind":       {"ab" + long, 0, 1, "ab" + long[:196] + "…\n^"},
		"long itself":       {long, 0, 10000, long[:200] + "…\n^" + strings.Repeat("~", 99)},
		"control character": {"a\x1b[31mb\x00", 6, 7, "a␣[31mb␣\n      ^"},
		"the end":           {"SELECT", 6, 6, "SELECT\n      ^"},
	} {
		if got := caret(&Text{Body: c.body}, Span{c.start, c.end}); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, c.want)
		}
	}
	err := Errorf(Span{10000, 10003}, "wrong: %w", errors.New("x"))
	if got := Render(&Text{Name: "f", Body: long + "abc"}, err); !strings.HasPrefix(got, "f:1:5001: wrong: x\n…é") || len(got) > 1000 {
		t.Error(got)
	}
}
