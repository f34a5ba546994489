// Package expr holds typed scalar expressions and turns them into vectorised
// programs.
//
// The planner builds trees of Column, Literal, Call, Cast and Case with the
// constructors of build.go, which check types and insert conversions. An operator
// compiles a tree once (Compile) and evaluates it a batch at a time; a condition is
// compiled to a Predicate, which narrows a selection. Nothing is allocated, boxed or
// dispatched per row.
package expr

import (
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// Expr is a typed expression. Trees are immutable.
type Expr interface {
	Type() types.Type
	Span() diag.Span // where it stands in the user's SQL
	Children() []Expr
	// WithChildren gives the same node over other children of the same types.
	WithChildren([]Expr) Expr
	// String prints canonical SQL with columns by name: for EXPLAIN, EXPR$0 texts and fingerprints.
	String() string
}

// Column reads an input column.
type Column struct {
	Index int
	Name  string
	T     types.Type
	At    diag.Span
}

// Literal is a constant, boxed as package vec says; Value nil is NULL.
type Literal struct {
	Value any
	T     types.Type
	At    diag.Span
}

// Call is a function or operator on arguments already converted to its parameters.
type Call struct {
	Fn   *udf.Func
	Args []Expr
	T    types.Type
	At   diag.Span
}

// Cast converts explicitly (CAST, TRY_CAST) or implicitly; Try gives NULL for what
// does not convert.
type Cast struct {
	X        Expr
	T        types.Type
	Try      bool
	Implicit bool
	At       diag.Span
}

// Case is the searched CASE; branches are converted to its type. A later condition and
// a branch are evaluated only for the rows that reach them.
type Case struct {
	Whens []When
	Else  Expr // a NULL literal where none is written
	T     types.Type
	At    diag.Span
}

// When is one arm.
type When struct{ Cond, Then Expr }

// Field reads a field of a ROW expression.
type Field struct {
	X     Expr
	Index int
	T     types.Type
	At    diag.Span
}
