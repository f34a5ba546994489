package catalog

import (
	"slices"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// alterTable puts a changed copy in the table's place.
func (s *Session) alterTable(st *ast.AlterTable, check Checker) error {
	p, err := s.Resolve(st.Name)
	if err != nil {
		return err
	}
	old := s.Lookup(p)
	if old == nil || old.View != nil || old.Temporary {
		switch {
		case st.IfExists:
			return nil
		case old != nil && old.View == nil:
			return temporary(st.Name, "table")
		}
		return s.notFound(st.Name, p, "table")
	}
	t := *old
	t.Columns = slices.Clone(old.Columns)
	if st.RenameTo != nil {
		return s.rename(old, *st.RenameTo)
	}
	if err := t.alter(st); err != nil {
		return err
	}
	t.At = st.Name.Span()
	return s.define(&t, check)
}

func temporary(n ast.Name, kind string) error {
	return diag.Errorf(n.Span(), "'%s' is a temporary %s, which cannot be altered", n.Last().Name, kind).WithHint("drop it and create it anew")
}

func (t *Table) alter(st *ast.AlterTable) error {
	switch {
	case st.Add != nil:
		return t.addParts(st.Add)
	case st.Modify != nil:
		return t.modifyParts(st.Modify)
	case st.Drop != nil:
		return t.dropParts(st.Drop, st.Span())
	case st.Rename != nil:
		return t.renameColumn(st.Rename)
	case st.Set != nil:
		for _, o := range st.Set {
			t.Options = setOption(t.Options, o)
		}
	case slices.Contains(st.Reset, "connector"):
		return diag.Errorf(st.Span(), "the option 'connector' cannot be reset").WithHint("ALTER TABLE … SET changes it")
	case st.Reset != nil:
		t.Options = slices.DeleteFunc(slices.Clone(t.Options), func(o ast.Option) bool { return slices.Contains(st.Reset, o.Key) })
	default:
		return diag.Unsupported(st.Span(), "ALTER TABLE … ADD PARTITION")
	}
	return nil
}

func (t *Table) addParts(a *ast.AlterColumns) error {
	for _, c := range a.Columns {
		if t.Column(c.Name.Name) != nil {
			return diag.Errorf(c.Name.Span(), "there is a column '%s' already", c.Name.Name)
		}
		if err := t.place(c, len(t.Columns)); err != nil {
			return err
		}
	}
	if a.Watermark != nil {
		if t.Watermark != nil {
			return diag.Errorf(a.Watermark.Span(), "the table has a WATERMARK already").WithHint("ALTER TABLE … MODIFY changes it")
		}
		t.Watermark = a.Watermark
	}
	if a.PrimaryKey != nil && t.PrimaryKey != nil {
		return diag.Errorf(a.PrimaryKey.Span(), "the table has a PRIMARY KEY already").WithHint("ALTER TABLE … MODIFY changes it")
	}
	if a.Distribution != nil {
		t.Distribution = a.Distribution
	}
	return t.setKey(a.PrimaryKey, plainColumns(a.Columns))
}

func (t *Table) modifyParts(a *ast.AlterColumns) error {
	for _, c := range a.Columns {
		i := slices.IndexFunc(t.Columns, func(x Column) bool { return x.Name == c.Name.Name })
		if i < 0 {
			return t.noColumn(c.Name.Name, c.Name.Span())
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
		if err := t.place(c, i); err != nil {
			return err
		}
	}
	if a.Watermark != nil {
		if t.Watermark == nil {
			return diag.Errorf(a.Watermark.Span(), "the table has no WATERMARK").WithHint("ALTER TABLE … ADD adds one")
		}
		t.Watermark = a.Watermark
	}
	if a.Distribution != nil {
		t.Distribution = a.Distribution
	}
	if a.PrimaryKey == nil {
		return nil
	}
	if t.PrimaryKey == nil {
		return diag.Errorf(a.PrimaryKey.Span(), "the table has no PRIMARY KEY").WithHint("ALTER TABLE … ADD adds one")
	}
	t.PrimaryKey = nil
	return t.setKey(a.PrimaryKey, nil)
}

// place inserts a column at FIRST, AFTER another, or where it is without either.
func (t *Table) place(c ast.AlterColumn, at int) error {
	switch {
	case c.First:
		at = 0
	case len(c.After.Parts) > 0:
		name := c.After.Last().Name
		i := slices.IndexFunc(t.Columns, func(x Column) bool { return x.Name == name })
		if i < 0 {
			return t.noColumn(name, c.After.Span())
		}
		at = i + 1
	}
	t.Columns = slices.Insert(t.Columns, at, newColumn(c.Column))
	return nil
}

func plainColumns(cs []ast.AlterColumn) []ast.Column {
	out := make([]ast.Column, len(cs))
	for i, c := range cs {
		out[i] = c.Column
	}
	return out
}

func (t *Table) dropParts(d *ast.AlterDrop, at diag.Span) error {
	switch {
	case (d.PrimaryKey || d.Constraint.Name != "") && t.PrimaryKey == nil:
		return diag.Errorf(at, "the table has no PRIMARY KEY")
	case d.Constraint.Name != "" && d.Constraint.Name != t.keyName():
		return withHint(diag.Errorf(d.Constraint.Span(), "there is no constraint '%s'", d.Constraint.Name), diag.DidYouMean(d.Constraint.Name, []string{t.keyName()}))
	case d.Watermark && t.Watermark == nil:
		return diag.Errorf(at, "the table has no WATERMARK")
	case d.PrimaryKey || d.Constraint.Name != "":
		t.PrimaryKey = nil
	case d.Watermark:
		t.Watermark = nil
	case d.Distribution:
		t.Distribution = nil
	case d.Partitions != nil:
		return diag.Unsupported(diag.Span{}, "ALTER TABLE … DROP PARTITION")
	}
	for _, n := range d.Columns {
		name := n.Last().Name
		i := slices.IndexFunc(t.Columns, func(x Column) bool { return x.Name == name })
		if i < 0 {
			return t.noColumn(name, n.Span())
		}
		if slices.Contains(t.PrimaryKey, name) || t.Watermark != nil && t.Watermark.Column.Last().Name == name {
			return diag.Errorf(n.Span(), "column '%s' is part of the PRIMARY KEY or has the WATERMARK", name).WithHint("drop that first")
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
	}
	return nil
}

func (t *Table) renameColumn(r *ast.AlterRename) error {
	from, to := r.From.Last().Name, r.To.Last().Name
	c := t.Column(from)
	switch {
	case c == nil:
		return t.noColumn(from, r.From.Span())
	case t.Column(to) != nil:
		return diag.Errorf(r.To.Span(), "there is a column '%s' already", to)
	case t.Watermark != nil && t.Watermark.Column.Last().Name == from:
		return diag.Errorf(r.From.Span(), "column '%s' has the WATERMARK", from).WithHint("drop that first")
	}
	c.Name = to
	t.PrimaryKey = slices.Clone(t.PrimaryKey)
	for i, k := range t.PrimaryKey {
		if k == from {
			t.PrimaryKey[i] = to
		}
	}
	t.PartitionedBy = slices.Clone(t.PartitionedBy)
	for i, k := range t.PartitionedBy {
		if k.Name == from {
			t.PartitionedBy[i].Name = to
		}
	}
	return nil
}

// rename moves a table or view to another name in the same or another database.
func (s *Session) rename(old *Table, to ast.Name) error {
	p, _, err := s.newObject(to, old.Temporary, false)
	if err != nil {
		return err
	}
	t := *old
	t.Path = p
	if len(to.Parts) == 1 {
		t.Path.Catalog, t.Path.Database = old.Path.Catalog, old.Path.Database
	}
	s.remove(old)
	return s.put(&t)
}

func (s *Session) alterView(st *ast.AlterView, check Checker) error {
	p, err := s.Resolve(st.Name)
	if err != nil {
		return err
	}
	old := s.Lookup(p)
	switch {
	case old == nil || old.View == nil:
		return s.notFound(st.Name, p, "view")
	case old.Temporary:
		return temporary(st.Name, "view")
	}
	if st.RenameTo != nil {
		return s.rename(old, *st.RenameTo)
	}
	v := *old
	v.At = st.Name.Span()
	v.View = &View{Query: st.Query, Catalog: s.catalog, Database: s.database}
	return s.define(&v, check)
}

func (s *Session) alterDatabase(st *ast.AlterDatabase) error {
	cat, name, err := s.databasePath(st.Name)
	if err != nil {
		return err
	}
	d, err := s.findDatabase(st.Name, cat, name)
	if err != nil {
		return err
	}
	for _, o := range st.Set {
		d.Options = setOption(d.Options, o)
	}
	return nil
}

func (s *Session) alterCatalog(st *ast.AlterCatalog) error {
	c := s.catalogs[st.Name.Name]
	if c == nil {
		return withHint(diag.Errorf(st.Name.Span(), "there is no catalog '%s'", st.Name.Name), diag.DidYouMean(st.Name.Name, s.Catalogs()))
	}
	for _, o := range st.Set {
		c.Options = setOption(c.Options, o)
	}
	c.Options = slices.DeleteFunc(slices.Clone(c.Options), func(o ast.Option) bool { return slices.Contains(st.Reset, o.Key) })
	if st.Comment != nil {
		c.Comment = *st.Comment
	}
	return nil
}
