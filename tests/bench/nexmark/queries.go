// Package nexmark holds the queries of the Nexmark benchmark as Flink SQL, over tables bid,
// auction and person whose event time is dateTime. Weir and Flink take the same text. Enter
// at Queries.
//
// They follow nexmark-flink, but for q14, which counts letters by REPLACE instead of a
// user function. Two queries more: tumble, the plainest window, and pairs, whose state grows with the input.
package nexmark

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed *.sql
var files embed.FS

// Query is one query of the benchmark.
type Query struct {
	Name   string // "q0" … "q22", "tumble", "pairs"
	Doc    string // what it does, a sentence
	Out    string // columns of its result with their types, as in CREATE TABLE
	SQL    string // without a semicolon
	Verify bool   // two runs give the same rows
}

// Queries gives all queries: q0 to q22, then tumble and pairs.
func Queries() ([]Query, error) {
	var names []string
	for i := range 23 {
		names = append(names, "q"+strconv.Itoa(i))
	}
	var out []Query
	for _, name := range append(names, "tumble", "pairs") {
		text, err := files.ReadFile(name + ".sql")
		if err != nil {
			return nil, err
		}
		q, err := parse(name, string(text))
		if err != nil {
			return nil, fmt.Errorf("reading %s.sql: %w", name, err)
		}
		out = append(out, q)
	}
	return out, nil
}

// parse takes the comment lines at the beginning apart.
func parse(name, text string) (Query, error) {
	q := Query{Name: name, Verify: true}
	for strings.HasPrefix(text, "--") {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSpace(strings.TrimPrefix(line, "--"))
		key, value, _ := strings.Cut(line, ": ")
		switch {
		case key == "out":
			q.Out = value
		case key == "verify":
			q.Verify = value != "no"
		case q.Doc == "":
			q.Doc = line
		}
	}
	q.SQL = strings.TrimSpace(text)
	if q.Doc == "" || q.Out == "" || q.SQL == "" {
		return q, fmt.Errorf("a sentence, a line '-- out: …' and a query are needed")
	}
	return q, nil
}
