package expr

import (
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Type gives the column's type.
func (e *Column) Type() types.Type { return e.T }

// Type gives the literal's type.
func (e *Literal) Type() types.Type { return e.T }

// Type gives the call's result type.
func (e *Call) Type() types.Type { return e.T }

// Type gives the type converted to.
func (e *Cast) Type() types.Type { return e.T }

// Type gives the common type of the branches.
func (e *Case) Type() types.Type { return e.T }

// Type gives the field's type.
func (e *Field) Type() types.Type { return e.T }

// Span gives the place in the user's SQL.
func (e *Column) Span() diag.Span { return e.At }

// Span gives the place in the user's SQL.
func (e *Literal) Span() diag.Span { return e.At }

// Span gives the place in the user's SQL.
func (e *Call) Span() diag.Span { return e.At }

// Span gives the place in the user's SQL.
func (e *Cast) Span() diag.Span { return e.At }

// Span gives the place in the user's SQL.
func (e *Case) Span() diag.Span { return e.At }

// Span gives the place in the user's SQL.
func (e *Field) Span() diag.Span { return e.At }

// Children gives none.
func (e *Column) Children() []Expr { return nil }

// Children gives none.
func (e *Literal) Children() []Expr { return nil }

// Children gives the arguments.
func (e *Call) Children() []Expr { return e.Args }

// Children gives what is converted.
func (e *Cast) Children() []Expr { return []Expr{e.X} }

// Children gives condition and value of each arm in turn, then the ELSE value.
func (e *Case) Children() []Expr {
	c := make([]Expr, 0, 2*len(e.Whens)+1)
	for _, w := range e.Whens {
		c = append(c, w.Cond, w.Then)
	}
	return append(c, e.Else)
}

// Children gives the row.
func (e *Field) Children() []Expr { return []Expr{e.X} }

// WithChildren gives the column itself.
func (e *Column) WithChildren([]Expr) Expr { return e }

// WithChildren gives the literal itself.
func (e *Literal) WithChildren([]Expr) Expr { return e }

// WithChildren gives the call over other arguments.
func (e *Call) WithChildren(c []Expr) Expr {
	n := *e
	n.Args = c
	return &n
}

// WithChildren gives the conversion of another value.
func (e *Cast) WithChildren(c []Expr) Expr {
	n := *e
	n.X = c[0]
	return &n
}

// WithChildren takes them in the order of Children.
func (e *Case) WithChildren(c []Expr) Expr {
	n := *e
	n.Whens = make([]When, len(e.Whens))
	for i := range n.Whens {
		n.Whens[i] = When{Cond: c[2*i], Then: c[2*i+1]}
	}
	n.Else = c[len(c)-1]
	return &n
}

// WithChildren gives the field of another row.
func (e *Field) WithChildren(c []Expr) Expr {
	n := *e
	n.X = c[0]
	return &n
}
