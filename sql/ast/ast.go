// Package ast is Weir's own syntax tree of Flink SQL. sql/parse makes it, the
// planner binds it; nothing in it depends on the parser library.
//
// Three families of nodes: Expr (expr.go), Query and table references (query.go),
// Statement (stmt.go). Every node has its place in the user's text (Span) and prints
// back as SQL that parses to the same tree (Format, print*.go). Trees are not changed
// after they are made.
package ast

import "github.com/weirstream/weir/sql/diag"

// Node is any part of the tree.
type Node interface {
	Span() diag.Span
}

// Place is embedded in every node.
type Place struct{ At diag.Span }

// Span gives the node's place in the user's text.
func (p Place) Span() diag.Span { return p.At }

// Ident is a name as the user wrote it, quotes removed, case kept.
type Ident struct {
	Place
	Name string
}

// Name is a dotted name of one to three parts (catalog.database.object), or of any
// number in column references (table.column.field.field).
type Name struct {
	Place
	Parts []Ident
}

// Last is the last part: the object's own name.
func (n Name) Last() Ident { return n.Parts[len(n.Parts)-1] }

// Strings gives the parts' texts.
func (n Name) Strings() []string {
	s := make([]string, len(n.Parts))
	for i, p := range n.Parts {
		s[i] = p.Name
	}
	return s
}
