package parse

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/token"
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
		checkAll(t, sql, stmts, err)
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

// checkAll compares All with Script, which stops at the first error.
func checkAll(t *testing.T, sql string, stmts []ast.Statement, err error) {
	all, wrong := All(&diag.Text{Body: sql})
	if (len(wrong) > 0) != (err != nil) || len(wrong) > 0 && wrong[0].Err.Error() != err.Error() {
		t.Errorf("%q: the first error is %v, All gives %v", sql, err, wrong)
	}
	if len(all) < len(stmts) || slices.Contains(all, nil) {
		t.Errorf("%q: Script reads %d statements, All %d", sql, len(stmts), len(all))
	}
	for _, w := range wrong {
		checkError(t, sql, w.Err)
	}
}

// FuzzTokens is FuzzScript over texts made of the tokens of the testdata: a statement with
// some of its tokens dropped, doubled or replaced by tokens and runs of tokens of others. It
// gets much further into the grammar than changed bytes do.
func FuzzTokens(f *testing.F) {
	var corpus [][]string
	for _, file := range testFiles(f) {
		for _, c := range readCases(f, file) {
			var words []string
			for _, t := range token.Lex(&diag.Text{Body: c.sql}) {
				words = append(words, c.sql[t.At.Start:t.At.End])
			}
			corpus = append(corpus, words)
		}
	}
	for seed := range uint64(3000) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		sql := strings.Join(mutate(rand.New(rand.NewPCG(seed, 0)), corpus), " ")
		stmts, err := Script(&diag.Text{Body: sql})
		checkError(t, sql, err)
		checkAll(t, sql, stmts, err)
		for _, s := range stmts {
			roundTrip(t, s)
		}
		if t.Failed() {
			t.Log(sql)
		}
	})
}

// mutate changes a few tokens of a statement of the corpus.
func mutate(r *rand.Rand, corpus [][]string) []string {
	pick := func() []string { return corpus[r.IntN(len(corpus))] }
	words := slices.Clone(pick())
	for range 1 + r.IntN(4) {
		if len(words) == 0 {
			break
		}
		i := r.IntN(len(words))
		j := i + r.IntN(min(6, len(words)-i)+1)
		switch r.IntN(4) {
		case 0:
			words = slices.Delete(words, i, j)
		case 1:
			words = slices.Insert(words, i, slices.Clone(words[i:j])...)
		case 2:
			if other := pick(); len(other) > 0 {
				words[i] = other[r.IntN(len(other))]
			}
		default:
			if other := pick(); len(other) > 0 {
				from := r.IntN(len(other))
				to := from + r.IntN(min(12, len(other)-from)+1)
				words = slices.Replace(words, i, j, other[from:to]...)
			}
		}
	}
	return words
}
