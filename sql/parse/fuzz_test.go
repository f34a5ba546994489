package parse

import (
	"errors"
	"testing"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// FuzzScript checks that any text parses or fails with an error of the user's, whose place
// lies in the text; and that what parses, prints as SQL that parses to the same tree.
func FuzzScript(f *testing.F) {
	for _, file := range testFiles(f) {
		for _, c := range readCases(f, file) {
			f.Add(c.sql)
		}
	}
	f.Fuzz(func(t *testing.T, sql string) {
		stmts, err := Script(&diag.Text{Body: sql})
		checkError(t, sql, err)
		for _, s := range stmts {
			roundTrip(t, s)
		}
	})
}

// FuzzExpr is FuzzScript for expressions, where most of the grammar is.
func FuzzExpr(f *testing.F) {
	for _, c := range readCases(f, "testdata/precedence.txt") {
		f.Add(c.sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		x, err := Expr(&diag.Text{Body: sql})
		checkError(t, sql, err)
		if err == nil {
			roundTrip(t, &ast.QueryStmt{Query: &ast.Select{Items: []ast.SelectItem{{X: x}}}})
		}
	})
}

func checkError(t *testing.T, sql string, err error) {
	var e *diag.Error
	switch {
	case err == nil:
	case !errors.As(err, &e):
		t.Errorf("a fault: %v", err)
	case e.Span.Start < 0 || e.Span.End < e.Span.Start || e.Span.End > len(sql):
		t.Errorf("%q: the error is at %v: %v", sql, e.Span, e)
	}
}
