package bind

import (
	"errors"

	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
)

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
