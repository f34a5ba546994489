// Package parse turns Flink SQL text into Weir's syntax tree (sql/ast).
//
// A reader enters at Script, Query, Expr or Type. Parsing takes four steps:
//
//  1. sql/token splits the text into tokens by Flink's lexical rules.
//  2. Statements, types and everything else that is Flink's alone (DDL, SET, SHOW …) are
//     read by recursive descent on the tokens (statement.go, ddl_*.go, type.go …).
//  3. Queries and expressions are lowered (lower*.go): the same recursive descent checks
//     them against Flink's grammar, and writes them as a query of the MySQL dialect that
//     consists of nothing but clause keywords, brackets, operators and placeholders w0, w1, ….
//     Names, literals, calls, casts, windows, hints, table functions: every operand is such
//     a placeholder, so nothing of the user's text can be taken for MySQL.
//  4. The parser of TiDB (mysql.go, the only door to it) builds the tree of that query, and
//     it is raised (raise*.go) into sql/ast with the operands put back.
//
// What the MySQL grammar decides is how operators, joins, set operations and subqueries
// nest. Its precedences differ from Flink's, so each operator is lowered to a MySQL operator
// that stands where Flink puts the original: see the table in lower_operator.go.
//
// Errors are *diag.Error with the place of the offending token. After the first error the
// parser stands at the end of the text, so that every loop ends by itself (cursor.go).
package parse

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Script parses statements separated by semicolons. On error it gives the statements in
// front of the wrong one, too. An error that is not a *diag.Error is a fault of Weir.
func Script(text *diag.Text) ([]ast.Statement, error) {
	p := newParser(text)
	stmts := p.script()
	return stmts, p.err
}

// Query parses one query; a semicolon may follow.
func Query(text *diag.Text) (ast.Query, error) {
	return whole(text, (*parser).query)
}

// Expr parses one scalar expression.
func Expr(text *diag.Text) (ast.Expr, error) {
	return whole(text, (*parser).expr)
}

// Type parses a data type as in CAST or a column definition, NOT NULL included.
func Type(text *diag.Text) (types.Type, error) {
	return whole(text, (*parser).typ)
}

// whole parses all of the text as one thing.
func whole[T any](text *diag.Text, read func(*parser) T) (T, error) {
	p := newParser(text)
	x := read(p)
	if p.at(";") {
		p.next()
	}
	p.end()
	if p.err != nil {
		var zero T
		return zero, p.err
	}
	return x, nil
}
