package bind

import (
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// resolved is a table with its expressions bound.
type resolved struct {
	// columns are what the connector may be asked for: physical and metadata columns.
	columns []connectors.Column
	// exprs over columns are the table's columns, as fields says.
	exprs  []expr.Expr
	fields logical.Schema
	// watermark is over the table's columns; nil for none. It follows column rowtime.
	watermark expr.Expr
	rowtime   int
}

// Resolve gives the columns of a table or view as a reader sees them; with Functions it makes
// the Binder a catalog.Checker.
func (b *Binder) Resolve(t *catalog.Table) ([]catalog.Resolved, error) {
	var s logical.Schema
	if t.View != nil {
		schema := b.begin()
		schema.SchemaOnly = true
		n, err := schema.expand(t, diag.Span{})
		if err != nil {
			return nil, err
		}
		s = n.Schema()
	} else {
		r, err := b.resolve(t, b.connector(t))
		if err != nil {
			return nil, err
		}
		s = r.fields
	}
	out := make([]catalog.Resolved, len(s))
	for i, f := range s {
		out[i] = catalog.Resolved{Name: f.Name, Type: f.Type, Time: [...]string{"", "ROWTIME", "PROCTIME"}[f.Time]}
	}
	return out, nil
}

// Functions lists scalar and aggregate functions, sorted.
func (b *Binder) Functions() []string {
	names := append(b.Scalars.Names(), b.Aggregates.Names()...)
	slices.Sort(names)
	return slices.Compact(names)
}

// resolve binds the expressions of a table. conn, which may be nil, knows the types of
// metadata columns.
func (b *Binder) resolve(t *catalog.Table, conn *connectors.Connector) (*resolved, error) {
	r := &resolved{rowtime: -1}
	declared, err := r.declare(t, conn)
	if err != nil {
		return nil, err
	}
	sc := &scope{relations: []relation{{path: []string{t.Path.Name}}}}
	for _, d := range declared {
		sc.relations[0].fields = append(sc.relations[0].fields, logical.Field{Name: d.name, Type: d.x.Type()})
	}
	next := 0
	for i := range t.Columns {
		c := &t.Columns[i]
		var x expr.Expr
		if c.Computed == nil {
			x = declared[next].x
			next++
		} else if x, err = b.computed(c, sc, declared, t.Text != b.Session.Text); err != nil {
			return nil, err
		}
		f := logical.Field{Name: c.Name, Type: x.Type()}
		if c.Computed == nil {
			f.Type = c.Type // a metadata column may be declared nullable where the connector's is not
		}
		if isProctime(x) {
			f.Time = logical.Proctime
		}
		r.exprs, r.fields = append(r.exprs, x), append(r.fields, f)
	}
	return r, b.bindWatermark(t, r)
}

// declaredColumn is a physical or metadata column as an expression over what is read.
type declaredColumn struct {
	name string
	x    expr.Expr
}

// declare lists what is to be read. A metadata column is cast from the connector's type to the
// declared one.
func (r *resolved) declare(t *catalog.Table, conn *connectors.Connector) ([]declaredColumn, error) {
	var out []declaredColumn
	for _, c := range t.Columns {
		if c.Computed != nil {
			continue
		}
		col := connectors.Column{Name: c.Name, Type: c.Type, Metadata: c.Metadata}
		if c.Metadata != "" && conn != nil {
			m, err := findMetadata(&c, t, conn)
			if err != nil {
				return nil, err
			}
			col.Type = m.Type
		}
		var x expr.Expr = &expr.Column{Index: len(r.columns), Name: c.Name, T: col.Type, At: c.At}
		if !col.Type.EqualIgnoringNull(c.Type) {
			var err error
			if x, err = expr.NewCast(x, c.Type, false, c.At); err != nil {
				return nil, err
			}
		}
		r.columns = append(r.columns, col)
		out = append(out, declaredColumn{c.Name, x})
	}
	return out, nil
}

func findMetadata(c *catalog.Column, t *catalog.Table, conn *connectors.Connector) (*connectors.Metadata, error) {
	known := conn.Metadata
	if conn.FormatMetadata != nil {
		known = append(slices.Clip(known), conn.FormatMetadata(t.ConnectorOptions())...)
	}
	var keys []string
	for i := range known {
		if known[i].Key == c.Metadata {
			return &known[i], nil
		}
		keys = append(keys, known[i].Key)
	}
	err := diag.Errorf(c.At, "connector '%s' has no metadata '%s'", conn.Name, c.Metadata)
	if len(keys) == 0 {
		return nil, err.WithHint("it has none at all")
	}
	return nil, err.WithHint("it has %s", quotedList(keys))
}

// computed binds name AS expr, which sees physical and metadata columns. What is foreign, written
// in another text, has no places.
func (b *Binder) computed(c *catalog.Column, sc *scope, declared []declaredColumn, foreign bool) (expr.Expr, error) {
	e := &exprs{b: b, scope: sc, clause: "a computed column"}
	x, err := e.bind(c.Computed)
	if err != nil {
		return nil, err
	}
	if x.Type().Kind == types.Null {
		return nil, diag.Errorf(c.Computed.Span(), "NULL has no type").WithHint("write CAST(NULL AS …)")
	}
	x = substitute(x, func(i int) expr.Expr { return declared[i].x })
	if foreign {
		x = unplaced(x)
	}
	return x, nil
}

// substitute puts expressions in the place of columns.
func substitute(x expr.Expr, f func(int) expr.Expr) expr.Expr {
	return expr.Transform(x, func(y expr.Expr) expr.Expr {
		if c, ok := y.(*expr.Column); ok {
			return f(c.Index)
		}
		return y
	})
}

func isProctime(x expr.Expr) bool {
	c, ok := x.(*expr.Call)
	return ok && c.Fn.Name == "PROCTIME"
}

// bindWatermark binds WATERMARK FOR c AS expr, which sees all columns, and makes c a time
// attribute.
func (b *Binder) bindWatermark(t *catalog.Table, r *resolved) error {
	if t.Watermark == nil {
		return nil
	}
	name := t.Watermark.Column.Last()
	for i, f := range r.fields {
		if f.Name == name.Name {
			r.rowtime = i
		}
	}
	if r.rowtime < 0 {
		return diag.Errorf(name.Span(), "table '%s' has no column '%s'", t.Path.Name, name.Name)
	}
	f := &r.fields[r.rowtime]
	if f.Time == logical.Proctime {
		return diag.Errorf(name.Span(), "'%s' is processing time, which has no watermark", name.Name)
	}
	if !f.Type.IsTimestamp() || f.Type.Precision > types.MaxRowtimePrecision {
		return rowtimeType(name, f.Type)
	}
	sc := &scope{relations: []relation{{path: []string{t.Path.Name}, fields: r.fields}}}
	e := &exprs{b: b, scope: sc, clause: "a watermark"}
	x, err := e.bind(t.Watermark.X)
	if err != nil {
		return err
	}
	if !x.Type().IsTimestamp() || x.Type().Precision > types.MaxRowtimePrecision {
		return diag.Errorf(t.Watermark.X.Span(), "a watermark is TIMESTAMP(3) or TIMESTAMP_LTZ(3), this is %s", x.Type().WithNull())
	}
	if x.Type().Kind != f.Type.Kind {
		return diag.Errorf(t.Watermark.X.Span(), "the watermark is a %s, but '%s' a %s", x.Type().WithNull(), name.Name, f.Type.WithNull()).WithHint("convert it with CAST")
	}
	if t.Text != b.Session.Text {
		x = unplaced(x)
	}
	f.Time, r.watermark = logical.Rowtime, x
	return nil
}

func rowtimeType(name ast.Ident, t types.Type) error {
	err := diag.Errorf(name.Span(), "a rowtime column is TIMESTAMP(3) or TIMESTAMP_LTZ(3), '%s' is %s", name.Name, t.WithNull())
	switch {
	case t.IsTimestamp():
		return err.WithHint("declare it with precision 3, or add a computed column AS CAST(%s AS TIMESTAMP(3))", name.Name)
	case t.IsNumeric():
		return err.WithHint("add a computed column AS TO_TIMESTAMP_LTZ(%s, 3)", name.Name)
	case t.IsString():
		return err.WithHint("add a computed column AS TO_TIMESTAMP(%s)", name.Name)
	}
	return err
}
