package display

import "testing"

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "…": 1, "é": 1, "🙂": 2, "\xff": 1} {
		if got := textWidth(s); got != want {
			t.Errorf("%q takes %d cells, not %d", s, got, want)
		}
	}
	for _, c := range []struct {
		s     string
		cells int
		want  string
	}{
		{"abcd", 4, "abcd"},
		{"abcde", 4, "abc…"},
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
	} {
		if got := cut(c.s, c.cells); got != c.want {
			t.Errorf("%q in %d cells: %q, want %q", c.s, c.cells, got, c.want)
		}
	}
}
