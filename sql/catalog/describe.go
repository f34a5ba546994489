package catalog

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// describe answers DESCRIBE, with the columns that Flink gives.
func (s *Session) describe(st *ast.Describe, check Checker) (*Result, error) {
	switch st.Kind {
	case "":
		t, err := s.Table(st.Name)
		if err != nil {
			return nil, err
		}
		return describeTable(t, check)
	case "DATABASE":
		cat, name, err := s.databasePath(st.Name)
		if err != nil {
			return nil, err
		}
		d, err := s.findDatabase(st.Name, cat, name)
		if err != nil {
			return nil, err
		}
		r := text("info name", "info value")
		r.Rows = [][]any{{"name", name}, {"comment", d.Comment}}
		return withOptions(r, "option:", d.Options), nil
	case "CATALOG":
		name := st.Name.Last().Name
		c := s.catalogs[name]
		if c == nil {
			return nil, withHint(diag.Errorf(st.Name.Span(), "there is no catalog '%s'", name), diag.DidYouMean(name, s.Catalogs()))
		}
		r := text("info name", "info value")
		r.Rows = [][]any{{"name", name}, {"type", memoryCatalog}, {"comment", c.Comment}}
		if st.Extended {
			return withOptions(r, "option:", c.others()), nil
		}
		return r, nil
	}
	return nil, diag.Unsupported(st.Span(), "DESCRIBE %s", st.Kind)
}

func withOptions(r *Result, prefix string, options []ast.Option) *Result {
	for _, o := range options {
		r.Rows = append(r.Rows, []any{prefix + o.Key, o.Value})
	}
	return r
}

func (s *Session) showColumns(st *ast.Show, check Checker) (*Result, error) {
	t, err := s.Table(st.From)
	if err != nil {
		return nil, err
	}
	r, err := describeTable(t, check)
	if err != nil {
		return nil, err
	}
	r.Rows = slices.DeleteFunc(r.Rows, func(row []any) bool { return !matches(row[0].(string), st) })
	return r, nil
}

func describeTable(t *Table, check Checker) (*Result, error) {
	cols, err := check.Resolve(t)
	if err != nil {
		return nil, err
	}
	r := text("name", "type", "null", "key", "extras", "watermark")
	r.Columns[2].Type = types.New(types.Boolean)
	comments := slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Comment != "" })
	if comments {
		r.Columns = append(r.Columns, ResultColumn{"comment", types.String()})
	}
	for _, c := range cols {
		row := []any{c.Name, c.Type.WithNull().String(), c.Type.Nullable(), nil, nil, nil}
		if c.Time != "" {
			row[1] = row[1].(string) + " *" + c.Time + "*"
		}
		if slices.Contains(t.PrimaryKey, c.Name) {
			row[3] = "PRI(" + strings.Join(t.PrimaryKey, ", ") + ")"
		}
		if t.Watermark != nil && t.Watermark.Column.Last().Name == c.Name {
			row[5] = sqlText(t.Watermark.X)
		}
		col := t.Column(c.Name)
		if col != nil {
			row[4] = extras(col)
		}
		if comments {
			row = append(row, comment(col))
		}
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

func comment(c *Column) any {
	if c == nil || c.Comment == "" {
		return nil
	}
	return c.Comment
}

// extras says how a column that is not physical comes about.
func extras(c *Column) any {
	switch {
	case c.Computed != nil:
		return "AS " + sqlText(c.Computed)
	case c.Metadata != "":
		s := "METADATA"
		if c.FromKey {
			s += " FROM " + quote(c.Metadata)
		}
		if c.Virtual {
			s += " VIRTUAL"
		}
		return s
	}
	return nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
