package bind

import (
	"errors"
	"sort"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
)

// scan makes the plan node that reads a table.
func (b *Binder) scan(t *catalog.Table, at diag.Span) (logical.Node, error) {
	if b.SchemaOnly {
		return b.schemaScan(t)
	}
	conn, err := b.mustConnector(t, at)
	if err != nil {
		return nil, err
	}
	r, err := b.resolve(t, conn)
	if err != nil {
		return nil, b.inTable(err, t)
	}
	wm, err := b.watermark(t, r)
	if err != nil {
		return nil, b.inTable(err, t)
	}
	src, err := b.source(t, conn, r, wm != nil && wm.Emit == plan.EmitOnEvent, at)
	if err != nil {
		return nil, err
	}
	parallelism, err := t.ConnectorOptions().Int(scanParallelism, 0)
	if err != nil {
		return nil, b.inTable(err, t)
	}
	return b.normalized(logical.NewScan(logical.ScanSpec{
		Table: t, Source: src, Digest: digest(t), Columns: r.columns, Exprs: r.exprs, Fields: r.fields, Watermark: wm,
		Parallelism: int(parallelism), Nested: conn.NestedProjection,
	}), at)
}

// normalized keeps the last row of each key where a table gives changes by key, or gives changes that may come
// more than once.
func (b *Binder) normalized(n *logical.Scan, at diag.Span) (logical.Node, error) {
	changes := n.Changes()
	upserts := changes.Has(vec.UpdateAfter) && !changes.Has(vec.UpdateBefore)
	repeats := changes != connectors.InsertOnly && b.Session.Settings.Bool(settings.EventsDuplicate)
	if !upserts && !repeats {
		return n, nil
	}
	if keys := n.Keys(); len(keys) > 0 {
		return logical.NewNormalize(n, keys[0]), nil
	}
	name := n.Table.Path.Name
	if upserts {
		return nil, diag.Errorf(at, "table '%s' gives changes by key, but has no PRIMARY KEY", name).
			WithHint("declare PRIMARY KEY (…) NOT ENFORCED with the columns that identify a row")
	}
	return nil, diag.Errorf(at, "'%s' is set, but table '%s', which gives changes, has no PRIMARY KEY", settings.EventsDuplicate, name).
		WithHint("declare PRIMARY KEY (…) NOT ENFORCED with the columns that identify a row: repeated changes are found by it")
}

// schemaScan makes a scan that has the table's columns and reads nothing.
func (b *Binder) schemaScan(t *catalog.Table) (logical.Node, error) {
	r, err := b.resolve(t, b.connector(t))
	if err != nil {
		return nil, err
	}
	return logical.NewScan(logical.ScanSpec{Table: t, Source: schemaSource{}, Columns: r.columns, Exprs: r.exprs, Fields: r.fields}), nil
}

// schemaSource is the source of a plan that is thrown away once its schema is known.
type schemaSource struct{ connectors.Source }

// Changes gives inserts.
func (schemaSource) Changes() connectors.ChangeSet { return connectors.InsertOnly }

// digest tells apart scans of one table with different hints.
func digest(t *catalog.Table) string {
	parts := make([]string, len(t.Options))
	for i, o := range t.Options {
		parts[i] = o.Key + "=" + o.Value
	}
	sort.Strings(parts)
	return t.Path.String() + "{" + strings.Join(parts, ",") + "}"
}

// source makes the connector's Source, once for each table and job.
func (b *Binder) source(t *catalog.Table, conn *connectors.Connector, r *resolved, rowWatermarks bool, at diag.Span) (connectors.Source, error) {
	if conn.Source == nil {
		return nil, b.cannot(t, conn, "read", at)
	}
	key := digest(t)
	if s := b.Sources[key]; s != nil {
		return s, nil
	}
	ct := b.connectorTable(t, r.columns)
	ct.RowWatermarks = rowWatermarks
	s, err := conn.Source(ct)
	if err != nil {
		return nil, b.connectorError(err, t, at)
	}
	if b.Sources != nil {
		b.Sources[key] = s
	}
	return s, nil
}

// cannot says that a table cannot be read or written, and which connectors can.
func (b *Binder) cannot(t *catalog.Table, conn *connectors.Connector, verb string, at diag.Span) error {
	var able []string
	for _, c := range b.Connectors {
		if verb == "read" && c.Source != nil || verb == "write" && c.Sink != nil {
			able = append(able, c.Name)
		}
	}
	return diag.Errorf(at, "table '%s': connector '%s' cannot %s", t.Path.Name, conn.Name, verb).
		WithHint("these can: %s", quotedList(able))
}

// connectorError gives an error of a connector a place where it has none.
func (b *Binder) connectorError(err error, t *catalog.Table, at diag.Span) error {
	var e *diag.Error
	if errors.As(err, &e) {
		return diag.At(b.inTable(err, t), at)
	}
	return diag.Errorf(at, "table '%s': %w", t.Path.Name, err)
}

// connectorTable is what a connector is told of a table.
func (b *Binder) connectorTable(t *catalog.Table, columns []connectors.Column) *connectors.Table {
	parts := make([]string, len(t.PartitionedBy))
	for i, p := range t.PartitionedBy {
		parts[i] = p.Name
	}
	return &connectors.Table{
		Name: t.Path.String(), Columns: columns, PrimaryKey: t.PrimaryKey, PartitionedBy: parts, Options: t.ConnectorOptions(),
		Zone: b.Session.Settings.Zone(), BaseDir: b.BaseDir,
	}
}

// watermark reads the options that say how a table's watermark is sent on.
func (b *Binder) watermark(t *catalog.Table, r *resolved) (*logical.Watermark, error) {
	if r.watermark == nil {
		return nil, nil
	}
	o := t.ConnectorOptions()
	w := &logical.Watermark{Column: r.rowtime, X: r.watermark}
	switch strategy := o.String("scan.watermark.emit.strategy", "on-periodic"); strings.ToLower(strategy) {
	case "on-periodic":
	case "on-event":
		w.Emit = plan.EmitOnEvent
	default:
		return nil, o.Errorf("scan.watermark.emit.strategy", "'%s' is unknown", strategy).WithHint("use 'on-periodic' or 'on-event'")
	}
	if b.Session.Settings.Duration(settings.AutoWatermark) == 0 {
		w.Emit = plan.EmitOnEvent
	}
	var err error
	w.IdleTimeout, err = o.Duration("scan.watermark.idle-timeout", b.Session.Settings.Duration(settings.SourceIdleTimeout))
	return w, err
}

// hinted applies OPTIONS hints to a table.
func (b *Binder) hinted(t *catalog.Table, hints []ast.Hint) (*catalog.Table, error) {
	for _, h := range hints {
		if h.Name != "OPTIONS" {
			return nil, diag.Unsupported(h.Span(), "the hint %s", h.Name)
		}
		if !b.Session.Settings.Bool(settings.DynamicOptions) {
			return nil, diag.Errorf(h.Span(), "OPTIONS hints are switched off").WithHint("SET '%s' = 'true'", settings.DynamicOptions)
		}
		c := *t
		c.Options = append([]ast.Option(nil), t.Options...)
		place := h.Place
		if t.Text != b.Session.Text {
			place = ast.Place{} // it would be taken for one of the table's text
		}
		for _, a := range h.Args {
			if a.Value == nil {
				return nil, diag.Errorf(h.Span(), "OPTIONS takes 'key' = 'value'")
			}
			c.Options = append(without(c.Options, a.Key), ast.Option{Place: place, Key: a.Key, Value: *a.Value})
		}
		t = &c
	}
	return t, nil
}

func without(options []ast.Option, key string) []ast.Option {
	out := options[:0:0]
	for _, o := range options {
		if o.Key != key {
			out = append(out, o)
		}
	}
	return out
}
