package parse

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// A testdata file holds cases of the form
//
//	# comment
//	command
//	SQL
//	----
//	output
//
// separated by blank lines, which the SQL may not contain. The commands:
//
//	parse    each statement printed back, or the error as the user sees it
//	expr     an expression: its tree
//	all      the same, with the errors of all statements
//	tree     each statement's tree
//	type     a data type, printed
//	spans    an expression: each part with its place in the text
//	lowered  a query: the MySQL text that the parser of TiDB gets
var commands = map[string]func(text *diag.Text) (string, error){
	"parse": func(text *diag.Text) (string, error) {
		stmts, err := Script(text)
		return statements(stmts, func(s ast.Statement) string { return ast.Format(s) }), err
	},
	"all": func(text *diag.Text) (string, error) {
		stmts, wrong := All(text)
		out := statements(stmts, func(s ast.Statement) string { return ast.Format(s) })
		for _, w := range wrong {
			out += diag.Render(text, w.Err) + "\n"
			if w.Defines != "" || w.Opaque {
				out += fmt.Sprintf("  defines=%s opaque=%t\n", w.Defines, w.Opaque)
			}
		}
		return out, nil
	},
	"tree": func(text *diag.Text) (string, error) {
		stmts, err := Script(text)
		return statements(stmts, func(s ast.Statement) string { return dump(s) }), err
	},
	"expr": func(text *diag.Text) (string, error) {
		x, err := Expr(text)
		if err != nil {
			return "", err
		}
		return dump(x) + "\n", nil
	},
	"type": func(text *diag.Text) (string, error) {
		t, err := Type(text)
		if err != nil {
			return "", err
		}
		return t.String() + "\n", nil
	},
	"spans": func(text *diag.Text) (string, error) {
		x, err := Expr(text)
		if err != nil {
			return "", err
		}
		return spans(text, x), nil
	},
	"lowered": func(text *diag.Text) (string, error) {
		l := &lowering{parser: newParser(text)}
		l.queryBody()
		return string(l.out) + "\n", l.err
	},
}

func statements(stmts []ast.Statement, show func(ast.Statement) string) string {
	var b strings.Builder
	for _, s := range stmts {
		b.WriteString(show(s) + "\n")
	}
	return b.String()
}

// testCase is one case of a testdata file.
type testCase struct {
	comments []string
	command  string
	sql      string
	want     string
	line     int
}

func (c *testCase) run(name string) string {
	text := &diag.Text{Name: name, Body: c.sql}
	out, err := commands[c.command](text)
	if err != nil {
		out += diag.Render(text, err) + "\n"
	}
	return out
}

func TestData(t *testing.T) {
	for _, file := range testFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			var rewritten strings.Builder
			for i, c := range readCases(t, file) {
				got := ""
				if c.command != "" {
					got = c.run("sql")
				}
				if !*update && got != c.want {
					t.Errorf("%s:%d:\n%s\ngot:\n%s\nwant:\n%s", file, c.line, c.sql, got, c.want)
				}
				if i > 0 {
					rewritten.WriteString("\n")
				}
				for _, line := range c.comments {
					rewritten.WriteString(line + "\n")
				}
				if c.command != "" {
					fmt.Fprintf(&rewritten, "%s\n%s\n----\n%s", c.command, c.sql, got)
				}
			}
			if *update {
				if err := os.WriteFile(file, []byte(rewritten.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func testFiles(tb testing.TB) []string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no test files: %v", err)
	}
	return files
}

func readCases(tb testing.TB, file string) []testCase {
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var cases []testCase
	line := 1
	for _, block := range bytes.Split(bytes.TrimRight(data, "\n"), []byte("\n\n")) {
		c := testCase{line: line}
		line += bytes.Count(block, []byte("\n")) + 2
		lines := strings.Split(string(block), "\n")
		for len(lines) > 0 && strings.HasPrefix(lines[0], "#") {
			c.comments = append(c.comments, lines[0])
			lines = lines[1:]
		}
		if len(lines) == 0 {
			cases = append(cases, c)
			continue
		}
		c.command = lines[0]
		if commands[c.command] == nil {
			tb.Fatalf("%s:%d: unknown command %q", file, c.line, c.command)
		}
		sql, want, _ := strings.Cut(strings.Join(lines[1:], "\n")+"\n", "\n----\n")
		c.sql, c.want = strings.TrimSuffix(sql, "\n"), want
		cases = append(cases, c)
	}
	return cases
}

// ignorePlaces compares trees without their places.
var ignorePlaces = cmp.Options{cmpopts.IgnoreTypes(ast.Place{}), cmpopts.EquateEmpty()}

// TestRoundTrip prints all that the testdata parse, and parses that again.
func TestRoundTrip(t *testing.T) {
	n := 0
	for _, file := range testFiles(t) {
		for _, c := range readCases(t, file) {
			stmts, _ := Script(&diag.Text{Body: c.sql})
			for _, s := range stmts {
				roundTrip(t, s)
				n++
			}
			if x, err := Expr(&diag.Text{Body: c.sql}); err == nil {
				roundTrip(t, &ast.QueryStmt{Query: &ast.Select{Items: []ast.SelectItem{{X: x}}}})
				n++
			}
		}
	}
	t.Logf("%d trees", n)
}

// roundTrip checks that a tree prints as SQL that parses to the same tree, and
// that this prints the same again.
func roundTrip(tb testing.TB, s ast.Statement) {
	tb.Helper()
	printed := ast.Format(s)
	again, err := Script(&diag.Text{Body: printed})
	if err != nil {
		tb.Errorf("printed: %s\ndoes not parse: %s\ntree: %s", printed, diag.Render(&diag.Text{Body: printed}, err), dump(s))
		return
	}
	if len(again) != 1 {
		tb.Errorf("printed: %s\nparses to %d statements", printed, len(again))
		return
	}
	if diff := cmp.Diff(s, again[0], ignorePlaces); diff != "" {
		tb.Errorf("printed: %s\nparses to another tree (-first +second):\n%s", printed, diff)
	}
	if second := ast.Format(again[0]); second != printed {
		tb.Errorf("printed: %s\nprints again as: %s", printed, second)
	}
}
