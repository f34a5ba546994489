package planner

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
)

// FuzzPlan plans whatever parses: no text makes the planner panic, and what it refuses it refuses
// with an error of the user's.
func FuzzPlan(f *testing.F) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range readCases(string(body)) {
			f.Add(c.sql)
		}
	}
	f.Fuzz(func(t *testing.T, sql string) {
		session, env := testEnv()
		p := New(session, env)
		if _, err := execute(p, bidsDDL); err != nil {
			t.Fatal(err)
		}
		stmts, err := parse.Script(&diag.Text{Name: "fuzz", Body: sql})
		if err != nil {
			return
		}
		for _, err := range p.Linter().Lint(nil, stmts) {
			var d *diag.Error
			if !errors.As(err, &d) {
				t.Errorf("%s\nis refused with an internal error: %v", sql, err)
			}
		}
	})
}
