package bind

import (
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
	"github.com/weirstream/weir/sql/types"
)

// LateTable gives the name of the table that late rows of a source go to, "" for none, and where that is said.
func (b *Binder) LateTable(source *catalog.Table) (name string, at diag.Span) {
	if source != nil {
		o := source.ConnectorOptions()
		if o.Has(settings.LateRows) {
			if source.Text == b.Session.Text {
				at = o.Span(settings.LateRows)
			}
			return o.Get(settings.LateRows), at
		}
	}
	return b.Session.Settings.String(settings.LateRows), at
}

// LateSink describes the table for late rows as a sink, and its columns.
func (b *Binder) LateSink(name string, at diag.Span) (*logical.SinkSpec, []catalog.Column, error) {
	n := ast.Name{}
	for _, part := range strings.Split(name, ".") {
		n.Parts = append(n.Parts, ast.Ident{Name: strings.Trim(part, "`")})
	}
	t, err := b.Session.Table(n)
	if err != nil {
		return nil, nil, diag.Errorf(at, "'%s' = '%s': there is no such table", settings.LateRows, name).
			WithHint("create it before the query, with those columns of the source that are wanted, and late_watermark, late_by, late_operator or late_kind")
	}
	if t.View != nil {
		return nil, nil, diag.Errorf(at, "'%s' = '%s': that is a view, it cannot be written", settings.LateRows, name)
	}
	return b.sinkSpec(t, at)
}

// LateFinish adds to the sink of late rows what is checked of them, as for an INSERT.
func (b *Binder) LateFinish(spec *logical.SinkSpec, target []catalog.Column, in logical.Node) (logical.Node, error) {
	if err := b.notNull(spec, target, in); err != nil {
		return nil, err
	}
	b.sinkLengths(spec, target)
	return logical.NewSink(in, *spec), nil
}

// TableColumns gives what is read of a table, and its columns over that.
func (b *Binder) TableColumns(t *catalog.Table) ([]connectors.Column, []expr.Expr, logical.Schema, error) {
	r, err := b.resolve(t, b.connector(t))
	if err != nil {
		return nil, nil, nil, b.inTable(err, t)
	}
	return r.columns, r.exprs, r.fields, nil
}

// Store converts a value to a column of a sink, as INSERT does.
func Store(x expr.Expr, to types.Type) (expr.Expr, error) { return store(x, to) }
