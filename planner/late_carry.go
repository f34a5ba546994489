package planner

import (
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/bind"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
)

// carry gives n with the table's columns behind its own, of which nothing changes its place.
func (r *lateRouter) carry(l *lateTable, n logical.Node) (logical.Node, error) {
	switch n := n.(type) {
	case *logical.Shared:
		return r.carryShared(l, n)
	case *logical.Scan:
		return r.carryScan(l, n)
	case *logical.UnionAll:
		ins := make([]logical.Node, len(n.Inputs))
		for i, in := range n.Inputs {
			var err error
			if ins[i], err = r.carry(l, in); err != nil {
				return nil, err
			}
		}
		return logical.NewUnionAll(ins), nil
	case *logical.Filter:
		in, err := r.carry(l, n.Input)
		if err != nil {
			return nil, err
		}
		return logical.NewFilter(in, n.Cond), nil
	case *logical.Project:
		in, err := r.carry(l, n.Input)
		if err != nil {
			return nil, err
		}
		xs, names := slices.Clone(n.Exprs), n.Schema().Names()
		for i := len(n.Input.Schema()); i < len(in.Schema()); i++ {
			xs, names = append(xs, logical.ColumnOf(in, i)), append(names, in.Schema()[i].Name)
		}
		return logical.NewProject(in, xs, names), nil
	case *logical.WindowTVF:
		if _, drops := dropsLate(n); drops {
			break
		}
		in, err := r.carry(l, n.Input)
		if err != nil {
			return nil, err
		}
		return behindInput(n.Over(in), len(n.Input.Schema()), len(in.Schema())), nil
	case *logical.Expand:
		in, err := r.carry(l, n.Input)
		if err != nil {
			return nil, err
		}
		return behindInput(n.WithChildren([]logical.Node{in}), len(n.Input.Schema()), len(in.Schema())), nil
	}
	return l.carryFrom(n), nil
}

// behindInput brings the columns from (inclusive) to (exclusive), carried through an operator that adds its own
// behind those of its input, to the end.
func behindInput(n logical.Node, from, to int) logical.Node {
	var order []int
	for i := range n.Schema() {
		if i < from || i >= to {
			order = append(order, i)
		}
	}
	for i := from; i < to; i++ {
		order = append(order, i)
	}
	return logical.Select(n, order)
}

// carryShared carries within the block, once. References to it that know nothing of the columns are narrowed later.
func (r *lateRouter) carryShared(l *lateTable, n *logical.Shared) (logical.Node, error) {
	at, ok := l.carried[n.Block]
	if !ok {
		at = len(n.Block.Root.Schema())
		root, err := r.carry(l, n.Block.Root)
		if err != nil {
			return nil, err
		}
		n.Block.Root = root
		l.carried[n.Block] = at
	}
	ref := logical.NewShared(n.Block)
	var order []int
	for i := range n.Schema() {
		order = append(order, i)
	}
	for i := range l.wanted() {
		order = append(order, at+i)
	}
	return logical.Select(ref, order), nil
}

// narrow takes from the references to shared blocks the columns that were carried into the blocks since.
func (r *lateRouter) narrow(n logical.Node, done map[*logical.Block]bool) logical.Node {
	if s, ok := n.(*logical.Shared); ok {
		if !done[s.Block] {
			done[s.Block] = true
			s.Block.Root = r.narrow(s.Block.Root, done)
		}
		if len(s.Schema()) == len(s.Block.Root.Schema()) {
			return n
		}
		order := make([]int, len(s.Schema()))
		for i := range order {
			order[i] = i
		}
		return logical.Select(logical.NewShared(s.Block), order)
	}
	out := logical.MapChildren(n, func(c logical.Node) logical.Node { return r.narrow(c, done) })
	if late := r.of[n]; late != nil {
		late.Of = out
	}
	return out
}

// carryScan has a scan decode and compute the table's columns too.
func (r *lateRouter) carryScan(l *lateTable, n *logical.Scan) (logical.Node, error) {
	columns, exprs, fields, err := r.t.binder.TableColumns(n.Table)
	if err != nil {
		return nil, err
	}
	spec := n.Spec()
	spec.Columns, spec.Exprs, spec.Fields = slices.Clone(spec.Columns), slices.Clone(spec.Exprs), slices.Clone(spec.Fields)
	width := len(spec.Fields)
	for _, c := range l.wanted() {
		i := slices.IndexFunc(fields, func(f logical.Field) bool { return f.Name == c.Name })
		if i < 0 {
			return nil, l.missing(c.Name, "rows of table '"+n.Table.Path.Name+"'", fields.Names())
		}
		x, err := l.readAlso(&spec, columns, exprs[i])
		if err != nil {
			return nil, err
		}
		f := fields[i]
		f.Time = logical.NoTime
		spec.Exprs, spec.Fields = append(spec.Exprs, x), append(spec.Fields, f)
	}
	return l.converted(logical.NewScan(spec), width)
}

// readAlso gives an expression over the table's columns as one over those that the scan reads, which grow by what it needs.
func (l *lateTable) readAlso(spec *logical.ScanSpec, columns []connectors.Column, x expr.Expr) (expr.Expr, error) {
	var err error
	out := expr.Transform(x, func(x expr.Expr) expr.Expr {
		c, ok := x.(*expr.Column)
		if !ok {
			return x
		}
		want := columns[c.Index]
		at := slices.IndexFunc(spec.Columns, func(have connectors.Column) bool { return have.Name == want.Name && have.Metadata == want.Metadata })
		switch {
		case at < 0:
			at = len(spec.Columns)
			spec.Columns = append(spec.Columns, want)
		case !spec.Columns[at].Type.Equal(want.Type):
			err = diag.Unsupported(l.at, "'%s' with the column '%s', of which the query reads some fields only", settings.LateRows, want.Name)
		}
		return &expr.Column{Index: at, Name: c.Name, T: c.T, At: c.At}
	})
	return out, err
}

// carryFrom begins at a node that is no table, such as an aggregation that windows are made of: of its columns
// those that are called as the table's are, and NULL for the others.
func (l *lateTable) carryFrom(n logical.Node) logical.Node {
	var xs []expr.Expr
	names := n.Schema().Names()
	for i := range n.Schema() {
		xs = append(xs, logical.ColumnOf(n, i))
	}
	for _, c := range l.wanted() {
		var x expr.Expr = expr.NewLiteral(nil, c.Type.WithNull(), l.at)
		if i := slices.Index(names[:len(n.Schema())], c.Name); i >= 0 {
			if same, err := bind.Store(logical.ColumnOf(n, i), c.Type); err == nil {
				x = same
			}
		}
		xs, names = append(xs, x), append(names, c.Name)
	}
	return logical.NewProject(n, xs, names)
}

// converted gives the columns behind the first width the types of the table.
func (l *lateTable) converted(n logical.Node, width int) (logical.Node, error) {
	var xs []expr.Expr
	for i := range width {
		xs = append(xs, logical.ColumnOf(n, i))
	}
	for i, c := range l.wanted() {
		x, err := l.fit(logical.ColumnOf(n, width+i), &c)
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
	}
	return logical.NewProject(n, xs, n.Schema().Names()), nil
}
