package parse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/diag"
)

// TestNesting checks that deep nesting is refused, in each of the ways to nest.
func TestNesting(t *testing.T) {
	tests := []struct{ name, open, middle, end string }{
		{"brackets", "(", "1", ")"},
		{"calls", "f(", "1", ")"},
		{"signs", "- ", "1", ""},
		{"not", "NOT ", "a", ""},
		{"index", "a[", "1", "]"},
		{"case", "CASE WHEN ", "a", " THEN 1 END"},
		{"arrays", "ARRAY[", "1", "]"},
		{"subqueries", "(SELECT ", "1", ")"},
		{"in", "a IN (", "1", ")"},
		{"casts", "CAST(", "1", " AS INT)"},
		{"indexes in a row", "", "a", "[1]"},
		{"fields in a row", "", "f()", ".x"},
	}
	for _, test := range tests {
		for _, shape := range []string{"%s", "SELECT * FROM (SELECT %s)", "CREATE TABLE t (a AS %s)"} {
			t.Run(test.name, func(t *testing.T) {
				const n = 10_000
				x := strings.Repeat(test.open, n) + test.middle + strings.Repeat(test.end, n)
				var err error
				if text := (&diag.Text{Body: fmt.Sprintf(shape, x)}); shape == "%s" {
					_, err = Expr(text)
				} else {
					_, err = Script(text)
				}
				checkRefused(t, err, "nested more than")
			})
		}
	}
	for _, sql := range []string{
		"SELECT * FROM " + strings.Repeat("(", 10_000) + "t",
		"SELECT * FROM " + strings.Repeat("(SELECT * FROM ", 10_000) + "t",
		strings.Repeat("(", 10_000) + "SELECT 1",
		"CREATE TABLE t (a " + strings.Repeat("ARRAY<", 10_000) + "INT)",
		"SELECT 1 FROM t GROUP BY " + strings.Repeat("GROUPING SETS (", 10_000) + "a",
		"SELECT * FROM t MATCH_RECOGNIZE (PATTERN " + strings.Repeat("(", 10_000) + "A",
		strings.Repeat("WITH a AS (", 10_000) + "SELECT 1",
	} {
		_, err := Script(&diag.Text{Body: sql})
		checkRefused(t, err, "nested more than")
	}
}

func checkRefused(t *testing.T, err error, want string) {
	t.Helper()
	var e *diag.Error
	if !errors.As(err, &e) || !strings.Contains(e.Msg, want) {
		t.Errorf("got %.200v, want an error with %q", err, want)
	}
}

// TestLongChains checks that expressions may be long, but not without bound.
func TestLongChains(t *testing.T) {
	for _, op := range []string{" AND ", " OR ", " + ", " || ", " = ", " LIKE "} {
		if _, err := Expr(&diag.Text{Body: "a" + strings.Repeat(op+"a", 9_000)}); err != nil {
			t.Errorf("9,000 times%s: %.200v", op, err)
		}
		_, err := Expr(&diag.Text{Body: "a" + strings.Repeat(op+"a", 11_000)})
		checkRefused(t, err, "more than 10000 operators")
	}
	list := "a IN (1" + strings.Repeat(", 1", 50_000) + ")"
	if _, err := Expr(&diag.Text{Body: list}); err != nil {
		t.Errorf("a long list: %.200v", err)
	}
	unions := "SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 2_000)
	if _, err := Query(&diag.Text{Body: unions}); err != nil {
		t.Errorf("many unions: %.200v", err)
	}
}
