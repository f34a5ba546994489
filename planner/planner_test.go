package planner

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/rule"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/parse"
	"github.com/weirstream/weir/udf"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata")

// testEnv is what test scripts run in: UTC, two workers unless they SET otherwise.
func testEnv() (*catalog.Session, Env) {
	return catalog.NewSession(), Env{
		Functions: udf.Builtins(), Aggregates: agg.Builtins(), DefaultParallelism: 2,
		Connectors: []*connectors.Connector{fake(), readOnly()},
	}
}

// TestScripts runs testdata/*.test. A case is a command, SQL, a line of dashes, and what is
// expected, up to a blank line that is followed by another command or the end:
//
//	plan      the physical plan of the jobs in the script
//	verbose   with the logical plan and the rules that fired
//	run       what statements that are no jobs answer
//	lint      all errors of the script
//
// "setup" scripts, which expect nothing, go before every later case of their file.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".test"), func(t *testing.T) { runFile(t, f) })
	}
}

// TestEveryRuleFires asserts that each rule has a case in testdata in which it fires.
func TestEveryRuleFires(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		body = append(body, text...)
	}
	for _, name := range append(rule.Names(), "two-phase-aggregate") {
		if !strings.Contains(string(body), "\n"+name+"\n") {
			t.Errorf("no case has %s fire", name)
		}
	}
}

type testCase struct{ comment, command, sql, want string }

func runFile(t *testing.T, path string) {
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	setup := ""
	for i, c := range readCases(string(body)) {
		out.WriteString(c.comment + c.command + "\n" + c.sql + "----\n")
		if c.command == "setup" {
			setup += c.sql
			out.WriteString("\n")
			continue
		}
		got := runCase(t, setup, c.command, c.sql)
		out.WriteString(got + "\n")
		if got != c.want && !*update {
			t.Errorf("case %d, %s\n%s--- got\n%s--- want\n%s", i+1, c.command, c.sql, got, c.want)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// readCases takes a file apart. What is expected may hold blank lines: it ends before one
// that a command follows.
func readCases(body string) []testCase {
	commands := map[string]bool{"setup": true, "plan": true, "verbose": true, "run": true, "lint": true}
	var cases []testCase
	var c testCase
	part := 0 // comment and command, SQL, expectation
	lines := strings.SplitAfter(body, "\n")
	for i, line := range lines {
		word := strings.TrimSpace(line)
		begins := func(j int) bool {
			return j < len(lines) && (commands[strings.TrimSpace(lines[j])] || strings.HasPrefix(lines[j], "#"))
		}
		switch {
		case part == 2 && word == "" && (begins(i+1) || i >= len(lines)-1):
			cases, c, part = append(cases, c), testCase{}, 0
		case part == 2:
			c.want += line
		case part == 1 && word == "----":
			part = 2
		case part == 1:
			c.sql += line
		case commands[word]:
			c.command, part = word, 1
		case word != "":
			c.comment += line
		}
	}
	if part == 2 {
		cases = append(cases, c)
	}
	return cases
}

// runCase gives what a case answers: text, or its error as users see it.
func runCase(t *testing.T, setup, command, sql string) string {
	t.Helper()
	session, env := testEnv()
	p := New(session, env)
	if _, err := session.Settings.Set("table.local-time-zone", "UTC"); err != nil {
		t.Fatal(err)
	}
	if _, err := execute(p, setup); err != nil {
		t.Fatalf("setup: %v", err)
	}
	text := &diag.Text{Name: "test", Body: sql}
	session.Text = text
	stmts, err := parse.Script(text)
	if err != nil {
		return diag.Render(text, err) + "\n"
	}
	out := ""
	switch command {
	case "lint":
		for _, err := range p.Linter().Lint(text, stmts) {
			out += diag.Render(text, err) + "\n"
		}
		return out
	case "run":
		out, err = executeAll(p, stmts)
	default:
		out, err = explained(p, stmts, command == "verbose")
	}
	if err != nil {
		out += diag.Render(text, err) + "\n"
	}
	return out
}

func execute(p *Planner, sql string) (string, error) {
	text := &diag.Text{Name: "setup", Body: sql}
	p.session.Text = text
	stmts, err := parse.Script(text)
	if err != nil {
		return "", err
	}
	return executeAll(p, stmts)
}

func explained(p *Planner, stmts []ast.Statement, verbose bool) (string, error) {
	for _, s := range stmts {
		if !isJob(s) {
			if _, err := p.Execute(s); err != nil {
				return "", err
			}
		}
	}
	if verbose {
		return p.Explain(stmts, "VERBOSE")
	}
	return p.Explain(stmts)
}

func isJob(s ast.Statement) bool {
	switch s.(type) {
	case *ast.QueryStmt, *ast.Insert, *ast.StatementSet:
		return true
	}
	return false
}

// executeAll runs statements that are no jobs and prints what they answer.
func executeAll(p *Planner, stmts []ast.Statement) (string, error) {
	var b strings.Builder
	for _, s := range stmts {
		r, err := p.Execute(s)
		if err != nil {
			return b.String(), err
		}
		for _, w := range r.Warnings {
			fmt.Fprintf(&b, "warning: %s\n", w)
		}
		if r.Columns == nil {
			continue
		}
		names := make([]string, len(r.Columns))
		for i, c := range r.Columns {
			names[i] = c.Name
		}
		b.WriteString(strings.Join(names, " | ") + "\n")
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, v := range row {
				if cells[i] = fmt.Sprint(v); v == nil {
					cells[i] = "NULL"
				}
			}
			b.WriteString(strings.Join(cells, " | ") + "\n")
		}
	}
	return b.String(), nil
}

// BenchmarkPlan plans a windowed query from its text on.
func BenchmarkPlan(b *testing.B) {
	session, env := testEnv()
	p := New(session, env)
	if _, err := execute(p, bidsDDL); err != nil {
		b.Fatal(err)
	}
	const sql = `SELECT window_start, channel, COUNT(*) AS n, SUM(price) FILTER (WHERE price > 10) AS s
		FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '1' MINUTE) WHERE auction > 7 GROUP BY window_start, window_end, channel HAVING COUNT(*) > 1`
	b.ReportAllocs()
	for b.Loop() {
		stmts, err := parse.Script(&diag.Text{Name: "bench", Body: sql})
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := p.PlanQuery(stmts[0].(*ast.QueryStmt).Query, resultSink{}); err != nil {
			b.Fatal(err)
		}
	}
}
