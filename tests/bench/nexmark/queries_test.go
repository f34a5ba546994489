package nexmark

import (
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/diag"
	sqlparse "github.com/weirstream/weir/sql/parse"
)

func TestQueriesParse(t *testing.T) {
	queries, err := Queries()
	if err != nil || len(queries) != 25 {
		t.Fatalf("%d queries, error %v", len(queries), err)
	}
	for _, q := range queries {
		script := "CREATE TABLE sink (" + q.Out + ") WITH ('connector' = 'blackhole');\nINSERT INTO sink " + q.SQL + ";"
		text := &diag.Text{Name: q.Name + ".sql", Body: script}
		if stmts, err := sqlparse.Script(text); err != nil || len(stmts) != 2 {
			t.Errorf("%d statements\n%s", len(stmts), diag.Render(text, err))
		}
	}
}

func TestBadFile(t *testing.T) {
	for _, text := range []string{"", "-- Doc.\nSELECT 1", "-- out: a INT\nSELECT 1", "-- Doc.\n-- out: a INT\n"} {
		if _, err := parse("q", text); err == nil || !strings.Contains(err.Error(), "needed") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}
