package bind

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
	"github.com/weirstream/weir/sql/types"
)

// Insert binds an INSERT to a Sink node.
func (b *Binder) Insert(ins *ast.Insert) (*logical.Sink, error) {
	switch {
	case ins.Overwrite:
		return nil, diag.Unsupported(ins.Span(), "INSERT OVERWRITE")
	case ins.OnConflict != "":
		return nil, diag.Unsupported(ins.Span(), "ON CONFLICT")
	}
	t, err := b.Session.Table(ins.Table)
	if err != nil {
		return nil, err
	}
	if t.View != nil {
		return nil, diag.Errorf(ins.Table.Span(), "'%s' is a view: it cannot be written", t.Path.Name)
	}
	if t, err = b.hinted(t, ins.Hints); err != nil {
		return nil, err
	}
	spec, target, err := b.sinkSpec(t, ins.Table.Span())
	if err != nil {
		return nil, err
	}
	query, err := b.begin().query(ins.Query)
	if err != nil {
		return nil, err
	}
	if ins.ByName {
		ins = byName(ins, query)
	}
	in, err := b.fit(ins, query, target, t.PartitionedBy)
	if err != nil {
		return nil, err
	}
	if err := b.notNull(spec, target, in); err != nil {
		return nil, err
	}
	b.sinkLengths(spec, target)
	return logical.NewSink(in, *spec), nil
}

// byName gives an INSERT that names the query's columns.
func byName(ins *ast.Insert, query logical.Node) *ast.Insert {
	named := *ins
	at := ast.Place{At: ins.Query.Span()}
	for _, name := range uniqueNames(query.Schema().Names()) {
		named.Columns = append(named.Columns, ast.Name{Place: at, Parts: []ast.Ident{{Place: at, Name: name}}})
	}
	return &named
}

// sinkSpec describes the table as a sink; target are its columns as INSERT sees them.
func (b *Binder) sinkSpec(t *catalog.Table, at diag.Span) (*logical.SinkSpec, []catalog.Column, error) {
	conn, err := b.mustConnector(t, at)
	if err != nil {
		return nil, nil, err
	}
	spec := &logical.SinkSpec{Table: t.Path.String(), At: at}
	var target []catalog.Column
	for i := range t.Columns {
		c := t.Columns[i]
		if !c.Persisted() {
			continue
		}
		col := connectors.Column{Name: c.Name, Type: c.Type, Metadata: c.Metadata}
		if c.Metadata != "" {
			m, err := findMetadata(&c, t, conn)
			if err != nil {
				return nil, nil, b.inTable(err, t)
			}
			if !m.Writable {
				err := diag.Errorf(c.At, "connector '%s' cannot write the metadata '%s'", conn.Name, c.Metadata).
					WithHint("declare column '%s' METADATA VIRTUAL: INSERT leaves it out then", c.Name)
				return nil, nil, b.inTable(err, t)
			}
			col.Type, c.Type = m.Type, m.Type
		}
		for _, k := range t.PrimaryKey {
			if k == c.Name {
				spec.Key = append(spec.Key, len(target))
			}
		}
		spec.Columns, target = append(spec.Columns, col), append(target, c)
	}
	if conn.Sink == nil {
		return nil, nil, b.cannot(t, conn, "write", at)
	}
	if spec.Sink, err = conn.Sink(b.connectorTable(t, spec.Columns)); err != nil {
		return nil, nil, b.connectorError(err, t, at)
	}
	p, err := t.ConnectorOptions().Int(sinkParallelism, 0)
	spec.Parallelism = int(p)
	return spec, target, b.inTable(err, t)
}

// fit converts the query's columns to the table's: in order, or to those that INSERT and
// PARTITION name, with NULL for the others.
func (b *Binder) fit(ins *ast.Insert, query logical.Node, target []catalog.Column, partitioned []ast.Ident) (logical.Node, error) {
	places, static, err := b.places(ins, target, partitioned)
	if err != nil {
		return nil, err
	}
	s := query.Schema()
	if len(s) != len(places) {
		names := make([]string, len(places))
		for i, p := range places {
			names[i] = target[p].Name
		}
		return nil, diag.Errorf(ins.Query.Span(), "the query gives %d columns, '%s' takes %d", len(s), ins.Table.Last().Name, len(places)).
			WithHint("it gives %s; the table takes %s", strings.Join(s.Names(), ", "), strings.Join(names, ", "))
	}
	xs, names := make([]expr.Expr, len(target)), make([]string, len(target))
	for i, c := range target {
		names[i] = c.Name
		xs[i] = static[i]
		if xs[i] == nil {
			xs[i] = expr.NewLiteral(nil, c.Type.WithNull(), ins.Table.Span())
		}
	}
	for i, p := range places {
		col := logical.ColumnOf(query, i)
		col.At = ins.Query.Span()
		x, err := store(col, target[p].Type)
		if err != nil {
			return nil, diag.Errorf(ins.Query.Span(), "column '%s' of '%s' is %s, the query gives %s (its column %d, '%s')", target[p].Name,
				ins.Table.Last().Name, target[p].Type.WithNull(), s[i].Type.WithNull(), i+1, s[i].Name).
				WithHint("convert it: CAST(… AS %s)", target[p].Type.WithNull())
		}
		xs[p] = x
	}
	return logical.NewProject(query, xs, names), nil
}

// store converts a value to a sink's column. Lengths of texts are not enforced, as in
// Flink where table.exec.sink.type-length-enforcer says nothing else.
func store(x expr.Expr, to types.Type) (expr.Expr, error) {
	from := x.Type()
	if from.IsString() && to.IsString() || from.IsBinary() && to.IsBinary() {
		return x, nil
	}
	if from.Kind != types.Null && !types.Assignable(from, to) {
		return nil, diag.Errorf(x.Span(), "a value of type %s does not fit %s", from, to)
	}
	return expr.ImplicitCast(x, to)
}

// places says which column of the table each column of the query goes to, and which have a
// value from the PARTITION clause, whose columns are among those of PARTITIONED BY.
func (b *Binder) places(ins *ast.Insert, target []catalog.Column, partitioned []ast.Ident) ([]int, map[int]expr.Expr, error) {
	static := map[int]expr.Expr{}
	find := func(name ast.Ident) (int, error) {
		names := make([]string, len(target))
		for i, c := range target {
			if c.Name == name.Name {
				return i, nil
			}
			names[i] = c.Name
		}
		return 0, withHint(diag.Errorf(name.Span(), "'%s' has no column '%s' to write", ins.Table.Last().Name, name.Name), diag.DidYouMean(name.Name, names))
	}
	e := &exprs{b: b, scope: &scope{}, clause: "PARTITION"}
	for _, p := range ins.Partition {
		i, err := find(p.Name)
		if err != nil {
			return nil, nil, err
		}
		if !slices.ContainsFunc(partitioned, func(c ast.Ident) bool { return c.Name == p.Name.Name }) {
			return nil, nil, diag.Errorf(p.Name.Span(), "'%s' is not PARTITIONED BY '%s'", ins.Table.Last().Name, p.Name.Name)
		}
		if p.Value == nil {
			continue
		}
		v, err := e.bind(p.Value)
		if err != nil {
			return nil, nil, err
		}
		if static[i], err = expr.NewCast(v, target[i].Type.WithNullIf(v.Type().Nullable()), false, p.Value.Span()); err != nil {
			return nil, nil, err
		}
	}
	var places []int
	if len(ins.Columns) == 0 {
		for i := range target {
			if static[i] == nil {
				places = append(places, i)
			}
		}
		return places, static, nil
	}
	seen := map[int]bool{}
	for _, n := range ins.Columns {
		if len(n.Parts) > 1 {
			return nil, nil, diag.Unsupported(n.Span(), "INSERT into fields of rows")
		}
		i, err := find(n.Last())
		if err != nil {
			return nil, nil, err
		}
		if seen[i] || static[i] != nil {
			return nil, nil, diag.Errorf(n.Span(), "column '%s' is given twice", n.Last().Name)
		}
		seen[i] = true
		places = append(places, i)
	}
	return places, static, nil
}

// sinkLengths notes the columns whose values must have their type's length.
func (b *Binder) sinkLengths(spec *logical.SinkSpec, target []catalog.Column) {
	how := b.Session.Settings.Enum(settings.LengthEnforcer)
	if how == "IGNORE" {
		return
	}
	spec.FailOnLength = how == "ERROR"
	for i, c := range target {
		t := c.Type
		// A source does not enforce its own lengths: a column of the same type may hold other values.
		if !t.IsString() && !t.IsBinary() || t.Length == types.MaxLength {
			continue
		}
		fixed := t.Kind == types.Char || t.Kind == types.Binary
		spec.Lengths = append(spec.Lengths, plan.Length{Col: i, Type: t, Max: t.Length, Fixed: fixed, Binary: t.IsBinary()})
	}
}

// notNull notes which columns must be checked for NULL while the job runs, and refuses those
// that are NULL for certain.
func (b *Binder) notNull(spec *logical.SinkSpec, target []catalog.Column, in logical.Node) error {
	spec.DropNulls = b.Session.Settings.Enum(settings.NotNullEnforcer) == "DROP"
	p, _ := in.(*logical.Project)
	for i, c := range target {
		if c.Type.Nullable() || !in.Schema()[i].Type.Nullable() {
			continue
		}
		if p != nil {
			if l, ok := p.Exprs[i].(*expr.Literal); ok && l.Value == nil && !spec.DropNulls {
				return diag.Errorf(spec.At, "column '%s' is NOT NULL, and the INSERT gives it no value", c.Name)
			}
		}
		spec.NotNull = append(spec.NotNull, i)
	}
	return nil
}
