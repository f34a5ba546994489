package bind

import (
	"errors"

	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
)

// inTable says that the places in an error are in the text that created the table.
func (b *Binder) inTable(err error, t *catalog.Table) error {
	var e *diag.Error
	if t.Text == b.Session.Text || !errors.As(err, &e) || e.Text != nil || e.Span.IsZero() {
		return err
	}
	c := *e
	c.Text = t.Text
	return &c
}

// unplaced takes the places from an expression of another text than the one being run.
func unplaced(x expr.Expr) expr.Expr {
	return expr.Transform(x, func(x expr.Expr) expr.Expr {
		switch x := x.(type) {
		case *expr.Column:
			c := *x
			c.At = diag.Span{}
			return &c
		case *expr.Literal:
			c := *x
			c.At = diag.Span{}
			return &c
		case *expr.Call:
			c := *x
			c.At = diag.Span{}
			return &c
		case *expr.Cast:
			c := *x
			c.At = diag.Span{}
			return &c
		case *expr.Case:
			c := *x
			c.At = diag.Span{}
			return &c
		case *expr.Field:
			c := *x
			c.At = diag.Span{}
			return &c
		}
		return x
	})
}

// inView says that an error is within a view, at the place where the view is used.
func inView(err error, v *catalog.Table, at diag.Span) error {
	var e *diag.Error
	if !errors.As(err, &e) || at.IsZero() {
		return err
	}
	c := *e
	c.Span, c.Msg = at, "in view '"+v.Path.Name+"': "+e.Msg
	return &c
}
